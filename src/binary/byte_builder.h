#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace ascribe {

/// Writes numbers in the byte order and word size of a machine: what EndianView reads. For tests.
struct ByteBuilder {
  bool big = false, wide = false;
  Bytes bytes = {};

  [[nodiscard]] std::uint64_t size() const { return bytes.size(); }
  void U8(std::uint64_t value) { bytes.push_back(static_cast<std::uint8_t>(value)); }
  void U16(std::uint64_t value) { Number(value, 2); }
  void U32(std::uint64_t value) { Number(value, 4); }
  void U64(std::uint64_t value) { Number(value, 8); }
  void Word(std::uint64_t value) { Number(value, wide ? 8 : 4); }
  void Text(std::string_view text) {
    bytes.insert(bytes.end(), text.begin(), text.end());
    bytes.push_back(0);
  }
  /// Exactly `size` bytes, cut or filled with zeros.
  void Fixed(std::string_view text, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) U8(i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0);
  }
  void Fill(std::size_t count, std::uint8_t value = 0) { bytes.insert(bytes.end(), count, value); }
  void Align(std::size_t to) {
    while (bytes.size() % to != 0) bytes.push_back(0);
  }
  void Append(const Bytes& other) { bytes.insert(bytes.end(), other.begin(), other.end()); }

  void Set16(std::uint64_t at, std::uint64_t value) { Set(at, value, 2); }
  void Set32(std::uint64_t at, std::uint64_t value) { Set(at, value, 4); }
  void SetWord(std::uint64_t at, std::uint64_t value) { Set(at, value, wide ? 8 : 4); }

 private:
  void Number(std::uint64_t value, unsigned size) {
    bytes.resize(bytes.size() + size);
    Set(bytes.size() - size, value, size);
  }
  void Set(std::uint64_t at, std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i)
      bytes[static_cast<std::size_t>(at) + i] = static_cast<std::uint8_t>(value >> (8 * (big ? size - 1 - i : i)));
  }
};

}  // namespace ascribe
