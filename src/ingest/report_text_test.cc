#include "ingest/report_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ascribe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> Objects(const Reading& reading) {
  std::vector<std::string> objects;
  for (const Fact& fact : reading.facts) objects.push_back(fact.object.ToString());
  return objects;
}

TEST(ReportText, FactsAreLocatedAndRelatedByType) {
  const std::string text = "The wiper igfxtrayex.exe opens Global\\abc and asks evil[.]com (T1485).\n";
  const Reading reading = ReadReportText(text, "a.txt");
  ASSERT_THAT(Objects(reading),
              ElementsAre("file-name:igfxtrayex.exe", "mutex:Global\\abc", "domain:evil.com", "technique:T1485"));
  EXPECT_EQ(reading.facts[0].relation, Relation::kObserved);
  EXPECT_EQ(reading.facts[1].relation, Relation::kContains);
  EXPECT_EQ(reading.facts[3].relation, Relation::kUses);
  EXPECT_EQ(reading.facts[2].subject.ToString(), "incident:self");
  EXPECT_EQ(reading.facts[2].extractor, "report-text@1");
  const Locator& at = reading.facts[2].locator;
  EXPECT_EQ(at.kind, Locator::Kind::kByteRange);
  EXPECT_EQ(text.substr(at.offset, at.length), "evil[.]com");
}

TEST(ReportText, EachValueOnce) {
  EXPECT_THAT(Objects(ReadReportText("evil[.]com evil[.]com EVIL[.]com", "a.txt")), ElementsAre("domain:evil.com"));
}

TEST(ReportText, PublishersOwnLinksAreNoIndicators) {
  const std::string text =
      "# A wiper\n\nBy the team of https://www.vendor.example.org/blog and vendor2.com\n\n"
      "It asks evil[.]com and plain-c2.com.\n\n"
      "## References\n[1] https://other.example.net/paper\n- http://third.com/\n\n"
      "## About us\nvendor.org makes things. Write to press@vendor.org or see https://vendor.org/contact\n\n"
      "Copyright 2015 vendor.org. Follow https://twitter.com/vendor\n";
  const Reading reading = ReadReportText(text, "a.md");
  EXPECT_THAT(Objects(reading), testing::IsSupersetOf({"domain:evil.com", "domain:plain-c2.com"}));
  for (const std::string& object : Objects(reading)) {
    EXPECT_THAT(object, Not(HasSubstr("vendor.org")));
    EXPECT_THAT(object, Not(HasSubstr("third.com")));
    EXPECT_THAT(object, Not(HasSubstr("twitter")));
  }
  ASSERT_EQ(reading.diagnostics.size(), 1u);
  EXPECT_EQ(reading.diagnostics[0].code, "boilerplate");
  EXPECT_EQ(reading.diagnostics[0].severity, Diagnostic::Severity::kInfo);
  EXPECT_THAT(reading.diagnostics[0].text, HasSubstr("reference"));
}

TEST(ReportText, IndicatorSectionsOverruleEverything) {
  for (std::string_view heading : {"## Indicators of compromise", "IOCs:", "C2 servers", "| Domain | SHA-256 | C2 |",
                                   "Indicators of Compromise\n========================", "**Command and control**",
                                   "The following domains were used:", "Hashes and C2"}) {
    const std::string text = "Contact press@vendor.org, https://vendor.org/a\n\n## About us\nhttps://vendor.org/b\n\n" +
                             std::string(heading) + "\nvendor.org\nhttp://twitter.com/status/1\n";
    EXPECT_THAT(Objects(ReadReportText(text, "a.md")),
                testing::IsSupersetOf({"domain:vendor.org", "url:http://twitter.com/status/1"}))
        << heading;
  }
}

TEST(ReportText, DefangedIsAnIndicatorEvenAmongReferences) {
  EXPECT_THAT(Objects(ReadReportText("# References\nhxxp://evil[.]com/x and http://fine.com/\n", "a.md")),
              ElementsAre("url:http://evil.com/x"));
}

TEST(ReportText, RepeatedPageHeadersAreLeftOut) {
  std::string text;
  for (int page = 1; page <= 4; ++page)
    text += "Threat report - www.lab.com - page " + std::to_string(page) + "\nbody of page with server.com in it\n\f";
  const std::vector<std::string> objects = Objects(ReadReportText(text, "a.txt"));
  EXPECT_THAT(objects, Not(testing::Contains("domain:www.lab.com")));
}

TEST(ReportText, PlainServerNamedOftenIsNotTakenForThePublisher) {
  EXPECT_THAT(
      Objects(ReadReportText(
          "It calls http://c2.com/a first.\nThen http://c2.com/b is asked.\nLast comes http://c2.com/c today.\n",
          "a.txt")),
      ElementsAre("url:http://c2.com/a", "url:http://c2.com/b", "url:http://c2.com/c"));
}

TEST(ReportText, ReservedAddressesAndCvesAreDiagnostics) {
  const Reading reading = ReadReportText("From 192.168.1.5 through CVE-2017-0144 to 203.0.113.9", "a.txt");
  EXPECT_THAT(Objects(reading), ElementsAre("ipv4:203.0.113.9"));
  ASSERT_EQ(reading.diagnostics.size(), 2u);
  EXPECT_EQ(reading.diagnostics[0].code, "reserved-address");
  EXPECT_EQ(reading.diagnostics[1].code, "cve-mentioned");
}

TEST(ReportText, HostileBytes) {
  const Reading reading = ReadReportText("\x1b[2J\xE2\x80\xAE evil[.]com \xFF\xFE\n", "a.txt");
  EXPECT_THAT(Objects(reading), ElementsAre("domain:evil.com"));
  ASSERT_EQ(reading.diagnostics.size(), 1u);
  EXPECT_EQ(reading.diagnostics[0].code, "bad-utf8");
  EXPECT_THAT(Objects(ReadReportText("", "a.txt")), IsEmpty());
}

TEST(ReportText, Sniffing) {
  EXPECT_GT(SniffReportText("plain words", "a.txt"), SniffReportText("plain words", "a.bin"));
  EXPECT_EQ(SniffReportText(std::string_view("MZ\0\0\1\2", 6), "a.txt"), 0);
  EXPECT_GT(SniffReportText("na\xEFve, mostly fine text with one bad byte", "a.txt"), 0);
  EXPECT_EQ(SniffReportText("\x01\x02\x03\x04\xFF\xFE", "a.txt"), 0);
  EXPECT_GT(SniffReportText("", "a.txt"), 0);
  EXPECT_EQ(SniffReportText("", "a"), 0);
}

}  // namespace
}  // namespace ascribe
