#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "binary/executable.h"

namespace ascribe {

/// A run of printable characters in a file's data.
struct TextRun {
  std::uint64_t offset = 0, length = 0;  ///< bytes in the file, without an end mark
  std::uint64_t address = 0;             ///< virtual address; 0: behind the sections
  bool wide = false;                     ///< UTF-16LE
  std::string text;                      ///< the characters, all of them printable ASCII or tab
};

struct TextRuns {
  std::vector<TextRun> runs;  ///< ascending by offset
  bool cut = false;           ///< kMaxTextRuns was reached
};

/// Texts of the sections that are not code, and of what follows them up to `end`: at least kMinTextRun characters in ASCII
/// or in UTF-16LE of ASCII. Of sections that are code those of kMinTextAmongCode and more that stand between zeros. Symbol and linker tables of ELF are left out: they name what imports and exports name already.
/// Linear in the file; pure.
[[nodiscard]] TextRuns FindTextRuns(const Executable& executable, std::uint64_t end);

/// Five printable bytes in a row stand in every page of random data.
inline constexpr std::size_t kMinTextRun = 6;
/// Instructions hold zeros and printable bytes, but hardly ever so many of these in a row between two of those.
inline constexpr std::size_t kMinTextAmongCode = 8;
/// A browser holds some 500,000; beyond, a file is data.
inline constexpr std::size_t kMaxTextRuns = 500'000;
/// Characters of one text that are kept: longer ones are embedded files, their beginning says what they are.
inline constexpr std::size_t kMaxTextRun = 4096;

}  // namespace ascribe
