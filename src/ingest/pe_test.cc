#include "ingest/pe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "binary/pe_builder.h"
#include "binary/pe_imports.h"
#include "binary/pe_resources.h"
#include "binary/pe_rich.h"

namespace ascribe {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;

std::vector<std::string> Objects(const Reading& reading) {
  std::vector<std::string> objects;
  for (const Fact& fact : reading.facts) objects.push_back(fact.object.ToString());
  return objects;
}
std::vector<std::string> Codes(const Reading& reading) {
  std::vector<std::string> codes;
  for (const Diagnostic& d : reading.diagnostics) codes.push_back(d.code);
  return codes;
}

PeBuilder Full() {
  PeBuilder builder;
  builder.imports = {{"KERNEL32.dll", {"CreateFileA", "WriteFile"}}, {"MSVCR100.dll", {"malloc"}}};
  builder.pdb_path = "E:\\work\\alpha\\Release\\alpha.pdb";
  builder.languages = {0x0412, 0x0000, 0x2401, 0x0412};
  builder.rich = {{(157u << 16) | 30319u, 1}, {(170u << 16) | 30319u, 12}, {(1u << 16) | 0u, 40}};
  return builder;
}

TEST(Pe, ReadsWhatTheHeadersSay) {
  for (bool plus : {false, true}) {
    PeBuilder builder = Full();
    builder.plus = plus;
    const Bytes file = builder.Build();
    EXPECT_EQ(SniffPe(file, "x"), 95);
    const Reading reading = ReadPe(file, "x.exe");
    EXPECT_THAT(Objects(reading),
                IsSupersetOf(std::vector<std::string>{
                    "compile-time:2014-11-22T00:06:54Z", "linker-version:10.0", "runtime-reference:msvcr100.dll",
                    "pdb-path:E:\\work\\alpha\\Release\\alpha.pdb", "resource-language:ko", "resource-language:ar-ye",
                    "toolset:msvc-2010", "file-md5:" + Md5Hex(file), "file-sha1:" + Sha1Hex(file),
                    "imphash:" + Md5Hex("kernel32.createfilea,kernel32.writefile,msvcr100.malloc")}));
    EXPECT_THAT(Objects(reading), Not(Contains("runtime-reference:kernel32.dll")));
    EXPECT_EQ(reading.facts[0].subject.ToString(), "incident:self");
    EXPECT_EQ(reading.facts[0].object.ToString(), "file-sha256:" + Sha256Hex(file));
    std::string rich;
    for (const Fact& fact : reading.facts) {
      EXPECT_EQ(fact.extractor, "pe@3");
      EXPECT_FALSE(fact.object.value.starts_with(kForeignHeader)) << fact.object.value;
      if (fact.object.type == EntityType::kRichHeader) rich = fact.object.ToString();
      if (fact.object.type == EntityType::kToolset) {
        EXPECT_EQ(fact.subject.ToString(), rich);
      }
      if (fact.object.type == EntityType::kPdbPath) {
        EXPECT_EQ(ByteView(file).text().substr(fact.locator.offset, fact.locator.length), builder.pdb_path);
      }
    }
    EXPECT_FALSE(rich.empty());
    EXPECT_THAT(Codes(reading), Not(Contains("rich-checksum")));
    EXPECT_THAT(Codes(reading), Not(Contains("pe-overlay")));
  }
}

TEST(Pe, RichHeaderIsDecodedAndItsForgeryNoticed) {
  PeBuilder builder = Full();
  const auto rich = ReadRichHeader(ParsePeImage(builder.Build()).value());
  ASSERT_TRUE(rich.has_value());
  ASSERT_EQ(rich->products.size(), 3u);
  EXPECT_EQ(rich->products[1].product, 170);
  EXPECT_EQ(rich->products[1].build, 30319);
  EXPECT_EQ(rich->products[1].count, 12u);
  EXPECT_TRUE(rich->checksum_matches);
  std::string clear("DanS");
  clear.append(12, '\0');
  for (const auto& [id, count] : builder.rich)
    for (std::uint32_t word : {id, count})
      for (int shift = 0; shift < 32; shift += 8) clear += static_cast<char>(word >> shift);
  EXPECT_EQ(rich->md5, Md5Hex(clear));
  builder.break_rich = true;
  EXPECT_THAT(Codes(ReadPe(builder.Build(), "")), Contains("rich-checksum"));
  builder.rich = {{(900u << 16) | 1u, 1}};
  EXPECT_THAT(Codes(ReadPe(builder.Build(), "")), Contains("rich-unknown-product"));
}

TEST(Pe, ToolsetsByProductAndBuild) {
  EXPECT_EQ(RichProduct({11, 8168, 1}).Toolset(), "msvc-6.0");
  EXPECT_EQ(RichProduct({261, 23026, 1}).Toolset(), "msvc-2015");
  EXPECT_EQ(RichProduct({261, 27045, 1}).Toolset(), "msvc-2017");
  EXPECT_EQ(RichProduct({258, 29111, 1}).Toolset(), "msvc-2019");
  EXPECT_EQ(RichProduct({260, 31329, 1}).Toolset(), "msvc-2022");
  EXPECT_EQ(RichProduct({14, 7299, 1}).Toolset(), "") << "an assembler that came with a library";
  EXPECT_EQ(RichProduct({271, 1, 1}).Toolset(), std::nullopt);
}

TEST(Pe, StampsThatAreNoCompileTimes) {
  for (std::uint32_t stamp : {0u, 0xFFFFFFFFu, 0x2A425E19u, 1000u, 0xF0000000u}) {
    PeBuilder builder;
    builder.time_stamp = stamp;
    const Reading reading = ReadPe(builder.Build(), "");
    EXPECT_THAT(Codes(reading), Contains("compile-time")) << stamp;
    for (const Fact& fact : reading.facts) EXPECT_NE(fact.object.type, EntityType::kCompileTime) << stamp;
  }
  PeBuilder builder;
  builder.reproducible = true;
  EXPECT_THAT(Codes(ReadPe(builder.Build(), "")), Contains("compile-time"));
}

TEST(Pe, ImphashIsTheOneThatEverybodyComputes) {
  PeBuilder builder;
  builder.imports = {{"WS2_32.dll", {"#115", "send", "#1107"}}, {"WSOCK32.dll", {"#10", "#151"}}, {"OLEAUT32.dll", {"#2", "#443", "#444"}}};
  EXPECT_THAT(Objects(ReadPe(builder.Build(), "")),
              Contains("imphash:" + Md5Hex("ws2_32.wsastartup,ws2_32.send,ws2_32.ord1107,wsock32.ioctlsocket,wsock32.__wsafdisset,oleaut32.sysallocstring,"
                                           "oleaut32.unregistertypelibforuser,oleaut32.ord444")));
  builder.imports = {{"mfc42.dll", {"#115"}}};
  EXPECT_THAT(
      Objects(ReadPe(builder.Build(), "")),
      IsSupersetOf(std::vector<std::string>{"imphash:" + Md5Hex("mfc42.ord115"), "runtime-reference:mfc42.dll"}));
  EXPECT_FALSE(IsRuntimeLibrary("mfcore.dll"));
  EXPECT_TRUE(IsRuntimeLibrary("vcruntime140_1.dll"));
}

TEST(Pe, DotNetIsSaidToBeDotNet) {
  PeBuilder builder;
  builder.imports = {{"mscoree.dll", {"_CorExeMain"}}};
  builder.clr_runtime = "v4.0.30319";
  const Bytes file = builder.Build();
  const Reading reading = ReadPe(file, "x.exe");
  EXPECT_THAT(Objects(reading), IsSupersetOf(std::vector<std::string>{"text:.NET runtime: v4.0.30319", "text:.NET assembly: IL only"}));
  for (const Fact& fact : reading.facts) {
    if (fact.object.value.starts_with(".NET runtime")) {
      EXPECT_EQ(ByteView(file).text().substr(fact.locator.offset, fact.locator.length), "v4.0.30319");
    }
  }
  EXPECT_THAT(Codes(reading), Contains("pe-clr"));
  builder.clr_flags = 0x10;
  EXPECT_THAT(Objects(ReadPe(builder.Build(), "")), Contains("text:.NET assembly: with native code, native entry point"));
  EXPECT_THAT(Codes(ReadPe(builder.Build(), "")), Not(Contains("pe-clr")));
  builder.clr_without_metadata = true;
  EXPECT_THAT(Objects(ReadPe(builder.Build(), "")), Not(Contains("text:.NET runtime: v4.0.30319")));
  EXPECT_THAT(Codes(ReadPe(builder.Build(), "")), Contains("pe-clr"));
}

TEST(Pe, OverlayCertificateAndSectionsBeyondTheEnd) {
  PeBuilder builder = Full();
  builder.certificate_size = 64;
  EXPECT_THAT(Codes(ReadPe(builder.Build(), "")), Not(Contains("pe-overlay")));
  builder.overlay = "appended";
  EXPECT_THAT(Codes(ReadPe(builder.Build(), "")), IsSupersetOf({"pe-overlay", "pe-certificate"}));
  Bytes cut = Full().Build();
  cut.resize(0x420);
  EXPECT_THAT(Codes(ReadPe(cut, "")), Contains("pe-structure"));
}

TEST(Pe, AHeaderOfAnotherFileIsToldByWhatTheFileIs) {
  const auto reasons = [](const Bytes& file) {
    std::string all;
    for (const Fact& fact : ReadPe(file, "x.exe").facts) {
      if (fact.subject.type == EntityType::kRichHeader && fact.object.type == EntityType::kText) all += fact.object.value + "\n";
    }
    return all;
  };
  PeBuilder linker = Full();
  linker.linker_major = 2;
  linker.linker_minor = 40;
  EXPECT_THAT(reasons(linker.Build()), testing::HasSubstr("its newest tool is that of linker 10, the file was made by linker 2.40"));
  PeBuilder key = Full();
  key.break_rich = true;
  EXPECT_THAT(reasons(key.Build()), testing::HasSubstr("its key does not match"));
  PeBuilder text = Full();
  text.pdb_path = "GCC: (GNU) 12-win32";
  EXPECT_THAT(reasons(text.Build()), testing::HasSubstr("names gcc"));
  PeBuilder padded = Full();
  padded.code_size = 0x400;
  Bytes file = padded.Build();
  const std::size_t code = file.size() - 0x400;
  const std::string nops("\x0F\x1F\x84\x00\x00\x00\x00\x00", 8);
  for (std::size_t at = 8; at < 0x400; at += 16) std::copy(nops.begin(), nops.end(), file.begin() + static_cast<std::ptrdiff_t>(code + at));
  EXPECT_THAT(reasons(file), testing::HasSubstr("filled up with nops"));
  for (std::size_t at = 8; at < 0x400; at += 16) std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(code + at), 8, std::uint8_t{0xCC});
  EXPECT_EQ(reasons(file), "");
}

TEST(Pe, ResourceTreeThatBitesItsTail) {
  PeBuilder builder;
  builder.languages.assign(1000, 0x0412);
  Bytes file = builder.Build();
  // Every entry of the first level leads back to the root.
  const std::size_t root = 0x400;
  file[root + 14] = 0xFF;
  file[root + 15] = 0x01;
  for (std::size_t i = 0; i < 511; ++i) {
    file[root + 16 + 8 * i + 4] = file[root + 16 + 8 * i + 5] = file[root + 16 + 8 * i + 6] = 0;
    file[root + 16 + 8 * i + 7] = 0x80;
  }
  EXPECT_THAT(Codes(ReadPe(file, "")), Contains("limit-pe-resources"));
}

TEST(Pe, LanguageNames) {
  EXPECT_EQ(ResourceLanguageName(0x0429), "fa");
  EXPECT_EQ(ResourceLanguageName(0x0804), "zh-cn");
  EXPECT_EQ(ResourceLanguageName(0x0419), "ru");
  EXPECT_EQ(ResourceLanguageName(0x03FF), "");
}

TEST(Pe, TruncatedAnywhere) {
  const Bytes file = Full().Build();
  for (std::size_t size = 0; size <= file.size(); ++size) {
    const Reading reading = ReadPe(ByteView(file.data(), size), "x.exe");
    (void)SniffPe(ByteView(file.data(), size), "x.exe");
    EXPECT_FALSE(reading.facts.empty() && reading.diagnostics.empty()) << size;
  }
  EXPECT_EQ(SniffPe({}, "x.exe"), 20);
  EXPECT_EQ(SniffPe(ByteView(file.data(), 40), "x.exe"), 50);
  EXPECT_EQ(SniffPe("MZ is how this text begins, and it goes on for quite a while after that", "a.txt"), 0);
}

TEST(Pe, RandomChanges) {
  const Bytes original = Full().Build();
  std::mt19937 random(20141124);
  for (int round = 0; round < 2000; ++round) {
    Bytes file = original;
    const unsigned changes = 1 + random() % 16;
    for (unsigned i = 0; i < changes; ++i) {
      const bool header = random() % 2 == 0;
      const std::size_t at = random() % (header ? 0x400u : file.size());
      file[at] = static_cast<std::uint8_t>(random() % 4 == 0 ? 0xFF : random());
    }
    for (const Fact& fact : ReadPe(file, "").facts)
      EXPECT_LE(fact.locator.offset + fact.locator.length, file.size()) << round;
  }
}

}  // namespace
}  // namespace ascribe
