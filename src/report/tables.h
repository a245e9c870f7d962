#pragma once

#include <string>

#include "model/assessment.h"
#include "model/case.h"

namespace ascribe {

/// All facts of the case as CSV (RFC 4180), one a line, with id, dates, source, evidence and locator. Cells that a
/// spreadsheet would run as a formula are disarmed.
[[nodiscard]] std::string FactsToCsv(const CaseData& data);

}  // namespace ascribe
