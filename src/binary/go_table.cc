#include "binary/go_table.h"

#include <algorithm>

namespace ascribe {
namespace {

std::optional<GoTable::Layout> LayoutOf(std::uint32_t magic) {
  switch (magic) {
    case 0xFFFF'FFFB:
      return GoTable::Layout::k2;
    case 0xFFFF'FFFA:
      return GoTable::Layout::k16;
    case 0xFFFF'FFF0:
      return GoTable::Layout::k18;
    case 0xFFFF'FFF1:
      return GoTable::Layout::k20;
    default:
      return std::nullopt;
  }
}

bool IsCode(const Executable& e, std::uint64_t address) {
  const BinarySection* section = e.SectionAt(address);
  return section != nullptr && section->executable && address - section->address < section->bytes.size();
}

// Word i of the entries: a beginning where i is even, the place of a record where it is odd. Since 1.18 of four bytes.
std::optional<std::uint64_t> EntryWord(const GoTable& t, std::uint64_t i) {
  if (!t.relative()) return t.bytes.Word(t.entries + t.bytes.word_size() * i);
  const auto value = t.bytes.U32(t.entries + 4 * i);
  return value ? std::optional<std::uint64_t>(*value) : std::nullopt;
}

// The code of a program, for tables whose own word is empty.
std::uint64_t FirstCode(const Executable& e) {
  for (const BinarySection& s : e.sections)
    if (s.executable && (s.name == ".text" || s.name == "__TEXT,__text")) return s.address;
  for (const BinarySection& s : e.sections)
    if (s.executable && !s.bytes.empty()) return s.address;
  return 0;
}

// The table at `offset` of a section; nullopt when there is none.
std::optional<GoTable> TableAt(const Executable& e, const BinarySection& section, std::uint64_t offset) {
  GoTable t;
  t.bytes = {*section.bytes.Slice(offset, section.bytes.size() - offset), e.big_endian, e.is_64};
  const auto layout = LayoutOf(t.bytes.U32(0).value_or(0));
  const std::uint64_t word = t.bytes.word_size();
  const std::uint8_t quantum = t.bytes.U8(6).value_or(0);
  if (!layout || t.bytes.U16(4) != 0 || t.bytes.U8(7) != word || (quantum != 1 && quantum != 2 && quantum != 4))
    return std::nullopt;
  t.layout = *layout;
  const auto number = [&](std::uint64_t i) { return t.bytes.Word(8 + word * i).value_or(0); };
  t.functions = number(0);
  switch (t.layout) {
    case GoTable::Layout::k2:
      t.entries = 8 + word;
      break;
    case GoTable::Layout::k16:
      t.names = number(2);
      t.entries = t.records = number(6);
      break;
    case GoTable::Layout::k18:
    case GoTable::Layout::k20:
      t.text = number(2);
      t.text_word = section.address + offset + 8 + word * 2;
      t.names = number(3);
      t.entries = t.records = number(7);
  }
  const std::uint64_t step = t.relative() ? 4 : word;
  if (t.functions == 0 || t.functions > kMaxFunctionStarts || t.entries == 0 ||
      !t.bytes.bytes.Contains(t.entries, (2 * t.functions + 1) * step) || t.names >= t.bytes.bytes.size())
    return std::nullopt;
  const std::uint64_t first = *EntryWord(t, 0), middle = *EntryWord(t, t.functions / 2 * 2), end = *EntryWord(t, 2 * t.functions);
  if (first > middle || middle > end || first == end) return std::nullopt;
  if (!t.relative() && !IsCode(e, first)) return std::nullopt;
  return t;
}

}  // namespace

std::optional<GoTable> FindGoTable(const Executable& e) {
  for (const BinarySection& s : e.sections)
    if (s.name.ends_with("gopclntab") && !s.bytes.empty())
      if (auto table = TableAt(e, s, 0)) return table;
  std::size_t tried = 0;
  // Sections of real files share no bytes; forged ones, thousands of them, may all show the same megabytes.
  std::uint64_t left = 2 * e.file.size();
  for (const BinarySection& s : e.sections) {
    if (s.bytes.size() > left) continue;
    left -= s.bytes.size();
    const std::uint8_t* const data = s.bytes.data();
    // Of the four bytes of the magic three are FF; the two after it are zero. Linkers put tables at multiples of 16.
    for (std::size_t at = 0; at + 16 <= s.bytes.size(); at += 4) {
      if (data[at + 1] != 0xFF || data[at + 2] != 0xFF || data[at + 4] != 0 || data[at + 5] != 0) continue;
      if (!LayoutOf(EndianView{s.bytes, e.big_endian, e.is_64}.U32(at).value_or(0))) continue;
      if (auto table = TableAt(e, s, at)) return table;
      if (++tried >= kMaxGoTables) return std::nullopt;
    }
  }
  return std::nullopt;
}

void ReadGoFunctions(const GoTable& t, Executable& e) {
  const std::uint64_t base = !t.relative() ? 0 : IsCode(e, t.text) ? t.text : FirstCode(e);
  const std::uint64_t name_word = t.relative() ? 4 : t.bytes.word_size();  // behind the record's first, the beginning again
  std::size_t name_bytes = 0;
  std::uint64_t begin = *EntryWord(t, 0);
  e.starts.reserve(e.starts.size() + static_cast<std::size_t>(t.functions));
  e.names.reserve(e.names.size() + static_cast<std::size_t>(t.functions));
  for (std::uint64_t i = 0; i < t.functions && e.starts.size() < kMaxFunctionStarts; ++i) {
    const std::uint64_t end = *EntryWord(t, 2 * i + 2);
    if (end < begin) {
      e.oddities.emplace_back("Go's table of functions is not in order: forged, or of a version that is not known");
      return;
    }
    const std::uint64_t address = t.bytes.Wrap(base + begin);
    if (end > begin && IsCode(e, address)) {
      e.starts.push_back({address, t.bytes.Wrap(base + end), FunctionSource::kGoTable});
      const auto name = t.bytes.U32(t.records + *EntryWord(t, 2 * i + 1) + name_word);
      if (name && name_bytes <= kMaxBinaryNameBytes) {
        const auto text = TerminatedText(t.bytes.bytes, t.names + *name, kMaxBinaryName);
        // Looking for the end of a name that has none costs as much as a name.
        name_bytes += text ? text->size() : kMaxBinaryName;
        if (text && !text->empty()) e.names.push_back({address, *text});
      }
    }
    begin = end;
  }
}

}  // namespace ascribe
