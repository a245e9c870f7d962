#include "binary/pe_image.h"

#include <fmt/format.h>

#include <algorithm>

namespace ascribe {
namespace {

constexpr std::uint32_t kPeMagic = 0x00004550;  // "PE\0\0"
constexpr std::uint16_t kPe32 = 0x10B, kPe32Plus = 0x20B;

void ReadSections(PeImage& image, std::uint64_t at, std::size_t count) {
  if (count > kMaxPeSections) {
    image.oddities.push_back(fmt::format("{} sections, only the first {} are read", count, kMaxPeSections));
    count = kMaxPeSections;
  }
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < count; ++i, at += 40) {
    if (!image.file.Contains(at, 40)) {
      image.oddities.push_back(fmt::format("section table ends after {} of {} entries", i, count));
      break;
    }
    PeSection s;
    const std::string_view name = image.file.text().substr(static_cast<std::size_t>(at), 8);
    s.name = name.substr(0, name.find('\0'));
    s.virtual_size = image.file.U32(at + 8).value_or(0);
    s.address = image.file.U32(at + 12).value_or(0);
    s.raw_size = image.file.U32(at + 16).value_or(0);
    s.raw_offset = image.file.U32(at + 20).value_or(0);
    s.flags = image.file.U32(at + 36).value_or(0);
    if (s.raw_size > 0 && !image.file.Contains(s.raw_offset, s.raw_size)) ++beyond;
    image.sections.push_back(s);
  }
  if (beyond > 0)
    image.oddities.push_back(fmt::format("{} section{} beyond the end of the file: cut off, or made by hand", beyond,
                                         beyond == 1 ? "" : "s"));
}

}  // namespace

std::optional<std::uint64_t> PeImage::Offset(std::uint64_t rva) const {
  for (const PeSection& s : sections) {
    const std::uint64_t size = std::max(s.virtual_size, s.raw_size);
    if (rva < s.address || rva - s.address >= size) continue;
    const std::uint64_t delta = rva - s.address;
    if (delta >= s.raw_size || !file.Contains(RawOffset(s) + delta, 1)) return std::nullopt;
    return RawOffset(s) + delta;
  }
  if (rva < headers_size && file.Contains(rva, 1)) return rva;
  return std::nullopt;
}

std::optional<std::string_view> PeImage::Text(std::uint64_t rva, std::size_t limit) const {
  const auto offset = Offset(rva);
  if (!offset) return std::nullopt;
  const std::string_view rest = file.text().substr(static_cast<std::size_t>(*offset), limit);
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return rest.substr(0, end);
}

std::string_view PeImage::MachineName() const {
  switch (machine) {
    case 0x014C:
      return "x86";
    case 0x8664:
      return "x64";
    case 0x01C0:
    case 0x01C4:
      return "arm";
    case 0xAA64:
      return "arm64";
    case 0x0200:
      return "ia64";
    default:
      return "unknown";
  }
}

std::uint64_t PeImage::EndOfSections() const {
  std::uint64_t end = std::min<std::uint64_t>(headers_size, file.size());
  for (const PeSection& s : sections)
    if (s.raw_size > 0) end = std::max(end, std::min<std::uint64_t>(RawOffset(s) + s.raw_size, file.size()));
  return end;
}

Result<PeImage> ParsePeImage(ByteView file) {
  PeImage image;
  image.file = file;
  if (!file.text().starts_with("MZ")) return Fail(ErrorCode::kInvalidInput, "does not begin with MZ");
  const auto header = file.U32(0x3C);
  if (!header) return Fail(ErrorCode::kInvalidInput, "ends within the DOS header");
  image.header_offset = *header;
  const std::uint64_t coff = std::uint64_t{*header} + 4, optional = coff + 20;
  if (file.U32(*header) != kPeMagic)
    return Fail(ErrorCode::kInvalidInput, "has no PE header: a DOS program, or cut off");
  if (!file.Contains(coff, 20)) return Fail(ErrorCode::kInvalidInput, "ends within the COFF header");
  image.machine = *file.U16(coff);
  const std::uint16_t section_count = *file.U16(coff + 2);
  image.time_stamp = *file.U32(coff + 4);
  image.symbols_offset = *file.U32(coff + 8);
  image.symbol_count = *file.U32(coff + 12);
  const std::uint16_t optional_size = *file.U16(coff + 16);
  const auto magic = file.U16(optional);
  if (!magic || (*magic != kPe32 && *magic != kPe32Plus))
    return Fail(ErrorCode::kInvalidInput, "has no PE32 or PE32+ optional header");
  image.plus = *magic == kPe32Plus;
  const std::uint64_t directories = optional + (image.plus ? 112 : 96);
  if (!file.Contains(optional, directories - optional))
    return Fail(ErrorCode::kInvalidInput, "ends within the optional header");
  image.linker_major = *file.U8(optional + 2);
  image.linker_minor = *file.U8(optional + 3);
  image.entry = *file.U32(optional + 16);
  image.image_base = image.plus ? *file.U64(optional + 24) : *file.U32(optional + 28);
  image.headers_size = *file.U32(optional + 60);
  const std::uint32_t directory_count = std::min<std::uint32_t>(*file.U32(directories - 4), 16);
  for (std::uint32_t i = 0; i < directory_count; ++i) {
    const auto address = file.U32(directories + 8 * i), size = file.U32(directories + 8 * i + 4);
    if (!address || !size) {
      image.oddities.push_back(fmt::format("data directories end after {} of {}", i, directory_count));
      break;
    }
    image.directories[i] = {*address, *size};
  }
  ReadSections(image, optional + optional_size, section_count);
  return image;
}

}  // namespace ascribe
