// A Mach-O file as code analysis sees it: sections, imports with the slots that calls go through, exports, function
// starts.

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "binary/eh_frame.h"
#include "binary/executable.h"
#include "binary/go_table.h"
#include "binary/macho_image.h"
#include "binary/macho_remarks.h"

namespace ascribe {
namespace {

// Pointers of all sections that hold imports or functions. Applications have some 100,000; forged sections overlap, and
// 255 of them over one large file would take minutes.
constexpr std::uint64_t kMaxMachOPointers = 4'000'000;
constexpr std::uint32_t kLocalIndirect = 0x8000'0000, kAbsoluteIndirect = 0x4000'0000;

struct Symbol {
  std::uint32_t name = 0;
  std::uint8_t type = 0, section = 0;
  std::uint16_t description = 0;
  std::uint64_t value = 0;

  [[nodiscard]] bool debugging() const { return (type & 0xE0) != 0; }
  [[nodiscard]] bool external() const { return (type & 1) != 0; }
  [[nodiscard]] bool hidden() const { return (type & 0x10) != 0; }
  [[nodiscard]] bool undefined() const { return (type & 0xE) == 0; }
  [[nodiscard]] bool in_section() const { return (type & 0xE) == 0xE; }
  /// A label inside of a function that the linker keeps with it.
  [[nodiscard]] bool second_entry() const { return (description & 0x200) != 0; }
};

Architecture ArchitectureOf(std::uint32_t cpu) {
  switch (cpu) {
    case MachOImage::kX86:
      return Architecture::kX86;
    case MachOImage::kX64:
      return Architecture::kX64;
    case MachOImage::kArm:
      return Architecture::kArm;
    case MachOImage::kArm64:
      return Architecture::kArm64;
    case MachOImage::kPpc:
    case MachOImage::kPpc64:
      return Architecture::kPowerPc;
    default:
      return Architecture::kOther;
  }
}

class Reading {
 public:
  explicit Reading(MachOImage image) : image_(std::move(image)) {}

  Executable Read() {
    out_.file = image_.file;
    out_.format = BinaryFormat::kMachO;
    out_.architecture = ArchitectureOf(image_.cpu);
    out_.is_64 = image_.slice.wide;
    out_.big_endian = image_.slice.big;
    out_.image_base = image_.base;
    out_.oddities = image_.oddities;
    Sections();
    if (image_.entry) {
      out_.entry = Code(*image_.entry);
      EntrySegment();
      Start(out_.entry, FunctionSource::kEntry);
    }
    Symbols();
    Pointers();
    FunctionStarts();
    for (const BinarySection& s : out_.sections) {
      if (!s.name.ends_with(",__eh_frame") || image_.file_type == MachOImage::kObject) continue;
      ReadEhFrames(image_.slice.With(s.bytes), s.address, false, out_.starts);
      break;
    }
    if (const auto go = FindGoTable(out_)) ReadGoFunctions(*go, out_);
    AddMachORemarks(image_, out_);
    if (out_.starts.size() >= kMaxFunctionStarts || out_.imports.size() >= kMaxBinaryNames ||
        out_.exports.size() >= kMaxBinaryNames || name_bytes_ > kMaxBinaryNameBytes)
      out_.oddities.emplace_back("more functions or names than are read");
    Arrange(out_);
    return std::move(out_);
  }

 private:
  // ARM marks addresses of Thumb code with bit 0.
  [[nodiscard]] std::uint64_t Code(std::uint64_t address) const {
    return image_.cpu == MachOImage::kArm ? address & ~std::uint64_t{1} : address;
  }
  void Start(std::uint64_t address, FunctionSource source) {
    if (out_.starts.size() < kMaxFunctionStarts) out_.starts.push_back({Code(address), 0, source});
  }

  [[nodiscard]] BinarySection SegmentAsSection(const MachOSegment& s) const {
    BinarySection section;
    section.name = s.name;
    section.address = s.address;
    section.virtual_size = s.size;
    section.offset = image_.slice_offset + s.offset;
    section.bytes = image_.Held(s.offset, std::min(s.file_size, s.size));
    section.executable = (s.protection & MachOImage::kExecute) != 0;
    section.writable = (s.protection & MachOImage::kWrite) != 0;
    return section;
  }

  void Sections() {
    std::size_t beyond = 0;
    for (const MachOSection& s : image_.sections) {
      if (s.size == 0) continue;
      const bool zeros = s.type() == MachOImage::kZeroFill || s.type() == MachOImage::kLargeZeroFill ||
                         s.type() == MachOImage::kThreadZeroFill;
      BinarySection section;
      section.name = s.name;
      section.address = s.address;
      section.virtual_size = s.size;
      section.offset = image_.slice_offset + s.offset;
      if (!zeros) {
        section.bytes = image_.Held(s.offset, s.size);
        beyond += section.bytes.size() < s.size ? 1 : 0;
      }
      section.executable = (s.flags & (MachOImage::kInstructionsOnly | MachOImage::kSomeInstructions)) != 0;
      section.writable = (image_.segments[s.segment].protection & MachOImage::kWrite) != 0;
      out_.sections.push_back(std::move(section));
    }
    // The tables of the linker are no part of the program; segments without sections otherwise are.
    for (const MachOSegment& s : image_.segments)
      if (s.sections == 0 && s.file_size > 0 && s.size > 0 &&
          (s.name != "__LINKEDIT" || (s.protection & MachOImage::kExecute) != 0))
        out_.sections.push_back(SegmentAsSection(s));
    if (beyond > 0) out_.oddities.emplace_back("sections beyond the end of the file: cut off, or made by hand");
    SortSections();
  }

  void SortSections() {
    std::stable_sort(out_.sections.begin(), out_.sections.end(),
                     [](const BinarySection& a, const BinarySection& b) { return a.address < b.address; });
  }

  // The loader looks at segments only: a program that begins in none of its code sections hides them.
  void EntrySegment() {
    const BinarySection* section = out_.SectionAt(out_.entry);
    if (section != nullptr && section->executable) return;
    for (const MachOSegment& s : image_.segments) {
      if ((s.protection & MachOImage::kExecute) == 0 || out_.entry < s.address || out_.entry - s.address >= s.size)
        continue;
      std::erase_if(out_.sections,
                    [&](const BinarySection& x) { return x.address >= s.address && x.address - s.address < s.size; });
      out_.sections.push_back(SegmentAsSection(s));
      out_.oddities.emplace_back("the program begins outside of its code sections: the segment is used");
      SortSections();
      return;
    }
  }

  [[nodiscard]] std::optional<Symbol> SymbolAt(std::uint64_t index) const {
    const std::uint64_t step = symbols_.wide ? 16 : 12, at = step * index;
    if (!symbols_.bytes.Contains(at, step)) return std::nullopt;
    return Symbol{*symbols_.U32(at), *symbols_.U8(at + 4), *symbols_.U8(at + 5), *symbols_.U16(at + 6),
                  *symbols_.Word(at + 8)};
  }
  [[nodiscard]] BinaryRange PlaceOf(std::string_view text) const {
    return {static_cast<std::uint64_t>(text.data() - image_.file.text().data()), text.size()};
  }
  // Without the underscore that the platform puts before every name of C, so that names are those of other formats. All
  // share one budget: a forged table names the same kilobytes again and again, and looking for the end of a name that
  // has none costs as much as a name.
  std::optional<std::string_view> Named(const Symbol& symbol, std::size_t more = 0) {
    if (name_bytes_ > kMaxBinaryNameBytes) return std::nullopt;
    auto name = TerminatedText(strings_, symbol.name, kMaxBinaryName);
    name_bytes_ += name ? name->size() + more : symbol.name < strings_.size() ? kMaxBinaryName : 0;
    if (!name || name->empty()) return std::nullopt;
    if (name->size() > 1 && name->front() == '_') name->remove_prefix(1);
    return name;
  }

  void Import(std::uint64_t slot, const Symbol& symbol) {
    if (out_.imports.size() >= kMaxBinaryNames) return;
    std::string_view library;
    const std::size_t number = symbol.description >> 8;  // 0 is this image, 254 and 255 any
    if (image_.two_levels && number >= 1 && number <= image_.libraries.size() && number < 254)
      library = image_.libraries[number - 1];
    library = library.substr(library.rfind('/') + 1);
    if (const auto name = Named(symbol, library.size()))
      out_.imports.push_back({slot, AsciiLower(library), std::string(*name), PlaceOf(*name)});
  }

  void Symbols() {
    const std::uint64_t step = image_.slice.wide ? 16 : 12;
    symbols_ = image_.slice.With(image_.Held(image_.symbols.offset, step * image_.symbols.size));
    strings_ = image_.Held(image_.strings.offset, image_.strings.size);
    for (std::uint64_t i = 0; const auto symbol = SymbolAt(i); ++i) {
      if (symbol->debugging()) continue;
      if (symbol->undefined()) {  // objects have no slots yet
        if (image_.file_type == MachOImage::kObject && symbol->external()) Import(0, *symbol);
        continue;
      }
      if (!symbol->in_section()) continue;
      const bool code = symbol->section >= 1 && symbol->section <= image_.sections.size() &&
                        (image_.sections[symbol->section - 1].flags &
                         (MachOImage::kInstructionsOnly | MachOImage::kSomeInstructions)) != 0;
      if (code && !symbol->second_entry()) Start(symbol->value, FunctionSource::kSymbol);
      if (!symbol->external() || symbol->hidden()) continue;
      const auto name = out_.exports.size() < kMaxBinaryNames ? Named(*symbol) : std::nullopt;
      if (!name) continue;
      if (code) Start(symbol->value, FunctionSource::kExport);
      out_.exports.push_back({code ? Code(symbol->value) : symbol->value, std::string(*name), PlaceOf(*name)});
    }
  }

  void Pointers() {
    const EndianView indirect =
        image_.slice.With(image_.Held(image_.indirect_symbols.offset, 4 * image_.indirect_symbols.size));
    std::uint64_t left = kMaxMachOPointers;
    for (const MachOSection& s : image_.sections) {
      const std::uint64_t step = s.type() == MachOImage::kInitOffsets ? 4 : image_.slice.word_size();
      const std::uint64_t count = std::min(s.size / step, left);
      const EndianView held = image_.slice.With(image_.Held(s.offset, s.size));
      switch (s.type()) {
        case MachOImage::kPointers:
        case MachOImage::kLazyPointers:
        case MachOImage::kLazyLibraryPointers:
          for (std::uint64_t i = 0; i < count; ++i, --left) {
            const auto index = indirect.U32(4 * (s.first_indirect + i));
            if (!index) break;
            if ((*index & (kLocalIndirect | kAbsoluteIndirect)) != 0) continue;
            const auto symbol = SymbolAt(*index);
            if (symbol && symbol->undefined() && !symbol->debugging()) Import(s.address + step * i, *symbol);
          }
          break;
        case MachOImage::kInitPointers:
        case MachOImage::kTermPointers:
        case MachOImage::kInitOffsets:
          for (std::uint64_t i = 0; i < count; ++i, --left) {
            const auto value = step == 4 ? std::optional<std::uint64_t>(held.U32(4 * i)) : held.Word(step * i);
            if (!value) break;
            Start(s.type() == MachOImage::kInitOffsets ? image_.base + *value : *value, FunctionSource::kEntry);
          }
          break;
        default:
          break;
      }
    }
  }

  // Distances from one function to the next, the first from the header, seven bits a byte, up to a zero.
  void FunctionStarts() {
    const ByteView bytes = image_.Held(image_.function_starts.offset, image_.function_starts.size);
    std::uint64_t address = image_.base, distance = 0;
    unsigned shift = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const std::uint8_t byte = *bytes.U8(i);
      if (shift < 64) distance |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      shift += 7;
      if ((byte & 0x80) != 0) continue;
      if (distance == 0) return;
      address += distance;
      Start(image_.slice.Wrap(address), FunctionSource::kUnwind);
      distance = shift = 0;
    }
  }

  const MachOImage image_;
  Executable out_;
  EndianView symbols_;
  ByteView strings_;
  std::size_t name_bytes_ = 0;
};

}  // namespace

Result<Executable> ParseMachO(ByteView file) {
  Result<MachOImage> image = ParseMachOImage(file);
  if (!image) return tl::unexpected<Error>(std::move(image).error());
  return Reading(std::move(*image)).Read();
}

}  // namespace ascribe
