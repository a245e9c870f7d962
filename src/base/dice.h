#pragma once

#include <cstddef>
#include <cstdint>

namespace ascribe {

/// SplitMix64 (Steele, Lea & Flood 2014): the same draws everywhere, which the distributions of <random> do not promise.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0xD1342543DE82EF95u + 0x9E3779B97F4A7C15u) {}
  /// Uniform below `count`, which is not 0; the bias of the remainder is below 2^-40 for what is drawn here.
  std::size_t Below(std::size_t count) {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return static_cast<std::size_t>((z ^ (z >> 31)) % count);
  }

 private:
  std::uint64_t state_;
};

}  // namespace ascribe
