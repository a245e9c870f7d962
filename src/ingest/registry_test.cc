#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "binary/pe_builder.h"
#include "ingest/reader.h"

namespace ascribe {
namespace {

std::string NameOf(ByteView bytes, std::string_view file_name) {
  const Reader* reader = FindReader(bytes, file_name);
  return reader == nullptr ? "none" : std::string(reader->name);
}

constexpr std::string_view kFact = R"({"relation":"observed","object":"domain:evil.com"})"
                                   "\n";
constexpr std::string_view kCsv = "relation,object\nobserved,domain:evil.com\n";
constexpr std::string_view kStatements = "format = \"ascribe-statements/1\"\n";
constexpr std::string_view kStix = R"({"type":"bundle","id":"bundle--0001","objects":[]})";

constexpr std::string_view kMisp = R"({"Event":{"info":"x","Attribute":[]}})";

TEST(Registry, NamesAndExtractorsAreUniqueAndFit) {
  std::set<std::string_view> names;
  for (const Reader& reader : Readers()) {
    EXPECT_TRUE(names.insert(reader.name).second) << reader.name;
    EXPECT_TRUE(reader.extractor.find('@') != std::string_view::npos) << reader.name;
    EXPECT_NE(reader.sniff, nullptr);
    EXPECT_NE(reader.read, nullptr);
  }
  EXPECT_EQ(Readers().back().name, "report-text");
}

TEST(Registry, ContentDecidesNotTheExtension) {
  for (std::string_view name : {"a.txt", "a.json", "a.csv", "a.exe", "a.pdf", "a.html", "a", "a.toml"}) {
    EXPECT_EQ(NameOf(kFact, name), "facts-ndjson") << name;
    EXPECT_EQ(NameOf(kCsv, name), "facts-csv") << name;
    EXPECT_EQ(NameOf(kStatements, name), "statements") << name;
    EXPECT_EQ(NameOf(kStix, name), "stix") << name;
    EXPECT_EQ(NameOf(kMisp, name), "misp") << name;
    EXPECT_EQ(NameOf(PeBuilder().Build(), name), "pe") << name;
    EXPECT_EQ(NameOf("%PDF-1.4\n", name), "report-pdf") << name;
    EXPECT_EQ(NameOf("<!DOCTYPE html><html><body>x</body></html>", name), "report-html") << name;
    EXPECT_EQ(NameOf("The attackers used evil[.]com.\n", name), "report-text") << name;
  }
}

TEST(Registry, BinariesAreNobodys) {
  const std::string binary(
      "\x7E"
      "ELF\x02\x01\x01\0\0\0\xFF\xFE\xFD\0\x03\x80",
      16);
  for (std::string_view name : {"a.txt", "a", "a.md"}) EXPECT_EQ(NameOf(binary, name), "none") << name;
  EXPECT_EQ(NameOf("", "a.bin"), "none");
  EXPECT_EQ(NameOf("\x7F" + binary.substr(1), "a.txt"), "executable") << "a program, although cut off";
}

TEST(Registry, EmptyFilesAreKnownByName) {
  EXPECT_EQ(NameOf("", "a.csv"), "facts-csv");
  EXPECT_EQ(NameOf("", "a.ndjson"), "facts-ndjson");
  EXPECT_EQ(NameOf("", "a.exe"), "pe");
  EXPECT_EQ(NameOf("", "a.pdf"), "report-pdf");
  EXPECT_EQ(NameOf("", "a.html"), "report-html");
  EXPECT_EQ(NameOf("", "a.txt"), "report-text");
}

TEST(Registry, OnlyTheFirstBytesAreSniffed) {
  std::string text(kSniffBytes, 'a');
  text += std::string(10, '\0');
  EXPECT_EQ(NameOf(text, "a.txt"), "report-text");
}

TEST(Registry, EveryReaderSurvivesEveryFormat) {
  const Bytes pe = PeBuilder().Build();
  for (const Reader& reader : Readers())
    for (ByteView bytes : {ByteView(kFact), ByteView(kCsv), ByteView(kStatements), ByteView(kStix), ByteView(kMisp),
                           ByteView(pe), ByteView("")})
      for (const Fact& fact : reader.read(bytes, "x").facts) {
        EXPECT_TRUE(fact.evidence.empty());
        EXPECT_EQ(fact.extractor, reader.extractor);
      }
}

}  // namespace
}  // namespace ascribe
