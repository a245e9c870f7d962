#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "binary/executable.h"
#include "binary/macho_builder.h"
#include "binary/macho_image.h"
#include "binary/walk.h"

namespace ascribe {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Machine {
  bool wide = false, big = false;
  std::uint32_t cpu = 0, flavour = 0, program_counter = 0;
  Architecture architecture = Architecture::kOther;
};
constexpr Machine kMachines[] = {
    {true, false, 0x0100'0007, 4, 16 * 8, Architecture::kX64},   {false, false, 7, 1, 10 * 4, Architecture::kX86},
    {true, false, 0x0100'000C, 6, 32 * 8, Architecture::kArm64}, {false, false, 12, 1, 15 * 4, Architecture::kArm},
    {true, true, 0x0100'0012, 5, 0, Architecture::kPowerPc},     {false, true, 18, 1, 0, Architecture::kPowerPc}};

// One function known by each source alone, in this order.
MachOBuilder Builder(const Machine& m = kMachines[0]) {
  MachOBuilder b;
  b.wide = m.wide;
  b.big = m.big;
  b.cpu = m.cpu;
  b.thread_flavour = m.flavour;
  b.program_counter = m.program_counter;
  b.functions = {{"entry_point", false, false, false, false}, {"listed", false, false, true, false},
                 {"linked", false, true, false, false},       {"shown", true, false, false, false},
                 {"before_main", false, false, false, true},  {"everywhere", true, true, true, true}};
  b.imports = {{"malloc", 1, true}, {"stdout", 1, false}, {"CFRelease", 2, true}, {"anywhere", 254, true}};
  b.libraries = {"/usr/lib/libSystem.B.dylib",
                 "/System/Library/Frameworks/CoreFoundation.framework/Versions/A/CoreFoundation"};
  return b;
}

Executable Parse(ByteView bytes) {
  Result<Executable> e = ParseExecutable(bytes);
  if (!e) ADD_FAILURE() << e.error().message;
  return e ? std::move(*e) : Executable();
}

void ExpectContents(const Executable& e, const MachOBuilder& b) {
  EXPECT_EQ(e.entry, b.FunctionAddress(0));
  const FunctionSource sources[] = {FunctionSource::kEntry,  FunctionSource::kUnwind, FunctionSource::kSymbol,
                                    FunctionSource::kSymbol, FunctionSource::kEntry,  FunctionSource::kUnwind};
  ASSERT_EQ(e.starts.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(e.starts[i].address, b.FunctionAddress(i)) << i;
    EXPECT_EQ(e.starts[i].source, sources[i]) << i;
  }
  const std::uint64_t word = b.wide ? 8 : 4;
  ASSERT_EQ(e.imports.size(), 4u);
  const std::string expected[][2] = {{"libsystem.b.dylib", "malloc"},
                                     {"corefoundation", "CFRelease"},
                                     {"", "anywhere"},
                                     {"libsystem.b.dylib", "stdout"}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(e.imports[i].slot, i < 3 ? b.Address("__la_symbol_ptr") + word * i : b.Address("__got"));
    EXPECT_EQ(e.imports[i].library, expected[i][0]);
    EXPECT_EQ(e.imports[i].name, expected[i][1]);
  }
  ASSERT_EQ(e.exports.size(), 2u);
  EXPECT_EQ(e.exports[0].name, "shown");
  EXPECT_EQ(e.exports[0].address, b.FunctionAddress(3));
  EXPECT_EQ(e.exports[1].name, "everywhere");
}

TEST(MachO, EveryWordSizeOrderAndEntry) {
  for (const Machine& m : kMachines) {
    for (bool main : {true, false}) {
      SCOPED_TRACE(::testing::Message() << Name(m.architecture) << " wide " << m.wide << " main " << main);
      MachOBuilder b = Builder(m);
      b.main = main;
      const Bytes bytes = b.Build().bytes;
      const Executable e = Parse(bytes);
      EXPECT_EQ(e.format, BinaryFormat::kMachO);
      EXPECT_EQ(e.architecture, m.architecture);
      EXPECT_EQ(e.is_64, m.wide);
      EXPECT_EQ(e.big_endian, m.big);
      EXPECT_EQ(e.image_base, MachOBuilder::kBase);
      EXPECT_TRUE(e.oddities.empty()) << e.oddities.front();
      ExpectContents(e, b);
      ASSERT_EQ(e.sections.size(), 5u);
      EXPECT_EQ(e.sections[0].name, "__TEXT,__text");
      EXPECT_TRUE(e.sections[0].executable);
      EXPECT_FALSE(e.sections[0].writable);
      EXPECT_EQ(e.sections[0].offset, b.at.at("__text"));
      EXPECT_EQ(e.sections[4].name, "__DATA,__bss");
      EXPECT_TRUE(e.sections[4].bytes.empty());
      EXPECT_EQ(e.sections[4].virtual_size, 0x100u);
      EXPECT_TRUE(e.sections[4].writable);
    }
  }
}

TEST(MachO, OfAFatFileX64ThenX86ThenTheFirst) {
  MachOBuilder x64 = Builder(kMachines[0]), x86 = Builder(kMachines[1]), arm64 = Builder(kMachines[2]),
               ppc = Builder(kMachines[5]);
  const Bytes b64 = x64.Build().bytes, b86 = x86.Build().bytes, ba = arm64.Build().bytes, bp = ppc.Build().bytes;
  for (bool wide : {false, true}) {
    const Bytes all = MachOBuilder::Fat({bp, ba, b86, b64}, {ppc.cpu, arm64.cpu, x86.cpu, x64.cpu}, wide);
    const Executable e = Parse(all);
    EXPECT_EQ(e.architecture, Architecture::kX64);
    ExpectContents(e, x64);
    EXPECT_EQ(e.file.size(), all.size());
    // Offsets count in the whole file.
    const std::uint64_t slice = 0x4000;
    EXPECT_EQ(e.sections[0].offset, slice + x64.at.at("__text"));
    EXPECT_EQ(e.OffsetOf(x64.FunctionAddress(1)), slice + x64.at.at("__text") + MachOBuilder::kFunctionBytes);
    EXPECT_EQ(e.At(x64.FunctionAddress(0)).data(), all.data() + slice + x64.at.at("__text"));
    Walk(e);
  }
  EXPECT_EQ(Parse(MachOBuilder::Fat({bp, ba, b86}, {ppc.cpu, arm64.cpu, x86.cpu})).architecture, Architecture::kX86);
  EXPECT_EQ(Parse(MachOBuilder::Fat({bp, ba}, {ppc.cpu, arm64.cpu})).architecture, Architecture::kPowerPc);
  EXPECT_EQ(Parse(MachOBuilder::Fat({ba, bp}, {arm64.cpu, ppc.cpu})).architecture, Architecture::kArm64);
}

// What headers say of the making of a file, each with its own bytes.
TEST(MachO, RemarksWithTheirBytes) {
  for (bool wide : {false, true}) {
    for (bool big : {false, true}) {
      MachOBuilder b;
      b.wide = wide;
      b.big = big;
      b.remarks = true;
      b.identifier = "org.mill.courier";
      b.team = "ABCDE12345";
      const Bytes file = b.Build().bytes;
      const Result<Executable> e = ParseExecutable(file);
      ASSERT_TRUE(e) << e.error().message;
      Walk(*e);
      std::vector<std::string> texts, bytes;
      for (const BinaryRemark& r : e->remarks) {
        texts.push_back(r.text);
        bytes.emplace_back(ByteView(file).text().substr(r.place.offset, r.place.size));
      }
      EXPECT_THAT(texts, ElementsAre("UUID: 00010203-0405-0607-0000-000000000000", "built for macOS 11.0 with SDK 12.1.3", "built for macOS 10.15.2 with SDK 10.15",
                                     "library search path: @loader_path/../lib", "code signature, identifier (not verified): org.mill.courier",
                                     "code signature, team (not verified): ABCDE12345"));
      ASSERT_EQ(bytes.size(), 6u);
      EXPECT_EQ(bytes[0].substr(0, 8), std::string("\x00\x01\x02\x03\x04\x05\x06\x07", 8));
      EXPECT_EQ(bytes[1].size(), 12u);
      EXPECT_EQ(bytes[3], "@loader_path/../lib");
      EXPECT_EQ(bytes[4], "org.mill.courier");
      EXPECT_EQ(bytes[5], "ABCDE12345");
    }
  }
}

TEST(MachO, EveryPartOfAFatFileIsTold) {
  MachOBuilder x64, arm;
  arm.cpu = 0x0100'000C;
  const Bytes fat = MachOBuilder::Fat({arm.Build().bytes, x64.Build().bytes}, {arm.cpu, x64.cpu});
  const Result<Executable> e = ParseExecutable(fat);
  ASSERT_TRUE(e) << e.error().message;
  ASSERT_EQ(e->remarks.size(), 2u);
  EXPECT_THAT(e->remarks[0].text, HasSubstr("part of the fat file: arm64, "));
  EXPECT_THAT(e->remarks[0].text, HasSubstr(", not read"));
  EXPECT_EQ(e->remarks[0].place.offset, 8u);
  EXPECT_EQ(e->remarks[0].place.size, 20u);
  EXPECT_THAT(e->remarks[1].text, HasSubstr("part of the fat file: x64, "));
  EXPECT_THAT(e->remarks[1].text, Not(HasSubstr("not read")));
  EXPECT_THAT(e->oddities, Contains(HasSubstr("that for x64 is read; not read: arm64")));
}

TEST(MachO, HostileFatFiles) {
  MachOBuilder x64 = Builder(kMachines[0]), x86 = Builder(kMachines[1]);
  const Bytes b64 = x64.Build().bytes, b86 = x86.Build().bytes;
  Bytes fat = MachOBuilder::Fat({b86, b64}, {x86.cpu, x64.cpu});
  {
    SCOPED_TRACE("parts that overlap: both begin with the x86 image");
    ByteBuilder bad{true, false, fat};
    bad.Set32(8 + 20 + 8, 0x1000);
    const Executable e = Parse(bad.bytes);
    EXPECT_EQ(e.architecture, Architecture::kX86);
    EXPECT_THAT(e.oddities, Contains(HasSubstr("overlap")));
  }
  {
    SCOPED_TRACE("a part outside of the file");
    ByteBuilder bad{true, false, fat};
    bad.Set32(8 + 20 + 8, 0xFFFF'0000);
    EXPECT_EQ(Parse(bad.bytes).architecture, Architecture::kX86);
  }
  {
    SCOPED_TRACE("a fat file that holds itself");
    ByteBuilder bad{true, false, fat};
    bad.Set32(8 + 8, 0);
    bad.Set32(8 + 20 + 8, 0);
    EXPECT_FALSE(ParseExecutable(bad.bytes).has_value());
  }
  {
    SCOPED_TRACE("a Java class");
    ByteBuilder java{true, false, {}};
    for (std::uint64_t value : {0xCAFE'BABEu, 52u, 0u, 0u, 0u}) java.U32(value);
    const auto e = ParseExecutable(java.bytes);
    ASSERT_FALSE(e.has_value());
    EXPECT_EQ(e.error().code, ErrorCode::kInvalidInput);
  }
  for (std::size_t size = 0; size < 0x1000; ++size) {
    const auto e = ParseExecutable({fat.data(), size});
    ASSERT_FALSE(e.has_value()) << size;
  }
}

TEST(MachO, CutAtEveryByte) {
  for (const Machine& m : kMachines) {
    MachOBuilder b = Builder(m);
    const Bytes whole = b.Build().bytes;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const Result<Executable> e = ParseExecutable(cut);
      ASSERT_EQ(e.has_value(), size >= (m.wide ? 32u : 28u)) << size;
      if (!e) continue;
      Walk(*e);
      if (size < b.at.at("__text") + MachOBuilder::kFunctionBytes) {
        EXPECT_FALSE(e->oddities.empty()) << size;
      }
    }
  }
}

// Every word in turn becomes what could make a loop or an overflow.
TEST(MachO, NoValueLeadsAstray) {
  for (const Machine& m : kMachines) {
    MachOBuilder b = Builder(m);
    b.main = m.wide;
    const ByteBuilder good = b.Build();
    for (std::uint64_t at = 4; at + 4 <= good.bytes.size(); at += 4) {
      for (std::uint64_t value : {0u, 1u, 4u, 0x7FFF'FFFFu, 0x8000'0000u, 0xFFFF'FFFFu}) {
        ByteBuilder bad = good;
        bad.Set32(at, value);
        if (const Result<Executable> e = ParseExecutable(bad.bytes)) Walk(*e);
      }
    }
  }
}

TEST(MachO, DeclaredSizesAreNotBelieved) {
  MachOBuilder b = Builder();
  ByteBuilder bad = b.Build();
  const std::uint64_t text = b.at.at("section __text"), symbols = b.at.at("command 5");
  bad.SetWord(text + 40, 0xFFFF'FFFF);
  bad.Set32(symbols + 12, 0xFFFF'FFFF);
  const Executable e = Parse(bad.bytes);
  EXPECT_EQ(e.sections[0].virtual_size, 0xFFFF'FFFFu);
  EXPECT_EQ(e.sections[0].bytes.size(), bad.bytes.size() - b.at.at("__text"));
  EXPECT_THAT(e.oddities, Contains(HasSubstr("beyond the end")));
  Walk(e);
}

TEST(MachO, CommandsWithoutLengthEndTheList) {
  for (std::uint32_t size : {0u, 4u, 7u}) {
    MachOBuilder b = Builder();
    ByteBuilder bad = b.Build();
    bad.Set32(b.at.at("command 1") + 4, size);
    const Executable e = Parse(bad.bytes);
    EXPECT_THAT(e.oddities, Contains(HasSubstr("load commands end after 1 of")));
    EXPECT_EQ(e.sections.size(), 1u);
  }
}

TEST(MachO, EntryOutsideOfTheCodeSections) {
  MachOBuilder b = Builder();
  ByteBuilder bad = b.Build();
  bad.Set32(b.at.at("section __text") + 64, 0);  // no instructions, it says
  const Executable e = Parse(bad.bytes);
  EXPECT_THAT(e.oddities, Contains(HasSubstr("outside of its code sections")));
  ASSERT_FALSE(e.sections.empty());
  EXPECT_EQ(e.sections[0].name, "__TEXT");
  EXPECT_TRUE(e.sections[0].executable);
  EXPECT_EQ(e.OffsetOf(e.entry), b.at.at("__text"));
  Walk(e);
}

TEST(MachO, OverlappingPointerSectionsAreBounded) {
  MachOBuilder b = Builder();
  ByteBuilder bytes = b.Build();
  bytes.Fill(8 << 20);  // one section of this, and 254 more over it, would be 250 million pointers
  const std::uint64_t got = b.at.at("section __got");
  bytes.SetWord(got + 40, bytes.size() - b.at.at("__got"));
  Bytes one(bytes.bytes.begin() + static_cast<std::ptrdiff_t>(got),
            bytes.bytes.begin() + static_cast<std::ptrdiff_t>(got) + 80);
  // A second header with one segment of 255 such sections, its indirect symbols all "local".
  ByteBuilder many{false, true};
  for (std::uint64_t value : {0xFEED'FACFu, 0x0100'0007u, 0u, 2u, 2u, 72u + 300u * 80u + 80u, 0x80u, 0u})
    many.U32(value);
  many.U32(0x19);
  many.U32(72 + 300 * 80);
  many.Fixed("__DATA", 16);
  for (int i = 0; i < 4; ++i) many.Word(0x1000);
  for (std::uint64_t value : {7u, 3u, 300u, 0u}) many.U32(value);
  for (int i = 0; i < 300; ++i) many.Append(one);
  many.U32(0xB);
  many.U32(80);
  many.Fill(48);
  many.U32(many.size() + 24);
  many.U32(0x7FFF'FFFF);
  many.Fill(16);
  many.Fill(8 << 20, 0x80);
  const Executable e = Parse(many.bytes);
  EXPECT_EQ(e.sections.size(), kMaxMachOSections);
  EXPECT_TRUE(e.imports.empty());
  EXPECT_THAT(e.oddities, Contains(HasSubstr("has room for 255 of 300")));
}

TEST(MachO, ThumbAddressesLoseTheirMark) {
  MachOBuilder b = Builder(kMachines[3]);
  b.main = false;
  ByteBuilder bytes = b.Build();
  const std::uint64_t thread = b.at.at("command 8");
  bytes.Set32(thread + 16 + b.program_counter, b.FunctionAddress(0) + 1);
  bytes.SetWord(b.at.at("__mod_init_func"), b.FunctionAddress(4) + 1);
  ExpectContents(Parse(bytes.bytes), b);
}

}  // namespace
}  // namespace ascribe
