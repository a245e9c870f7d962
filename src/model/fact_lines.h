#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "model/reading.h"

namespace ascribe {

/// Longest line (CSV: longest record) that is parsed. The longest fact in use has 2 KiB; 1 MiB leaves room for a value
/// of 64 KiB in which every byte is escaped, and bounds what one line can cost.
inline constexpr std::size_t kMaxFactLine = std::size_t{1} << 20;

/// What facts read from NDJSON name as their extractor, in cases and packs alike.
inline constexpr std::string_view kFactLinesExtractor = "facts-ndjson@1";

/// Walks the lines of a text: LF or CRLF, a UTF-8 byte order mark at the start is skipped, the last line needs no end.
/// The bytes must outlive it.
class LineSplitter {
 public:
  struct Line {
    std::uint64_t number = 0;  ///< 1-based
    std::string_view text;     ///< without the line end
  };
  explicit LineSplitter(ByteView bytes);
  [[nodiscard]] std::optional<Line> Next();

 private:
  std::string_view rest_;
  std::uint64_t number_ = 0;
};

/// `text` without a UTF-8 byte order mark at its start.
[[nodiscard]] std::string_view SkipByteOrderMark(std::string_view text);

/// Facts of `ascribe-fact/1` in NDJSON, one object a line; blank lines are skipped. Never fails: a line that gives no
/// fact is a diagnostic of severity kError at that line, odd but usable ones are warnings. After `max_facts` facts the
/// rest is left out with the diagnostic "limit-facts" (kError). Locators are kLine.
[[nodiscard]] Reading ReadFactLines(ByteView bytes, std::size_t max_facts);

}  // namespace ascribe
