#include "container/carve.h"

#include <algorithm>
#include <optional>

#include "binary/elf_image.h"
#include "binary/macho_image.h"
#include "binary/pe_image.h"

namespace ascribe {
namespace {

// Headers of a PE that are decoded to judge it: stub, optional header and 96 sections.
constexpr std::size_t kPeHeaders = kMaxDosStub + 8192;

struct Extent {
  std::uint64_t end = 0;
  std::size_t work = 0;  // entries of tables that were read
  bool good = false;
};

// a + b, or the largest number: forged sizes wrap around.
std::uint64_t Add(std::uint64_t a, std::uint64_t b) { return a + b < a ? ~std::uint64_t{0} : a + b; }

Extent PeExtent(ByteView headers) {
  Extent extent{0, 1, false};
  const auto image = ParsePeImage(headers);
  if (!image || image->MachineName() == "unknown" || image->sections.empty()) return extent;
  extent.work += image->sections.size();
  extent.end = Add(image->header_offset, 4);
  extent.end = std::max<std::uint64_t>(extent.end, image->headers_size);
  for (const PeSection& s : image->sections)
    if (s.raw_size > 0) extent.end = std::max(extent.end, PeImage::RawOffset(s) + s.raw_size);
  // Signatures follow the sections, aligned to 8. One that claims to lie elsewhere is left to the overlay.
  const PeDirectory& certificate = image->directories[PeImage::kCertificates];
  if (certificate.size > 0 && certificate.address >= extent.end && certificate.address - extent.end < 4096)
    extent.end = std::uint64_t{certificate.address} + certificate.size;
  extent.good = true;
  return extent;
}

Extent ElfExtent(ByteView rest) {
  Extent extent{0, 1, false};
  const auto klass = rest.U8(4), order = rest.U8(5), version = rest.U8(6);
  if (!klass || *klass < 1 || *klass > 2 || !order || *order < 1 || *order > 2 || version != 1) return extent;
  const bool wide = *klass == 2;
  const EndianView view{rest, *order == 2, wide};
  const auto header_size = view.U16(wide ? 0x34 : 0x28);
  const auto type = view.U16(0x10);
  if (header_size != (wide ? 64 : 52) || !type || *type < 1 || *type > 4) return extent;
  const auto image = ParseElfImage(rest);
  if (!image) return extent;
  extent.work += image->segments.size() + image->sections.size();
  if (image->machine == 0 || (image->segments.empty() && image->sections.empty())) return extent;
  extent.end = *header_size;
  const auto table = [&](unsigned at, unsigned size_at, std::uint64_t count) {
    const auto offset = view.Word(at);
    const auto size = view.U16(size_at);
    if (offset && size && count > 0) extent.end = std::max(extent.end, Add(*offset, count * *size));
  };
  table(wide ? 0x20 : 0x1C, wide ? 0x36 : 0x2A, image->segments.size());
  table(wide ? 0x28 : 0x20, wide ? 0x3A : 0x2E, image->sections.size());
  for (const ElfSegment& s : image->segments)
    if (s.file_size > 0) extent.end = std::max(extent.end, Add(s.offset, s.file_size));
  for (const ElfSection& s : image->sections)
    if (s.type != ElfImage::kNoBits && s.type != 0) extent.end = std::max(extent.end, Add(s.offset, s.size));
  extent.good = true;
  return extent;
}

Extent MachOExtent(ByteView rest) {
  Extent extent{0, 1, false};
  const auto image = ParseMachOImage(rest);
  if (!image) return extent;
  extent.work += image->segments.size() + image->sections.size() + image->libraries.size();
  if (image->segments.empty() || image->file_type == 0 || image->file_type > 12) return extent;
  const auto reach = [&](std::uint64_t offset, std::uint64_t size) {
    if (size > 0) extent.end = std::max(extent.end, Add(offset, size));
  };
  for (const MachOSegment& s : image->segments) reach(s.offset, s.file_size);
  if (image->symbols.size < (std::uint64_t{1} << 32))
    reach(image->symbols.offset, image->symbols.size * (image->slice.wide ? 16 : 12));
  reach(image->strings.offset, image->strings.size);
  extent.good = extent.end > 0;
  return extent;
}

bool IsThinMachO(std::uint32_t magic) {
  return magic == 0xFEED'FACE || magic == 0xFEED'FACF || magic == 0xCEFA'EDFE || magic == 0xCFFA'EDFE;
}

// First byte after the parts of a fat Mach-O file; 1 for any other: its first byte belongs to itself.
std::uint64_t Start(ByteView file) {
  const EndianView view{file, true, false};
  const auto magic = view.U32(0), count = view.U32(4);
  if ((magic != 0xCAFE'BABE && magic != 0xCAFE'BABF) || !count || !ParseMachOImage(file)) return 1;
  const bool wide = *magic == 0xCAFE'BABF;
  std::uint64_t end = 8;
  for (std::uint32_t i = 0; i < std::min(*count, kMaxMachOSlices); ++i) {
    const std::uint64_t at = 8 + std::uint64_t{i} * (wide ? 32 : 20) + 8;
    const EndianView words = EndianView{file, true, wide};
    const auto offset = words.Word(at), size = words.Word(at + words.word_size());
    if (offset && size) end = std::max(end, Add(*offset, *size));
  }
  return std::min<std::uint64_t>(end, file.size());
}

Bytes Decode(ByteView bytes, std::uint8_t key) {
  Bytes out(bytes.data(), bytes.data() + bytes.size());
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(byte ^ key);
  return out;
}

// MZ at `at` under `key`: the offset of PE must lead to "PE\0\0" under the same key. Six equal bytes in known places
// are no chance; all else is judged by the reader of PE.
std::optional<Extent> PeAt(ByteView file, std::uint64_t at, std::uint8_t key) {
  const std::uint32_t mask = key * 0x01010101u;
  const auto field = file.U32(at + 0x3C);
  if (!field) return std::nullopt;
  const std::uint32_t header = *field ^ mask;
  if (header < 4 || header > kMaxDosStub) return std::nullopt;
  const auto magic = file.U32(at + header);
  if (!magic || (*magic ^ mask) != 0x0000'4550) return std::nullopt;
  const ByteView rest = *file.Slice(at, std::min<std::uint64_t>(file.size() - at, kPeHeaders));
  return key == 0 ? PeExtent(rest) : PeExtent(Decode(rest, key));
}

}  // namespace

Carving FindImages(ByteView file) {
  Carving out;
  if (file.size() < 64) return out;
  const std::uint8_t* bytes = file.data();
  constexpr std::uint8_t kMToZ = 'M' ^ 'Z';
  std::size_t work = 0;
  for (std::uint64_t at = Start(file); at + 64 <= file.size(); ++at) {
    const std::uint8_t first = bytes[at], second = bytes[at + 1];
    std::optional<Extent> extent;
    CarvedImage image;
    if ((first ^ second) == kMToZ) {
      image.key = first ^ 'M';
      extent = PeAt(file, at, image.key);
    } else if (first == 0x7F && second == 'E' && bytes[at + 2] == 'L' && bytes[at + 3] == 'F') {
      image.format = BinaryFormat::kElf;
      extent = ElfExtent(*file.Slice(at, file.size() - at));
    } else if ((first == 0xFE || first == 0xCE || first == 0xCF) && IsThinMachO(*file.U32(at))) {
      image.format = BinaryFormat::kMachO;
      extent = MachOExtent(*file.Slice(at, file.size() - at));
    }
    if (!extent) continue;
    work += extent->work;
    if (extent->good) {
      image.offset = at;
      image.size = std::min<std::uint64_t>(extent->end, file.size() - at);
      image.cut = image.size < extent->end;
      out.images.push_back(image);
      at += std::max<std::uint64_t>(image.size, 1) - 1;
    }
    if (work > kMaxCarveWork || out.images.size() == kMaxCarvedImages) {
      out.limit = at + 64 < file.size();
      break;
    }
  }
  return out;
}

Bytes DecodeImage(ByteView file, const CarvedImage& image) {
  const auto bytes = file.Slice(image.offset, image.size);
  return bytes ? Decode(*bytes, image.key) : Bytes{};
}

}  // namespace ascribe
