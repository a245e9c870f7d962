#include "binary/pe_remarks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "binary/remark.h"

namespace ascribe {
namespace {

std::string BoundTo(std::string_view library, std::uint32_t stamp) {
  return fmt::format("bound import: {} of {}", AsciiLower(library), Time{stamp, Time::Precision::kSecond}.ToString());
}

// Entries of eight bytes: time stamp, place of the name counted from the directory, number of libraries that calls are
// forwarded to, which follow in the same form (PE/COFF specification, "bound import table").
void BoundImports(const PeImage& image, Executable& out) {
  const PeDirectory directory = image.directories[PeImage::kBoundImports];
  // Linkers put the table behind the headers, where offsets in the file and in memory are the same.
  const auto table = directory.address == 0 ? std::nullopt : image.Offset(directory.address);
  if (!table) return;
  for (std::size_t i = 0; i < kMaxPeBoundImports && image.file.Contains(*table + 8 * i, 8); ++i) {
    const std::uint32_t stamp = *image.file.U32(*table + 8 * i);
    const std::uint16_t name = *image.file.U16(*table + 8 * i + 4);
    if (stamp == 0 && name == 0) return;
    const auto text = image.Text(std::uint64_t{directory.address} + name, 256);  // a file name
    if (text && !text->empty()) AddRemark(out, BoundTo(*text, stamp), {*table + 8 * i, 8});
  }
}

// Linkers before 1996 wrote the stamp into the import descriptor itself.
void OldBoundImports(const PeImage& image, Executable& out) {
  const PeDirectory directory = image.directories[PeImage::kImports];
  if (directory.address == 0) return;
  for (std::size_t i = 0; i < kMaxPeBoundImports; ++i) {
    const auto entry = image.Offset(std::uint64_t{directory.address} + 20 * i);
    if (!entry || !image.file.Contains(*entry, 20) || *image.file.U32(*entry + 12) == 0) return;
    const std::uint32_t stamp = *image.file.U32(*entry + 4);
    const auto text = image.Text(*image.file.U32(*entry + 12), 256);
    if (stamp != 0 && stamp != 0xFFFFFFFF && text && !text->empty())
      AddRemark(out, BoundTo(*text, stamp), {*entry, 20});
  }
}

}  // namespace

std::vector<BinaryRange> PeOverlay(const PeImage& image) {
  const std::uint64_t size = image.file.size();
  std::uint64_t at = image.EndOfSections();
  if (image.symbols_offset == at && image.symbol_count != 0) {
    const std::uint64_t strings = at + std::uint64_t{18} * image.symbol_count;
    const std::uint64_t length = image.file.U32(strings).value_or(0);
    at = std::min(strings + length, size);
  }
  std::vector<BinaryRange> ranges;
  const auto add = [&](std::uint64_t from, std::uint64_t to) {
    const std::string_view bytes =
        image.file.text().substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
    // Certificates begin at a multiple of eight bytes.
    if (!bytes.empty() && (bytes.size() >= 8 || bytes.find_first_not_of('\0') != std::string_view::npos))
      ranges.push_back({from, to - from});
  };
  const PeDirectory table = image.directories[PeImage::kCertificates];
  if (table.size != 0 && table.address >= at && image.file.Contains(table.address, table.size)) {
    add(at, table.address);
    at = std::uint64_t{table.address} + table.size;
  }
  add(at, size);
  return ranges;
}

void AddPeRemarks(const PeImage& image, Executable& out) {
  BoundImports(image, out);
  OldBoundImports(image, out);
  for (const BinaryRange& range : PeOverlay(image)) AddRemark(out, fmt::format("overlay: {} bytes", range.size), range);
}

}  // namespace ascribe
