#include "binary/pe_build.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace ascribe {
namespace {

constexpr std::uint32_t kExecutable = 0x20000000;

struct LinkerOf {
  std::string_view toolset;
  unsigned major;
};
// Visual C++ releases, ascending, and the version their linkers put into the optional header.
constexpr std::array<LinkerOf, 12> kLinkers = {{{"msvc-5.0", 5}, {"msvc-6.0", 6}, {"msvc-2002", 7}, {"msvc-2003", 7}, {"msvc-2005", 8}, {"msvc-2008", 9},
                                                {"msvc-2010", 10}, {"msvc-2012", 11}, {"msvc-2013", 12}, {"msvc-2015", 14}, {"msvc-2017", 14}, {"msvc-2019", 14}}};

// Major version of the newest tool in the header: the linker itself is always one of them. 0: none is known.
unsigned NewestLinker(const RichHeader& rich) {
  unsigned newest = 0;
  for (const RichProduct& product : rich.products) {
    const auto toolset = product.Toolset();
    if (!toolset) return 0;  // newer than the table
    if (*toolset == "msvc-2022") newest = std::max(newest, 14u);
    for (const LinkerOf& known : kLinkers)
      if (known.toolset == *toolset) newest = std::max(newest, known.major);
  }
  return newest;
}

bool HasText(const PeImage& image, std::string_view text) {
  for (const PeSection& section : image.sections) {
    const std::uint64_t raw = PeImage::RawOffset(section);
    if (raw >= image.file.size()) continue;
    const auto bytes = image.file.Slice(raw, std::min<std::uint64_t>(section.raw_size, image.file.size() - raw));
    if (bytes && bytes->text().find(text) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

CodePadding CountPadding(const PeImage& image) {
  constexpr std::array<std::string_view, 4> kNops = {std::string_view("\x0F\x1F\x40\x00", 4), std::string_view("\x0F\x1F\x44\x00\x00", 5),
                                                     std::string_view("\x0F\x1F\x80\x00\x00\x00\x00", 7), std::string_view("\x0F\x1F\x84\x00\x00\x00\x00\x00", 8)};
  CodePadding count;
  for (const PeSection& section : image.sections) {
    const std::uint64_t raw = PeImage::RawOffset(section);
    if ((section.flags & kExecutable) == 0 || raw >= image.file.size()) continue;
    const ByteView bytes = *image.file.Slice(raw, std::min<std::uint64_t>(section.raw_size, image.file.size() - raw));
    const std::string_view text = bytes.text();
    for (std::size_t at = 16; at < text.size(); at += 16) {
      const std::string_view before = text.substr(at - 16, 16);
      if (before.ends_with("\xCC\xCC") && text[at] != '\xCC') ++count.int3;
      // A filling begins behind a return or jump; in loops the same nops stand behind other instructions.
      const bool nop = std::any_of(kNops.begin(), kNops.end(), [&](std::string_view n) { return before.ends_with(n); });
      const std::size_t back = before.find_first_of("\xC3\xEB\xE9");
      if ((nop || before.ends_with("\x90\x90")) && back != std::string_view::npos) ++count.nops;
    }
  }
  return count;
}

std::vector<std::string> RichContradictions(const PeImage& image, const RichHeader& rich) {
  std::vector<std::string> found;
  if (!rich.checksum_matches) found.emplace_back("its key does not match DOS header and products");
  const unsigned newest = NewestLinker(rich);
  if (newest != 0 && newest != image.linker_major)
    found.push_back(fmt::format("its newest tool is that of linker {}, the file was made by linker {}.{}", newest, image.linker_major, image.linker_minor));
  if (HasText(image, "GCC: (")) found.emplace_back("the file names gcc as its compiler");
  const CodePadding padding = CountPadding(image);
  if (padding.nops >= kMinPadding && padding.int3 * 4 < padding.nops)
    found.push_back(fmt::format("functions are filled up with nops ({} places, {} with int3), as gcc does and Visual C++ does not", padding.nops, padding.int3));
  return found;
}

}  // namespace ascribe
