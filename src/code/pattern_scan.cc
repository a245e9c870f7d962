#include "code/pattern_scan.h"

#include <algorithm>

namespace ascribe {
namespace {

constexpr std::size_t kAnchor = 4, kNone = static_cast<std::size_t>(-1);

std::uint32_t FourAt(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8 |
         static_cast<std::uint32_t>(at[2]) << 16 | static_cast<std::uint32_t>(at[3]) << 24;
}

}  // namespace

std::vector<int> PatternScan::Read(const std::string& pattern) {
  std::vector<int> bytes;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
  for (std::size_t i = 0; i + 1 < pattern.size(); i += 3)
    bytes.push_back(pattern[i] == '?' ? -1 : digit(pattern[i]) << 4 | digit(pattern[i + 1]));
  return bytes;
}

// The four fixed bytes that differ most among themselves: runs of zeros stand everywhere.
std::size_t PatternScan::AnchorOf(const std::vector<int>& bytes) {
  std::size_t best = kNone, most = 0;
  for (std::size_t i = 0; i + kAnchor <= bytes.size(); ++i) {
    std::array<int, kAnchor> four{};
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i), kAnchor, four.begin());
    std::sort(four.begin(), four.end());
    if (four[0] < 0) continue;
    const auto distinct = static_cast<std::size_t>(std::unique(four.begin(), four.end()) - four.begin());
    if (distinct > most) {
      best = i;
      most = distinct;
    }
  }
  return best;
}

bool PatternScan::Usable(const std::string& pattern) { return AnchorOf(Read(pattern)) != kNone; }

PatternScan::PatternScan(const std::vector<std::string>& patterns) {
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    Pattern pattern;
    pattern.bytes = Read(patterns[i]);
    pattern.anchor = AnchorOf(pattern.bytes);
    if (pattern.anchor == kNone) continue;
    pattern.number = static_cast<std::uint32_t>(i);
    std::array<std::uint8_t, kAnchor> four{};
    for (std::size_t k = 0; k < kAnchor; ++k) four[k] = static_cast<std::uint8_t>(pattern.bytes[pattern.anchor + k]);
    slots_.set(Slot(FourAt(four.data())));
    by_anchor_.emplace_back(FourAt(four.data()), std::move(pattern));
  }
  std::stable_sort(by_anchor_.begin(), by_anchor_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

void PatternScan::Scan(ByteView bytes, std::vector<bool>& found) const {
  const std::uint8_t* const data = bytes.data();
  const std::size_t size = bytes.size();
  for (std::size_t at = 0; at + kAnchor <= size; ++at) {
    const std::uint32_t four = FourAt(data + at);
    if (!slots_.test(Slot(four))) continue;
    auto entry = std::lower_bound(by_anchor_.begin(), by_anchor_.end(), four,
                                  [](const auto& e, std::uint32_t f) { return e.first < f; });
    for (; entry != by_anchor_.end() && entry->first == four; ++entry) {
      const Pattern& p = entry->second;
      if (found[p.number] || at < p.anchor || size - (at - p.anchor) < p.bytes.size()) continue;
      const std::uint8_t* const begin = data + (at - p.anchor);
      std::size_t k = 0;
      while (k < p.bytes.size() && (p.bytes[k] < 0 || p.bytes[k] == begin[k])) ++k;
      if (k == p.bytes.size()) found[p.number] = true;
    }
  }
}

}  // namespace ascribe
