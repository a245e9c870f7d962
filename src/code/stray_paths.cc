#include "code/stray_paths.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "base/text.h"
#include "ingest/pe.h"

namespace ascribe {
namespace {

constexpr std::string_view kEnding = ".pdb";

bool IsPathCharacter(char c) { return c >= 0x20 && c < 0x7F; }

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Where the last "D:\\" begins: other texts may stand before it without an end of their own. 0: there is none.
std::size_t Drive(std::string_view text) {
  for (std::size_t at = text.rfind(':'); at != std::string_view::npos && at > 0; at = text.rfind(':', at - 1))
    if (at + 1 < text.size() && (text[at + 1] == '\\' || text[at + 1] == '/') && IsLetter(text[at - 1])) return at - 1;
  return 0;
}

// Signature, GUID and age (RSDS), or signature, offset, time and age (NB10), and then the path.
bool InRecord(std::string_view text, std::size_t path) {
  return (path >= 24 && text.substr(path - 24, 4) == "RSDS") || (path >= 16 && text.substr(path - 16, 4) == "NB10");
}

}  // namespace

std::vector<MetadataItem> StrayPdbPaths(ByteView bytes) {
  std::vector<MetadataItem> items;
  const std::string_view text = bytes.text();
  for (std::size_t end = text.find('\0'); end != std::string_view::npos && items.size() < kMaxStrayPdbPaths;
       end = text.find('\0', end + 1)) {
    if (end < kEnding.size() || AsciiLower(text.substr(end - kEnding.size(), kEnding.size())) != kEnding) continue;
    std::size_t begin = end;
    while (begin > 0 && end - begin < kMaxPdbPath && IsPathCharacter(text[begin - 1])) --begin;
    begin += Drive(text.substr(begin, end - begin));
    const std::string_view path = text.substr(begin, end - begin);
    if (path.find_first_of("\\/") == std::string_view::npos || InRecord(text, begin)) continue;
    auto entity = MakeEntity(EntityType::kPdbPath, path);
    if (!entity) continue;
    const std::uint64_t key = MetadataKey(*entity);
    if (std::any_of(items.begin(), items.end(), [&](const MetadataItem& item) { return item.key == key; })) continue;
    const Locator locator = {Locator::Kind::kByteRange, begin, path.size(), {}};
    items.push_back({"PDB path that stands outside any debug record", std::move(*entity), locator, key, true});
  }
  std::sort(items.begin(), items.end(), [](const MetadataItem& a, const MetadataItem& b) { return a.key < b.key; });
  return items;
}

}  // namespace ascribe
