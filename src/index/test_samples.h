#pragma once

#include <fmt/format.h>

#include <random>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "index/sample.h"

namespace ascribe::index {

/// Sample `number` of a made-up world: a few families that share code with themselves, library code that is everywhere,
/// goodware packages that hold it too, and code of its own. The same number gives the same sample.
inline SampleFunctions MadeUpSample(std::uint32_t number, std::size_t functions = 12) {
  std::mt19937_64 random(number + 1);
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  SampleFunctions sample;
  sample.meta.sha256 = Sha256Hex(fmt::format("sample {}", number));
  const std::uint64_t family = below(7);
  if (number % 9 == 4)
    sample.meta.package = fmt::format("package{}", below(4));
  else if (number % 5 != 2)
    sample.meta.family = fmt::format("family{}", family);
  if (number % 3 == 0) sample.meta.actor = fmt::format("actor{}", family / 2);
  sample.meta.version = fmt::format("1.{}", number);
  const auto feature = [](std::uint64_t seed) {
    return FeatureKey(static_cast<unsigned>(seed % 3), std::mt19937_64(seed * 77 + 5)());
  };
  for (std::size_t i = 0; i < functions; ++i) {
    FunctionSignature function;
    function.address = 0x140001000 + i * 0x80 + below(64);
    const std::uint64_t kind = below(4);  // 0, 1: of the library; 2: of the family; 3: its own
    const std::uint64_t body = kind < 2    ? below(40)
                               : kind == 2 ? 1000 + family * 50 + below(20)
                                           : 100'000 + number * 100 + i;
    for (std::uint64_t f = 0; f < 3 + body % 5; ++f) function.features.push_back(feature(body * 10 + f));
    if (below(5) == 0) function.features.push_back(feature(below(30) + 9'000'000));  // a constant that many use
    sample.functions.push_back(std::move(function));
  }
  return sample;
}

inline std::vector<SampleFunctions> MadeUpSamples(std::uint32_t count, std::size_t functions = 12) {
  std::vector<SampleFunctions> samples;
  for (std::uint32_t i = 0; i < count; ++i) samples.push_back(MadeUpSample(i, functions));
  return samples;
}

}  // namespace ascribe::index
