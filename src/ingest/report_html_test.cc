#include "ingest/report_html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "ingest/html_text.h"

namespace ascribe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Objects(const Reading& reading) {
  std::vector<std::string> objects;
  for (const Fact& fact : reading.facts) objects.push_back(fact.object.ToString());
  return objects;
}

TEST(HtmlText, BlocksCellsEntitiesAndWhatIsNoText) {
  EXPECT_EQ(
      ExtractHtmlText("<p>a<br>b</p><script>x.com</script><style>y</style><!-- z > --><i>c</i>&amp;&#46;&#x2e;&bogus;")
          .text,
      "a\nb\nc&..&bogus;");
  EXPECT_EQ(ExtractHtmlText("<table><tr><td>1</td><td>2</td></tr></table>").text, "1 | 2 | \n");
  EXPECT_EQ(ExtractHtmlText("a < b and <b title='x > y'>bold</b>").text, "a < b and bold");
  EXPECT_EQ(ExtractHtmlText("x <a href=\"open quote>y</a>\n z").text, "x y  z");
}

TEST(HtmlText, EveryByteKnowsWhereItCameFrom) {
  const std::string html = "<p>go to ev<b>il</b>&#46;com</p>";
  const HtmlText text = ExtractHtmlText(html);
  const std::size_t at = text.text.find("evil.com");
  ASSERT_NE(at, std::string::npos);
  const std::size_t begin = text.map.Begin(at), end = text.map.End(at + 8);
  EXPECT_EQ(html.substr(begin, end - begin), "ev<b>il</b>&#46;com");
}

TEST(ReportHtml, LocatorsPointIntoThePage) {
  const std::string html =
      "<html><body><h2>Network</h2><p>It asks <code>evil<span>[.]</span>com</code>.</p></body></html>";
  const Reading reading = ReadReportHtml(html, "a.html");
  ASSERT_THAT(Objects(reading), ElementsAre("domain:evil.com"));
  const Locator& at = reading.facts[0].locator;
  EXPECT_EQ(html.substr(at.offset, at.length), "evil<span>[.]</span>com");
  EXPECT_EQ(reading.facts[0].extractor, "report-html@1");
}

TEST(ReportHtml, LinksHeadersAndFootersAreNoIndicators) {
  const std::string html =
      "<html><head><title>Lab</title></head><body><nav><a href='https://lab.org/'>lab.org</a> "
      "<a href='https://lab.org/blog'>https://lab.org/blog</a></nav>"
      "<p>Read <a href='https://other.net/x'>other.net</a>; the server plain-c2.com answers. Mail info@lab.org</p>"
      "<h2>IOCs</h2><ul><li>lab.org<li><a "
      "href='#'>linked-c2.com</a></ul><h2>References</h2><p>http://some.net/paper</p></body></html>";
  EXPECT_THAT(Objects(ReadReportHtml(html, "a.html")),
              ElementsAre("domain:plain-c2.com", "domain:lab.org", "domain:linked-c2.com"));
}

TEST(ReportHtml, Sniffing) {
  EXPECT_GT(SniffReportHtml("<!DOCTYPE html><html>", ""), 80);
  EXPECT_GT(SniffReportHtml(" \n<div class=x>", "a.txt"), 20);
  EXPECT_EQ(SniffReportHtml("plain", "a.txt"), 0);
  EXPECT_GT(SniffReportHtml("", "a.html"), 0);
}

TEST(ReportHtml, HostilePages) {
  for (std::string_view unit : {"<", "<a ", "<a href=\"", "<!--", "<script>", "&#", "&#x41;", "<h1>",
                                "<a href='http://a.b/'>", "</", "<a \">", "<pre>\n"}) {
    std::string page;
    while (page.size() < (std::size_t{1} << 18)) page += unit;
    (void)ReadReportHtml(page, "a.html");
  }
  std::mt19937 random(7);
  const std::string original =
      "<html><body><!-- c --><h1>IOC</h1><p title=\"a>b\">evil[.]com &amp; <a "
      "href='http://x.org'>t</a></p></body></html>";
  for (int round = 0; round < 2000; ++round) {
    std::string page = original;
    for (unsigned i = 0; i < 1 + random() % 8; ++i) page[random() % page.size()] = static_cast<char>(random());
    for (const Fact& fact : ReadReportHtml(page, "").facts)
      EXPECT_LE(fact.locator.offset + fact.locator.length, page.size());
  }
  EXPECT_THAT(Objects(ReadReportHtml("", "")), IsEmpty());
}

}  // namespace
}  // namespace ascribe
