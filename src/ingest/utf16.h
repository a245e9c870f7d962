#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace ascribe {

/// UTF-16 text longer than this is read up to here. As UTF-8 it may grow by half, and stands beside the file in memory.
inline constexpr std::size_t kMaxUtf16Bytes = std::size_t{256} << 20;

/// Whether the bytes begin with a byte order mark of UTF-16 (FF FE or FE FF) and go on as such text: at most one unit in a
/// hundred of the first 64 KiB is half a surrogate pair. UTF-32 (FF FE 00 00) is none. Text without a mark is not guessed.
[[nodiscard]] bool LooksUtf16(ByteView bytes);

/// Text in UTF-16 as UTF-8, and the way back to its bytes. What is no character becomes U+FFFD. The bytes must outlive it.
class Utf16Text {
 public:
  /// `bytes` begins with the mark, which is no part of the text. Reads at most kMaxUtf16Bytes.
  explicit Utf16Text(ByteView bytes);

  [[nodiscard]] const std::string& text() const { return text_; }
  /// Bytes of the file at which the character of the byte `at` of the text begins; the end of what was read from there on.
  [[nodiscard]] std::size_t Begin(std::size_t at) const { return Find(at).in; }
  /// Bytes of the file just after the character of the byte before `at`.
  [[nodiscard]] std::size_t End(std::size_t at) const;
  [[nodiscard]] std::size_t bad() const { return bad_; }              ///< units and odd bytes that are no character
  [[nodiscard]] std::size_t first_bad() const { return first_bad_; }  ///< where the first of them is in the file

  /// A part of such text as UTF-8, without a mark: `file` only says which byte of a unit comes first.
  [[nodiscard]] static std::string Part(ByteView file, ByteView part);

 private:
  struct Place {
    std::size_t in = 0, out = 0;
  };
  [[nodiscard]] Place Find(std::size_t at) const;

  ByteView bytes_;
  bool big_endian_ = false;
  std::string text_;
  std::vector<Place> places_;  // one for some thousand bytes: the rest is found by decoding again from there
  std::size_t bad_ = 0, first_bad_ = 0;
};

}  // namespace ascribe
