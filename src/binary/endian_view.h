#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace ascribe {

/// A ByteView read in the byte order and word size of the machine that a file was made for. No read can leave the view.
/// Thread-safe as ByteView is: a value.
struct EndianView {
  ByteView bytes;
  bool big = false;   ///< most significant byte first
  bool wide = false;  ///< words of 8 bytes instead of 4

  [[nodiscard]] std::optional<std::uint8_t> U8(std::uint64_t at) const { return bytes.U8(at); }
  [[nodiscard]] std::optional<std::uint16_t> U16(std::uint64_t at) const {
    const auto value = bytes.U16(at);
    return value && big ? __builtin_bswap16(*value) : value;
  }
  [[nodiscard]] std::optional<std::uint32_t> U32(std::uint64_t at) const {
    const auto value = bytes.U32(at);
    return value && big ? __builtin_bswap32(*value) : value;
  }
  [[nodiscard]] std::optional<std::uint64_t> U64(std::uint64_t at) const {
    const auto value = bytes.U64(at);
    return value && big ? __builtin_bswap64(*value) : value;
  }
  /// A pointer of the machine.
  [[nodiscard]] std::optional<std::uint64_t> Word(std::uint64_t at) const {
    if (wide) return U64(at);
    const auto value = U32(at);
    return value ? std::optional<std::uint64_t>(*value) : std::nullopt;
  }
  [[nodiscard]] std::uint64_t word_size() const { return wide ? 8 : 4; }
  /// What an address becomes in a register of the machine.
  [[nodiscard]] std::uint64_t Wrap(std::uint64_t address) const { return wide ? address : address & 0xFFFF'FFFF; }

  /// The same machine, other bytes.
  [[nodiscard]] EndianView With(ByteView other) const { return {other, big, wide}; }
};

/// The NUL-terminated text at `at`, at most `limit` bytes; nullopt when it has no end within them.
[[nodiscard]] inline std::optional<std::string_view> TerminatedText(ByteView bytes, std::uint64_t at,
                                                                    std::size_t limit) {
  if (at >= bytes.size()) return std::nullopt;
  const std::string_view rest = bytes.text().substr(static_cast<std::size_t>(at), limit);
  const void* end = std::memchr(rest.data(), 0, rest.size());
  if (end == nullptr) return std::nullopt;
  return rest.substr(0, static_cast<std::size_t>(static_cast<const char*>(end) - rest.data()));
}

}  // namespace ascribe
