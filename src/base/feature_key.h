#pragma once

#include <cstdint>

namespace ascribe {

/// A feature's key: the channel (0 to 15) in the four highest bits, 60 bits of a hash of its value below. Channels so
/// never collide, and lie apart in the files of the code index.
[[nodiscard]] constexpr std::uint64_t FeatureKey(unsigned channel, std::uint64_t hash) {
  return std::uint64_t{channel & 15u} << 60 | hash >> 4;
}
[[nodiscard]] constexpr unsigned ChannelOf(std::uint64_t key) { return static_cast<unsigned>(key >> 60); }

}  // namespace ascribe
