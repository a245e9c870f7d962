#include "code/literal_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"
#include "binary/pe_builder.h"
#include "disasm/forged_tables.h"

namespace ascribe {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

// A function that stores `text` on its stack, four bytes at a time: mov dword [rsp+n], "...."
std::string Builds(std::string text) {
  text += '\0';
  while (text.size() % 4 != 0) text += '\0';
  std::string code;
  for (std::size_t at = 0; at < text.size(); at += 4)
    code += std::string("\xC7\x44\x24", 3) + static_cast<char>(at) + text.substr(at, 4);
  return code + '\xC3';
}

std::unique_ptr<SampleCode> Sample(const std::string& code) {
  PeBuilder b;
  b.plus = true;
  b.imports = {{"KERNEL32.dll", {"ExitProcess"}}};
  b.code_size = 0x400;
  Bytes file = b.Build();
  std::copy(code.begin(), code.end(), file.begin() + static_cast<std::ptrdiff_t>(file.size() - 0x400));
  return ReadSampleCode(std::move(file)).value();
}

std::vector<std::string> Objects(const Reading& reading) {
  std::vector<std::string> objects;
  for (const Fact& fact : reading.facts) objects.push_back(fact.object.ToString());
  return objects;
}

TEST(LiteralFacts, HostsPutTogetherOnTheStackAreHosts) {
  const auto host = Sample(Builds("c2.mill-works.ru"));
  const Reading reading = LiteralFacts(*host);
  EXPECT_THAT(Objects(reading), IsSupersetOf({"string:c2.mill-works.ru", "domain:c2.mill-works.ru"}));
  for (const Fact& fact : reading.facts) {
    EXPECT_THAT(fact.note, HasSubstr("put together on the stack by the function at 0x"));
    EXPECT_EQ(host->bytes[fact.locator.offset], 0xC7);
  }
  EXPECT_THAT(Objects(LiteralFacts(*Sample(Builds("http://mill-works.ru/gate")))),
              IsSupersetOf({"url:http://mill-works.ru/gate", "domain:mill-works.ru"}));
  EXPECT_THAT(Objects(LiteralFacts(*Sample(Builds("Global\\CourierRuns")))), Contains("mutex:Global\\CourierRuns"));
  EXPECT_THAT(Objects(LiteralFacts(*Sample(Builds("http://www.w3.org/")))), Not(Contains("domain:www.w3.org")))
      << "an address in programs of everybody";
}

TEST(LiteralFacts, TablesThatWereSkippedAreOneDiagnosticAFile) {
  const auto told = [](std::size_t tables) {
    const std::string file = ForgedTables(tables);
    const auto sample = ReadSampleCode(Bytes(file.begin(), file.end()));
    EXPECT_TRUE(sample && (*sample)->unavailable.empty());
    std::vector<std::string> texts;
    for (const Diagnostic& d : LiteralFacts(**sample).diagnostics)
      if (d.code == "limit-code-tables") texts.push_back(d.text);
    return texts;
  };
  EXPECT_THAT(told(1000), testing::IsEmpty());
  EXPECT_THAT(told(1100), testing::ElementsAre("more tables than are read: 76 tables were skipped after 1 MiB of table bytes (limit kFreeTableBytes); its code "
                                               "and texts count as usual, likeness of tables and numbers may be too low"));
}

Fact Text(EntityType type, const std::string& value, std::uint64_t offset, std::uint64_t length) {
  Fact fact;
  fact.subject = {EntityType::kSample, "x"};
  fact.relation = Relation::kContains;
  fact.object = {type, value};
  fact.locator = {Locator::Kind::kByteRange, offset, length, {}};
  fact.extractor = "executable@3";
  return fact;
}

TEST(LiteralFacts, PiecesSideBySideAreNoText) {
  const std::vector<BinaryRange> pieces = {{100, 16}, {116, 16}, {200, 16}};
  const std::vector<Fact> all = {Text(EntityType::kString, "hostname-of-minemine.example.cx", 100, 31),
                                 Text(EntityType::kDomain, "hostname-of-minemine.example.cx", 100, 31),
                                 Text(EntityType::kString, "before and piece", 190, 20),
                                 Text(EntityType::kString, "one of its own", 200, 14),
                                 Text(EntityType::kText, "imports: a, b", 90, 50)};
  std::vector<Fact> facts = all;
  Reading literals;
  DropJoinedPieces(pieces, literals, facts);
  ASSERT_EQ(facts.size(), 3u);
  EXPECT_EQ(facts[0].object.value, "before and piece") << "nothing is known of what stands before";
  EXPECT_EQ(facts[1].object.value, "one of its own");
  EXPECT_EQ(facts[2].object.type, EntityType::kText);
  facts = all;
  literals.facts = {Text(EntityType::kString, "hostname-of-minemine.example.cx", 0, 40)};
  DropJoinedPieces(pieces, literals, facts);
  EXPECT_EQ(facts.size(), all.size()) << "the program puts exactly this together";
}

}  // namespace
}  // namespace ascribe
