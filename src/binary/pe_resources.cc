#include "binary/pe_resources.h"

#include <algorithm>
#include <array>

namespace ascribe {
namespace {

struct LanguageName {
  std::uint16_t id;
  const char* name;
};
// Full LANGIDs where the country tells something (Microsoft MS-LCID), then primary languages (low ten bits).
constexpr std::array<LanguageName, 62> kRegional = {{
    {0x0401, "ar-sa"}, {0x0801, "ar-iq"}, {0x0C01, "ar-eg"}, {0x1001, "ar-ly"}, {0x1401, "ar-dz"}, {0x1801, "ar-ma"},
    {0x1C01, "ar-tn"}, {0x2001, "ar-om"}, {0x2401, "ar-ye"}, {0x2801, "ar-sy"}, {0x2C01, "ar-jo"}, {0x3001, "ar-lb"},
    {0x3401, "ar-kw"}, {0x3801, "ar-ae"}, {0x3C01, "ar-bh"}, {0x4001, "ar-qa"}, {0x0404, "zh-tw"}, {0x0804, "zh-cn"},
    {0x0C04, "zh-hk"}, {0x1004, "zh-sg"}, {0x1404, "zh-mo"}, {0x0407, "de-de"}, {0x0807, "de-ch"}, {0x0C07, "de-at"},
    {0x0409, "en-us"}, {0x0809, "en-gb"}, {0x0C09, "en-au"}, {0x1009, "en-ca"}, {0x1409, "en-nz"}, {0x1809, "en-ie"},
    {0x1C09, "en-za"}, {0x4009, "en-in"}, {0x040A, "es-es"}, {0x0C0A, "es-es"}, {0x080A, "es-mx"}, {0x200A, "es-ve"},
    {0x240A, "es-co"}, {0x280A, "es-pe"}, {0x2C0A, "es-ar"}, {0x340A, "es-cl"}, {0x5C0A, "es-cu"}, {0x040C, "fr-fr"},
    {0x080C, "fr-be"}, {0x0C0C, "fr-ca"}, {0x100C, "fr-ch"}, {0x0410, "it-it"}, {0x0810, "it-ch"}, {0x0413, "nl-nl"},
    {0x0813, "nl-be"}, {0x0416, "pt-br"}, {0x0816, "pt-pt"}, {0x0419, "ru"},    {0x0819, "ru-md"}, {0x081A, "sr"},
    {0x0C1A, "sr"},    {0x041A, "hr"},    {0x0420, "ur-pk"}, {0x0820, "ur-in"}, {0x042C, "az"},    {0x0443, "uz"},
    {0x0845, "bn-bd"}, {0x0445, "bn-in"},
}};
constexpr std::array<LanguageName, 62> kPrimary = {{
    {0x01, "ar"}, {0x02, "bg"}, {0x03, "ca"},  {0x04, "zh"}, {0x05, "cs"},  {0x06, "da"}, {0x07, "de"}, {0x08, "el"},
    {0x09, "en"}, {0x0A, "es"}, {0x0B, "fi"},  {0x0C, "fr"}, {0x0D, "he"},  {0x0E, "hu"}, {0x0F, "is"}, {0x10, "it"},
    {0x11, "ja"}, {0x12, "ko"}, {0x13, "nl"},  {0x14, "no"}, {0x15, "pl"},  {0x16, "pt"}, {0x18, "ro"}, {0x19, "ru"},
    {0x1A, "hr"}, {0x1B, "sk"}, {0x1C, "sq"},  {0x1D, "sv"}, {0x1E, "th"},  {0x1F, "tr"}, {0x20, "ur"}, {0x21, "id"},
    {0x22, "uk"}, {0x23, "be"}, {0x24, "sl"},  {0x25, "et"}, {0x26, "lv"},  {0x27, "lt"}, {0x28, "tg"}, {0x29, "fa"},
    {0x2A, "vi"}, {0x2B, "hy"}, {0x2C, "az"},  {0x2D, "eu"}, {0x2F, "mk"},  {0x36, "af"}, {0x37, "ka"}, {0x39, "hi"},
    {0x3E, "ms"}, {0x3F, "kk"}, {0x40, "ky"},  {0x41, "sw"}, {0x42, "tk"},  {0x43, "uz"}, {0x44, "tt"}, {0x45, "bn"},
    {0x49, "ta"}, {0x50, "mn"}, {0x5A, "syr"}, {0x63, "ps"}, {0x8C, "prs"}, {0x92, "ku"},
}};

class Walk {
 public:
  Walk(const PeImage& image, PeResources& out) : image_(image), out_(out) {}

  // The format nests exactly three levels; a deeper or looping tree is cut by that.
  void Node(std::uint32_t relative, unsigned level, std::uint32_t type = 0) {
    const std::uint32_t base = image_.directories[PeImage::kResources].address;
    const auto at = image_.Offset(std::uint64_t{base} + relative);
    if (!at || !image_.file.Contains(*at, 16)) return;
    const std::size_t count = std::size_t{*image_.file.U16(*at + 12)} + *image_.file.U16(*at + 14);
    for (std::size_t i = 0; i < count && !out_.cut; ++i) {
      const std::uint64_t entry = *at + 16 + 8 * i;
      if (!image_.file.Contains(entry, 8)) return;
      if (++entries_ > kMaxResourceEntries) {
        out_.cut = true;
        return;
      }
      const std::uint32_t name = *image_.file.U32(entry), child = *image_.file.U32(entry + 4);
      const bool folder = (child & 0x80000000) != 0;
      if (level == 3) {
        if (!folder && (name & 0x80000000) == 0) Language(static_cast<std::uint16_t>(name), entry);
        if (!folder && type == kTypeVersion) Version(child);
      } else if (folder) {
        Node(child & 0x7FFFFFFF, level + 1, level == 1 ? name : type);
      }
    }
  }

 private:
  static constexpr std::uint32_t kTypeVersion = 16;

  // A leaf: RVA and size of the bytes.
  void Version(std::uint32_t relative) {
    const auto leaf = image_.Offset(std::uint64_t{image_.directories[PeImage::kResources].address} + relative);
    if (!leaf || !image_.file.Contains(*leaf, 16) || out_.versions.size() == kMaxVersionResources) return;
    const auto offset = image_.Offset(*image_.file.U32(*leaf));
    const std::uint32_t size = *image_.file.U32(*leaf + 4);
    if (offset && image_.file.Contains(*offset, size)) out_.versions.push_back({*offset, size});
  }
  void Language(std::uint16_t id, std::uint64_t offset) {
    if ((id & 0x3FF) == 0) return;  // neutral
    const bool known =
        std::any_of(out_.languages.begin(), out_.languages.end(), [&](const PeLanguage& l) { return l.id == id; });
    if (!known && out_.languages.size() < 256) out_.languages.push_back({id, offset});
  }

  const PeImage& image_;
  PeResources& out_;
  std::size_t entries_ = 0;
};

}  // namespace

PeResources ReadPeResources(const PeImage& image) {
  PeResources resources;
  if (image.directories[PeImage::kResources].address != 0) Walk(image, resources).Node(0, 1);
  return resources;
}

std::string ResourceLanguageName(std::uint16_t langid) {
  for (const LanguageName& language : kRegional)
    if (language.id == langid) return language.name;
  for (const LanguageName& language : kPrimary)
    if (language.id == (langid & 0x3FF)) return language.name;
  return "";
}

}  // namespace ascribe
