#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "binary/executable.h"
#include "binary/pe_builder.h"
#include "binary/walk.h"

namespace ascribe {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::uint64_t kCode = PeBuilder::kBase + PeBuilder::kCode;

// One function known by each source alone, 0x100 bytes apart.
PeBuilder Builder(bool plus) {
  PeBuilder b;
  b.plus = plus;
  b.code_size = 0x800;
  b.imports = {{"KERNEL32.dll", {"CreateFileW", "#12"}}, {"ADVAPI32.dll", {"CryptGenRandom"}}};
  b.delay_imports = {{"WinHTTP.dll", {"WinHttpOpen", "#7"}}};
  b.exports = {{"Shown", PeBuilder::kCode + 0x100, ""}, {"Elsewhere", 0, "NTDLL.RtlAllocateHeap"}};
  if (plus)
    b.unwind = {{PeBuilder::kCode + 0x200, PeBuilder::kCode + 0x240, false},
                {PeBuilder::kCode + 0x240, PeBuilder::kCode + 0x280, true}};
  b.tls_callbacks = {PeBuilder::kCode + 0x300, PeBuilder::kCode + 0x400};
  b.symbols = {{".file", 0, 0xFFFE, 0, 1},        {"_short", 0x500, 2, 0x20, 1}, {"_a_name_of_more_than_eight_characters", 0x600, 2, 0x20, 0},
               {"_label", 0x680, 2, 0, 0},        {"_data", 0x10, 1, 0x20, 0},   {"_import", 0, 0, 0x20, 0},
               {"_nowhere", 0x10, 9, 0x20, 0}};
  return b;
}

Executable Parse(ByteView bytes) {
  Result<Executable> e = ParseExecutable(bytes);
  if (!e) ADD_FAILURE() << e.error().message;
  return e ? std::move(*e) : Executable();
}

const BinaryImport* ImportNamed(const Executable& e, std::string_view name) {
  const auto found =
      std::find_if(e.imports.begin(), e.imports.end(), [&](const BinaryImport& i) { return i.name == name; });
  return found == e.imports.end() ? nullptr : &*found;
}

TEST(PeExecutable, Sections) {
  for (bool plus : {false, true}) {
    const PeBuilder b = Builder(plus);
    const Bytes bytes = b.Build();
    const Executable e = Parse(bytes);
    EXPECT_EQ(e.format, BinaryFormat::kPe);
    EXPECT_EQ(e.architecture, plus ? Architecture::kX64 : Architecture::kX86);
    EXPECT_EQ(e.is_64, plus);
    EXPECT_FALSE(e.big_endian);
    EXPECT_EQ(e.image_base, PeBuilder::kBase);
    EXPECT_TRUE(e.oddities.empty()) << e.oddities.front();
    ASSERT_EQ(e.sections.size(), 2u);
    EXPECT_EQ(e.sections[0].name, ".rdata");
    EXPECT_FALSE(e.sections[0].executable);
    EXPECT_EQ(e.sections[1].name, ".text");
    EXPECT_EQ(e.sections[1].address, kCode);
    EXPECT_EQ(e.sections[1].bytes.size(), 0x800u);
    EXPECT_TRUE(e.sections[1].executable);
    EXPECT_FALSE(e.sections[1].writable);
    EXPECT_EQ(e.OffsetOf(kCode + 5), e.sections[1].offset + 5);
    EXPECT_EQ(e.At(kCode).U8(0), 0xC3);
    EXPECT_EQ(PackedReason(e), "");
  }
}

TEST(PeExecutable, ImportsAndDelayImportsWithTheirSlots) {
  for (bool plus : {false, true}) {
    for (bool by_address : {false, true}) {
      SCOPED_TRACE(::testing::Message() << "plus " << plus << " by address " << by_address);
      PeBuilder b = Builder(plus);
      b.delay_by_address = by_address;
      const Executable e = Parse(b.Build());
      const std::uint64_t step = plus ? 8 : 4;
      ASSERT_EQ(e.imports.size(), 5u);
      struct Expected {
        std::string name, library, built;
        std::uint64_t index;
      };
      for (const Expected& x : {Expected{"CreateFileW", "kernel32.dll", "KERNEL32.dll", 0},
                                Expected{"#12", "kernel32.dll", "KERNEL32.dll", 1},
                                Expected{"CryptGenRandom", "advapi32.dll", "ADVAPI32.dll", 0},
                                Expected{"WinHttpOpen", "winhttp.dll", "WinHTTP.dll", 0},
                                Expected{"#7", "winhttp.dll", "WinHTTP.dll", 1}}) {
        const BinaryImport* import = ImportNamed(e, x.name);
        ASSERT_NE(import, nullptr) << x.name;
        EXPECT_EQ(import->library, x.library);
        EXPECT_EQ(import->slot, PeBuilder::kBase + b.slots.at(x.built) + step * x.index) << x.name;
      }
    }
  }
}

TEST(PeExecutable, StartsOfEverySource) {
  for (bool plus : {false, true}) {
    const Bytes file = Builder(plus).Build();  // names stay in it
    const Executable e = Parse(file);
    EXPECT_EQ(e.entry, kCode);
    std::vector<FunctionStart> expected = {{kCode, 0, FunctionSource::kEntry},
                                           {kCode + 0x100, 0, FunctionSource::kExport}};
    if (plus) expected.push_back({kCode + 0x200, kCode + 0x240, FunctionSource::kUnwind});
    expected.push_back({kCode + 0x300, 0, FunctionSource::kEntry});
    expected.push_back({kCode + 0x400, 0, FunctionSource::kEntry});
    expected.push_back({kCode + 0x500, 0, FunctionSource::kSymbol});
    expected.push_back({kCode + 0x600, 0, FunctionSource::kSymbol});
    ASSERT_EQ(e.starts.size(), expected.size()) << "an entry that continues a function is none of its own";
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(e.starts[i].address, expected[i].address);
      EXPECT_EQ(e.starts[i].end, expected[i].end);
      EXPECT_EQ(e.starts[i].source, expected[i].source);
    }
    ASSERT_EQ(e.exports.size(), 1u) << "a name of a function elsewhere is no address here";
    EXPECT_EQ(e.exports[0].name, "Shown");
    EXPECT_EQ(e.exports[0].address, kCode + 0x100);
    ASSERT_EQ(e.names.size(), 2u);
    EXPECT_EQ(e.NameAt(kCode + 0x500), "_short");
    EXPECT_EQ(e.NameAt(kCode + 0x600), "_a_name_of_more_than_eight_characters");
  }
}

// Where one function is known twice, the more trusted source stays, and the end that only one of them knows.
TEST(PeExecutable, SourcesAgree) {
  PeBuilder b = Builder(true);
  b.exports[0].address = PeBuilder::kCode + 0x200;
  const Executable e = Parse(b.Build());
  const auto found =
      std::find_if(e.starts.begin(), e.starts.end(), [](const FunctionStart& s) { return s.address == kCode + 0x200; });
  ASSERT_NE(found, e.starts.end());
  EXPECT_EQ(found->source, FunctionSource::kUnwind);
  EXPECT_EQ(found->end, kCode + 0x240);
}

TEST(PeExecutable, StartsOutsideOfCodeAreDropped) {
  PeBuilder b = Builder(false);
  b.exports[0].address = 0x1000;            // data
  b.tls_callbacks = {0x7000'0000, 0x1010};  // nowhere, data
  b.symbols = {{"_beyond", 0x1000, 2, 0x20, 0}};
  const Executable e = Parse(b.Build());
  ASSERT_EQ(e.starts.size(), 1u);
  EXPECT_EQ(e.starts[0].address, kCode);
}

TEST(PeExecutable, CutAtEveryByte) {
  for (bool plus : {false, true}) {
    const Bytes whole = Builder(plus).Build();
    std::size_t parsed = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const Result<Executable> e = ParseExecutable(cut);
      if (!e) {
        EXPECT_EQ(e.error().code, ErrorCode::kInvalidInput);
        EXPECT_EQ(parsed, 0u) << "more bytes, less result at " << size;
        continue;
      }
      ++parsed;
      Walk(*e);
      EXPECT_FALSE(e->oddities.empty()) << size;
    }
    EXPECT_GT(parsed, 0x800u);
  }
}

// Every word in turn becomes what could make a loop or an overflow.
TEST(PeExecutable, NoValueLeadsAstray) {
  for (bool plus : {false, true}) {
    const Bytes good = Builder(plus).Build();
    const std::size_t code = ParseExecutable(good)->sections[1].offset;
    for (std::size_t at = 0x3C; at + 4 <= good.size(); at += 2) {
      if (at == code) at += 0x800;
      for (std::uint32_t value : {0u, 1u, 0x1000u, 0x7FFF'FFFFu, 0x8000'0000u, 0xFFFF'FFFFu}) {
        Bytes bad = good;
        for (std::size_t i = 0; i < 4; ++i) bad[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
        if (const Result<Executable> e = ParseExecutable(bad)) Walk(*e);
      }
    }
  }
}

TEST(PeExecutable, DeclaredSizesAreNotBelieved) {
  PeBuilder b = Builder(false);
  b.symbols.clear();  // the code ends the file
  const Bytes good = b.Build();
  const std::string_view text = ByteView(good).text();
  const std::size_t section = text.find(".text");
  ASSERT_NE(section, std::string_view::npos);
  Bytes bad = good;
  for (std::size_t at : {section + 8, section + 16})
    for (std::size_t i = 0; i < 4; ++i) bad[at + i] = 0xFF;
  const Executable e = Parse(bad);
  ASSERT_EQ(e.sections.size(), 2u);
  EXPECT_EQ(e.sections[1].virtual_size, 0xFFFF'FFFFu);
  EXPECT_EQ(e.sections[1].bytes.size(), 0x800u);
  EXPECT_THAT(e.oddities, Contains(HasSubstr("beyond the end")));
  Walk(e);
}

TEST(PeExecutable, PackedCodeIsNamed) {
  PeBuilder b = Builder(false);
  b.code_size = 0x4000;
  Bytes bytes = b.Build();
  std::uint32_t state = 1;
  for (std::size_t i = bytes.size() - 0x4000; i < bytes.size(); ++i) {
    state = state * 1664525 + 1013904223;  // Numerical Recipes: even enough for an entropy near 8
    bytes[i] = static_cast<std::uint8_t>(state >> 24);
  }
  EXPECT_THAT(PackedReason(Parse(bytes)), HasSubstr("section .text is executable and has 7.9"));
}

}  // namespace
}  // namespace ascribe
