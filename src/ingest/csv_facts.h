#pragma once

#include <string_view>

#include "base/bytes.h"
#include "model/reading.h"

namespace ascribe {

inline constexpr std::string_view kCsvFactsExtractor = "facts-csv@1";

/// Facts of `ascribe-fact/1` as CSV (RFC 4180): commas, a header line with at least `relation` and `object`, quoted
/// cells with doubled quotes and line breaks, LF or CRLF, an optional UTF-8 byte order mark. An empty cell counts as
/// left out. For struct Reader: name "facts-csv", extractor kCsvFactsExtractor, media "facts-csv".
[[nodiscard]] int SniffCsvFacts(ByteView head, std::string_view name);
/// Never fails: a record that gives no fact is a diagnostic of severity kError at the line where it begins. Records are
/// at most kMaxFactLine bytes and kMaxCsvColumns cells, files at most kMaxFactsPerFile facts. Locators are kLine.
[[nodiscard]] Reading ReadCsvFacts(ByteView bytes, std::string_view name);

/// Most columns: the format has 13; room for a spreadsheet's own ones, none for a million commas.
inline constexpr std::size_t kMaxCsvColumns = 256;

}  // namespace ascribe
