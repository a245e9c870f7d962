#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace ascribe {

/// The finaliser of SplitMix64 (Steele, Lea & Flood 2014, with Stafford's variant 13 constants): every bit of the input
/// reaches every bit of the output. Not for secrets; stored in index files, so never to be changed in place.
[[nodiscard]] constexpr std::uint64_t Scramble(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

/// Adds a value to a running hash; the order matters.
[[nodiscard]] constexpr std::uint64_t Mix(std::uint64_t hash, std::uint64_t value) {
  return Scramble(hash + 0x9E3779B97F4A7C15ull + value * 0xD6E8FEB86659FD93ull);
}

/// A hash of bytes: the same on every machine, whatever its byte order.
[[nodiscard]] inline std::uint64_t HashBytes(std::string_view bytes, std::uint64_t seed = 0) {
  std::uint64_t hash = Mix(seed, bytes.size());
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t n = bytes.size() < 8 ? bytes.size() : 8;
    for (std::size_t i = 0; i < n; ++i)
      word |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    hash = Mix(hash, word);
    bytes.remove_prefix(n);
  }
  return hash;
}

}  // namespace ascribe
