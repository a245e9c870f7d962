#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "code/code_base.h"
#include "code/file_match.h"
#include "model/code_comparison.h"

namespace ascribe {

/// Functions of one link that are shown: more are read in `ascribe compare`.
inline constexpr std::size_t kShownFunctions = 5;
/// Rows of one function that are shown, the stretch with most in common: two screens.
inline constexpr std::size_t kShownRows = 48;
/// Rows of a case: some 150 bytes each in three files, and a page of a megabyte more is no page.
inline constexpr std::size_t kShownRowsOfCase = 4000;
/// Instructions of each side that are aligned: a million steps a pair, and there may be hundreds of links.
inline constexpr std::size_t kAlignedInstructions = 1000;

/// The functions behind a link, without their code: pairs that share the rarest things first, each function once, at most
/// kShownFunctions. `links` as LinksBetween gives them.
[[nodiscard]] CodeComparison StrongestFunctions(const SampleCode& sample, const SampleMatch& other, const std::vector<CodeLink>& links);

/// Puts the code of both sides into the functions of `comparison`. `size_at`: bytes of the function of b at an address; 0: it
/// is not there. What cannot be shown says why. Pure.
void ShowCode(const Executable& a, const Executable& b, const std::function<std::uint64_t(std::uint64_t)>& size_at, CodeComparison& comparison);

/// The code of b from what the base has kept of it; else `missing` says what to do.
void ShowKeptCode(const CodeBase& base, const SampleCode& sample, CodeComparison& comparison);

}  // namespace ascribe
