#include "binary/elf_image.h"

#include <fmt/format.h>

#include <algorithm>

namespace ascribe {
namespace {

constexpr std::uint16_t kManySegments = 0xFFFF, kManySections = 0xFFFF;  // PN_XNUM, SHN_XINDEX
// Overlapping segments exist in hostile files only: looking back at the nearest few keeps a look-up short.
constexpr int kLookBack = 4;

class Reading {
 public:
  explicit Reading(ByteView file) { image_.file.bytes = file; }

  Result<ElfImage> Read() {
    TRY(Header());
    const auto& f = image_.file;
    const bool wide = f.wide;
    const std::uint64_t segments_at = *f.Word(wide ? 32 : 28), sections_at = *f.Word(wide ? 40 : 32);
    const std::uint64_t tail = wide ? 52 : 40;  // e_ehsize and what follows
    std::uint64_t segment_count = *f.U16(tail + 4), section_count = *f.U16(tail + 8), names = *f.U16(tail + 10);
    const std::uint64_t segment_size = *f.U16(tail + 2), section_size = *f.U16(tail + 6);
    // Counts that 16 bits cannot hold stand in the first section header.
    const auto first = sections_at == 0 ? std::nullopt : SectionHeader(sections_at);
    if (first) {
      if (segment_count == kManySegments && first->info != 0) segment_count = first->info;
      if (section_count == 0) section_count = first->size;
      if (names == kManySections) names = first->link;
    }
    Segments(segments_at, segment_count, segment_size);
    Sections(sections_at, section_count, section_size, names);
    if (image_.type == ElfImage::kObject) {
      LayOut();
    } else if (Contradicts()) {
      image_.sections.clear();
      image_.oddities.emplace_back("the section table contradicts the segments: the segments are used");
    }
    return std::move(image_);
  }

 private:
  Status Header() {
    EndianView& f = image_.file;
    if (!f.bytes.text().starts_with("\177ELF"))
      return Fail(ErrorCode::kInvalidInput, "does not begin with an ELF magic");
    if (!f.bytes.Contains(0, 52)) return Fail(ErrorCode::kInvalidInput, "ends within the ELF header");
    // Linux looks at the machine only, so programs run with any class and byte order, and hostile ones use it.
    const std::uint8_t size = *f.U8(4), order = *f.U8(5);
    f.big = order == 2 || (order != 1 && *f.U16(16) > 0xFF);
    image_.type = *f.U16(16);
    image_.machine = *f.U16(18);
    f.wide = size == 2 || (size != 1 && (image_.machine == ElfImage::kX64 || image_.machine == ElfImage::kArm64));
    if ((size != 1 && size != 2) || (order != 1 && order != 2))
      image_.oddities.emplace_back("word size or byte order is not stated: taken from the machine");
    if (!f.bytes.Contains(0, f.wide ? 64 : 52)) return Fail(ErrorCode::kInvalidInput, "ends within the ELF header");
    image_.entry = *f.Word(24);
    return {};
  }

  void Segments(std::uint64_t at, std::uint64_t count, std::uint64_t step) {
    if (at == 0 || count == 0) return;
    const EndianView& f = image_.file;
    const bool wide = f.wide;
    const std::uint64_t fixed = wide ? 56 : 32;
    if (step != fixed) {
      image_.oddities.push_back(fmt::format("segment headers of {} bytes: read as {}", step, fixed));
      step = fixed;
    }
    if (count > kMaxElfSegments) {
      image_.oddities.push_back(fmt::format("{} segments, only the first {} are read", count, kMaxElfSegments));
      count = kMaxElfSegments;
    }
    std::size_t beyond = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t p = at + step * i;
      if (p < at || !f.bytes.Contains(p, fixed)) {
        image_.oddities.push_back(fmt::format("segment table ends after {} of {} entries", i, count));
        break;
      }
      ElfSegment s;
      s.type = *f.U32(p);
      s.flags = *f.U32(p + (wide ? 4 : 24));
      s.offset = *f.Word(p + (wide ? 8 : 4));
      s.address = *f.Word(p + (wide ? 16 : 8));
      s.file_size = *f.Word(p + (wide ? 32 : 16));
      s.memory_size = *f.Word(p + (wide ? 40 : 20));
      image_.segments.push_back(s);
      if (s.type != ElfImage::kLoad) continue;
      if (s.file_size > 0 && !f.bytes.Contains(s.offset, s.file_size)) ++beyond;
      if (s.memory_size == 0) continue;
      // Nothing may wrap around the end of the address space.
      s.memory_size = std::min(s.memory_size, ~std::uint64_t{0} - s.address);
      image_.loads.push_back(s);
    }
    if (beyond > 0)
      image_.oddities.push_back(fmt::format("{} segment{} beyond the end of the file: cut off, or made by hand", beyond,
                                            beyond == 1 ? "" : "s"));
    std::stable_sort(image_.loads.begin(), image_.loads.end(),
                     [](const ElfSegment& a, const ElfSegment& b) { return a.address < b.address; });
  }

  [[nodiscard]] std::optional<ElfSection> SectionHeader(std::uint64_t at) const {
    const EndianView& f = image_.file;
    const bool wide = f.wide;
    if (!f.bytes.Contains(at, wide ? 64 : 40)) return std::nullopt;
    ElfSection s;
    s.name = *f.U32(at);
    s.type = *f.U32(at + 4);
    s.flags = *f.Word(at + 8);
    s.address = *f.Word(at + (wide ? 16 : 12));
    s.offset = *f.Word(at + (wide ? 24 : 16));
    s.size = *f.Word(at + (wide ? 32 : 20));
    s.link = *f.U32(at + (wide ? 40 : 24));
    s.info = *f.U32(at + (wide ? 44 : 28));
    s.alignment = *f.Word(at + (wide ? 48 : 32));
    s.entry_size = *f.Word(at + (wide ? 56 : 36));
    return s;
  }

  void Sections(std::uint64_t at, std::uint64_t count, std::uint64_t step, std::uint64_t names) {
    if (at == 0) return;  // stripped to the segments: not odd enough to tell
    const std::uint64_t fixed = image_.file.wide ? 64 : 40;
    if (!SectionHeader(at)) {
      image_.oddities.emplace_back("the section table lies outside of the file");
      return;
    }
    if (step != fixed && step != 0) {
      image_.oddities.push_back(fmt::format("section headers of {} bytes: read as {}", step, fixed));
    }
    if (count > kMaxElfSections) {
      image_.oddities.push_back(fmt::format("{} sections, only the first {} are read", count, kMaxElfSections));
      count = kMaxElfSections;
    }
    std::size_t beyond = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      auto s = SectionHeader(at + fixed * i);
      if (!s) {
        image_.oddities.push_back(fmt::format("section table ends after {} of {} entries", i, count));
        break;
      }
      if (s->type != ElfImage::kNoBits && i > 0 && s->size > 0 && !image_.file.bytes.Contains(s->offset, s->size))
        ++beyond;
      s->size = std::min(s->size, ~std::uint64_t{0} - s->address);
      image_.sections.push_back(*s);
    }
    if (beyond > 0)
      image_.oddities.push_back(fmt::format("{} section{} beyond the end of the file: cut off, or made by hand", beyond,
                                            beyond == 1 ? "" : "s"));
    if (names < image_.sections.size()) image_.section_names = image_.Held(image_.sections[names]);
    if (image_.section_names.empty() && image_.sections.size() > 1)
      image_.oddities.emplace_back("the sections have no names: their name table is not where the header says");
  }

  // The linker has not given object files addresses yet. Laid out one after the other from 0, in table order.
  void LayOut() {
    std::uint64_t next = 0;
    for (ElfSection& s : image_.sections) {
      if ((s.flags & ElfImage::kSectionAlloc) == 0) continue;
      const std::uint64_t alignment = std::clamp<std::uint64_t>(s.alignment, 1, kMaxElfAlignment);
      next = (next + alignment - 1) / alignment * alignment;
      // A declared size beyond what any machine can address would push the rest out of the address space.
      const std::uint64_t size = std::min(s.size, std::uint64_t{1} << 32);
      s.address = next;
      s.size = size;
      next += size;
    }
  }

  // The loader looks at segments only. A table whose code lies elsewhere than the segments say was made to mislead.
  [[nodiscard]] bool Contradicts() const {
    if (image_.loads.empty()) return false;
    bool entry_in_section = false;
    for (const ElfSection& s : image_.sections) {
      if ((s.flags & ElfImage::kSectionAlloc) == 0 || (s.flags & ElfImage::kSectionExecute) == 0 || s.size == 0)
        continue;
      if (image_.entry >= s.address && image_.entry - s.address < s.size) entry_in_section = true;
      if (s.type == ElfImage::kNoBits) continue;  // separate debugging files keep the headers without the bytes
      const ElfSegment* load = image_.LoadAt(s.address);
      if (load == nullptr || s.offset - load->offset != s.address - load->address) return true;
    }
    const ElfSegment* load = image_.entry == 0 ? nullptr : image_.LoadAt(image_.entry);
    return !image_.sections.empty() && !entry_in_section && load != nullptr && (load->flags & ElfImage::kExecute) != 0;
  }

  ElfImage image_;
};

}  // namespace

const ElfSegment* ElfImage::LoadAt(std::uint64_t address) const {
  auto after = std::upper_bound(loads.begin(), loads.end(), address,
                                [](std::uint64_t a, const ElfSegment& s) { return a < s.address; });
  for (int i = 0; i < kLookBack && after != loads.begin(); ++i) {
    --after;
    if (address - after->address < after->memory_size) return &*after;
  }
  return nullptr;
}

ByteView ElfImage::At(std::uint64_t address) const {
  const ElfSegment* load = LoadAt(address);
  if (load == nullptr) return {};
  const ByteView held = Held(load->offset, std::min(load->file_size, load->memory_size));
  const std::uint64_t delta = address - load->address;
  return delta < held.size() ? *held.Slice(delta, held.size() - delta) : ByteView();
}

std::string_view ElfImage::SectionName(const ElfSection& section) const {
  const auto name = TerminatedText(section_names, section.name, 4096);
  return name ? name->substr(0, 64) : std::string_view();
}

ByteView ElfImage::Held(std::uint64_t offset, std::uint64_t size) const {
  if (offset >= file.bytes.size()) return {};
  return *file.bytes.Slice(offset, std::min<std::uint64_t>(size, file.bytes.size() - offset));
}

ByteView ElfImage::Held(const ElfSection& section) const {
  return section.type == kNoBits ? ByteView() : Held(section.offset, section.size);
}

const ElfSection* ElfImage::FindSection(std::uint32_t section_type) const {
  const auto found =
      std::find_if(sections.begin(), sections.end(), [&](const ElfSection& s) { return s.type == section_type; });
  return found == sections.end() ? nullptr : &*found;
}

Result<ElfImage> ParseElfImage(ByteView file) { return Reading(file).Read(); }

}  // namespace ascribe
