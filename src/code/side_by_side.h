#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "code/operand_marks.h"
#include "code/sample_code.h"

namespace ascribe {

/// One line of two functions shown beside each other. An empty text: the other side has an instruction here that this
/// one lacks.
struct SideLine {
  enum class Likeness : std::uint8_t { kSame, kOperandsDiffer, kOnlyLeft, kOnlyRight };
  Likeness likeness = Likeness::kSame;
  std::uint64_t left_address = 0, right_address = 0;
  std::string left, right;  ///< Intel syntax
  TextSpans left_differs, right_differs;  ///< of kOperandsDiffer: the operands that do, in the texts
  std::uint8_t left_length = 0, right_length = 0;  ///< bytes
  bool begins_block = false;  ///< a basic block of the left (or, when it has none here, the right) function begins
  bool equal_block = false;   ///< and each of its instructions is the same in one whole block of the other side
};

struct SideBySide {
  std::vector<SideLine> lines;
  std::size_t same = 0, operands_differ = 0, only_left = 0, only_right = 0;  ///< instructions; padding left out
  std::size_t left_blocks = 0, right_blocks = 0, equal_blocks = 0;
  bool cut = false;  ///< a function was longer than the limit
};

/// The alignment takes n x m steps and bytes; 4,000 instructions a side are 16 MB, and more than anybody reads.
inline constexpr std::size_t kMaxSideInstructions = 4000;

/// A function in a program that need not be there whole. `end`: the first address after it.
struct FunctionIn {
  const Executable& executable;
  std::uint64_t address = 0, end = 0;
};

/// Aligns two functions by their instructions without numbers and registers (longest common subsequence). "Same" means
/// equal but for addresses.
[[nodiscard]] SideBySide CompareFunctions(const SampleCode& left, const CodeFunction& left_function, const SampleCode& right,
                                          const CodeFunction& right_function);
/// The same, of each side at most `limit` instructions (up to kMaxSideInstructions).
[[nodiscard]] SideBySide CompareFunctions(const FunctionIn& left, const FunctionIn& right, std::size_t limit = kMaxSideInstructions);

}  // namespace ascribe
