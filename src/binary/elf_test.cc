#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "binary/elf_builder.h"
#include "binary/elf_image.h"
#include "binary/executable.h"
#include "binary/walk.h"

namespace ascribe {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

struct Machine {
  bool wide = false, big = false;
  std::uint16_t machine = 0;
  std::uint32_t jump_slot = 0;
  Architecture architecture = Architecture::kOther;
};
constexpr Machine kMachines[] = {{true, false, 62, 7, Architecture::kX64},
                                 {false, false, 3, 7, Architecture::kX86},
                                 {true, true, 21, 21, Architecture::kPowerPc},
                                 {false, true, 20, 21, Architecture::kPowerPc}};

// One function known by each source alone, in this order.
ElfBuilder Builder(const Machine& m = kMachines[0]) {
  ElfBuilder b;
  b.wide = m.wide;
  b.big = m.big;
  b.machine = m.machine;
  b.jump_slot = m.jump_slot;
  b.functions = {{"entry_point", 0, false, false, false, false}, {"unwound", 16, false, false, true, false},
                 {"linked", 20, false, true, false, false},      {"shown", 24, true, false, false, false},
                 {"before_main", 8, false, false, false, true},  {"everywhere", 28, true, true, true, true}};
  b.imports = {{"malloc", "libc.so.6"}, {"unbound", ""}, {"cos", "sub/LibM.so"}};
  return b;
}

Executable Parse(ByteView bytes) {
  Result<Executable> e = ParseExecutable(bytes);
  if (!e) ADD_FAILURE() << e.error().message;
  return e ? std::move(*e) : Executable();
}

const FunctionStart* StartAt(const Executable& e, std::uint64_t address) {
  const auto found =
      std::find_if(e.starts.begin(), e.starts.end(), [&](const FunctionStart& s) { return s.address == address; });
  return found == e.starts.end() ? nullptr : &*found;
}

void ExpectFunctions(const Executable& e, const ElfBuilder& b, bool symbols) {
  struct Expected {
    std::size_t index;
    FunctionSource source;
    std::uint64_t size;
  };
  std::vector<Expected> expected = {{0, FunctionSource::kEntry, 0},
                                    {1, FunctionSource::kUnwind, 16},
                                    {3, FunctionSource::kSymbol, 24},
                                    {4, FunctionSource::kEntry, 0},
                                    {5, FunctionSource::kUnwind, 28}};
  if (symbols) expected.push_back({2, FunctionSource::kSymbol, 20});
  EXPECT_EQ(e.starts.size(), expected.size());
  for (const Expected& x : expected) {
    const std::uint64_t address = b.FunctionAddress(x.index);
    const FunctionStart* start = StartAt(e, address);
    ASSERT_NE(start, nullptr) << b.functions[x.index].name;
    EXPECT_EQ(start->source, x.source) << b.functions[x.index].name;
    EXPECT_EQ(start->end, x.size == 0 ? 0 : address + x.size) << b.functions[x.index].name;
  }
}

void ExpectLinkage(const Executable& e, const ElfBuilder& b) {
  const std::uint64_t word = b.wide ? 8 : 4;
  ASSERT_EQ(e.imports.size(), 3u);
  const std::pair<std::string, std::string> expected[] = {{"libc.so.6", "malloc"}, {"", "unbound"}, {"libm.so", "cos"}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(e.imports[i].slot, b.Address(".got") + word * i);
    EXPECT_EQ(e.imports[i].library, expected[i].first);
    EXPECT_EQ(e.imports[i].name, expected[i].second);
  }
  ASSERT_EQ(e.exports.size(), 2u);
  EXPECT_EQ(e.exports[0].name, "shown");
  EXPECT_EQ(e.exports[0].address, b.FunctionAddress(3));
  EXPECT_EQ(e.exports[1].name, "everywhere");
}

TEST(Elf, EveryWordSizeOrderAndHashTable) {
  for (const Machine& m : kMachines) {
    for (bool gnu_hash : {false, true}) {
      for (bool section_table : {false, true}) {
        SCOPED_TRACE(::testing::Message()
                     << "wide " << m.wide << " big " << m.big << " gnu " << gnu_hash << " table " << section_table);
        ElfBuilder b = Builder(m);
        b.gnu_hash = gnu_hash;
        b.section_table = section_table;
        const Bytes bytes = b.Build().bytes;
        const Executable e = Parse(bytes);
        EXPECT_EQ(e.format, BinaryFormat::kElf);
        EXPECT_EQ(e.architecture, m.architecture);
        EXPECT_EQ(e.is_64, m.wide);
        EXPECT_EQ(e.big_endian, m.big);
        EXPECT_EQ(e.image_base, ElfBuilder::kBase);
        EXPECT_EQ(e.entry, b.FunctionAddress(0));
        EXPECT_TRUE(e.oddities.empty()) << e.oddities.front();
        ExpectFunctions(e, b, section_table);
        ExpectLinkage(e, b);
        EXPECT_EQ(e.OffsetOf(b.FunctionAddress(2)), b.FunctionAddress(2) - ElfBuilder::kBase);
        EXPECT_EQ(e.At(b.Address(".text")).U8(0), 0x90);
      }
    }
  }
}

TEST(Elf, SectionsOrElseSegments) {
  ElfBuilder b = Builder();
  const Bytes with = b.Build().bytes;
  const Executable e = Parse(with);
  ASSERT_FALSE(e.sections.empty());
  EXPECT_EQ(e.sections[0].name, ".text");
  EXPECT_EQ(e.sections[0].address, b.Address(".text"));
  EXPECT_EQ(e.sections[0].offset, b.at.at(".text"));
  EXPECT_EQ(e.sections[0].bytes.size(), 7 * ElfBuilder::kFunctionBytes);
  EXPECT_TRUE(e.sections[0].executable);
  EXPECT_FALSE(e.sections[0].writable);
  for (const BinarySection& s : e.sections) EXPECT_NE(s.name, ".symtab") << "not loaded";

  b.section_table = false;
  const Bytes without = b.Build().bytes;
  const Executable f = Parse(without);
  ASSERT_EQ(f.sections.size(), 2u);
  EXPECT_EQ(f.sections[0].name, "LOAD0");
  EXPECT_TRUE(f.sections[0].executable);
  EXPECT_FALSE(f.sections[0].writable);
  EXPECT_FALSE(f.sections[1].executable);
  EXPECT_TRUE(f.sections[1].writable);
}

TEST(Elf, ForgedSectionTables) {
  ElfBuilder b = Builder();
  const ByteBuilder good = b.Build();
  {
    SCOPED_TRACE("outside of the file");
    ByteBuilder bad = good;
    bad.SetWord(b.at.at("e_shoff"), 0xFFFF'FFFF'FFFF'FFF0);
    const Executable e = Parse(bad.bytes);
    EXPECT_EQ(e.sections.size(), 2u);
    EXPECT_THAT(e.oddities, Contains(HasSubstr("outside")));
    ExpectFunctions(e, b, false);
    ExpectLinkage(e, b);
  }
  {
    SCOPED_TRACE("no name table");
    ByteBuilder bad = good;
    bad.Set16(b.at.at("e_phnum") + 6, 0x7777);
    const Executable e = Parse(bad.bytes);
    EXPECT_GT(e.sections.size(), 2u);
    EXPECT_EQ(e.sections[0].name, "");
    EXPECT_THAT(e.oddities, Contains(HasSubstr("no names")));
    ExpectFunctions(e, b, true);  // the frames are then found by their segment
  }
  {
    SCOPED_TRACE("code elsewhere than the loader takes it from");
    ByteBuilder bad = good;
    bad.SetWord(b.at.at("section .text") + 24, b.at.at(".dynstr"));
    const Executable e = Parse(bad.bytes);
    EXPECT_EQ(e.sections.size(), 2u);
    EXPECT_THAT(e.oddities, Contains(HasSubstr("contradicts")));
    ExpectFunctions(e, b, false);
  }
  {
    SCOPED_TRACE("no code at all");
    ByteBuilder bad = good;
    bad.SetWord(b.at.at("section .text") + 8, 2);
    EXPECT_THAT(Parse(bad.bytes).oddities, Contains(HasSubstr("contradicts")));
  }
  {
    SCOPED_TRACE("numbers that stand in the first section header");
    ByteBuilder extended = good;
    const std::uint64_t count = b.at.at("e_phnum") + 4, first = b.at.at("sections");
    extended.Set32(first + 32, extended.bytes[static_cast<std::size_t>(count)]);
    extended.Set32(first + 40, extended.bytes[static_cast<std::size_t>(count) + 2]);
    extended.Set32(first + 44, 4);
    extended.Set16(b.at.at("e_phnum"), 0xFFFF);
    extended.Set16(count, 0);
    extended.Set16(count + 2, 0xFFFF);
    const Executable e = Parse(extended.bytes);
    EXPECT_TRUE(e.oddities.empty()) << e.oddities.front();
    EXPECT_EQ(e.sections[0].name, ".text");
    ExpectFunctions(e, b, true);
  }
  {
    SCOPED_TRACE("numbers beyond all limits");
    ByteBuilder bad = good;
    bad.SetWord(b.at.at("sections") + 32, 0xFFFF'FFFF'FFFF);
    bad.Set16(b.at.at("e_phnum") + 4, 0);
    const Executable e = Parse(bad.bytes);
    EXPECT_THAT(e.oddities, Contains(HasSubstr("only the first")));
    EXPECT_THAT(e.oddities, Contains(HasSubstr("section table ends")));
  }
}

TEST(Elf, WordSizeAndOrderThatAreNotStatedComeFromTheMachine) {
  for (const Machine& m : {kMachines[0], kMachines[1], kMachines[3]}) {
    ElfBuilder b = Builder(m);
    ByteBuilder bytes = b.Build();
    bytes.bytes[4] = bytes.bytes[5] = 0;
    const Executable e = Parse(bytes.bytes);
    EXPECT_EQ(e.is_64, m.wide);
    EXPECT_EQ(e.big_endian, m.big);
    EXPECT_THAT(e.oddities, Contains(HasSubstr("not stated")));
    ExpectFunctions(e, b, true);
  }
}

TEST(Elf, ThumbAddressesLoseTheirMark) {
  ElfBuilder b = Builder(kMachines[1]);
  b.machine = 40;
  b.jump_slot = 22;
  ByteBuilder bytes = b.Build();
  bytes.SetWord(24, b.FunctionAddress(0) + 1);
  bytes.SetWord(b.at.at(".init_array"), b.FunctionAddress(4) + 1);
  const std::uint64_t shown = b.at.at(".dynsym") + std::uint64_t{16} * 4;
  bytes.SetWord(shown + 4, b.FunctionAddress(3) + 1);
  const Executable e = Parse(bytes.bytes);
  EXPECT_EQ(e.architecture, Architecture::kArm);
  EXPECT_EQ(e.entry, b.FunctionAddress(0));
  ExpectFunctions(e, b, true);
  ExpectLinkage(e, b);
}

// What headers say of the making of a file, each with its own bytes.
TEST(Elf, RemarksWithTheirBytes) {
  for (bool wide : {false, true}) {
    for (bool big : {false, true}) {
      ElfBuilder b;
      b.wide = wide;
      b.big = big;
      b.own_name = "libcourier.so.2";
      b.search_path = "$ORIGIN/../lib";
      b.old_search_path = "/home/build/lib";
      b.needed_library = "libmill.so.1";
      b.comment = "GCC: (GNU) 12.2.0";
      b.build_id = {0xDE, 0xAD, 0x01};
      for (bool table : {true, false}) {
        b.section_table = table;
        const Bytes file = b.Build().bytes;
        const Result<Executable> e = ParseExecutable(file);
        ASSERT_TRUE(e) << e.error().message;
        Walk(*e);
        std::vector<std::pair<std::string, std::string>> seen;
        for (const BinaryRemark& r : e->remarks) seen.emplace_back(r.text, ByteView(file).text().substr(r.place.offset, r.place.size));
        std::vector<std::pair<std::string, std::string>> expected = {{"build id: dead01", "\xDE\xAD\x01"}};
        if (table) expected.emplace_back("compiler: GCC: (GNU) 12.2.0", "GCC: (GNU) 12.2.0");  // no segment holds it
        expected.emplace_back("own name: libcourier.so.2", "libcourier.so.2");
        expected.emplace_back("library search path (RPATH): /home/build/lib", "/home/build/lib");
        expected.emplace_back("library search path (RUNPATH): $ORIGIN/../lib", "$ORIGIN/../lib");
        expected.emplace_back("needed library: libmill.so.1", "libmill.so.1");
        EXPECT_EQ(seen, expected) << wide << big << table;
      }
    }
  }
}

TEST(Elf, CutAtEveryByte) {
  for (const Machine& m : kMachines) {
    ElfBuilder b = Builder(m);
    const Bytes whole = b.Build().bytes;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const Result<Executable> e = ParseExecutable(cut);
      ASSERT_EQ(e.has_value(), size >= (m.wide ? 64u : 52u)) << size;
      if (e) Walk(*e);
      if (e && size > (m.wide ? 64u : 52u)) {
        EXPECT_FALSE(e->oddities.empty()) << size;
      }
    }
  }
}

TEST(Elf, DeclaredSizesAreNotBelieved) {
  ElfBuilder b = Builder();
  const ByteBuilder good = b.Build();
  for (std::uint64_t size : {std::uint64_t{0xFFFF'FFFF}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    ByteBuilder bad = good;
    bad.SetWord(b.at.at("section .text") + 32, size);
    bad.SetWord(b.at.at("segments") + 32, size);
    bad.SetWord(b.at.at("segments") + 40, size);
    const Executable e = Parse(bad.bytes);
    Walk(e);
    EXPECT_EQ(e.sections[0].bytes.size(), bad.bytes.size() - b.at.at(".text"));
    EXPECT_LE(e.sections[0].virtual_size, ~std::uint64_t{0} - e.sections[0].address);
    EXPECT_THAT(e.oddities, Contains(HasSubstr("beyond the end")));
  }
}

// Every word of the tables in turn becomes what could make a loop or an overflow.
TEST(Elf, NoValueLeadsAstray) {
  for (const Machine& m : kMachines) {
    ElfBuilder b = Builder(m);
    b.gnu_hash = m.big;
    const ByteBuilder good = b.Build();
    for (std::uint64_t at = 4; at + 8 <= good.bytes.size(); at += 4) {
      for (std::uint64_t value :
           {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{0x7FFF'FFFF}, std::uint64_t{0x8000'0000},
            std::uint64_t{0xFFFF'FFFF}, ElfBuilder::kBase + b.at.at(".dynsym")}) {
        ByteBuilder bad = good;
        bad.Set32(at, value);
        if (const Result<Executable> e = ParseExecutable(bad.bytes)) Walk(*e);
      }
    }
  }
}

TEST(Elf, SegmentsThatOverlapAreAllKept) {
  ElfBuilder b = Builder();
  b.section_table = false;
  ByteBuilder bytes = b.Build();
  const std::uint64_t table = bytes.size();
  const Bytes one(bytes.bytes.begin() + 64, bytes.bytes.begin() + 64 + 56);
  for (int i = 0; i < 1000; ++i) bytes.Append(one);
  bytes.SetWord(32, table);
  bytes.Set16(b.at.at("e_phnum"), 1000);
  const Executable e = Parse(bytes.bytes);
  EXPECT_EQ(e.sections.size(), 1000u);
  Walk(e);
}

TEST(Elf, NamesShareOneBudget) {
  ElfBuilder b;
  b.section_table = false;
  constexpr std::size_t kSymbols = 20'000, kLength = 4000;  // 80 MB of names from 4 KB
  static_assert(kSymbols * kLength > kMaxBinaryNameBytes && kLength <= kMaxBinaryName);
  b.functions.assign(kSymbols, {"f", 4, true, false, false, false});
  b.functions[0].name = std::string(kLength, 'n');
  const ByteBuilder good = b.Build();
  ByteBuilder bad = good;
  for (std::size_t i = 1; i <= kSymbols; ++i) bad.Set32(b.at.at(".dynsym") + 24 * i, 1);  // where the long one stands
  const Executable e = Parse(bad.bytes);
  std::size_t bytes = 0;
  for (const BinaryExport& x : e.exports) bytes += x.name.size();
  EXPECT_GT(bytes, kMaxBinaryNameBytes / 2);
  EXPECT_LE(bytes, kMaxBinaryNameBytes + kMaxBinaryName);
  EXPECT_EQ(e.starts.size(), kSymbols) << "functions without names are functions";
  EXPECT_THAT(e.oddities, Contains(HasSubstr("names than are read")));
}

// Two sections that both want address 0, and symbols that count from them.
TEST(Elf, ObjectFilesAreLaidOut) {
  ByteBuilder o{false, true};
  o.Fixed("\177ELF\2\1\1", 16);
  o.U16(1);
  o.U16(62);
  o.U32(1);
  for (int i = 0; i < 3; ++i) o.Word(0);
  o.U32(0);
  for (int value : {64, 0, 0, 64, 6, 5}) o.U16(static_cast<std::uint64_t>(value));
  const std::uint64_t first = o.size();
  o.Fill(20, 0x90);
  const std::uint64_t second = o.size();
  o.Fill(32, 0xCC);
  const std::uint64_t symbols = o.size();
  o.Fill(24);
  const auto symbol = [&](std::uint64_t name, std::uint64_t info, std::uint64_t section, std::uint64_t value) {
    o.U32(name);
    o.U8(info);
    o.U8(0);
    o.U16(section);
    o.Word(value);
    o.Word(4);
  };
  symbol(1, 0x12, 1, 8);
  symbol(3, 0x12, 2, 16);
  symbol(5, 0x10, 0, 0);
  const std::uint64_t names = o.size();
  o.Fixed(std::string_view("\0a\0b\0needed\0.t", 15), 16);
  o.Align(8);
  o.SetWord(40, o.size());
  const auto section = [&](std::uint64_t kind, std::uint64_t flags, std::uint64_t offset, std::uint64_t size,
                           std::uint64_t link, std::uint64_t alignment) {
    o.U32(12);
    o.U32(kind);
    for (std::uint64_t value : {flags, std::uint64_t{0}, offset, size}) o.Word(value);
    o.U32(link);
    o.U32(0);
    o.Word(alignment);
    o.Word(0);
  };
  section(0, 0, 0, 0, 0, 0);
  section(1, 6, first, 20, 0, 16);
  section(1, 6, second, 32, 0, 16);
  section(2, 0, symbols, 96, 4, 8);
  section(3, 0, names, 16, 0, 1);
  section(3, 0, names, 16, 0, 1);
  const Executable e = Parse(o.bytes);
  EXPECT_TRUE(e.oddities.empty()) << e.oddities.front();
  ASSERT_EQ(e.sections.size(), 2u);
  EXPECT_EQ(e.sections[0].name, ".t");
  EXPECT_EQ(e.sections[1].address, 32u);
  ASSERT_EQ(e.starts.size(), 2u);
  EXPECT_EQ(e.starts[0].address, 8u);
  EXPECT_EQ(e.starts[1].address, 48u);
  EXPECT_EQ(e.starts[1].end, 52u);
  EXPECT_EQ(e.At(48).U8(0), 0xCC);
  ASSERT_EQ(e.imports.size(), 1u);
  EXPECT_EQ(e.imports[0].name, "needed");
  EXPECT_EQ(e.imports[0].slot, 0u);
}

TEST(Elf, CoreFilesAreTheirSegments) {
  ElfBuilder b = Builder();
  b.section_table = false;
  b.type = 4;
  ByteBuilder bytes = b.Build();
  bytes.SetWord(24, 0);
  bytes.SetWord(b.at.at("segments") + 32, 0);  // a mapping that was not dumped
  const Executable e = Parse(bytes.bytes);
  EXPECT_EQ(e.entry, 0u);
  ASSERT_EQ(e.sections.size(), 2u);
  EXPECT_TRUE(e.sections[0].bytes.empty());
  EXPECT_GT(e.sections[0].virtual_size, 0u);
  EXPECT_TRUE(e.starts.empty());
}

TEST(Elf, OtherFilesAreRefused) {
  for (std::string_view text : {"", "\177EL", "\177ELF", "#!/bin/sh\n", "ELF"}) {
    const Result<Executable> e = ParseExecutable(text);
    ASSERT_FALSE(e.has_value());
    EXPECT_EQ(e.error().code, ErrorCode::kInvalidInput);
  }
}

}  // namespace
}  // namespace ascribe
