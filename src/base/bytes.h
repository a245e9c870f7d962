#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ascribe {

using Bytes = std::vector<std::uint8_t>;

/// A bounds-checked view of hostile bytes. No read can leave the view; a read that would is std::nullopt.
/// Thread-safe: a value type over memory that the caller keeps alive and unchanged.
class ByteView {
 public:
  constexpr ByteView() = default;
  constexpr ByteView(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}
  ByteView(const Bytes& bytes) : bytes_(bytes) {}                                  // NOLINT: views convert implicitly
  ByteView(std::string_view text)                                                   // NOLINT
      : bytes_(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()) {}

  ByteView(const std::string& text) : ByteView(std::string_view(text)) {}             // NOLINT
  ByteView(const char* text) : ByteView(std::string_view(text)) {}                    // NOLINT

  [[nodiscard]] constexpr std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] constexpr bool empty() const { return bytes_.empty(); }
  [[nodiscard]] constexpr const std::uint8_t* data() const { return bytes_.data(); }

  /// True when [offset, offset + length) lies inside; safe against overflow.
  [[nodiscard]] constexpr bool Contains(std::uint64_t offset, std::uint64_t length) const {
    return offset <= bytes_.size() && length <= bytes_.size() - offset;
  }
  [[nodiscard]] std::optional<ByteView> Slice(std::uint64_t offset, std::uint64_t length) const {
    if (!Contains(offset, length)) return std::nullopt;
    return ByteView(bytes_.data() + offset, static_cast<std::size_t>(length));
  }
  [[nodiscard]] std::optional<std::uint8_t> U8(std::uint64_t offset) const {
    if (!Contains(offset, 1)) return std::nullopt;
    return bytes_[static_cast<std::size_t>(offset)];
  }
  [[nodiscard]] std::optional<std::uint16_t> U16(std::uint64_t offset) const { return Little<std::uint16_t>(offset); }
  [[nodiscard]] std::optional<std::uint32_t> U32(std::uint64_t offset) const { return Little<std::uint32_t>(offset); }
  [[nodiscard]] std::optional<std::uint64_t> U64(std::uint64_t offset) const { return Little<std::uint64_t>(offset); }

  /// The bytes as characters; not necessarily UTF-8.
  [[nodiscard]] std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

 private:
  template <typename T>
  [[nodiscard]] std::optional<T> Little(std::uint64_t offset) const {
    if (!Contains(offset, sizeof(T))) return std::nullopt;
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = static_cast<T>(value | (static_cast<T>(bytes_[static_cast<std::size_t>(offset) + i]) << (8 * i)));
    return value;
  }
  std::span<const std::uint8_t> bytes_;
};

}  // namespace ascribe
