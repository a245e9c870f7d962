#pragma once

#include <cstddef>
#include <vector>

#include "index/test_samples.h"

namespace ascribe {

/// What the driver commits and the test expects: sizes differ, so that kills meet short and long writes and merges.
inline constexpr std::size_t kPlannedCommits = 40;
/// Small, so that the longer commits spill runs.
inline constexpr std::size_t kPostingsInMemory = 2000;

inline std::vector<index::SampleFunctions> PlannedSamples(std::size_t commit) {
  constexpr std::size_t kFunctions[] = {1, 30, 400, 3, 80, 1500, 0};
  std::vector<index::SampleFunctions> samples;
  for (std::size_t i = 0; i < 1 + commit % 3; ++i)
    samples.push_back(index::MadeUpSample(static_cast<std::uint32_t>(commit * 3 + i), kFunctions[commit % 7]));
  return samples;
}

}  // namespace ascribe
