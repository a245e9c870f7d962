#include "ingest/csv_facts.h"

#include <gtest/gtest.h>

#include "model/fact_lines.h"

namespace ascribe {
namespace {

Reading Read(std::string_view text) { return ReadCsvFacts(ByteView(text), "x.csv"); }

std::vector<std::string> Objects(const Reading& reading) {
  std::vector<std::string> objects;
  for (const Fact& fact : reading.facts) objects.push_back(fact.object.value);
  return objects;
}

std::vector<std::string> Codes(const Reading& reading) {
  std::vector<std::string> codes;
  for (const Diagnostic& d : reading.diagnostics) codes.push_back(std::to_string(d.locator.offset) + " " + d.code);
  return codes;
}

using Strings = std::vector<std::string>;

TEST(CsvFacts, QuotesLineBreaksAndMarks) {
  const Reading reading = Read(
      "\xEF\xBB\xBFRelation, object ,note,known_on\r\n"
      "uses,tool:plain,,2014\r\n"
      "uses,\"tool:with \"\"quotes\"\", and comma\",\"two\r\nlines\",\r\n"
      "\r\n"
      "uses,tool:last,note,2014-11");
  EXPECT_EQ(Objects(reading), (Strings{"plain", "with \"quotes\", and comma", "last"}));
  EXPECT_TRUE(reading.diagnostics.empty());
  EXPECT_EQ(reading.facts[1].note, "two\r\nlines");
  EXPECT_EQ(reading.facts[0].locator, (Locator{Locator::Kind::kLine, 2, 21, ""}));
  EXPECT_EQ(reading.facts[1].locator.offset, 3u);
  EXPECT_EQ(reading.facts[2].locator.offset, 6u);
  EXPECT_EQ(reading.facts[2].known_on->ToString(), "2014-11");
  EXPECT_EQ(reading.facts[2].extractor, "facts-csv@1");
}

TEST(CsvFacts, MistakesSkipOneRecord) {
  const Reading reading = Read(
      "relation,object,known_on\n"
      "uses,tool:a\n"         // 2: short
      "uses,tool:b,,extra\n"  // 3: long
      "uses,\"tool:c\"x,\n"   // 4: text after the quote
      "uses,to\"ol:d,\n"      // 5: quote inside
      "uses,tool:e,never\n"   // 6: bad date
      "uses,tool:f,,\n"       // 7: an empty cell more harms nobody
      "uses,\"tool:g,\n"      // 8: never closed
      "uses,tool:h,\n");      // 9
  EXPECT_EQ(Objects(reading), (Strings{"a", "f", "h"}));
  EXPECT_EQ(Codes(reading),
            (Strings{"2 csv-cells", "3 csv-cells", "4 csv-quote", "5 csv-quote", "6 fact-invalid", "8 csv-quote"}));
}

TEST(CsvFacts, Headers) {
  EXPECT_EQ(Codes(Read("relation,known_on\nuses,2014\n")), (Strings{"1 csv-header"}));
  EXPECT_EQ(Codes(Read("relation,object,relation\nuses,tool:a,uses\n")), (Strings{"1 csv-header"}));
  EXPECT_EQ(Codes(Read("relation;object\nuses;tool:a\n")), (Strings{"1 csv-header"}));
  const Reading extra = Read("\n,relation,object,colour\n1,uses,tool:a,red\n2,uses,tool:b,blue\n");
  EXPECT_EQ(Codes(extra), (Strings{"2 unknown-field"}));
  EXPECT_EQ(Objects(extra), (Strings{"a", "b"}));
}

TEST(CsvFacts, EmptyTruncatedAndHostile) {
  EXPECT_TRUE(Read("").diagnostics.empty());
  EXPECT_TRUE(Read("\xEF\xBB\xBF").facts.empty());
  EXPECT_EQ(Codes(Read("\"rel")), (Strings{"1 csv-header"}));
  EXPECT_EQ(Codes(Read(std::string(3'000'000, ','))), (Strings{"1 csv-header"}));
  const std::string header = "relation,object\n";
  EXPECT_EQ(Codes(Read(header + "uses,\xFF\xFE\n")), (Strings{"2 fact-invalid"}));
  EXPECT_EQ(Objects(Read(header + "uses,tool:\xFF\n")), (Strings{"\\xFF"}));
  EXPECT_EQ(Codes(Read(header + "uses," + std::string(kMaxFactLine, 'x') + "\nuses,tool:a\n")),
            (Strings{"2 limit-line"}));
  EXPECT_EQ(Codes(Read(header + "uses,\"" + std::string(kMaxFactLine, '\n'))).front(), "2 csv-quote");
  // A quote in every line: linear, not quadratic.
  std::string quotes = header;
  for (int i = 0; i < 200'000; ++i) quotes += "uses,\"\n";
  EXPECT_TRUE(Read(quotes).facts.empty());
}

TEST(CsvFacts, Sniff) {
  EXPECT_EQ(SniffCsvFacts(ByteView("relation,object\nuses,tool:a\n"), "data.txt"), 90);
  EXPECT_EQ(SniffCsvFacts(ByteView("subject,\"relation\",Object"), ""), 90);
  EXPECT_EQ(SniffCsvFacts(ByteView(""), "a.CSV"), 50);
  EXPECT_EQ(SniffCsvFacts(ByteView(""), "a.txt"), 0);
  EXPECT_EQ(SniffCsvFacts(ByteView("ip,host\n"), "a.csv"), 5);
  EXPECT_EQ(SniffCsvFacts(ByteView("ip,host\n"), "a.txt"), 0);
  EXPECT_EQ(SniffCsvFacts(ByteView("MZ\x90"), "a.exe"), 0);
}

}  // namespace
}  // namespace ascribe
