#include "binary/elf_dynamic.h"

#include <algorithm>
#include <map>

#include "binary/executable.h"

namespace ascribe {
namespace {

// Tags of the dynamic table (System V ABI, chapter 5; GNU and MIPS extensions).
enum Tag : std::uint64_t {
  kNeeded = 1,
  kPltRelocationsSize = 2,
  kPltGot = 3,
  kHash = 4,
  kStrings = 5,
  kSymbolTable = 6,
  kRela = 7,
  kRelaSize = 8,
  kStringsSize = 10,
  kInit = 12,
  kFini = 13,
  kOwnName = 14,
  kOldSearchPath = 15,
  kRel = 17,
  kRelSize = 18,
  kPltRelocationsKind = 20,
  kPltRelocations = 23,
  kInitArray = 25,
  kFiniArray = 26,
  kInitArraySize = 27,
  kFiniArraySize = 28,
  kSearchPath = 29,
  kPreinitArray = 32,
  kPreinitArraySize = 33,
  kGnuHash = 0x6FFF'FEF5,
  kVersions = 0x6FFF'FFF0,
  kVersionsNeeded = 0x6FFF'FFFE,
  kVersionsNeededCount = 0x6FFF'FFFF,
  kMipsLocalSlots = 0x7000'000A,
  kMipsSymbolCount = 0x7000'0011,
  kMipsFirstSymbol = 0x7000'0013
};

ByteView Prefix(ByteView bytes, std::uint64_t size) {
  return *bytes.Slice(0, std::min<std::uint64_t>(size, bytes.size()));
}

class Reading {
 public:
  explicit Reading(const ElfImage& image) : image_(image), view_(image.file) {}

  ElfDynamic Read() {
    if (!Table()) return {};
    Symbols();
    Names();
    Relocations();
    for (auto [table, size] : {std::pair{kInitArray, kInitArraySize}, std::pair{kFiniArray, kFiniArraySize},
                               std::pair{kPreinitArray, kPreinitArraySize}})
      if (Get(table) && Get(size)) out_.function_arrays.emplace_back(*Get(table), *Get(size));
    for (Tag tag : {kInit, kFini})
      if (Get(tag)) out_.functions.push_back(*Get(tag));
    Versions();
    const bool mips = image_.machine == ElfImage::kMips || image_.machine == ElfImage::kMipsLittle;
    if (mips && Get(kPltGot) && Get(kMipsLocalSlots) && Get(kMipsFirstSymbol)) {
      out_.mips_slots = view_.Wrap(*Get(kPltGot) + view_.word_size() * *Get(kMipsLocalSlots));
      out_.mips_first_symbol = *Get(kMipsFirstSymbol);
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::optional<std::uint64_t> Get(Tag tag) const {
    const auto found = values_.find(tag);
    return found == values_.end() ? std::nullopt : std::optional<std::uint64_t>(found->second);
  }

  bool Table() {
    ByteView bytes;
    for (const ElfSegment& s : image_.segments) {
      if (s.type != ElfImage::kDynamic) continue;
      bytes = Prefix(image_.At(s.address), s.file_size);
      if (bytes.empty()) bytes = image_.Held(s.offset, s.file_size);
      break;
    }
    if (bytes.empty())
      if (const ElfSection* section = image_.FindSection(ElfImage::kDynamicTable)) bytes = image_.Held(*section);
    const EndianView table = view_.With(bytes);
    const std::uint64_t word = table.word_size();
    for (std::size_t i = 0; i < kMaxElfDynamicEntries; ++i) {
      const auto tag = table.Word(2 * word * i), value = table.Word(2 * word * i + word);
      if (!tag || !value || *tag == 0) break;
      if (*tag == kNeeded) needed_.push_back(*value);
      values_.try_emplace(*tag, *value);  // of two the first: the linkers write one
    }
    return !values_.empty();
  }

  void Symbols() {
    if (!Get(kSymbolTable) || !Get(kStrings)) return;
    out_.symbols.entries = view_.With(image_.At(*Get(kSymbolTable)));
    out_.symbols.names = image_.At(*Get(kStrings));
    if (const auto size = Get(kStringsSize)) out_.symbols.names = Prefix(out_.symbols.names, *size);
    const std::uint64_t step = view_.wide ? 24 : 16;
    out_.symbols.count = std::min<std::uint64_t>(SymbolCount(step), out_.symbols.entries.bytes.size() / step);
  }

  void Names() {
    if (!Get(kStrings)) return;
    ByteView names = image_.At(*Get(kStrings));
    if (const auto size = Get(kStringsSize)) names = Prefix(names, *size);
    const auto text = [&](std::optional<std::uint64_t> at) {
      return at ? TerminatedText(names, *at, kMaxBinaryName).value_or(std::string_view()) : std::string_view();
    };
    out_.own_name = text(Get(kOwnName));
    out_.search_path = text(Get(kSearchPath));
    out_.old_search_path = text(Get(kOldSearchPath));
    for (std::uint64_t at : needed_)
      if (out_.needed.size() < kMaxBinaryRemarks && !text(at).empty()) out_.needed.push_back(text(at));
  }

  // No tag says how many symbols there are; the hash tables that find them do.
  [[nodiscard]] std::uint64_t SymbolCount(std::uint64_t step) const {
    if (const auto count = Get(kMipsSymbolCount)) return *count;
    if (const auto hash = Get(kHash))
      if (const auto chains = view_.With(image_.At(*hash)).U32(4)) return *chains;
    if (const auto hash = Get(kGnuHash))
      if (const auto count = GnuCount(view_.With(image_.At(*hash)))) return *count;
    // Linkers put the names right behind the symbols.
    return *Get(kStrings) > *Get(kSymbolTable) ? (*Get(kStrings) - *Get(kSymbolTable)) / step : 0;
  }

  // Buckets, first hashed symbol, words of the filter, shift; filter, buckets, chains. The last symbol ends the chain
  // of the highest bucket. Every step reads four bytes further on in the file, so the walk ends.
  [[nodiscard]] static std::optional<std::uint64_t> GnuCount(const EndianView& hash) {
    const auto buckets = hash.U32(0), first = hash.U32(4), filter = hash.U32(8);
    if (!buckets || !first || !filter) return std::nullopt;
    const std::uint64_t at = 16 + hash.word_size() * *filter, chains = at + 4 * std::uint64_t{*buckets};
    if (!hash.bytes.Contains(at, 4 * std::uint64_t{*buckets})) return std::nullopt;
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < *buckets; ++i) last = std::max<std::uint64_t>(last, *hash.U32(at + 4 * i));
    if (last < *first) return *first;
    for (;; ++last) {
      const auto value = hash.U32(chains + 4 * (last - *first));
      if (!value) return std::nullopt;
      if ((*value & 1) != 0) return last + 1;
    }
  }

  void Relocations() {
    const auto add = [&](Tag table, Tag size, bool with_addends) {
      if (!Get(table) || !Get(size)) return;
      ElfRelocations relocations;
      relocations.entries = view_.With(Prefix(image_.At(*Get(table)), *Get(size)));
      relocations.with_addends = with_addends;
      relocations.mips64 = view_.wide && (image_.machine == ElfImage::kMips || image_.machine == ElfImage::kMipsLittle);
      out_.relocations.push_back(relocations);
    };
    add(kPltRelocations, kPltRelocationsSize, Get(kPltRelocationsKind).value_or(view_.wide ? kRela : kRel) == kRela);
    add(kRela, kRelaSize, true);
    add(kRel, kRelSize, false);
  }

  // A list of libraries, each with a list of its versions; both lists only go forward in the file.
  void Versions() {
    if (const auto versions = Get(kVersions)) out_.symbol_versions = view_.With(image_.At(*versions));
    if (!Get(kVersionsNeeded)) return;
    const EndianView list = view_.With(image_.At(*Get(kVersionsNeeded)));
    std::uint64_t at = 0, steps = 0;
    const std::uint64_t libraries =
        std::min<std::uint64_t>(Get(kVersionsNeededCount).value_or(kMaxElfVersions), kMaxElfVersions);
    for (std::uint64_t i = 0; i < libraries; ++i) {
      const auto count = list.U16(at + 2);
      const auto name = list.U32(at + 4), first = list.U32(at + 8), next = list.U32(at + 12);
      if (!next) break;
      const auto library = TerminatedText(out_.symbols.names, *name, 256);
      std::uint64_t version = at + *first;
      for (std::uint16_t k = 0; library && k < *count && steps < kMaxElfVersions; ++k, ++steps) {
        const auto number = list.U16(version + 6);
        const auto step = list.U32(version + 12);
        if (!number || !step) break;
        out_.libraries.emplace_back(static_cast<std::uint16_t>(*number & 0x7FFF), *library);
        if (*step == 0) break;
        version += *step;
      }
      if (*next == 0) break;
      at += *next;
    }
    std::stable_sort(out_.libraries.begin(), out_.libraries.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }

  const ElfImage& image_;
  const EndianView view_;
  std::map<std::uint64_t, std::uint64_t> values_;
  std::vector<std::uint64_t> needed_;  // places of names
  ElfDynamic out_;
};

}  // namespace

std::optional<ElfSymbol> ElfSymbolTable::At(std::uint64_t index) const {
  const bool wide = entries.wide;
  const std::uint64_t step = wide ? 24 : 16;
  if (index >= entries.bytes.size() / step) return std::nullopt;
  const std::uint64_t at = step * index;
  ElfSymbol s;
  s.name = *entries.U32(at);
  const std::uint8_t info = *entries.U8(at + (wide ? 4 : 12));
  s.type = info & 15;
  s.binding = info >> 4;
  s.visibility = *entries.U8(at + (wide ? 5 : 13)) & 3;
  s.section = *entries.U16(at + (wide ? 6 : 14));
  s.value = *entries.Word(at + (wide ? 8 : 4));
  s.size = *entries.Word(at + (wide ? 16 : 8));
  return s;
}

std::optional<std::string_view> ElfSymbolTable::NameOf(const ElfSymbol& symbol) const {
  const auto name = TerminatedText(names, symbol.name, kMaxBinaryName);
  if (!name || name->empty()) return std::nullopt;
  return name->substr(0, name->find('@', 1));
}

ElfRelocation ElfRelocations::At(std::uint64_t index) const {
  const std::uint64_t word = entries.word_size(), at = step() * index;
  ElfRelocation r;
  r.address = *entries.Word(at);
  const std::uint64_t info = *entries.Word(at + word);
  if (mips64) {  // its own order: symbol, three types, of which the last in the file comes first
    r.symbol = *entries.U32(at + word);
    r.type = *entries.U8(at + word + 7);
  } else {
    r.symbol = entries.wide ? info >> 32 : info >> 8;
    r.type = static_cast<std::uint32_t>(entries.wide ? info & 0xFFFF'FFFF : info & 0xFF);
  }
  if (with_addends) r.addend = *entries.Word(at + 2 * word);
  return r;
}

std::string_view ElfDynamic::LibraryOf(std::uint64_t symbol) const {
  const auto version = symbol_versions.U16(2 * symbol);
  if (!version) return {};
  const std::uint16_t number = *version & 0x7FFF;
  const auto found = std::lower_bound(libraries.begin(), libraries.end(), number,
                                      [](const auto& entry, std::uint16_t n) { return entry.first < n; });
  return found != libraries.end() && found->first == number ? found->second : std::string_view();
}

ElfDynamic ReadElfDynamic(const ElfImage& image) { return Reading(image).Read(); }

ElfSymbolTable ReadElfSymbols(const ElfImage& image, std::uint32_t section_type) {
  ElfSymbolTable table;
  const ElfSection* section = image.FindSection(section_type);
  if (section == nullptr) return table;
  table.entries = image.file.With(image.Held(*section));
  table.count = table.entries.bytes.size() / (image.file.wide ? 24 : 16);
  if (section->link < image.sections.size()) table.names = image.Held(image.sections[section->link]);
  return table;
}

}  // namespace ascribe
