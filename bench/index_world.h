#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/sha256.h"
#include "index/sample.h"

namespace ascribe::bench {

/// The workload of the design note (house.md, C): functions with 16 band keys each. 30 % of the functions are like no
/// other; the rest lie in groups of heavy-tailed sizes, whose members share a band with a chance of 73 %. With 2
/// million functions that gives the note's figures: 15.8 million keys, 15.5 million of them once, the largest 28,000
/// times.
class World {
 public:
  static constexpr unsigned kBands = 16;
  static constexpr std::uint32_t kFunctionsASample = 1000;  // on average

  explicit World(std::uint32_t functions) : group_(functions), samples_(functions / kFunctionsASample) {
    const auto grouped = static_cast<std::uint32_t>(functions * 0.7);
    const double largest = 38'800.0 * functions / 2e6;
    // Sizes c * i^-0.78, as many groups as it takes to place all; below 2 there is no group.
    std::uint32_t placed = 0, group = 0;
    std::vector<std::uint64_t> order(functions);  // (sample, function): functions are numbered sample by sample
    while (placed < grouped) {
      ++group;
      const auto size = static_cast<std::uint32_t>(std::max(2.0, largest * std::pow(group, -0.78)));
      for (std::uint32_t m = 0; m < size && placed < grouped; ++m, ++placed) {
        // Small groups are the code of one family, whose samples are neighbours; large ones are libraries.
        const std::uint64_t sample = size < 64 ? Mix(group) + m : Mix(placed * 7919ull + 3);
        group_[placed] = group;
        order[placed] = (sample % samples_) << 32 | placed;
      }
    }
    groups_ = group;
    for (std::uint32_t f = placed; f < functions; ++f) {
      group_[f] = ++group;
      order[f] = (Mix(f * 104729ull + 1) % samples_) << 32 | f;
    }
    std::sort(order.begin(), order.end());
    std::vector<std::uint32_t> sorted(functions);
    starts_.assign(samples_ + 1, 0);
    for (std::uint32_t f = 0; f < functions; ++f) {
      sorted[f] = group_[order[f] & 0xffffffff];
      ++starts_[(order[f] >> 32) + 1];
    }
    for (std::uint32_t s = 0; s < samples_; ++s) starts_[s + 1] += starts_[s];
    group_ = std::move(sorted);
  }

  [[nodiscard]] std::uint32_t functions() const { return static_cast<std::uint32_t>(group_.size()); }
  [[nodiscard]] std::uint32_t groups() const { return groups_; }
  [[nodiscard]] std::uint32_t samples() const { return samples_; }
  [[nodiscard]] std::uint32_t first_function(std::uint32_t sample) const { return starts_[sample]; }

  /// Never the same in all bands for two functions: one band at least is its own.
  [[nodiscard]] std::uint64_t Key(std::uint32_t function, unsigned band) const {
    const std::uint32_t group = group_[function];
    bool own = group > groups_ || Own(function, band);
    if (!own && band == 0) {
      own = true;
      for (unsigned b = 1; b < kBands && own; ++b) own = !Own(function, b);
    }
    return own ? Mix(Mix(function + (1ull << 40)) + band) : Mix(Mix(group) * 31 + band);
  }

  [[nodiscard]] index::SampleFunctions Sample(std::uint32_t number) const {
    index::SampleFunctions sample;
    sample.meta.sha256 = Sha256Hex(fmt::format("sample {}", number));
    sample.meta.version = fmt::format("{}", number % 8);
    if (number % 10 == 9)
      sample.meta.package = fmt::format("package{}", number / 30);
    else
      sample.meta.family = fmt::format("family{}", number / 8);
    for (std::uint32_t f = starts_[number]; f < starts_[number + 1]; ++f) {
      index::FunctionSignature function;
      function.address = 0x140001000 + std::uint64_t{f - starts_[number]} * 0x120;
      for (unsigned band = 0; band < kBands; ++band) function.features.push_back(Key(f, band));
      sample.functions.push_back(std::move(function));
    }
    return sample;
  }

  /// The note's batch: the keys of 1,000 functions, 13 % of them replaced by keys that nobody has.
  [[nodiscard]] std::vector<std::uint64_t> Batch(std::uint64_t seed, bool one_sample) const {
    std::vector<std::uint64_t> keys;
    const auto sample = static_cast<std::uint32_t>(Mix(seed) % samples_);
    const std::uint32_t first = starts_[sample], count = starts_[sample + 1] - first;
    for (std::uint32_t i = 0; i < 1000; ++i) {
      const std::uint32_t f =
          one_sample ? first + i % count : static_cast<std::uint32_t>(Mix(seed * 1009 + i) % functions());
      for (unsigned band = 0; band < kBands; ++band) {
        const std::uint64_t chance = Mix(seed + i * 16ull + band + (1ull << 50));
        keys.push_back(chance % 1000 < 132 ? chance : Key(f, band));
      }
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }

  /// splitmix64
  [[nodiscard]] static std::uint64_t Mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
  }

 private:
  [[nodiscard]] bool Own(std::uint32_t function, unsigned band) const {
    return Mix(function * 16ull + band + (7ull << 45)) % 100 >= 73;
  }
  std::vector<std::uint32_t> group_;  // by function
  std::uint32_t samples_;
  std::uint32_t groups_ = 0;  // those with more than one function; above it: functions like no other
  std::vector<std::uint32_t> starts_;
};

}  // namespace ascribe::bench
