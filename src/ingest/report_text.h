#pragma once

#include <string_view>

#include "base/bytes.h"
#include "model/reading.h"

namespace ascribe {

inline constexpr std::string_view kReportTextExtractor = "report-text@1";

/// Reports as plain text or Markdown; the last resort for anything that is text. Never above 20, so that every reader
/// that knows its format wins. Accepts a few stray bytes (broken encodings are common in pasted reports), refuses NUL
/// bytes and what is mostly unprintable.
[[nodiscard]] int SniffReportText(ByteView head, std::string_view file_name);
/// Facts as AppendReportFacts, located by byte range. Bytes that are no UTF-8 give one warning ("bad-utf8").
[[nodiscard]] Reading ReadReportText(ByteView bytes, std::string_view file_name);

/// Share of bytes that are printable ASCII, white space or part of well-formed UTF-8: 0..1; 1 for nothing.
[[nodiscard]] double TextShare(std::string_view bytes);

}  // namespace ascribe
