#pragma once

#include <string>

#include "interchange/export_view.h"

namespace ascribe {

/// The evidence as CSV (RFC 4180): one line for each fact of each claim, with what the claim says for the hypothesis
/// that it says most for, and the place in the bytes; then the facts that no claim rests on. Cells that a spreadsheet
/// would run as a formula are disarmed.
[[nodiscard]] std::string ExportEvidenceCsv(const ExportView& view);

}  // namespace ascribe
