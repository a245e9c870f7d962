#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "disasm/program.h"

namespace ascribe {

/// The sides from which two functions are compared. The first eight are channels of the function itself, kept apart in
/// score and report; the others are its surroundings, which inlining and outlining move values between.
enum class FunctionView : std::uint8_t {
  kFunction,    ///< exact hash
  kBlock,       ///< exact blocks
  kShape,       ///< hash without numbers and registers
  kGram,        ///< three instructions in a row
  kConstant,
  kText,
  kImport,
  kSmall,
  kCallers,     ///< values of up to eight functions that call it
  kCallees,     ///< its own values and those of what it calls: the same set before and after inlining
  kReach,       ///< the same, one call further
  kNeighbours,  ///< values of two functions before and two behind: linkers keep the order of sources
};
inline constexpr std::size_t kFunctionViews = 12;
/// "function", "block", …, "neighbours".
[[nodiscard]] std::string_view Name(FunctionView view);

/// Keys by view, each ascending and once. Values are constants, texts, imports, tables and small numbers.
using ViewKeys = std::array<std::vector<std::uint64_t>, kFunctionViews>;
[[nodiscard]] ViewKeys KeysByView(const Program& program, std::size_t function);

/// Surroundings are cut off here: the values of a dispatcher's hundred callees describe none of them.
inline constexpr std::size_t kMaxContextFunctions = 60;
inline constexpr std::size_t kMaxContextCallers = 8;

}  // namespace ascribe
