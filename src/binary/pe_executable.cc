// A PE file as code analysis sees it: sections, imports with the slots that calls go through, exports, function starts.

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "binary/endian_view.h"
#include "binary/executable.h"
#include "binary/go_table.h"
#include "binary/pe_clr.h"
#include "binary/pe_image.h"
#include "binary/pe_imports.h"
#include "binary/pe_remarks.h"
#include "binary/remark.h"

namespace ascribe {
namespace {

constexpr std::uint32_t kCanExecute = 0x2000'0000, kCanWrite = 0x8000'0000, kHoldsCode = 0x20;
constexpr std::size_t kMaxTlsCallbacks = 1024;  // runtimes install one or two
// Each entry of the exception table describes at least one byte of code; Chromium has some 600,000.
constexpr std::size_t kMaxUnwindEntries = kMaxFunctionStarts;
// Symbols and their auxiliary entries: linkers write a few for each function.
constexpr std::uint32_t kMaxCoffSymbols = 4 * kMaxFunctionStarts;
constexpr std::uint64_t kCoffSymbol = 18;  // bytes an entry

class Reading {
 public:
  explicit Reading(const PeImage& image) : image_(image) {}

  Executable Read() {
    out_.file = image_.file;
    out_.format = BinaryFormat::kPe;
    out_.is_64 = image_.plus;
    const std::string_view machine = image_.MachineName();
    out_.architecture = machine == "x86"     ? Architecture::kX86
                        : machine == "x64"   ? Architecture::kX64
                        : machine == "arm"   ? Architecture::kArm
                        : machine == "arm64" ? Architecture::kArm64
                                             : Architecture::kOther;
    out_.image_base = image_.image_base;
    out_.oddities = image_.oddities;
    if (const auto clr = ReadPeClr(image_))
      out_.managed = clr->il_only();
    else if (image_.directories[PeImage::kClr].address != 0)
      out_.oddities.emplace_back("a CLR directory that leads to no metadata: not taken for a .NET assembly");
    Sections();
    if (image_.entry != 0) {
      out_.entry = Address(image_.entry);
      Start(image_.entry, FunctionSource::kEntry);
    }
    Imports();
    DelayImports();
    Exports();
    Unwind();
    Tls();
    Symbols();
    AddPeRemarks(image_, out_);
    if (const auto go = FindGoTable(out_)) ReadGoFunctions(*go, out_);
    Arrange(out_);
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::uint64_t Address(std::uint64_t rva) const { return image_.image_base + rva; }
  void Start(std::uint64_t rva, FunctionSource source, std::uint64_t end = 0) {
    if (out_.starts.size() < kMaxFunctionStarts) out_.starts.push_back({Address(rva), end == 0 ? 0 : Address(end), source});
  }
  [[nodiscard]] BinaryRange PlaceOf(std::string_view text) const {
    return {static_cast<std::uint64_t>(text.data() - image_.file.text().data()), text.size()};
  }
  // Names share one budget: a forged table names the same kilobytes again and again.
  bool Take(std::size_t bytes) { return (name_bytes_ += bytes) <= kMaxBinaryNameBytes; }

  void Sections() {
    for (const PeSection& s : image_.sections) {
      const std::uint64_t size = s.virtual_size != 0 ? s.virtual_size : s.raw_size;
      const std::uint64_t offset = PeImage::RawOffset(s);
      const std::uint64_t held = std::min<std::uint64_t>({size, s.raw_size, image_.file.size() - std::min<std::uint64_t>(offset, image_.file.size())});
      BinarySection section;
      section.name = s.name;
      section.address = Address(s.address);
      section.virtual_size = size;
      section.offset = offset;
      if (held > 0) section.bytes = *image_.file.Slice(offset, held);
      section.executable = (s.flags & (kCanExecute | kHoldsCode)) != 0;
      section.writable = (s.flags & kCanWrite) != 0;
      out_.sections.push_back(std::move(section));
    }
    std::stable_sort(out_.sections.begin(), out_.sections.end(),
                     [](const BinarySection& a, const BinarySection& b) { return a.address < b.address; });
  }

  void Thunks(const std::string& library, std::uint64_t names, std::uint64_t slots, bool delayed) {
    const std::uint64_t step = image_.plus ? 8 : 4;
    for (std::uint64_t k = 0; out_.imports.size() < kMaxPeImports; ++k) {
      const auto at = image_.Offset(names + step * k);
      if (!at) return;
      const auto thunk = image_.plus ? image_.file.U64(*at) : std::optional<std::uint64_t>(image_.file.U32(*at));
      if (!thunk || *thunk == 0) return;
      BinaryImport import;
      import.slot = Address(slots + step * k);
      import.library = library;
      import.delayed = delayed;
      if ((*thunk >> (image_.plus ? 63 : 31)) != 0) {
        import.name = "#" + std::to_string(*thunk & 0xFFFF);
        import.place = {*at, step};
      } else {
        const auto text = image_.Text((*thunk & 0x7FFFFFFF) + 2, kMaxPeImportName);
        if (!text || !Take(text->size())) return;
        import.name = std::string(*text);
        import.place = PlaceOf(*text);
      }
      out_.imports.push_back(std::move(import));
    }
  }

  void Imports() {
    const PeDirectory directory = image_.directories[PeImage::kImports];
    if (directory.address == 0) return;
    for (std::size_t i = 0; i < kMaxPeLibraries; ++i) {
      const auto entry = image_.Offset(std::uint64_t{directory.address} + 20 * i);
      if (!entry || !image_.file.Contains(*entry, 20)) return;
      const std::uint32_t lookup = *image_.file.U32(*entry), name = *image_.file.U32(*entry + 12),
                          slots = *image_.file.U32(*entry + 16);
      if (name == 0 && lookup == 0 && slots == 0) return;
      const auto text = image_.Text(name, 256);
      if (!text || text->empty()) return;
      Thunks(AsciiLower(*text), lookup != 0 ? lookup : slots, slots, false);
    }
  }

  // Descriptor: attributes, name, module, address table, name table, bound, unload, time; attributes bit 0: RVAs.
  void DelayImports() {
    const PeDirectory directory = image_.directories[PeImage::kDelayImports];
    if (directory.address == 0) return;
    for (std::size_t i = 0; i < kMaxPeLibraries; ++i) {
      const auto entry = image_.Offset(std::uint64_t{directory.address} + 32 * i);
      if (!entry || !image_.file.Contains(*entry, 32)) return;
      const std::uint64_t base = (*image_.file.U32(*entry) & 1) != 0 ? 0 : image_.image_base & 0xFFFF'FFFF;
      const std::uint64_t name = *image_.file.U32(*entry + 4), slots = *image_.file.U32(*entry + 12),
                          names = *image_.file.U32(*entry + 16);
      if (name == 0 || name < base || slots < base || names < base) return;
      const auto text = image_.Text(name - base, 256);
      if (!text || text->empty()) return;
      Thunks(AsciiLower(*text), names - base, slots - base, true);
    }
  }

  void Exports() {
    const PeDirectory directory = image_.directories[PeImage::kExports];
    const auto table = directory.address == 0 ? std::nullopt : image_.Offset(directory.address);
    if (!table || !image_.file.Contains(*table, 40)) return;
    const std::uint32_t functions = *image_.file.U32(*table + 20), names = *image_.file.U32(*table + 24),
                        function_rvas = *image_.file.U32(*table + 28), name_rvas = *image_.file.U32(*table + 32),
                        ordinals = *image_.file.U32(*table + 36);
    const auto function = [&](std::uint32_t index) -> std::optional<std::uint32_t> {
      const auto at = image_.Offset(std::uint64_t{function_rvas} + 4 * std::uint64_t{index});
      const auto rva = at ? image_.file.U32(*at) : std::nullopt;
      // A value inside the directory is the name of a function elsewhere ("NTDLL.RtlAllocateHeap").
      if (!rva || *rva == 0 || (*rva >= directory.address && *rva - directory.address < directory.size)) return std::nullopt;
      return rva;
    };
    for (std::uint32_t i = 0; i < functions && i < kMaxBinaryNames; ++i) {
      if (!image_.Offset(std::uint64_t{function_rvas} + 4 * std::uint64_t{i})) break;
      if (const auto rva = function(i)) Start(*rva, FunctionSource::kExport);
    }
    for (std::uint32_t i = 0; i < names && i < kMaxBinaryNames; ++i) {
      const auto name_at = image_.Offset(std::uint64_t{name_rvas} + 4 * std::uint64_t{i});
      const auto ordinal_at = image_.Offset(std::uint64_t{ordinals} + 2 * std::uint64_t{i});
      const auto name = name_at ? image_.file.U32(*name_at) : std::nullopt;
      const auto ordinal = ordinal_at ? image_.file.U16(*ordinal_at) : std::nullopt;
      if (!name || !ordinal) break;
      const auto rva = function(*ordinal);
      const auto text = image_.Text(*name, kMaxBinaryName);
      if (!text || !Take(text->size())) break;
      if (rva) out_.exports.push_back({Address(*rva), std::string(*text), PlaceOf(*text)});
    }
  }

  // x64: begin, end, unwind info. An entry whose info is chained (flag 4), or whose third word has bit 0 set, continues
  // another function. arm64: begin and packed data or a pointer; the length is not needed.
  void Unwind() {
    const PeDirectory directory = image_.directories[PeImage::kExceptions];
    const auto table = directory.address == 0 ? std::nullopt : image_.Offset(directory.address);
    if (!table) return;
    const bool x64 = out_.architecture == Architecture::kX64;
    if (!x64 && out_.architecture != Architecture::kArm64 && out_.architecture != Architecture::kArm) return;
    const std::uint64_t step = x64 ? 12 : 8;
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(directory.size / step, kMaxUnwindEntries));
    for (std::size_t i = 0; i < count && image_.file.Contains(*table + step * i, step); ++i) {
      const std::uint32_t begin = *image_.file.U32(*table + step * i);
      if (!x64) {
        Start(begin & ~1u, FunctionSource::kUnwind);
        continue;
      }
      const std::uint32_t end = *image_.file.U32(*table + step * i + 4), info = *image_.file.U32(*table + step * i + 8);
      if (begin == 0 || end <= begin || (info & 1) != 0) continue;
      const auto at = image_.Offset(info);
      const auto version_and_flags = at ? image_.file.U8(*at) : std::nullopt;
      if (version_and_flags && (*version_and_flags >> 3 & 4) != 0) continue;
      Start(begin, FunctionSource::kUnwind, end);
    }
  }

  void Tls() {
    const PeDirectory directory = image_.directories[PeImage::kTls];
    const auto table = directory.address == 0 ? std::nullopt : image_.Offset(directory.address);
    const std::uint64_t word = image_.plus ? 8 : 4;
    if (!table) return;
    const auto read = [&](std::uint64_t at) {
      return image_.plus ? image_.file.U64(at) : std::optional<std::uint64_t>(image_.file.U32(at));
    };
    const auto list = read(*table + 3 * word);
    if (!list || *list <= image_.image_base) return;
    for (std::size_t i = 0; i < kMaxTlsCallbacks; ++i) {
      const auto at = image_.Offset(*list - image_.image_base + word * i);
      const auto callback = at ? read(*at) : std::nullopt;
      if (!callback || *callback <= image_.image_base) return;
      Start(*callback - image_.image_base, FunctionSource::kEntry);
      if (i < kMaxToldTlsCallbacks) AddRemark(out_, fmt::format("TLS callback: 0x{:x}", *callback), {*at, word});
    }
  }

  // What gcc and clang leave until `strip`: entries of 18 bytes and, behind them, a table of the names longer than eight
  // (PE/COFF specification, "COFF symbol table").
  void Symbols() {
    if (image_.symbols_offset == 0) return;
    constexpr std::uint16_t kFunction = 0x20;  // derived type "function" of a base type that nobody writes
    const std::uint64_t table = image_.symbols_offset;
    const std::uint64_t strings = table + kCoffSymbol * image_.symbol_count;
    const std::uint32_t count = std::min(image_.symbol_count, kMaxCoffSymbols);
    for (std::uint32_t i = 0; i < count && image_.file.Contains(table + kCoffSymbol * i, kCoffSymbol); ++i) {
      const std::uint64_t at = table + kCoffSymbol * i;
      const std::uint32_t value = *image_.file.U32(at + 8);
      const std::uint16_t section = *image_.file.U16(at + 12);  // from 1; 0xFFFF and 0xFFFE: absolute, debugging
      const std::uint16_t type = *image_.file.U16(at + 14);
      i += *image_.file.U8(at + 17);  // auxiliary entries
      if (type != kFunction || section == 0 || section > image_.sections.size()) continue;
      const PeSection& in = image_.sections[section - 1];
      if ((in.flags & (kCanExecute | kHoldsCode)) == 0) continue;
      const std::uint64_t rva = std::uint64_t{in.address} + value;
      Start(rva, FunctionSource::kSymbol);
      const std::string_view name = SymbolName(at, strings);
      if (!name.empty() && out_.names.size() < kMaxBinaryNames && Take(name.size())) out_.names.push_back({Address(rva), name});
    }
    const auto string_bytes = image_.file.U32(strings);
    if (count < image_.symbol_count || !string_bytes || !image_.file.Contains(strings, *string_bytes))
      out_.oddities.push_back(fmt::format("{} symbols, not all of them are read", image_.symbol_count));
  }

  [[nodiscard]] std::string_view SymbolName(std::uint64_t at, std::uint64_t strings) const {
    if (*image_.file.U32(at) == 0) return TerminatedText(image_.file, strings + *image_.file.U32(at + 4), kMaxBinaryName).value_or(std::string_view());
    const std::string_view name = image_.file.text().substr(static_cast<std::size_t>(at), 8);
    return name.substr(0, name.find('\0'));
  }

  const PeImage& image_;
  Executable out_;
  std::size_t name_bytes_ = 0;
};

}  // namespace

Result<Executable> ParsePe(ByteView file) {
  Result<PeImage> image = ParsePeImage(file);
  if (!image) return tl::unexpected<Error>(std::move(image).error());
  return Reading(*image).Read();
}

}  // namespace ascribe
