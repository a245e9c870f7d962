#include "binary/text_runs.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "binary/walk_once.h"

namespace ascribe {
namespace {

bool Printable(std::uint8_t c) { return (c >= 0x20 && c < 0x7F) || c == '\t'; }

bool IsLinkerTable(const BinarySection& section) {
  constexpr std::array<std::string_view, 8> kTables = {".dynstr", ".strtab", ".shstrtab", ".dynsym", ".symtab", ".interp", ".gnu.hash", ".idata"};
  return std::find(kTables.begin(), kTables.end(), section.name) != kTables.end() || section.name.starts_with(".debug") ||
         section.name.starts_with(".gnu.version");
}

class Scan {
 public:
  explicit Scan(TextRuns& out) : out_(out) {}

  // `among_code`: only what stands between zeros, as texts of data do that a linker has put among code.
  void Bytes(ByteView bytes, std::uint64_t offset, std::uint64_t address, bool among_code = false) {
    const auto kept = [&](std::size_t from, std::size_t characters, std::size_t width) {
      const std::size_t end = from + characters * width;
      return !among_code || (characters >= kMinTextAmongCode && from > 0 && bytes.data()[from - 1] == 0 && bytes.U8(end) == 0 &&
                             (width == 1 || bytes.U8(end + 1) == 0));
    };
    const std::uint8_t* const data = bytes.data();
    const std::size_t size = bytes.size();
    for (std::size_t at = 0; at < size && !out_.cut;) {
      if (!Printable(data[at])) {
        ++at;
        continue;
      }
      std::size_t n = 1;
      while (at + n < size && Printable(data[at + n])) ++n;
      if (n >= kMinTextRun) {
        if (kept(at, n, 1)) Keep(bytes, at, n, 1, offset, address);
        at += n;
        continue;
      }
      std::size_t wide = 0;
      while (at + 2 * wide + 1 < size && Printable(data[at + 2 * wide]) && data[at + 2 * wide + 1] == 0) ++wide;
      if (wide >= kMinTextRun && kept(at, wide, 2)) Keep(bytes, at, wide, 2, offset, address);
      at += wide >= kMinTextRun ? 2 * wide : n;
    }
  }

 private:
  void Keep(ByteView bytes, std::size_t at, std::size_t characters, std::size_t width, std::uint64_t offset, std::uint64_t address) {
    if (out_.runs.size() == kMaxTextRuns) {
      out_.cut = true;
      return;
    }
    TextRun run;
    const std::size_t kept = std::min(characters, kMaxTextRun);
    run.offset = offset + at;
    run.length = kept * width;
    run.address = address == 0 ? 0 : address + at;
    run.wide = width == 2;
    run.text.reserve(kept);
    for (std::size_t i = 0; i < kept; ++i) run.text += static_cast<char>(bytes.data()[at + i * width]);
    out_.runs.push_back(std::move(run));
  }

  TextRuns& out_;
};

}  // namespace

TextRuns FindTextRuns(const Executable& executable, std::uint64_t end) {
  TextRuns out;
  Scan scan(out);
  std::uint64_t last = 0;
  for (const BinarySection& section : executable.sections) last = std::max(last, section.offset + section.bytes.size());
  const auto is_data = [](const BinarySection& s) { return !s.executable && !IsLinkerTable(s); };
  for (const Stretch& stretch : WalkOnce(executable, is_data)) scan.Bytes(stretch.bytes(), stretch.offset(), stretch.address());
  // Without section table, or with the linker's /MERGE, constants and code are one.
  for (const Stretch& stretch : WalkOnce(executable, [](const BinarySection& s) { return s.executable; }))
    scan.Bytes(stretch.bytes(), stretch.offset(), stretch.address(), true);
  // Behind the sections of an ELF file stand its symbols.
  if (executable.format == BinaryFormat::kPe && end > last && end <= executable.file.size())
    scan.Bytes(*executable.file.Slice(last, end - last), last, 0);
  std::stable_sort(out.runs.begin(), out.runs.end(), [](const TextRun& a, const TextRun& b) { return a.offset < b.offset; });
  return out;
}

}  // namespace ascribe
