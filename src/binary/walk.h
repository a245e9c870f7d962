#pragma once

#include <cstdint>
#include <cstdlib>

#include "binary/executable.h"

namespace ascribe {

/// Uses everything that a parser returned, the way code analysis does, and ends the program when it breaks a promise of
/// executable.h. For tests and fuzzers.
inline void Walk(const Executable& e) {
  std::uint64_t sum = PackedReason(e).size();
  const auto promise = [](bool kept) {
    if (!kept) std::abort();
  };
  for (std::size_t i = 0; i < e.sections.size(); ++i) {
    const BinarySection& s = e.sections[i];
    promise(i == 0 || e.sections[i - 1].address <= s.address);
    promise(s.name.size() <= 64 && s.bytes.size() <= s.virtual_size);
    promise(s.bytes.empty() ||
            (s.bytes.data() == e.file.data() + s.offset && e.file.Contains(s.offset, s.bytes.size())));
    if (!s.bytes.empty()) sum += s.bytes.data()[0] + s.bytes.data()[s.bytes.size() - 1];
  }
  promise(e.starts.size() <= kMaxFunctionStarts);
  for (std::size_t i = 0; i < e.starts.size(); ++i) {
    const FunctionStart& s = e.starts[i];
    promise(i == 0 || e.starts[i - 1].address < s.address);
    promise(s.end == 0 || s.end > s.address);
    const auto offset = e.OffsetOf(s.address);
    promise(offset && e.SectionAt(s.address)->executable && !e.At(s.address).empty());
    promise(e.At(s.address).data() == e.file.data() + *offset);
  }
  promise(e.imports.size() <= kMaxBinaryNames && e.exports.size() <= kMaxBinaryNames);
  std::uint64_t before = 0;
  for (const BinaryImport& i : e.imports) {
    promise(before <= i.slot && i.name.size() <= kMaxBinaryName &&
            (e.format == BinaryFormat::kPe || i.library.find('/') == std::string::npos));
    before = i.slot;
    sum += i.name.size() + i.library.size();
  }
  before = 0;
  for (const BinaryExport& x : e.exports) {
    promise(before <= x.address && x.name.size() <= kMaxBinaryName);
    before = x.address;
    sum += x.name.size();
  }
  for (std::size_t i = 0; i < e.names.size(); ++i) {
    promise(i == 0 || e.names[i - 1].address < e.names[i].address);
    promise(e.NameAt(e.names[i].address) == e.names[i].name && e.names[i].name.size() <= kMaxBinaryName);
    sum += static_cast<unsigned char>(e.names[i].name.back());
  }
  for (const std::string& oddity : e.oddities) sum += oddity.size();
  const auto inside = [&](const BinaryRange& r) { promise(e.file.Contains(r.offset, r.size)); };
  for (const BinaryImport& i : e.imports) inside(i.place);
  for (const BinaryExport& x : e.exports) inside(x.place);
  promise(e.remarks.size() <= kMaxBinaryRemarks);
  for (const BinaryRemark& remark : e.remarks) {
    promise(!remark.text.empty() && remark.text.size() <= 2 * kMaxBinaryName && remark.place.size > 0);
    inside(remark.place);
  }
  if (const auto packing = FindPacking(e)) inside(packing->place);
  volatile std::uint64_t keep = sum;
  (void)keep;
}

}  // namespace ascribe
