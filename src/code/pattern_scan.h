#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace ascribe {

/// Looks for many patterns of bytes at once, written as YARA hex strings: "8B 4D ?? 33 C1". One pass over the bytes:
/// each pattern is looked up by four fixed bytes of it. Pure; may be shared between threads.
class PatternScan {
 public:
  /// Whether four fixed bytes stand together in it: only such a pattern can be looked for (YARA calls others slow).
  [[nodiscard]] static bool Usable(const std::string& pattern);
  /// Those that are not Usable are never found.
  explicit PatternScan(const std::vector<std::string>& patterns);

  /// Sets found[i] when pattern i occurs in `bytes`; what is set already is not looked for. `found` has one entry a
  /// pattern.
  void Scan(ByteView bytes, std::vector<bool>& found) const;

 private:
  struct Pattern {
    std::vector<int> bytes;  // -1: wild
    std::size_t anchor = 0;  // where its four fixed bytes begin
    std::uint32_t number = 0;
  };
  static constexpr std::size_t kSlots = std::size_t{1} << 16;
  static std::size_t Slot(std::uint32_t four) { return (four * 0x9E37'79B1u) >> 16; }
  static std::vector<int> Read(const std::string& pattern);
  static std::size_t AnchorOf(const std::vector<int>& bytes);

  std::vector<std::pair<std::uint32_t, Pattern>> by_anchor_;  // ascending
  std::bitset<kSlots> slots_;
};

}  // namespace ascribe
