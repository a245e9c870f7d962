#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "binary/executable.h"

namespace ascribe {

/// Executable bytes that no function with a known end covers.
struct CodeGap {
  std::uint64_t begin = 0, end = 0;
};
/// `gaps` ascend and do not overlap.
[[nodiscard]] bool InGap(const std::vector<CodeGap>& gaps, std::uint64_t address);

/// Decodes the gaps from end to end and adds the functions that begin in them: at the targets of calls and at prologues
/// behind padding; on machines without padding, and in 32-bit x86, also where control cannot arrive from above and where
/// no jump of the same function leads. `starts` in any order; afterwards they ascend, one an address.
void ExploreGaps(const Executable& executable, const std::vector<CodeGap>& gaps, std::vector<FunctionStart>& starts);

/// Entries of one switch that are followed, and of all switches of a file: generated parsers have some 1,000, large
/// programs some 100,000 together; forged tables overlap.
inline constexpr std::size_t kMaxSwitch = 4096, kMaxSwitchEntries = 1'000'000;

/// Jumps, places that jumps lead to, and aligned places in question, each: a program with 64 MiB of code has about one
/// million of each kind. A file with more gets no function that only such a place speaks for.
inline constexpr std::size_t kMaxLeads = 4'000'000;

}  // namespace ascribe
