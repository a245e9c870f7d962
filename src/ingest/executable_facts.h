#pragma once

#include <string_view>

#include "base/bytes.h"
#include "model/reading.h"

namespace ascribe {

inline constexpr std::string_view kExecutableExtractor = "executable@3";

/// ELF and Mach-O programs and libraries (PE has a reader of its own).
[[nodiscard]] int SniffExecutable(ByteView head, std::string_view file_name);

/// Nothing is disassembled here, nothing is run. The incident observed the file's SHA-256; the sample has its hashes and what
/// stands inside it (program_texts.h). Format, machine and what is odd about the structure are diagnostics. A file that is cut off or forged gives its
/// hashes and says so.
[[nodiscard]] Reading ReadExecutable(ByteView bytes, std::string_view file_name);

/// Oddities told; a forged file has one a structure.
inline constexpr std::size_t kMaxToldOddities = 20;

}  // namespace ascribe
