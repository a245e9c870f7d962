// PE, ELF and Mach-O as our readers and LIEF see them: system files, programs built here, seeds and builders.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/test_folder.h"
#include "base/text.h"
#include "binary/elf_dynamic.h"
#include "binary/executable.h"
#include "binary/macho_image.h"
#include "binary/pe_imports.h"
#include "binary/pe_resources.h"
#include "binary/pe_rich.h"
#include "ingest/pe.h"
#include "program_files.h"
#include "program_view.h"

namespace ascribe {

std::string HexText(std::uint64_t number) { return fmt::format("{:x}", number); }

#ifdef ASCRIBE_LIEF

namespace {

ProgramView PeView(const PeImage& image, const Executable& e) {
  ProgramView v;
  v.headers = {"entry " + HexText(image.entry), "base " + HexText(image.image_base), "time " + HexText(image.time_stamp),
               fmt::format("linker {}.{}", image.linker_major, image.linker_minor)};
  for (const PeSection& s : image.sections)
    v.sections.insert(fmt::format("{} {:x} {:x} {:x} {:x} {:x}", s.name, s.address, s.virtual_size, s.raw_offset, s.raw_size, s.flags));
  for (const PeImportedLibrary& library : ReadPeImports(image).libraries) v.libraries.insert(library.name);
  // LIEF 0.9 does not read the delay-loaded ones.
  for (const BinaryImport& i : e.imports)
    if (v.libraries.count(i.library) > 0) v.imports.insert(fmt::format("{:x} {} {}", i.slot, i.library, i.name));
  if (const auto rich = ReadRichHeader(image))
    for (const RichProduct& p : rich->products) v.rich.insert(fmt::format("{} {} {}", p.product, p.build, p.count));
  for (const PeLanguage& language : ReadPeResources(image).languages) v.languages.insert(HexText(language.id));
  for (const Fact& fact : ReadPe(image.file, {}).facts)
    if (fact.object.type == EntityType::kPdbPath) v.debug.insert(fact.object.value);
  return v;
}

ProgramView ElfView(const ElfImage& image, const Executable& e) {
  ProgramView v;
  v.headers.insert("entry " + HexText(image.entry));
  for (const BinarySection& s : e.sections)
    v.sections.insert(fmt::format("{} {:x} {:x} {:x}{}{}", s.name, s.address, s.virtual_size, s.offset, s.executable ? " x" : "", s.writable ? " w" : ""));
  for (const BinaryImport& i : e.imports) v.imports.insert(fmt::format("{:x} {}", i.slot, i.name));
  for (const auto& [number, path] : ReadElfDynamic(image).libraries) v.libraries.insert(AsciiLower(path.substr(path.rfind('/') + 1)));
  return v;
}

ProgramView MachOView(const MachOImage& image, const Executable& e) {
  ProgramView v;
  if (e.entry != 0) v.headers.insert("entry " + HexText(e.entry));  // compared where LIEF has one
  for (const MachOSegment& s : image.segments)
    v.sections.insert(fmt::format("{} {:x} {:x} {:x} {:x}", s.name, s.address, s.size, s.offset, s.file_size));
  for (const MachOSection& s : image.sections) v.sections.insert(fmt::format("{} {:x} {:x} {:x}", s.name, s.address, s.size, s.offset));
  for (const std::string_view library : image.libraries) v.libraries.emplace(library);
  return v;
}

std::set<std::string> Without(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

std::string First(const std::set<std::string>& lines) {
  std::string out;
  std::size_t shown = 0;
  for (const std::string& line : lines)
    if (++shown <= 5) out += "\n    " + line;
  return out + (shown > 5 ? fmt::format("\n    and {} more", shown - 5) : "");
}

void ExpectSame(const std::string& what, const std::set<std::string>& ours, const std::set<std::string>& theirs) {
  const auto missing = Without(theirs, ours), extra = Without(ours, theirs);
  EXPECT_TRUE(missing.empty()) << what << " that only LIEF sees:" << First(missing);
  EXPECT_TRUE(extra.empty()) << what << " that only we see:" << First(extra);
}

/// How many files each format had, and how many statements were compared, so that the test cannot pass empty.
struct Compared {
  std::map<BinaryFormat, std::size_t> files;
  std::map<std::string, std::size_t> statements;
};

void Compare(const ProgramFile& file, Compared& compared) {
  SCOPED_TRACE(file.name);
  const Result<Executable> e = ParseExecutable(file.bytes);
  ASSERT_TRUE(e.has_value()) << e.error().message;
  const std::optional<ProgramView> theirs = ReadWithLief(file.bytes);
  if (!theirs) return;
  ++compared.files[e->format];
  ProgramView ours;
  std::set<std::string> exports, starts;
  for (const BinaryExport& x : e->exports) exports.insert(HexText(x.address) + " " + x.name);
  for (const FunctionStart& s : e->starts) starts.insert(HexText(s.address));
  switch (e->format) {
    case BinaryFormat::kPe:
      ours = PeView(*ParsePeImage(file.bytes), *e);
      break;
    case BinaryFormat::kElf:
      ours = ElfView(*ParseElfImage(file.bytes), *e);
      break;
    case BinaryFormat::kMachO:
      ours = MachOView(*ParseMachOImage(file.bytes), *e);
      break;
  }
  const auto same = [&](const std::string& what, const std::set<std::string>& a, const std::set<std::string>& b) {
    ExpectSame(what, a, b);
    compared.statements[what] += b.size();
  };
  if (e->format != BinaryFormat::kMachO || !theirs->headers.empty()) same("headers", ours.headers, theirs->headers);
  // Without a section table our sections are the segments; LIEF has none.
  if (e->format != BinaryFormat::kElf || !ParseElfImage(file.bytes)->sections.empty()) same("sections", ours.sections, theirs->sections);
  same("libraries", ours.libraries, theirs->libraries);
  same("Rich entries", ours.rich, theirs->rich);
  same("PDB paths", ours.debug, theirs->debug);
  same("languages", ours.languages, theirs->languages);
  if (e->format != BinaryFormat::kMachO) {
    same("exports", exports, theirs->exports);
    const bool slots_known = e->format == BinaryFormat::kPe || e->architecture == Architecture::kX86 || e->architecture == Architecture::kX64;
    if (slots_known) same("imports", ours.imports, theirs->imports);
  }
  // Ours come from more than symbols.
  const auto missing = Without(theirs->functions, starts);
  EXPECT_TRUE(missing.empty()) << "functions that only LIEF sees:" << First(missing);
  compared.statements["functions"] += theirs->functions.size();
}

TEST(Lief, SystemPrograms) {
  Compared compared;
  for (const ProgramFile& file : SystemPrograms()) Compare(file, compared);
  EXPECT_GE(compared.files[BinaryFormat::kElf], 20u);
  EXPECT_GT(compared.statements["imports"], 1000u);
  EXPECT_GT(compared.statements["exports"], 1000u);
  EXPECT_GT(compared.statements["functions"], 100u);
}

TEST(Lief, WindowsPrograms) {
  TestFolder folder;
  const std::vector<ProgramFile> files = WindowsPrograms(folder.path());
  if (files.empty()) GTEST_SKIP() << "SKIPPED: mingw-w64 is not installed; nothing checks the PE reader against LIEF on real programs";
  Compared compared;
  for (const ProgramFile& file : files) Compare(file, compared);
  EXPECT_GT(compared.statements["imports"], 50u);
  EXPECT_GT(compared.statements["exports"], 2u);
  EXPECT_GT(compared.statements["functions"], 2u);
  EXPECT_GT(compared.statements["languages"], 1u);
}

TEST(Lief, MadePrograms) {
  Compared compared;
  for (const ProgramFile& file : MadePrograms()) Compare(file, compared);
  for (const BinaryFormat format : {BinaryFormat::kPe, BinaryFormat::kElf, BinaryFormat::kMachO})
    EXPECT_GE(compared.files[format], 2u) << Name(format);
  EXPECT_GT(compared.statements["Rich entries"], 2u);
  EXPECT_GT(compared.statements["PDB paths"], 0u);
}

}  // namespace

#else

TEST(Lief, IsInstalled) { GTEST_SKIP() << "SKIPPED: LIEF (liblief-dev) is not installed; nothing checks the readers of programs against it"; }

#endif

}  // namespace ascribe
