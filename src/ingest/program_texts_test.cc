#include "ingest/program_texts.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "binary/elf_builder.h"
#include "binary/macho_builder.h"
#include "binary/pe_builder.h"
#include "ingest/executable_facts.h"
#include "ingest/pe.h"

namespace ascribe {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

std::string Wide(const std::string& text) {
  std::string out;
  for (char c : text) out += {c, '\0'};
  return out;
}

Bytes Program(const std::vector<std::string>& texts) {
  PeBuilder builder;
  builder.imports = {{"KERNEL32.dll", {"CreateMutexA", "WriteFile"}}};
  builder.exports = {{"StartCourier", 0x1000, ""}};
  for (const std::string& text : texts) builder.overlay += text + std::string(2, '\0');
  return builder.Build();
}

std::vector<std::string> Objects(const Bytes& file) {
  std::vector<std::string> objects;
  for (const Fact& fact : ReadPe(file, "x.exe").facts) {
    EXPECT_LE(fact.locator.offset + fact.locator.length, file.size());
    objects.push_back(fact.object.ToString());
  }
  return objects;
}

TEST(ProgramTexts, WhatStandsInsideBecomesFacts) {
  const Bytes file = Program({"http://update.mill-works.test.ru/gate.php?id=%s", "203.0.113.77:8443", "c2.mill-works.ru:443", "Global\\CourierRuns",
                              "\\\\.\\pipe\\courier_ctl", "server=203.0.113.9", "HKEY_CURRENT_USER\\Software\\Courier\\Run", Wide("Courier is out of letters"),
                              "expand 32-byte k"});
  EXPECT_THAT(Objects(file), IsSupersetOf(std::vector<std::string>{
                                 "domain:update.mill-works.test.ru", "ipv4:203.0.113.77", "domain:c2.mill-works.ru", "mutex:Global\\CourierRuns",
                                 "pipe:\\\\.\\pipe\\courier_ctl", "ipv4:203.0.113.9", "registry-key:HKEY_CURRENT_USER\\Software\\Courier\\Run",
                                 "string:Courier is out of letters", "text:constants: ChaCha or Salsa20 constant",
                                 "text:import: kernel32.dll!CreateMutexA", "text:import: kernel32.dll!WriteFile", "text:exports: StartCourier"}));
  const Reading reading = ReadPe(file, "x.exe");
  const auto wide = std::find_if(reading.facts.begin(), reading.facts.end(), [](const Fact& f) { return f.object.value == "Courier is out of letters"; });
  ASSERT_NE(wide, reading.facts.end());
  EXPECT_EQ(wide->locator.length, 50u);
  EXPECT_EQ(file[wide->locator.offset], 'C');
  const auto host = std::find_if(reading.facts.begin(), reading.facts.end(), [](const Fact& f) { return f.object.ToString() == "domain:update.mill-works.test.ru"; });
  EXPECT_EQ(ByteView(file).text().substr(host->locator.offset, host->locator.length), "update.mill-works.test.ru");
}

TEST(ProgramTexts, FurnitureVersionsAndRuntimesAreNot) {
  const Bytes file = Program({"http://www.w3.org/2000/svg", "http://crl.digicert.com/x.crl", "version=\"6.0.0.0\"", "1.3.6.1", "127.0.0.1:80", "10.0.0.1",
                              "Mingw-w64 runtime failure:", "see www.openssl.org:80", "GCC: (GNU) 12-win32", "System.IO.File", "@@@@####!!!!@@@@####"});
  for (const std::string& object : Objects(file))
    for (const char* wrong : {"domain:", "ipv4:", "url:", "string:Mingw", "string:GCC", "string:@@"}) EXPECT_FALSE(object.starts_with(wrong)) << object;
}

TEST(ProgramTexts, LimitsAreToldAndConfigurationComesFirst) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kMaxProgramStrings + 50; ++i) texts.push_back("an ordinary remark number " + std::to_string(i));
  texts.push_back("campaign=harvest");
  for (std::size_t i = 0; i < kMaxProgramIndicators + 5; ++i) texts.push_back("Global\\Name" + std::to_string(i));
  const Bytes file = Program(texts);
  const Reading reading = ReadPe(file, "x.exe");
  std::vector<std::string> codes;
  for (const Diagnostic& d : reading.diagnostics) codes.push_back(d.code);
  EXPECT_THAT(codes, Contains("limit-program-strings"));
  EXPECT_THAT(codes, Contains("limit-program-indicators"));
  const std::vector<std::string> objects = Objects(file);
  EXPECT_THAT(objects, Contains("string:campaign=harvest"));
  const auto of = [&](const std::string& type) { return static_cast<std::size_t>(std::count_if(objects.begin(), objects.end(), [&](const std::string& o) { return o.starts_with(type); })); };
  EXPECT_EQ(of("string:"), kMaxProgramStrings);
  EXPECT_EQ(of("mutex:"), kMaxProgramIndicators);
}

TEST(ProgramTexts, SectionsHaveAddresses) {
  PeBuilder builder;
  builder.pdb_path = "E:\\work\\courier_build.pdb";
  const Reading reading = ReadPe(builder.Build(), "x.exe");
  const auto text = std::find_if(reading.facts.begin(), reading.facts.end(), [](const Fact& f) { return f.object.type == EntityType::kString; });
  ASSERT_NE(text, reading.facts.end());
  EXPECT_THAT(text->note, HasSubstr("at address 0x"));
}

TEST(ProgramTexts, ImportsAndExportsHaveTheBytesOfTheirNames) {
  PeBuilder builder;
  builder.code_size = 0x200;
  builder.imports = {{"KERNEL32.dll", {"WriteFile", "CreateMutexA"}}, {"MFC42.dll", {"#115"}}};
  builder.delay_imports = {{"WinHTTP.dll", {"WinHttpOpen", "WinHttpConnect"}}};
  for (std::size_t i = 0; i < kMaxListedNames + 50; ++i) builder.exports.push_back({"Export" + std::to_string(1000 + i), PeBuilder::kCode, ""});
  const Bytes file = builder.Build();
  std::vector<std::string> texts;
  for (const Fact& fact : ReadPe(file, "x.dll").facts) {
    if (fact.object.type != EntityType::kText) continue;
    texts.push_back(fact.object.value);
    ASSERT_EQ(fact.locator.kind, Locator::Kind::kByteRange) << fact.object.value;
    const std::string_view bytes = ByteView(file).text().substr(fact.locator.offset, fact.locator.length);
    if (fact.object.value == "import: mfc42.dll!#115") {
      EXPECT_EQ(bytes, std::string_view("\x73\0\0\x80", 4));
    } else if (fact.object.value.find("import: ") != std::string::npos) {
      EXPECT_EQ(bytes, fact.object.value.substr(fact.object.value.find('!') + 1));
    } else if (fact.object.value.starts_with("exports, 201 to 250 of 250")) {
      EXPECT_TRUE(bytes.starts_with("Export1200") && bytes.ends_with("Export1249")) << bytes;
      EXPECT_THAT(fact.object.value, HasSubstr(": Export1200, "));
    }
  }
  EXPECT_THAT(texts, IsSupersetOf(std::vector<std::string>{"import: kernel32.dll!CreateMutexA", "import: kernel32.dll!WriteFile", "import: mfc42.dll!#115",
                                                           "delay import: winhttp.dll!WinHttpConnect", "delay import: winhttp.dll!WinHttpOpen"}));
  const auto has = [&](std::string_view begin) { return std::any_of(texts.begin(), texts.end(), [&](const std::string& t) { return t.starts_with(begin); }); };
  EXPECT_TRUE(has("exports, 1 to 200 of 250: Export1000, ") && has("exports, 201 to 250 of 250: Export1200, "));
}

TEST(ProgramTexts, ImportsBeyondTheLimitAreListedByLibrary) {
  PeBuilder builder;
  builder.code_size = 0x200;
  builder.imports = {{"kernel32.dll", {}}, {"ws2_32.dll", {"bind"}}};
  for (std::size_t i = 0; i < kMaxImportFacts + 2; ++i) builder.imports[0].functions.push_back("Function" + std::to_string(10000 + i));
  std::size_t own = 0;
  std::vector<std::string> lists;
  for (const Fact& fact : ReadPe(builder.Build(), "x.exe").facts) {
    own += fact.object.value.starts_with("import: ") ? 1 : 0;
    if (fact.object.value.find("imports from ") != std::string::npos) lists.push_back(fact.object.value);
  }
  EXPECT_EQ(own, kMaxImportFacts);
  EXPECT_THAT(lists, testing::ElementsAre("more imports from kernel32.dll: Function11000, Function11001", "imports from ws2_32.dll: bind"));
}

// The library where the format names it: ELF by the version of the symbol, Mach-O by the two-level namespace.
TEST(ProgramTexts, ElfAndMachOImportsAreFactsOfTheirOwnToo) {
  ElfBuilder elf;
  elf.imports = {{"puts", "libc.so.6"}, {"environment", ""}};
  MachOBuilder mach;
  mach.libraries = {"/usr/lib/libSystem.B.dylib"};
  mach.imports = {{"connect", 1, true}};
  std::vector<std::string> found;
  for (const Bytes& file : {elf.Build().bytes, mach.Build().bytes})
    for (const Fact& fact : ReadExecutable(file, "x").facts) {
      if (!fact.object.value.starts_with("import: ")) continue;
      found.push_back(fact.object.value);
      const std::string_view name = std::string_view(fact.object.value).substr(fact.object.value.find_last_of("! ") + 1);
      EXPECT_EQ(ByteView(file).text().substr(fact.locator.offset, fact.locator.length), name);
    }
  EXPECT_THAT(found, testing::UnorderedElementsAre("import: libc.so.6!puts", "import: environment", "import: libsystem.b.dylib!connect"));
}

TEST(ProgramTexts, NamesBeyondTheLimitAreCounted) {
  PeBuilder builder;
  builder.code_size = 0x200;
  for (std::size_t i = 0; i < kMaxProgramNames + 7; ++i) builder.exports.push_back({"Export" + std::to_string(10000 + i), PeBuilder::kCode, ""});
  const Reading reading = ReadPe(builder.Build(), "x.dll");
  EXPECT_TRUE(std::any_of(reading.diagnostics.begin(), reading.diagnostics.end(), [](const Diagnostic& d) {
    return d.code == "limit-program-names" && d.text == fmt::format("more than {} imports and exports, 7 are in no fact", kMaxProgramNames);
  }));
  EXPECT_EQ(std::count_if(reading.facts.begin(), reading.facts.end(), [](const Fact& f) { return f.object.value.starts_with("exports, "); }),
            static_cast<std::ptrdiff_t>(kMaxProgramNames / kMaxListedNames));
}

TEST(ProgramTexts, WhatHeadersSayAndPackingAreFacts) {
  PeBuilder builder;
  builder.code_size = 0x4000;
  builder.tls_callbacks = {PeBuilder::kCode + 0x10};
  Bytes file = builder.Build();
  std::uint32_t state = 1;
  for (std::size_t i = file.size() - 0x4000; i < file.size(); ++i) {
    state = state * 1664525 + 1013904223;  // Numerical Recipes: even enough for an entropy near 8
    file[i] = static_cast<std::uint8_t>(state >> 24);
  }
  const Reading reading = ReadPe(file, "x.exe");
  const auto packed = std::find_if(reading.facts.begin(), reading.facts.end(), [](const Fact& f) { return f.object.value.starts_with("packed or encrypted: section .text"); });
  ASSERT_NE(packed, reading.facts.end());
  EXPECT_EQ(packed->locator.offset, file.size() - 0x4000);
  EXPECT_EQ(packed->locator.length, 0x4000u);
  EXPECT_TRUE(std::any_of(reading.diagnostics.begin(), reading.diagnostics.end(), [](const Diagnostic& d) { return d.code == "executable-packed"; }));
  EXPECT_TRUE(std::any_of(reading.facts.begin(), reading.facts.end(), [](const Fact& f) { return f.object.value == "TLS callback: 0x500010"; }));
}

TEST(ProgramTexts, ConfigurationIsMarked) {
  const Bytes file = Program({"campaign=harvest", "[connection]", "Mozilla/5.0 User-Agent of the mill", "C:\\Windows\\Temp\\courier.dat", "%APPDATA%\\Courier\\letters",
                              "SOFTWARE\\Courier\\Run", "/var/lib/courier", "an ordinary remark", "[an open bracket", "see: [1] and [2]"});
  std::vector<std::string> marked, plain;
  for (const Fact& fact : ReadPe(file, "x.exe").facts)
    if (fact.object.type == EntityType::kString) (fact.note.starts_with(kLikeConfiguration) ? marked : plain).push_back(fact.object.value);
  EXPECT_THAT(marked, IsSupersetOf(std::vector<std::string>{"campaign=harvest", "[connection]", "Mozilla/5.0 User-Agent of the mill", "C:\\Windows\\Temp\\courier.dat",
                                                            "%APPDATA%\\Courier\\letters", "SOFTWARE\\Courier\\Run", "/var/lib/courier"}));
  EXPECT_THAT(plain, IsSupersetOf(std::vector<std::string>{"an ordinary remark", "[an open bracket"}));
}

}  // namespace
}  // namespace ascribe
