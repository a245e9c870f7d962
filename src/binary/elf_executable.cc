// An ELF file as code analysis sees it: sections or segments, imports with the slots that calls go through, exports,
// function starts.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "binary/eh_frame.h"
#include "binary/elf_dynamic.h"
#include "binary/elf_image.h"
#include "binary/elf_remarks.h"
#include "binary/executable.h"
#include "binary/go_table.h"

namespace ascribe {
namespace {

// Functions that run before and after main, in all arrays together: one a translation unit with constructors, some
// thousands in browsers.
constexpr std::uint64_t kMaxElfArrayFunctions = 65'536;

// The relocation types of a machine that fill slots; 0 (no relocation, on all of them) where it has none.
struct SlotTypes {
  std::uint32_t jump = 0, data = 0, relative = 0, indirect = 0;
};

SlotTypes SlotTypesOf(std::uint16_t machine) {
  switch (machine) {  // JUMP_SLOT, GLOB_DAT, RELATIVE, IRELATIVE of each processor supplement
    case ElfImage::k386:
      return {7, 6, 8, 42};
    case ElfImage::kX64:
      return {7, 6, 8, 37};
    case ElfImage::kArm:
      return {22, 21, 23, 160};
    case ElfImage::kArm64:
      return {1026, 1025, 1027, 1032};
    case ElfImage::kMips:
    case ElfImage::kMipsLittle:
      return {127, 0, 0, 0};
    case ElfImage::kPpc:
    case ElfImage::kPpc64:
      return {21, 20, 22, 248};
    default:
      return {};
  }
}

Architecture ArchitectureOf(std::uint16_t machine) {
  switch (machine) {
    case ElfImage::k386:
      return Architecture::kX86;
    case ElfImage::kX64:
      return Architecture::kX64;
    case ElfImage::kArm:
      return Architecture::kArm;
    case ElfImage::kArm64:
      return Architecture::kArm64;
    case ElfImage::kMips:
    case ElfImage::kMipsLittle:
      return Architecture::kMips;
    case ElfImage::kPpc:
    case ElfImage::kPpc64:
      return Architecture::kPowerPc;
    default:
      return Architecture::kOther;
  }
}

class Reading {
 public:
  explicit Reading(ElfImage image) : image_(std::move(image)), dynamic_(ReadElfDynamic(image_)) {}

  Executable Read() {
    out_.file = image_.file.bytes;
    out_.format = BinaryFormat::kElf;
    out_.architecture = ArchitectureOf(image_.machine);
    out_.is_64 = image_.file.wide;
    out_.big_endian = image_.file.big;
    out_.oddities = image_.oddities;
    if (!image_.loads.empty()) out_.image_base = image_.loads.front().address;
    if (image_.sections.empty())
      Segments();
    else
      Sections();
    go_ = FindGoTable(out_);
    out_.entry = Code(image_.entry);
    if (out_.entry != 0) Start(image_.entry, FunctionSource::kEntry);
    Symbols();
    DynamicSymbols();
    Slots();
    Arrays();
    Unwind();
    if (go_) ReadGoFunctions(*go_, out_);
    AddElfRemarks(image_, dynamic_, out_);
    if (out_.starts.size() >= kMaxFunctionStarts || out_.imports.size() >= kMaxBinaryNames ||
        out_.exports.size() >= kMaxBinaryNames || name_bytes_ > kMaxBinaryNameBytes)
      out_.oddities.emplace_back("more functions or names than are read");
    Arrange(out_);
    return std::move(out_);
  }

 private:
  // ARM marks addresses of Thumb code with bit 0.
  [[nodiscard]] std::uint64_t Code(std::uint64_t address) const {
    return image_.machine == ElfImage::kArm ? address & ~std::uint64_t{1} : address;
  }
  void Start(std::uint64_t address, FunctionSource source, std::uint64_t size = 0) {
    if (out_.starts.size() >= kMaxFunctionStarts) return;
    const std::uint64_t begin = Code(address), end = begin + size;
    // Unwind tables name the section, not the symbol, and so have no mark.
    const bool marked = image_.machine == ElfImage::kArm && source != FunctionSource::kUnwind;
    const CodeMode mode = !marked ? CodeMode::kUnknown : (address & 1) != 0 ? CodeMode::kThumb : CodeMode::kArm;
    out_.starts.push_back({begin, end > begin ? end : 0, source, mode});
  }
  [[nodiscard]] BinaryRange PlaceOf(std::string_view text) const {
    return {static_cast<std::uint64_t>(text.data() - out_.file.text().data()), text.size()};
  }
  // Names share one budget: a forged table names the same kilobytes again and again. Looking for the end of a name that
  // has none costs as much as a name.
  std::optional<std::string_view> Named(const ElfSymbolTable& table, const ElfSymbol& symbol, std::size_t more = 0) {
    if (name_bytes_ > kMaxBinaryNameBytes) return std::nullopt;
    const auto name = table.NameOf(symbol);
    name_bytes_ += name ? name->size() + more : table.names.U8(symbol.name).value_or(0) == 0 ? 0 : kMaxBinaryName;
    return name;
  }

  void Sections() {
    for (const ElfSection& s : image_.sections) {
      if ((s.flags & ElfImage::kSectionAlloc) == 0 || s.size == 0) continue;
      // Thread-local zeros take no addresses, though they state some.
      if ((s.flags & ElfImage::kSectionTls) != 0 && s.type == ElfImage::kNoBits) continue;
      BinarySection section;
      section.name = image_.SectionName(s);
      section.address = s.address;
      section.virtual_size = s.size;
      section.offset = s.offset;
      section.bytes = image_.Held(s);
      section.executable = (s.flags & ElfImage::kSectionExecute) != 0;
      section.writable = (s.flags & ElfImage::kSectionWrite) != 0;
      out_.sections.push_back(std::move(section));
    }
    SortSections();
  }

  void Segments() {
    for (const ElfSegment& s : image_.loads) {
      BinarySection section;
      section.name = fmt::format("LOAD{}", out_.sections.size());
      section.address = s.address;
      section.virtual_size = s.memory_size;
      section.offset = s.offset;
      section.bytes = image_.Held(s.offset, std::min(s.file_size, s.memory_size));
      section.executable = (s.flags & ElfImage::kExecute) != 0;
      section.writable = (s.flags & ElfImage::kWrite) != 0;
      out_.sections.push_back(std::move(section));
    }
  }

  void SortSections() {
    std::stable_sort(out_.sections.begin(), out_.sections.end(),
                     [](const BinarySection& a, const BinarySection& b) { return a.address < b.address; });
  }

  [[nodiscard]] static bool IsFunction(const ElfSymbol& s) {
    return (s.type == ElfSymbolTable::kFunction || s.type == ElfSymbolTable::kIndirectFunction) &&
           s.section != ElfSymbolTable::kUndefined && s.section != ElfSymbolTable::kAbsolute &&
           s.section != ElfSymbolTable::kCommon;
  }

  // The linker's own symbols. In object files their values count from their sections, and what is undefined there is
  // imported, though no slot exists yet.
  void Symbols() {
    const ElfSymbolTable table = ReadElfSymbols(image_, ElfImage::kSymbols);
    const bool object = image_.type == ElfImage::kObject;
    const ElfSection* indices = object ? image_.FindSection(ElfImage::kSymbolIndices) : nullptr;
    const EndianView more = image_.file.With(indices == nullptr ? ByteView() : image_.Held(*indices));
    for (std::uint64_t i = 1; i < table.count; ++i) {
      const ElfSymbol s = *table.At(i);
      if (object && s.section == ElfSymbolTable::kUndefined) {
        if (s.binding == ElfSymbolTable::kLocal || out_.imports.size() >= kMaxBinaryNames) continue;
        if (const auto name = Named(table, s)) out_.imports.push_back({0, std::string(), std::string(*name), PlaceOf(*name)});
      }
      if (!IsFunction(s)) continue;
      if (!object) {
        Start(s.value, FunctionSource::kSymbol, s.size);
        continue;
      }
      const std::uint64_t section = s.section == ElfSymbolTable::kExtended ? more.U32(4 * i).value_or(0) : s.section;
      if (section < image_.sections.size())
        Start(image_.sections[section].address + s.value, FunctionSource::kSymbol, s.size);
    }
  }

  void DynamicSymbols() {
    ElfSymbolTable table = dynamic_.symbols;
    if (table.count == 0 && image_.type != ElfImage::kObject) table = ReadElfSymbols(image_, ElfImage::kDynamicSymbols);
    for (std::uint64_t i = 1; i < table.count; ++i) {
      const ElfSymbol s = *table.At(i);
      if (IsFunction(s)) Start(s.value, FunctionSource::kSymbol, s.size);
      const bool bound = s.binding == ElfSymbolTable::kGlobal || s.binding == ElfSymbolTable::kWeak ||
                         s.binding == ElfSymbolTable::kUnique;
      const bool visible = s.visibility == 0 || s.visibility == 3;  // default, protected
      // Absolute symbols name versions, not addresses.
      const bool defined = s.section != ElfSymbolTable::kUndefined && s.section != ElfSymbolTable::kAbsolute &&
                           s.section != ElfSymbolTable::kCommon;
      if (!bound || !visible || !defined || (!IsFunction(s) && s.type > ElfSymbolTable::kObject)) continue;
      const auto name = out_.exports.size() < kMaxBinaryNames ? Named(table, s) : std::nullopt;
      if (!name) continue;
      const std::uint64_t address = IsFunction(s) ? Code(s.value) : s.value;
      if (IsFunction(s)) Start(s.value, FunctionSource::kExport, s.size);
      out_.exports.push_back({address, std::string(*name), PlaceOf(*name)});
    }
  }

  void Import(std::uint64_t slot, std::uint64_t index) {
    if (index == 0 || out_.imports.size() >= kMaxBinaryNames) return;
    const auto symbol = dynamic_.symbols.At(index);
    if (!symbol || symbol->section != ElfSymbolTable::kUndefined) return;
    const std::string_view path = dynamic_.LibraryOf(index);
    const std::string_view library = path.substr(path.rfind('/') + 1);
    if (const auto name = Named(dynamic_.symbols, *symbol, library.size()))
      out_.imports.push_back({image_.file.Wrap(slot), AsciiLower(library), std::string(*name), PlaceOf(*name)});
  }

  void Slots() {
    const SlotTypes types = SlotTypesOf(image_.machine);
    for (const ElfRelocations& table : dynamic_.relocations) {
      for (std::uint64_t i = 0; i < table.count(); ++i) {
        const ElfRelocation r = table.At(i);
        if (r.type == 0) continue;
        if (go_ && r.type == types.relative && r.address == go_->text_word && r.addend) go_->text = *r.addend;
        if (r.type == types.jump || r.type == types.data) {
          Import(r.address, r.symbol);
        } else if (r.type == types.indirect || (r.type == types.relative && InArray(r.address))) {
          // The addend is a function: one that chooses among others, or one of an init array that the file holds empty.
          const auto stored = r.addend ? r.addend : image_.file.With(image_.At(r.address)).Word(0);
          if (stored && *stored != 0) Start(*stored, FunctionSource::kEntry);
        }
      }
    }
    if (dynamic_.mips_slots == 0) return;
    for (std::uint64_t i = dynamic_.mips_first_symbol; i < dynamic_.symbols.count; ++i)
      Import(dynamic_.mips_slots + (i - dynamic_.mips_first_symbol) * image_.file.word_size(), i);
  }

  [[nodiscard]] bool InArray(std::uint64_t address) const {
    return std::any_of(dynamic_.function_arrays.begin(), dynamic_.function_arrays.end(),
                       [&](const auto& a) { return address >= a.first && address - a.first < a.second; });
  }

  void Arrays() {
    for (std::uint64_t function : dynamic_.functions) Start(function, FunctionSource::kEntry);
    std::uint64_t left = kMaxElfArrayFunctions;
    for (const auto& [address, size] : dynamic_.function_arrays) Array(image_.At(address), size, left);
    if (!dynamic_.function_arrays.empty() || image_.type == ElfImage::kObject) return;
    for (const ElfSection& s : image_.sections)  // static programs have no dynamic table
      if (s.type == ElfImage::kInitArray || s.type == ElfImage::kFiniArray || s.type == ElfImage::kPreinitArray)
        Array(image_.Held(s), s.size, left);
  }

  void Array(ByteView bytes, std::uint64_t size, std::uint64_t& left) {
    const EndianView array = image_.file.With(bytes);
    const std::uint64_t count = std::min(size / array.word_size(), left);
    for (std::uint64_t i = 0; i < count; ++i, --left) {
      const auto function = array.Word(array.word_size() * i);
      if (!function) return;
      if (*function != 0 && *function != array.Wrap(~std::uint64_t{0})) Start(*function, FunctionSource::kEntry);
    }
  }

  void Unwind() {
    // The frames of object files point nowhere before they are linked; their symbols say more.
    if (image_.type == ElfImage::kObject) return;
    bool read = false;
    for (const BinarySection& s : out_.sections) {
      if (s.name != ".eh_frame" || s.bytes.empty() || read) continue;
      ReadEhFrames(image_.file.With(s.bytes), s.address, false, out_.starts);
      read = true;
    }
    for (const ElfSegment& s : image_.segments) {
      const EndianView view = image_.file.With(image_.At(s.address));
      if (s.type == ElfImage::kEhFrameHeader && !read) {
        read = true;
        const auto frames = ReadEhFrameHeader(view, s.address, out_.starts);
        if (frames) ReadEhFrames(image_.file.With(image_.At(*frames)), *frames, true, out_.starts);
      } else if (s.type == ElfImage::kArmIndex && image_.machine == ElfImage::kArm) {
        ArmIndex(view, s.address, s.file_size);
        break;
      }
    }
  }

  // Two words a function; the first is its distance from here, in 31 bits (ARM IHI 0038, "index table entries").
  void ArmIndex(const EndianView& table, std::uint64_t address, std::uint64_t size) {
    for (std::uint64_t at = 0; at + 8 <= size; at += 8) {
      const auto word = table.U32(at);
      if (!word) return;
      const auto distance = static_cast<std::int32_t>(*word << 1) >> 1;
      if ((*word >> 31) == 0)
        Start(table.Wrap(address + at + static_cast<std::uint64_t>(std::int64_t{distance})), FunctionSource::kUnwind);
    }
  }

  const ElfImage image_;
  const ElfDynamic dynamic_;
  Executable out_;
  std::optional<GoTable> go_;
  std::size_t name_bytes_ = 0;
};

}  // namespace

Result<Executable> ParseElf(ByteView file) {
  Result<ElfImage> image = ParseElfImage(file);
  if (!image) return tl::unexpected<Error>(std::move(image).error());
  return Reading(std::move(*image)).Read();
}

}  // namespace ascribe
