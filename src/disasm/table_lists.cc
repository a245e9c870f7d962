#include "disasm/table_lists.h"

#include <algorithm>
#include <set>

#include "base/hash64.h"
#include "binary/endian_view.h"
#include "disasm/literals.h"

namespace ascribe {
namespace {

constexpr std::size_t kReach = 3;  // places between two entries of a pair

// Entries of `width` bytes until the first that was there before.
std::vector<std::uint32_t> Entries(const Executable& e, ByteView table, std::size_t width) {
  const EndianView view{table, e.big_endian, e.is_64};
  std::vector<std::uint32_t> entries;
  std::set<std::uint32_t> seen;
  while (entries.size() < kMaxListEntries && (entries.size() + 1) * width <= table.size()) {
    const std::uint64_t at = entries.size() * width;
    const std::uint32_t entry = width == 2 ? *view.U16(at) : *view.U32(at);
    if (!seen.insert(entry).second) break;
    entries.push_back(entry);
  }
  return entries;
}

std::size_t Different(const std::vector<std::uint32_t>& entries, unsigned shift, std::uint32_t mask) {
  std::set<std::uint32_t> values;
  for (std::uint32_t entry : entries) values.insert(entry >> shift & mask);
  return values.size();
}

std::uint32_t Swapped(std::uint32_t entry, std::size_t width) {
  return width == 2 ? (entry >> 8 | entry << 8) & 0xFFFF
                    : entry >> 24 | (entry >> 8 & 0xFF00) | (entry << 8 & 0xFF'0000) | entry << 24;
}

// An order that somebody chose: an eighth of the steps, two at least, goes each way.
bool UpAndDown(const std::vector<std::uint32_t>& entries) {
  std::size_t up = 0;
  for (std::size_t i = 1; i < entries.size(); ++i) up += entries[i] > entries[i - 1];
  const std::size_t down = entries.size() - 1 - up;
  return std::min(up, down) >= std::max<std::size_t>(2, entries.size() / 8);
}

bool IsText(const std::vector<std::uint32_t>& entries, std::size_t width) {
  std::size_t text = 0;
  for (std::uint32_t entry : entries) {
    bool all = true;
    for (std::size_t i = 0; i < width; ++i) all = all && IsTextByte(static_cast<std::uint8_t>(entry >> (8 * i)));
    text += all;
  }
  return 2 * text > entries.size();
}

// Offsets from the table or from the beginning of the image: a switch, or a table of functions, other in every build.
bool AreOffsets(const Executable& e, std::uint64_t address, const std::vector<std::uint32_t>& entries) {
  std::size_t from_table = 0, from_image = 0;
  for (std::uint32_t entry : entries) {
    const auto offset = static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int32_t>(entry)));
    from_table += e.SectionAt(address + offset) != nullptr;
    from_image += e.SectionAt(e.image_base + offset) != nullptr || e.SectionAt(entry) != nullptr;
  }
  return 4 * std::max(from_table, from_image) >= 3 * entries.size();
}

}  // namespace

std::vector<std::uint64_t> ListPairs(const Executable& executable, std::uint64_t address, ByteView table) {
  std::vector<std::uint64_t> pairs;
  for (const std::size_t width : {std::size_t{2}, std::size_t{4}}) {
    std::vector<std::uint32_t> entries = Entries(executable, table, width);
    if (entries.size() < kMinListEntries || !UpAndDown(entries) || IsText(entries, width)) continue;
    const unsigned half = static_cast<unsigned>(4 * width);
    const std::uint32_t mask = (std::uint32_t{1} << half) - 1;
    const std::size_t high = Different(entries, half, mask), low = Different(entries, 0, mask);
    if (std::min(high, low) > entries.size() / 4) continue;
    if (width == 4 && AreOffsets(executable, address, entries)) continue;
    // Codes of a protocol stand in its byte order in one program and in the machine's in another.
    if (low < high)
      for (std::uint32_t& entry : entries) entry = Swapped(entry, width);
    for (std::size_t i = 0; i < entries.size(); ++i)
      for (std::size_t k = i + 1; k < entries.size() && k <= i + kReach; ++k)
        pairs.push_back(Mix(Mix(0x1157 + width, entries[i]), entries[k]));
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
    if (pairs.size() > kMaxListPairs) pairs.resize(kMaxListPairs);
    break;
  }
  return pairs;
}

}  // namespace ascribe
