#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "code/sample_code.h"

namespace ascribe {

/// One line of two functions shown beside each other. An empty text: the other side has an instruction here that this
/// one lacks.
struct SideLine {
  enum class Likeness : std::uint8_t { kSame, kOperandsDiffer, kOnlyLeft, kOnlyRight };
  Likeness likeness = Likeness::kSame;
  std::uint64_t left_address = 0, right_address = 0;
  std::string left, right;  ///< Intel syntax
  bool begins_block = false;  ///< a basic block of the left (or, when it has none here, the right) function begins
};

struct SideBySide {
  std::vector<SideLine> lines;
  std::size_t same = 0, operands_differ = 0, only_left = 0, only_right = 0;  ///< instructions; padding left out
  bool cut = false;  ///< a function was longer than kMaxSideInstructions
};

/// Aligns two functions by their instructions without numbers and registers (longest common subsequence). "Same" means
/// equal but for addresses.
[[nodiscard]] SideBySide CompareFunctions(const SampleCode& left, const CodeFunction& left_function, const SampleCode& right,
                                          const CodeFunction& right_function);

/// The alignment takes n x m steps and bytes; 4,000 instructions a side are 16 MB, and more than anybody reads.
inline constexpr std::size_t kMaxSideInstructions = 4000;

}  // namespace ascribe
