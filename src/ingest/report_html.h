#pragma once

#include <string_view>

#include "base/bytes.h"
#include "model/reading.h"

namespace ascribe {

inline constexpr std::string_view kReportHtmlExtractor = "report-html@1";

/// Web pages, by their first tags.
[[nodiscard]] int SniffReportHtml(ByteView head, std::string_view file_name);
/// Facts from the visible text as AppendReportFacts, located by the bytes of the page itself. Of a page above
/// kMaxHtmlBytes the rest is left out (warning "limit-html").
[[nodiscard]] Reading ReadReportHtml(ByteView bytes, std::string_view file_name);

/// Pages of reports have some 100 KiB. Markup costs up to ten times its size in positions, so this keeps below 400 MiB.
inline constexpr std::size_t kMaxHtmlBytes = std::size_t{32} << 20;

}  // namespace ascribe
