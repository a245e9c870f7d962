#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ascribe::index {

using Span = std::span<const std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

/// Unsigned LEB128: seven bits a byte, low ones first, the high bit says "more".
inline void PutVarint(Buffer& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80));
  out.push_back(static_cast<std::uint8_t>(value));
}

/// Reads hostile varints. After a read past the end, or of more than 64 bits, ok() is false and every value 0.
class VarintReader {
 public:
  explicit VarintReader(Span bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] std::uint64_t Next() {
    if (at_ != end_ && *at_ < 0x80) return *at_++;
    return Long();
  }
  [[nodiscard]] Span Take(std::uint64_t count) {
    if (count > static_cast<std::uint64_t>(end_ - at_)) return Fail(), Span();
    const Span taken(at_, static_cast<std::size_t>(count));
    at_ += count;
    return taken;
  }
  [[nodiscard]] Span Rest() const { return {at_, end_}; }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool done() const { return ok_ && at_ == end_; }

 private:
  std::uint64_t Long() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at_ != end_ && shift < 64; shift += 7) {
      const std::uint8_t byte = *at_++;
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    return Fail(), 0;
  }
  void Fail() {
    ok_ = false;
    at_ = end_;
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
  bool ok_ = true;
};

/// Ascending ids without repeats: the first, then each difference less one.
inline void PutIds(Buffer& out, std::span<const std::uint32_t> ids) {
  std::uint64_t next = 0;
  for (const std::uint32_t id : ids) {
    PutVarint(out, id - next);
    next = std::uint64_t{id} + 1;
  }
}

/// Appends `count` ids, each raised by `base`, to `out`. False when the bytes hold other than exactly `count` ids below
/// `limit`.
[[nodiscard]] inline bool GetIds(Span bytes, std::uint64_t count, std::uint64_t limit, std::uint32_t base,
                                 std::vector<std::uint32_t>& out) {
  if (count > bytes.size()) return false;  // an id takes a byte at least; before the reserve below
  out.reserve(out.size() + static_cast<std::size_t>(count) > out.capacity()
                  ? 2 * out.capacity() + static_cast<std::size_t>(count)
                  : out.capacity());
  VarintReader in(bytes);
  std::uint64_t next = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t gap = in.Next();
    if (gap >= limit || next + gap >= limit) return false;
    out.push_back(base + static_cast<std::uint32_t>(next + gap));
    next += gap + 1;
  }
  return in.done();
}

/// Little-endian numbers of `width` bytes, whatever the machine is.
inline void PutLittle(std::uint8_t* at, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) at[i] = static_cast<std::uint8_t>(value >> (8 * i));
}
[[nodiscard]] inline std::uint64_t GetLittle(const std::uint8_t* at, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) value |= std::uint64_t{at[i]} << (8 * i);
  return value;
}
/// Unrolled, so that compilers make one load of it.
[[nodiscard]] inline std::uint64_t GetLittle64(const std::uint8_t* p) {
  return std::uint64_t{p[0]} | std::uint64_t{p[1]} << 8 | std::uint64_t{p[2]} << 16 | std::uint64_t{p[3]} << 24 |
         std::uint64_t{p[4]} << 32 | std::uint64_t{p[5]} << 40 | std::uint64_t{p[6]} << 48 | std::uint64_t{p[7]} << 56;
}

}  // namespace ascribe::index
