#pragma once

#include <string>
#include <string_view>

#include "ingest/offset_map.h"

namespace ascribe {

/// A piece of text with defanging undone (hxxp, [.], (dot), [@]…) that still knows the original bytes.
/// Keeps a view of `line`; the caller keeps it alive.
class Refanged {
 public:
  explicit Refanged(std::string_view line);
  [[nodiscard]] std::string_view text() const { return map_.empty() ? line_ : std::string_view(rewritten_); }
  /// Offset in the original line of the byte `at`, and the offset after the bytes that end before `end`.
  [[nodiscard]] std::size_t Begin(std::size_t at) const { return map_.Begin(at); }
  [[nodiscard]] std::size_t End(std::size_t end) const { return map_.End(end); }
  /// True when [begin, end) was written defanged: its author meant it as an indicator.
  [[nodiscard]] bool Defanged(std::size_t begin, std::size_t end) const { return map_.Touches(begin, end); }

 private:
  std::string_view line_;
  std::string rewritten_;
  OffsetMap map_;
};

}  // namespace ascribe
