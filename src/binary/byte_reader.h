#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace ascribe {

/// A view of a file whose numbers have one byte order and one word size. Thread-safe, as ByteView.
class ByteReader {
 public:
  ByteReader() = default;
  ByteReader(ByteView bytes, bool big_endian, bool is_64) : bytes_(bytes), big_(big_endian), wide_(is_64) {}

  [[nodiscard]] const ByteView& bytes() const { return bytes_; }
  [[nodiscard]] bool is_64() const { return wide_; }
  [[nodiscard]] std::optional<std::uint8_t> U8(std::uint64_t at) const { return bytes_.U8(at); }
  [[nodiscard]] std::optional<std::uint16_t> U16(std::uint64_t at) const {
    const auto v = bytes_.U16(at);
    return v && big_ ? std::optional<std::uint16_t>(__builtin_bswap16(*v)) : v;
  }
  [[nodiscard]] std::optional<std::uint32_t> U32(std::uint64_t at) const {
    const auto v = bytes_.U32(at);
    return v && big_ ? std::optional<std::uint32_t>(__builtin_bswap32(*v)) : v;
  }
  [[nodiscard]] std::optional<std::uint64_t> U64(std::uint64_t at) const {
    const auto v = bytes_.U64(at);
    return v && big_ ? std::optional<std::uint64_t>(__builtin_bswap64(*v)) : v;
  }
  /// 8 bytes in 64-bit files, else 4.
  [[nodiscard]] std::optional<std::uint64_t> Word(std::uint64_t at) const {
    if (wide_) return U64(at);
    const auto v = U32(at);
    return v ? std::optional<std::uint64_t>(*v) : std::nullopt;
  }
  /// The text at `at` up to its NUL, at most `limit` bytes; nullopt when it has no end within them.
  [[nodiscard]] std::optional<std::string_view> Text(std::uint64_t at, std::size_t limit) const {
    if (at >= bytes_.size()) return std::nullopt;
    const std::string_view rest = bytes_.text().substr(static_cast<std::size_t>(at), limit);
    const std::size_t end = rest.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    return rest.substr(0, end);
  }

 private:
  ByteView bytes_;
  bool big_ = false, wide_ = false;
};

}  // namespace ascribe
