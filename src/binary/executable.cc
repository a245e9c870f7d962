#include "binary/executable.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include "binary/macho_image.h"

namespace ascribe {
namespace {

// Bits a byte.
double Entropy(ByteView bytes) {
  std::array<std::uint64_t, 256> counts{};
  for (std::size_t i = 0; i < bytes.size(); ++i) ++counts[bytes.data()[i]];
  double bits = 0;
  for (std::uint64_t n : counts) {
    if (n == 0) continue;
    const double p = static_cast<double>(n) / static_cast<double>(bytes.size());
    bits -= p * std::log2(p);
  }
  return bits;
}

// Machine code of compilers lies between 5 and 6.8 bits a byte; compressed or encrypted bytes lie above 7.5 once there
// are a few kilobytes of them.
constexpr double kPackedEntropy = 7.2;
constexpr std::size_t kEnoughBytes = 4096;
// Where linkers keep the headers and the list of sections.
constexpr std::uint64_t kHeaderBytes = 1024;

}  // namespace

std::string_view Name(BinaryFormat format) {
  constexpr std::array<std::string_view, 3> kNames = {"pe", "elf", "mach-o"};
  return kNames[static_cast<std::size_t>(format)];
}

std::string_view Name(Architecture architecture) {
  constexpr std::array<std::string_view, 7> kNames = {"x86", "x64", "arm", "arm64", "mips", "ppc", "other"};
  return kNames[static_cast<std::size_t>(architecture)];
}

const BinarySection* Executable::SectionAt(std::uint64_t address) const {
  auto after = std::upper_bound(sections.begin(), sections.end(), address,
                                [](std::uint64_t a, const BinarySection& s) { return a < s.address; });
  // Hostile files overlap their sections: look back at a few, the nearest first.
  for (int i = 0; i < 4 && after != sections.begin(); ++i) {
    --after;
    if (address - after->address < after->virtual_size) return &*after;
  }
  return nullptr;
}

ByteView Executable::At(std::uint64_t address) const {
  const BinarySection* section = SectionAt(address);
  if (section == nullptr) return {};
  const std::uint64_t delta = address - section->address;
  if (delta >= section->bytes.size()) return {};
  return *section->bytes.Slice(delta, section->bytes.size() - delta);
}

std::string_view Executable::NameAt(std::uint64_t address) const {
  const auto at = std::lower_bound(names.begin(), names.end(), address,
                                   [](const FunctionName& n, std::uint64_t a) { return n.address < a; });
  return at != names.end() && at->address == address ? at->name : std::string_view();
}

std::optional<std::uint64_t> Executable::OffsetOf(std::uint64_t address) const {
  const BinarySection* section = SectionAt(address);
  if (section == nullptr || address - section->address >= section->bytes.size()) return std::nullopt;
  return section->offset + (address - section->address);
}

void Arrange(Executable& e) {
  std::stable_sort(e.sections.begin(), e.sections.end(),
                   [](const BinarySection& a, const BinarySection& b) { return a.address < b.address; });
  // A start outside of executable bytes is an error or a trap; of several at one address the most trusted stays, with
  // the nearest end that anybody knows.
  std::erase_if(e.starts, [&](const FunctionStart& s) {
    const BinarySection* section = e.SectionAt(s.address);
    return section == nullptr || !section->executable || s.address - section->address >= section->bytes.size();
  });
  std::sort(e.starts.begin(), e.starts.end(), [](const FunctionStart& a, const FunctionStart& b) {
    return std::tie(a.address, a.source, a.end, a.mode) < std::tie(b.address, b.source, b.end, b.mode);
  });
  std::size_t kept = 0;
  for (const FunctionStart& s : e.starts) {
    if (kept > 0 && e.starts[kept - 1].address == s.address) {
      if (e.starts[kept - 1].end == 0) e.starts[kept - 1].end = s.end;
      if (e.starts[kept - 1].mode == CodeMode::kUnknown) e.starts[kept - 1].mode = s.mode;
    } else {
      e.starts[kept++] = s;
    }
  }
  e.starts.resize(kept);
  for (FunctionStart& s : e.starts)
    if (s.end <= s.address) s.end = 0;
  std::stable_sort(e.imports.begin(), e.imports.end(),
                   [](const BinaryImport& a, const BinaryImport& b) { return a.slot < b.slot; });
  std::stable_sort(e.names.begin(), e.names.end(),
                   [](const FunctionName& a, const FunctionName& b) { return a.address < b.address; });
  e.names.erase(std::unique(e.names.begin(), e.names.end(),
                            [](const FunctionName& a, const FunctionName& b) { return a.address == b.address; }),
                e.names.end());
  std::sort(e.exports.begin(), e.exports.end(), [](const BinaryExport& a, const BinaryExport& b) {
    return std::tie(a.address, a.name) < std::tie(b.address, b.name);
  });
}

std::optional<Packing> FindPacking(const Executable& e) {
  if (e.managed) return std::nullopt;  // resources and code of another machine fill its sections
  const auto named = [](const BinarySection& s) { return s.name.empty() ? std::string("without name") : s.name; };
  // Of a section that is empty in the file there is nothing to show but the headers before the first one's bytes.
  const auto empty = [&](std::string reason) { return Packing{std::move(reason), {0, std::min<std::uint64_t>(e.file.size(), kHeaderBytes)}}; };
  bool code = false;
  std::size_t code_bytes = 0;
  // Sections of real files share no bytes; forged ones, thousands of them, may all show the same megabytes.
  std::size_t left = 2 * e.file.size();
  for (const BinarySection& s : e.sections) {
    if (!s.executable) continue;
    code = code || !s.bytes.empty();
    code_bytes += s.bytes.size();
    if (s.bytes.size() >= kEnoughBytes && s.bytes.size() <= left) {
      left -= s.bytes.size();
      const double entropy = Entropy(s.bytes);
      if (entropy > kPackedEntropy)
        return Packing{fmt::format("section {} is executable and has {:.2f} bits a byte", named(s), entropy), {s.offset, s.bytes.size()}};
    }
  }
  if (!code) {
    // Code that exists in memory only is made at run time: UPX0 and its kind.
    for (const BinarySection& s : e.sections)
      if (s.executable && s.virtual_size >= kEnoughBytes) return empty(fmt::format("section {} is executable and empty in the file", named(s)));
    if (e.file.size() < kEnoughBytes || Entropy(e.file) <= kPackedEntropy) return std::nullopt;
    return Packing{"no code, and the file looks compressed", {0, e.file.size()}};
  }
  for (const BinarySection& s : e.sections)
    if (s.executable && s.writable && s.bytes.empty() && s.virtual_size >= std::max<std::size_t>(code_bytes, kEnoughBytes))
      return empty(fmt::format("section {} is writable, executable and empty in the file, larger than all other code", named(s)));
  return std::nullopt;
}

std::string PackedReason(const Executable& e) {
  const auto packing = FindPacking(e);
  return packing ? packing->reason : std::string();
}

bool LooksExecutable(ByteView file) {
  return file.text().starts_with("MZ") || file.text().starts_with("\177ELF") || LooksLikeMachO(file);
}

Result<Executable> ParseExecutable(ByteView file) {
  if (file.text().starts_with("MZ")) return ParsePe(file);
  if (file.text().starts_with("\177ELF")) return ParseElf(file);
  if (LooksLikeMachO(file)) return ParseMachO(file);
  return Fail(ErrorCode::kInvalidInput, "neither PE, ELF nor Mach-O");
}

}  // namespace ascribe
