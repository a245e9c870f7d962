// Programs made to hurt: ten thousand mutations, cuts at every header boundary, sizes of 4 GiB, structures that lead
// back to themselves. Each goes the whole way of a sample: reader, headers, functions, features. None may crash, hang
// (the time limit of the test runner says so) or take memory out of proportion.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <filesystem>
#include <functional>
#include <map>

#include "base/dice.h"
#include "base/io.h"
#include "binary/elf_builder.h"
#include "binary/macho_builder.h"
#include "binary/pe_builder.h"
#include "binary/text_runs.h"
#include "binary/walk.h"
#include "code/sample_code.h"
#include "code/stored_sample.h"
#include "disasm/functions.h"
#include "disasm/literals.h"
#include "disasm/program.h"
#include "disasm/values.h"
#include "ingest/reader.h"

namespace ascribe {
namespace {

// Code that is a maze: any bytes, with jumps to themselves and calls all over.
void FillCode(Bytes& bytes, std::size_t from, std::size_t size, Dice& dice) {
  for (std::size_t i = from; i < from + size && i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(dice.Below(256));
  constexpr std::array<std::array<std::uint8_t, 5>, 4> kCode = {{{0xEB, 0xFE, 0x90, 0x90, 0x90},
                                                                 {0xE8, 0x10, 0, 0, 0},
                                                                 {0xE9, 0xF0, 0xFF, 0xFF, 0xFF},
                                                                 {0x55, 0x48, 0x89, 0xE5, 0xC3}}};
  for (std::size_t i = from; i + 5 < from + size && i + 5 < bytes.size(); i += 5 + dice.Below(30)) {
    const auto& code = kCode[dice.Below(kCode.size())];
    std::copy(code.begin(), code.end(), bytes.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::vector<Bytes> MakeSeeds() {
  std::vector<Bytes> seeds;
  Dice dice(1);
  for (bool plus : {false, true}) {
    PeBuilder b;
    b.plus = plus;
    b.imports = {{"kernel32.dll", {"CreateFileA", "#12", "ExitProcess"}}, {"ws2_32.dll", {"send"}}};
    b.delay_imports = {{"user32.dll", {"MessageBoxA"}}};
    b.exports = {{"Run", PeBuilder::kCode + 16, ""}, {"Other", 0, "ntdll.Other"}};
    b.pdb_path = "C:\\work\\x.pdb";
    b.languages = {0x409, 0x412};
    b.rich = {{0x00A5'766F, 3}, {0x00A7'766F, 1}};
    b.tls_callbacks = {PeBuilder::kCode + 32};
    if (plus)
      b.unwind = {{PeBuilder::kCode, PeBuilder::kCode + 40, false},
                  {PeBuilder::kCode + 40, PeBuilder::kCode + 90, true}};
    b.code_size = 2048;
    Bytes bytes = b.Build();
    FillCode(bytes, bytes.size() - 2048, 2048, dice);
    seeds.push_back(std::move(bytes));
  }
  for (bool wide : {false, true}) {
    for (bool big : {false, true}) {
      ElfBuilder elf;
      elf.wide = wide;
      elf.big = big;
      elf.machine = big ? 20 : wide ? 62 : 3;
      elf.functions = {{"first", 30, true, true, true, false},
                       {"second", 20, false, true, true, true},
                       {"third", 0, true, false, false, false}};
      elf.imports = {{"puts", "libc.so.6"}, {"send", ""}};
      seeds.push_back(elf.Build().bytes);
      FillCode(seeds.back(), static_cast<std::size_t>(elf.at.at(".text")), 128, dice);
      MachOBuilder macho;
      macho.wide = wide;
      macho.big = big;
      macho.cpu = big ? 18 : wide ? 0x0100'0007 : 7;
      macho.functions = {{"first", true, true, true, false}, {"second", false, true, true, true}};
      macho.imports = {{"malloc", 1, true}, {"stdout", 1, false}};
      macho.libraries = {"/usr/lib/libSystem.B.dylib"};
      seeds.push_back(macho.Build().bytes);
      FillCode(seeds.back(), static_cast<std::size_t>(macho.at.at("__text")), 64, dice);
    }
  }
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(ASCRIBE_SOURCE_DIR) / "fuzz/seeds/executable"))
    if (auto bytes = ReadFile(entry.path(), 1 << 20)) seeds.push_back(std::move(*bytes));
  std::sort(seeds.begin(), seeds.end());
  return seeds;
}
const std::vector<Bytes>& Seeds() {
  static const std::vector<Bytes> kSeeds = MakeSeeds();
  return kSeeds;
}

// The way of a sample through the program. Gives what was found, so that nothing is optimised away: functions.
std::size_t Sample(const Bytes& bytes) {
  for (const Reader& reader : Readers()) {
    if (reader.name != "pe" && reader.name != "executable") continue;
    for (const Fact& fact : reader.read(bytes, "sample.exe").facts) {
      EXPECT_FALSE(fact.object.value.empty());
    }
  }
  const auto sample = ReadSampleCode(bytes);
  if (!sample) {
    EXPECT_FALSE(sample.error().message.empty());
    return 0;
  }
  Walk((*sample)->executable);
  const auto signatures = SignaturesOf((*sample)->program);
  (void)SketchOf(signatures);
  return (*sample)->program.functions.size();
}

// Files here have a few kilobytes; readers and analysis of one may take megabytes, never gigabytes.
void ExpectLittleMemory() {
  rusage usage{};
  ASSERT_EQ(getrusage(RUSAGE_SELF, &usage), 0);
  EXPECT_LT(usage.ru_maxrss, 1L << 20) << "KiB at the peak";
}

void Put(Bytes& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size && at + i < bytes.size(); ++i)
    bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

Bytes Mutate(Bytes bytes, Dice& dice) {
  for (std::size_t change = 1 + dice.Below(8); change > 0 && !bytes.empty(); --change) {
    // Headers are where it hurts: three of four changes go to the first kilobyte.
    const std::size_t at = dice.Below(dice.Below(4) == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 1024));
    const std::uint64_t numbers[] = {0,
                                     1,
                                     0x7F,
                                     0x80,
                                     0xFFFF,
                                     0x7FFF'FFFF,
                                     0x8000'0000,
                                     0xFFFF'FFFF,
                                     0x1'0000'0000,
                                     ~std::uint64_t{0},
                                     at,
                                     bytes.size(),
                                     bytes.size() - 1};
    switch (dice.Below(6)) {
      case 0:
        bytes[at] = static_cast<std::uint8_t>(dice.Below(256));
        break;
      case 1:
        bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1u << dice.Below(8)));
        break;
      case 2:
        Put(bytes, at & ~std::size_t{3}, numbers[dice.Below(std::size(numbers))], 4);
        break;
      case 3:
        Put(bytes, at & ~std::size_t{3}, numbers[dice.Below(std::size(numbers))], 8);
        break;
      case 4: {
        const std::size_t from = dice.Below(bytes.size()),
                          size = std::min({dice.Below(64) + 1, bytes.size() - from, bytes.size() - at});
        std::copy_n(Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end()).begin(), size,
                    bytes.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      }
      default:
        if (dice.Below(8) == 0) bytes.resize(dice.Below(bytes.size()) + 1);
    }
  }
  return bytes;
}

class HostileBinaries : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(HostileBinaries, AThousandMutations) {
  Dice dice(1000 + GetParam());
  std::size_t functions = 0, parsed = 0;
  for (int i = 0; i < 1000; ++i) {
    const Bytes bytes = Mutate(Seeds()[dice.Below(Seeds().size())], dice);
    parsed += ParseExecutable(bytes).has_value();
    functions += Sample(bytes);
  }
  EXPECT_GT(parsed, 300u) << "mutations that nobody reads test nothing";
  EXPECT_GT(functions, 300u);
  ExpectLittleMemory();
}
INSTANTIATE_TEST_SUITE_P(TenThousand, HostileBinaries, ::testing::Range<std::uint64_t>(0, 10));

TEST(HostileBinariesCut, AtEveryHeaderBoundary) {
  for (const Bytes& seed : Seeds())
    for (std::size_t size = 0; size < seed.size(); size += size < 1024 ? 2 : 64)
      (void)Sample({seed.begin(), seed.begin() + static_cast<std::ptrdiff_t>(size)});
  ExpectLittleMemory();
}

// Every word of the headers, one after the other, says 4 GiB, or points to itself or to the start.
TEST(HostileBinariesWords, FourGigabytesAndCircles) {
  std::size_t parsed = 0;
  for (const Bytes& seed : Seeds()) {
    for (std::size_t at = 0; at + 8 <= std::min<std::size_t>(seed.size(), 1024); at += 4) {
      for (const std::uint64_t value : {std::uint64_t{0xFFFF'FFFF}, std::uint64_t{at}, std::uint64_t{0}}) {
        Bytes bytes = seed;
        Put(bytes, at, value, 4);
        parsed += ParseExecutable(bytes).has_value();
        (void)Sample(bytes);
      }
      Bytes bytes = seed;
      Put(bytes, at, 0x1'0000'0000, 8);
      (void)Sample(bytes);
    }
  }
  EXPECT_GT(parsed, 1000u);
  ExpectLittleMemory();
}

// All sections at once claim 4 GiB of the file and of memory, all of them the same bytes.
TEST(HostileBinariesSections, AllClaimFourGigabytes) {
  PeBuilder b;
  b.code_size = 2048;
  Bytes pe = b.Build();
  const auto half = [&](std::size_t at) { return std::size_t{pe[at]} | std::size_t{pe[at + 1]} << 8; };
  const std::size_t header = half(0x3C), table = header + 24 + half(header + 20);
  Put(pe, header + 6, 96, 2);
  pe.resize(std::max<std::size_t>(pe.size(), table + 96 * 40 + 4096));
  for (std::size_t i = 0; i < 96; ++i) {
    Put(pe, table + 40 * i + 8, 0xFFFF'FFFF, 4);
    Put(pe, table + 40 * i + 12, 0x1000 * (i % 3), 4);
    Put(pe, table + 40 * i + 16, 0xFFFF'FFFF, 4);
    Put(pe, table + 40 * i + 20, 0x200, 4);
    Put(pe, table + 40 * i + 36, 0xE000'0020, 4);
  }
  (void)Sample(pe);

  ElfBuilder elf;
  elf.functions = {{"first", 30, true, true, true, false}};
  Bytes bytes = elf.Build().bytes;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t at = static_cast<std::size_t>(elf.at.at("segments")) + 56 * i;
    Put(bytes, at, 1, 4);
    Put(bytes, at + 4, 7, 4);
    Put(bytes, at + 32, 0x1'0000'0000, 8);
    Put(bytes, at + 40, 0x1'0000'0000, 8);
  }
  (void)Sample(bytes);

  MachOBuilder macho;
  macho.functions = {{"first", true, true, true, false}};
  Bytes image = macho.Build().bytes;
  for (std::size_t at = 32; at + 8 <= 600 && at + 8 <= image.size(); at += 8) {
    Bytes one = image;
    Put(one, at, 0x1'0000'0000, 8);
    (void)Sample(one);
  }
  ExpectLittleMemory();
}

// An ELF file whose section table shows one part of the file again and again, at other addresses.
Bytes SameBytesAgain(const Bytes& part, std::size_t sections, std::uint64_t flags) {
  ElfBuilder elf;
  Bytes bytes = elf.Build().bytes;
  Put(bytes, 56, 0, 2);  // no segments that could contradict
  bytes.resize((bytes.size() + 63) / 64 * 64);
  const std::size_t at = bytes.size();
  bytes.insert(bytes.end(), part.begin(), part.end());
  Put(bytes, 24, 0x40'0000, 8);
  Put(bytes, 40, bytes.size(), 8);
  Put(bytes, 60, sections + 1, 2);
  Put(bytes, 62, 0, 2);
  bytes.resize(bytes.size() + 64);
  for (std::size_t i = 0; i < sections; ++i) {
    const std::size_t header = bytes.size();
    bytes.resize(header + 64);
    Put(bytes, header + 4, 1, 4);
    Put(bytes, header + 8, flags, 8);
    Put(bytes, header + 16, 0x40'0000 + 0x20'0000 * i, 8);
    Put(bytes, header + 24, at, 8);
    Put(bytes, header + 32, part.size(), 8);
  }
  return bytes;
}

Program ProgramOf(const Bytes& bytes) {
  const auto executable = ParseExecutable(bytes);
  EXPECT_TRUE(executable);
  return executable ? AnalyseProgram(*executable) : Program();
}

// Whatever the section table says, each byte of the file is read once.
TEST(HostileBinariesShared, TwentyThousandSectionsOfTheSameTexts) {
  std::string texts;
  for (int i = 0; texts.size() < 1 << 20; ++i) texts += "text number " + std::to_string(i) + '\0';
  const Bytes part(texts.begin(), texts.end());
  const Bytes bytes = SameBytesAgain(part, 20'000, 2);
  const Program many = ProgramOf(bytes), one = ProgramOf(SameBytesAgain(part, 1, 2));
  ASSERT_EQ(ParseExecutable(bytes)->sections.size(), 20'000u);
  EXPECT_EQ(many.text_bytes, part.size());
  EXPECT_EQ(many.data, one.data);
  EXPECT_GT(one.data.size(), 40'000u);
  (void)Sample(bytes);
  ExpectLittleMemory();
}

TEST(HostileBinariesShared, TwentyThousandSectionsOfTheSameCode) {
  Bytes part;
  Dice dice(3);
  while (part.size() < 1 << 20) {  // push rbp; mov rbp, rsp; mov eax, n; call …; pop rbp; ret; nops
    const std::size_t at = part.size();
    part.insert(part.end(), {0x55, 0x48, 0x89, 0xE5, 0xB8, 0, 0, 0, 0, 0xE8, 0, 0, 0, 0, 0x5D, 0xC3, 0x90, 0x90, 0x90,
                             0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90});
    Put(part, at + 5, dice.Below(1 << 30), 4);
    Put(part, at + 10, 32 * dice.Below(1000), 4);
  }
  const Program many = ProgramOf(SameBytesAgain(part, 20'000, 6)), one = ProgramOf(SameBytesAgain(part, 1, 6));
  EXPECT_GT(one.functions.size(), 10'000u);
  EXPECT_EQ(many.functions.size(), one.functions.size());
  EXPECT_EQ(many.instructions, one.instructions);
  (void)Sample(SameBytesAgain(part, 20'000, 6));
  ExpectLittleMemory();
}

// The loader does map the same bytes 96 times, at other addresses.
TEST(HostileBinariesShared, NinetySixSectionsOfAPe) {
  PeBuilder b;
  b.code_size = 1 << 16;
  Bytes pe = b.Build();
  const std::size_t header = pe[0x3C] | pe[0x3D] << 8, table = header + 24 + (pe[header + 20] | pe[header + 21] << 8);
  const std::size_t code = pe.size() - (1 << 16);
  Dice dice(4);
  FillCode(pe, code, 1 << 16, dice);
  pe.insert(pe.begin() + static_cast<std::ptrdiff_t>(table), 4096, 0);  // room for the table
  const std::size_t moved = code + 4096;
  const auto with = [&](std::size_t sections) {
    Bytes bytes = pe;
    Put(bytes, header + 6, sections, 2);
    for (std::size_t i = 0; i < sections; ++i) {
      Put(bytes, table + 40 * i + 8, 1 << 16, 4);
      Put(bytes, table + 40 * i + 12, PeBuilder::kCode + (i << 16), 4);
      Put(bytes, table + 40 * i + 16, 1 << 16, 4);
      Put(bytes, table + 40 * i + 20, moved, 4);
      Put(bytes, table + 40 * i + 36, 0x6000'0020, 4);
    }
    return ProgramOf(bytes);
  };
  const Program many = with(96), one = with(1);
  EXPECT_GT(one.functions.size(), 100u);
  EXPECT_LE(many.instructions, one.instructions + one.instructions / 10);
  EXPECT_LE(many.functions.size(), one.functions.size() + one.functions.size() / 10);
}

// A hundred thousand symbols of a megabyte each, one byte apart, beside code that nothing covers.
TEST(HostileBinariesShared, FunctionsWithinEachOther) {
  Executable e;
  const Bytes code(3 << 20, 0x90);
  e.format = BinaryFormat::kElf;
  e.architecture = Architecture::kX64;
  e.is_64 = true;
  e.file = code;
  e.sections.push_back({".text", 0x40'0000, code.size(), 0, code, true, false});
  for (std::uint64_t i = 0; i < 100'000; ++i) e.starts.push_back({0x40'0000 + i, 0x40'0000 + i + (1 << 20), FunctionSource::kSymbol});
  const std::vector<FunctionRange> functions = FindFunctions(e);
  EXPECT_GE(functions.size(), 100'000u);
  std::uint64_t bytes = 0;
  for (const FunctionRange& f : functions) bytes += f.end - f.address;
  EXPECT_LE(bytes, code.size());
}

// Constants among code: a program without section table whose linker made one segment of both, or /MERGE:.rdata=.text.
TEST(HostileBinariesMerged, TextsAmongCodeAreRead) {
  const std::string text = "http://203.0.113.9:8443/gate", name = "Global\\merged constants";
  Bytes section = {0x48, 0x8D, 0x3D, 0x19, 0, 0, 0,  // lea rdi, [rip + 0x19]
                   0xE8, 0x04, 0, 0, 0, 0xC3, 0x90, 0x90, 0x90,
                   // The printable pushes of a prologue, and eight printable bytes of an instruction.
                   0x41, 0x57, 0x41, 0x56, 0x41, 0x55, 0x41, 0x54, 0x55, 0x53, 0xC3, 0x90, 0, 0, 0, 0};
  section.insert(section.end(), text.begin(), text.end());
  section.push_back(0);
  for (char c : name) {
    section.push_back(static_cast<std::uint8_t>(c));
    section.push_back(0);
  }
  section.insert(section.end(), 2, 0);
  const Bytes merged = SameBytesAgain(section, 1, 6);
  const auto executable = ParseExecutable(merged);
  ASSERT_TRUE(executable);
  ASSERT_TRUE(executable->sections.front().executable);
  std::vector<std::string> texts;
  for (const TextRun& run : FindTextRuns(*executable, merged.size()).runs) {
    texts.push_back(run.text);
    EXPECT_EQ(executable->OffsetOf(run.address), run.offset);
  }
  EXPECT_EQ(texts, (std::vector<std::string>{text, name}));
  EXPECT_EQ(ReadLiteral(*executable, 0x40'0020, 0).text, text);
  EXPECT_EQ(ReadLiteral(*executable, 0x40'0010, 0).kind, Literal::Kind::kNone);
  const Program program = AnalyseProgram(*executable);
  EXPECT_EQ(program.data.size(), 2u);
  ASSERT_FALSE(program.functions.empty());
  std::vector<std::uint64_t> keys;
  AddTextKeys(text, keys);
  for (const std::uint64_t key : keys) EXPECT_EQ(std::count(program.functions[0].features.begin(), program.functions[0].features.end(), key), 1);
}

// Resource directories whose entries are the directory itself, 65,535 of them.
TEST(HostileBinariesCircles, ResourcesThatHoldThemselves) {
  PeBuilder b;
  b.languages = {0x409};
  b.code_size = 64;
  const Bytes whole = b.Build();
  const auto image = ParseExecutable(whole);
  ASSERT_TRUE(image);
  const std::size_t header = std::size_t{whole[0x3C]} | std::size_t{whole[0x3D]} << 8;
  const auto number = [&](std::size_t at) {
    return std::size_t{whole[at]} | std::size_t{whole[at + 1]} << 8 | std::size_t{whole[at + 2]} << 16;
  };
  const std::size_t rva = number(header + 24 + 96 + 2 * 8);
  ASSERT_GE(rva, 0x1000u);
  const auto offset = image->OffsetOf(image->image_base + rva);
  ASSERT_TRUE(offset);
  Bytes bytes = whole;
  bytes.resize(bytes.size() + 65'535 * 8);
  Put(bytes, static_cast<std::size_t>(*offset) + 12, 0xFFFF'FFFF, 4);  // entries with names and with numbers
  for (std::size_t at = static_cast<std::size_t>(*offset) + 16; at + 8 <= whole.size(); at += 8)
    Put(bytes, at + 4, 0x8000'0000, 4);
  (void)Sample(bytes);
  ExpectLittleMemory();
}

}  // namespace
}  // namespace ascribe
