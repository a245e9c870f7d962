#include "disasm/import_names.h"

#include <algorithm>

namespace ascribe {
namespace {

const std::string kNone;

}  // namespace

std::string CommonImportName(std::string_view name) {
  if (name.starts_with('#')) return std::string(name);
  name = name.substr(0, name.find('@', name.starts_with('@') ? 1 : 0));
  if (name.starts_with('?') || name.starts_with("_Z")) return std::string(name);  // decorated C++
  while (name.size() > 1 && name.front() == '_') name.remove_prefix(1);
  if (name.ends_with("_chk")) name.remove_suffix(4);
  if (name.starts_with("isoc99_") || name.starts_with("isoc23_")) name.remove_prefix(7);
  // ANSI and wide forms of the Windows API: a lower-case letter before the suffix tells them from names that end so.
  if (name.size() > 3 && (name.back() == 'A' || name.back() == 'W') && name[name.size() - 2] >= 'a' &&
      name[name.size() - 2] <= 'z' && name.front() >= 'A' && name.front() <= 'Z')
    name.remove_suffix(1);
  return std::string(name);
}

ImportNames::ImportNames(const Executable& executable, Decoder& decoder) : executable_(executable), decoder_(decoder) {
  for (const BinaryImport& import : executable.imports)
    if (import.slot != 0) by_slot_.try_emplace(import.slot, CommonImportName(import.name));
  if (executable.format == BinaryFormat::kElf && !executable.is_64)
    for (std::string_view name : {".got.plt", ".got"})
      for (const BinarySection& s : executable.sections)
        if (table_ == 0 && s.name == name) table_ = s.address;
}

const std::string& ImportNames::AtSlot(std::uint64_t slot) const {
  const auto found = by_slot_.find(slot);
  return found == by_slot_.end() ? kNone : found->second;
}

const std::string& ImportNames::AtStub(std::uint64_t address) {
  const auto [at, fresh] = stubs_.try_emplace(address, &kNone);
  if (!fresh) return *at->second;
  ByteView bytes = executable_.At(address);
  Instruction in;
  decoder_.Enter(address);
  const int most = decoder_.machine() == nullptr ? 3 : 5;
  for (int n = 0; n < most && decoder_.Decode(bytes, address, in); ++n) {
    if (in.flow == Flow::kJump) {
      std::uint64_t slot = in.reference;
      const Operand& o = in.operands[0];
      if (slot == 0 && table_ != 0 && o.kind == OperandKind::kMemory && o.base == Register{RegisterClass::kGeneral, 3})
        slot = table_ + static_cast<std::uint64_t>(o.value);
      at->second = &AtSlot(slot);
      break;
    }
    if (in.flow != Flow::kNext) break;
    address = in.end();
    bytes = *bytes.Slice(in.length, bytes.size() - in.length);
  }
  return *at->second;
}

}  // namespace ascribe
