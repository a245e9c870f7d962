#pragma once

#include <optional>
#include <string>

#include "base/text_sink.h"
#include "model/assessment.h"
#include "model/case.h"

namespace ascribe {

/// All facts of the case as CSV (RFC 4180), one a line, with id, dates, source, evidence and locator; `after_as_of` is
/// true for what became known after that day. Cells that a
/// spreadsheet would run as a formula are disarmed.
[[nodiscard]] std::string FactsToCsv(const CaseData& data, const std::optional<Date>& as_of = std::nullopt);
/// The same, piece by piece.
void FactsToCsv(const CaseData& data, const std::optional<Date>& as_of, const TextSink& sink);

}  // namespace ascribe
