#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "code/code_base.h"
#include "code/sample_code.h"

namespace ascribe {

/// How texts that two programs have in common are used on both sides. Who plants texts has no functions that refer to
/// them, or has those that referred to what stood there before.
struct TextUse {
  std::uint32_t there = 0;  ///< texts that functions of the known sample refer to
  std::uint32_t here = 0;   ///< of them: functions of this sample refer to them too, whichever
  std::uint32_t in_place = 0;  ///< of them: by functions like those of the known sample, by what they do or by their texts
};

/// "of 12 that its functions refer to no function here refers to one"; empty: its functions refer to none.
[[nodiscard]] std::string Words(const TextUse& use);

/// `texts`: keys of channel data that both hold, ascending.
[[nodiscard]] TextUse UseOfTexts(const std::vector<index::FunctionSignature>& here,
                                 const std::vector<index::FunctionSignature>& there,
                                 const std::vector<std::uint64_t>& texts);

/// Two functions are alike when they have this share of their 3-grams, blocks and imports in common (Jaccard).
/// Functions that planted texts fell to stayed below .2, those of libraries had .28 to 1 (docs/bench-code.md,
/// "Deception").
inline constexpr double kUsersAlike = .25;
/// Or when they refer to the same texts: so many in common, and this share of all that either refers to. Functions that
/// another compiler made of the same source had .91 to 1, those that planted texts fell to at most .5 (the same place).
inline constexpr double kSameTexts = .6;
inline constexpr std::size_t kLeastSameTexts = 3;
/// Looked at of very many texts (the smallest keys: drawn by hash, the same everywhere) and of very many functions that
/// refer to one (the first by address): the rest would change no share.
inline constexpr std::size_t kMaxTextsCompared = 2000, kMaxUsersCompared = 8;

}  // namespace ascribe
