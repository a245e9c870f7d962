#include "binary/pe_rich.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/sha256.h"

namespace ascribe {
namespace {

constexpr std::uint32_t kRich = 0x68636952, kDans = 0x536E6144;

struct ProductRange {
  std::uint16_t first, last;
  const char* toolset;
};
// Compilers (C, C++ and their LTCG, POGO and CVTCIL variants) and linkers, by the PRODID enumeration in Microsoft's
// debug information (msobj140 of Visual Studio 2019). Assemblers, resource and import tools come with libraries that
// others built, so they say nothing about who built this file. Ascending.
constexpr std::array<ProductRange, 40> kToolsets = {{
    {2, 2, "msvc-5.0"},      {4, 4, "msvc-6.0"},      {8, 8, "msvc-5.0"},      {10, 11, "msvc-6.0"},
    {16, 16, "msvc-5.0"},    {19, 19, "msvc-5.0"},    {21, 24, "msvc-6.0"},    {28, 29, "msvc-2002"},
    {30, 30, "msvc-6.0"},    {32, 32, "msvc-6.0"},    {35, 37, "msvc-6.0"},    {40, 40, "msvc-6.0"},
    {43, 44, "msvc-2002"},   {48, 53, "msvc-6.0"},    {57, 58, "msvc-2002"},   {60, 60, "msvc-6.0"},
    {61, 61, "msvc-2002"},   {65, 68, "msvc-2002"},   {71, 71, "msvc-2003"},   {76, 85, "msvc-2003"},
    {86, 86, "msvc-6.0"},    {90, 90, "msvc-2003"},   {95, 104, "msvc-2003"},  {109, 118, "msvc-2005"},
    {120, 120, "msvc-2005"}, {128, 130, "msvc-2005"}, {131, 143, "msvc-2008"}, {145, 145, "msvc-2008"},
    {157, 157, "msvc-2010"}, {170, 180, "msvc-2010"}, {186, 186, "msvc-2010"}, {188, 198, "msvc-2010"},
    {204, 204, "msvc-2012"}, {206, 216, "msvc-2012"}, {221, 221, "msvc-2013"}, {224, 234, "msvc-2013"},
    {240, 240, "msvc-2013"}, {242, 252, "msvc-2013"}, {258, 258, "msvc-14"},   {260, 270, "msvc-14"},
}};
constexpr std::uint16_t kLastKnownProduct = 270;

// Since 2015 the product ids stay and only builds count: 14.0 has 23026 to 24xxx, 14.1x 25017 to 27xxx, 14.2x 27508 to
// 30159, 14.3x from 30401 on.
std::string ToolsetByBuild(std::uint16_t build) {
  if (build < 25000) return "msvc-2015";
  if (build < 27500) return "msvc-2017";
  if (build < 30400) return "msvc-2019";
  return "msvc-2022";
}

// The key is a sum over the DOS header and stub (without e_lfanew, which is not known yet) and the products.
std::uint32_t Checksum(const PeImage& image, const RichHeader& rich) {
  auto sum = static_cast<std::uint32_t>(rich.offset);
  for (std::uint64_t i = 0; i < rich.offset; ++i) {
    if (i >= 0x3C && i < 0x40) continue;
    sum += std::rotl(std::uint32_t{image.file.U8(i).value_or(0)}, static_cast<int>(i & 31));
  }
  for (const RichProduct& p : rich.products) {
    const std::uint32_t id = (std::uint32_t{p.product} << 16) | p.build;
    sum += std::rotl(id, static_cast<int>(p.count & 31));
  }
  return sum;
}

}  // namespace

std::optional<std::string> RichProduct::Toolset() const {
  if (product > kLastKnownProduct) return std::nullopt;
  for (const ProductRange& range : kToolsets) {
    if (product < range.first || product > range.last) continue;
    return range.toolset == std::string_view("msvc-14") ? ToolsetByBuild(build) : std::string(range.toolset);
  }
  return "";
}

std::optional<RichHeader> ReadRichHeader(const PeImage& image) {
  const ByteView& file = image.file;
  constexpr std::uint64_t kFirst = 0x40;      // after the DOS header
  constexpr std::uint64_t kWindow = 0x10000;  // stubs have some 64 bytes; a far PE header must not cost a long search
  const std::uint64_t limit = std::min<std::uint64_t>({image.header_offset, file.size(), kFirst + kWindow});
  std::uint64_t end = 0;
  for (std::uint64_t at = kFirst; at + 8 <= limit && end == 0; at += 4)
    if (file.U32(at) == kRich) end = at;
  if (end == 0) return std::nullopt;
  const std::uint32_t key = *file.U32(end + 4);

  RichHeader rich;
  std::uint64_t begin = 0;
  for (std::uint64_t at = end; at >= kFirst + 4 && end - at < 16 + 8 * kMaxRichProducts && begin == 0; at -= 4)
    if ((*file.U32(at - 4) ^ key) == kDans) begin = at - 4;
  if (begin == 0) return std::nullopt;

  Bytes clear;
  for (std::uint64_t at = begin; at + 4 <= end; at += 4) {
    const std::uint32_t value = *file.U32(at) ^ key;
    for (int shift = 0; shift < 32; shift += 8) clear.push_back(static_cast<std::uint8_t>(value >> shift));
  }
  const ByteView view(clear);
  for (std::uint64_t at = 16; at + 8 <= clear.size(); at += 8) {  // DanS and three words of padding come first
    const std::uint32_t id = *view.U32(at);
    rich.products.push_back({static_cast<std::uint16_t>(id >> 16), static_cast<std::uint16_t>(id), *view.U32(at + 4)});
  }
  rich.offset = begin;
  rich.length = end + 8 - begin;
  rich.md5 = Md5Hex(view);
  rich.checksum_matches = Checksum(image, rich) == key;
  return rich;
}

}  // namespace ascribe
