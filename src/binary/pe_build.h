#pragma once

#include <string>
#include <vector>

#include "binary/pe_image.h"
#include "binary/pe_rich.h"

namespace ascribe {

/// Why a Rich header cannot be that of this file, one line each: its key does not fit, another linker made the file, or the
/// code was made by a compiler whose linkers write no such header. Empty: nothing speaks against it. Pure.
[[nodiscard]] std::vector<std::string> RichContradictions(const PeImage& image, const RichHeader& rich);

/// How the space between functions is filled: Visual C++ (and clang for it) uses int3, gcc and its assembler long nops.
struct CodePadding {
  std::size_t int3 = 0, nops = 0;  ///< fillings that end on a multiple of 16
};
[[nodiscard]] CodePadding CountPadding(const PeImage& image);

/// Fillings of the one kind that are needed before the other counts as missing; programs of a page have some ten.
inline constexpr std::size_t kMinPadding = 8;

}  // namespace ascribe
