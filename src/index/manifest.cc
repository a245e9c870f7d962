#include "index/manifest.h"

#include <fmt/format.h>
#include <libdeflate.h>

#include <charconv>
#include <set>

#include "base/io.h"
#include "index/block_file.h"

namespace ascribe::index {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kTitle = "ascribe-code-index 1";
constexpr std::uint64_t kMaxBytes = 128 * (kMaxSegments + 4);  // a line has at most 66 characters

// Takes the text up to `end` from the front; nothing is taken when there is no `end`.
std::optional<std::string_view> Cut(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == text.npos) return std::nullopt;
  const std::string_view head = text.substr(0, at);
  text.remove_prefix(at + 1);
  return head;
}

// Only what ManifestText writes: no sign, no space, no leading zero that would make two texts of one number.
template <typename T>
bool ParseNumber(std::string_view text, T& value, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc() && end == text.data() + text.size();
}

tl::unexpected<Error> Bad(std::size_t line, std::string_view what) {
  return Fail(ErrorCode::kCorrupt, fmt::format("line {}: {}", line, what));
}

}  // namespace

std::string ManifestText(const Manifest& manifest) {
  std::string text = fmt::format("{}\nnext {}\n", kTitle, manifest.next);
  for (const Manifest::Entry& entry : manifest.segments)
    text += fmt::format("segment {} {} {:08x}\n", entry.number, entry.blocks, entry.header_crc);
  return text + fmt::format("crc {:08x}\n", libdeflate_crc32(0, text.data(), text.size()));
}

Result<Manifest> ParseManifest(std::string_view text) {
  Manifest manifest;
  std::string_view rest = text;
  const auto title = Cut(rest, '\n');
  if (!title || !title->starts_with("ascribe-code-index ")) return Bad(1, "not a manifest of a code index");
  if (*title != kTitle)
    return Fail(ErrorCode::kUnsupported, fmt::format("line 1: version \"{}\"", title->substr(19, 20)));
  std::set<std::uint64_t> numbers;
  for (std::size_t line = 2;; ++line) {
    const std::size_t at = text.size() - rest.size();
    auto words = Cut(rest, '\n');
    if (!words) return Bad(line, "the manifest was cut short");
    const auto word = Cut(*words, ' ');
    if (!word) return Bad(line, "not a line of a manifest");
    if (line == 2) {
      if (*word != "next" || !ParseNumber(*words, manifest.next)) return Bad(line, "no next number");
    } else if (*word == "crc") {
      std::uint32_t crc = 0;
      if (!ParseNumber(*words, crc, 16) || crc != libdeflate_crc32(0, text.data(), at))
        return Bad(line, "its CRC does not match");
      if (!rest.empty()) return Bad(line + 1, "something stands behind the end");
      return manifest;
    } else {
      Manifest::Entry entry;
      const auto number = Cut(*words, ' ');
      const auto blocks = Cut(*words, ' ');
      if (*word != "segment" || !number || !blocks || !ParseNumber(*number, entry.number) ||
          !ParseNumber(*blocks, entry.blocks) || !ParseNumber(*words, entry.header_crc, 16))
        return Bad(line, "not a line of a manifest");
      if (entry.number >= manifest.next || !numbers.insert(entry.number).second)
        return Bad(line, "the number of a segment is taken or not given out yet");
      if (manifest.segments.size() == kMaxSegments) return Bad(line, "too many segments");
      manifest.segments.push_back(entry);
    }
  }
}

fs::path ManifestPath(const fs::path& folder) { return folder / "MANIFEST"; }

fs::path SegmentPath(const fs::path& folder, std::uint64_t number) { return folder / fmt::format("{:08}.seg", number); }

Result<Manifest> LoadManifest(const fs::path& folder) {
  TRY_ASSIGN(const std::string text, ReadTextFile(ManifestPath(folder), kMaxBytes));
  auto manifest = ParseManifest(text);
  if (!manifest) return FailAt(ManifestPath(folder).string(), manifest.error());
  return manifest;
}

Status SaveManifest(const fs::path& folder, const Manifest& manifest) {
  TRY(WriteFileAtomic(ManifestPath(folder), ManifestText(manifest)));
  return SyncFolder(folder);
}

}  // namespace ascribe::index
