#include "binary/pe_clr.h"

#include <algorithm>

namespace ascribe {
namespace {

constexpr std::uint32_t kHeaderSize = 72, kMetadataMagic = 0x424A5342;  // "BSJB"

}  // namespace

std::optional<PeClr> ReadPeClr(const PeImage& image) {
  const PeDirectory directory = image.directories[PeImage::kClr];
  const auto header = directory.address == 0 ? std::nullopt : image.Offset(directory.address);
  if (!header || !image.file.Contains(*header, kHeaderSize)) return std::nullopt;
  const auto root = image.Offset(*image.file.U32(*header + 8));
  if (!root || image.file.U32(*root) != kMetadataMagic) return std::nullopt;
  const auto length = image.file.U32(*root + 12);
  if (!length || *length == 0 || *length > kMaxClrRuntime + 1 || !image.file.Contains(*root + 16, *length))
    return std::nullopt;
  PeClr clr;
  clr.offset = *header;
  clr.flags = *image.file.U32(*header + kPeClrFlags);
  clr.runtime_offset = *root + 16;
  clr.runtime = image.file.text().substr(static_cast<std::size_t>(clr.runtime_offset), *length);
  clr.runtime = clr.runtime.substr(0, clr.runtime.find('\0'));
  return clr;
}

}  // namespace ascribe
