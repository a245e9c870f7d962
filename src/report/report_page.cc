#include "report/report_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "base/json.h"
#include "base/text.h"
#include "report/assessment_json.h"
#include "report/page_shell.h"
#include "report/page_template.h"

namespace ascribe {
namespace {

constexpr std::string_view kCaseBegin = "<script type=\"application/json\" id=\"case\">";
constexpr std::string_view kCaseEnd = "</script>";
constexpr std::string_view kShell = "<!--shell-->", kPlain = "<!--plain-->", kTitle = "<title>ascribe</title>";

std::string Cell(std::string_view text) { return "<td>" + HtmlSafe(Ellipsize(text, 300)) + "</td>"; }
std::string Paragraph(std::string_view text) { return "<p>" + HtmlSafe(Ellipsize(text, 2000)) + "</p>\n"; }

// What a reader without scripts gets below the verdict: more of the rivals, the route, the evidence.
std::string PlainPage(const PageInput& input) {
  const Assessment& a = input.assessment;
  std::string out = Paragraph("This is the short report: the rest of the page is drawn by scripts, which are switched off here. report.md says the same in words.");
  for (const LevelResult& level : a.levels) {
    out += fmt::format("<h2>{}</h2>\n<table><tr><th>hypothesis</th><th>posterior</th><th>without one kind of evidence</th></tr>\n", LevelName(level.level));
    constexpr std::size_t kRivals = 8;
    for (std::size_t i = 0; i < std::min(kRivals, level.ranked.size()); ++i) {
      const Hypothesis& h = level.ranked[i];
      out += "<tr>" + Cell(h.name) + fmt::format("<td>{:.1f} %</td><td>{:.1f} to {:.1f} %</td></tr>\n", 100 * h.posterior, 100 * h.low, 100 * h.high);
    }
    out += "</table>\n";
  }
  out += "<h2>route</h2>\n<ol>\n";
  for (const Hop& hop : a.route.hops) out += "<li>" + HtmlSafe(Ellipsize(Defang(hop.from) + " to " + Defang(hop.to), 300)) + " (" + HtmlSafe(hop.status) + ")</li>\n";
  out += "</ol>\n" + Paragraph(a.route.end_of_trail);
  out += "<h2>evidence</h2>\n<table><tr><th>file</th><th>kind</th><th>SHA-256</th></tr>\n";
  for (const Evidence& e : input.data.evidence) out += "<tr>" + Cell(e.name) + Cell(e.media) + Cell(e.sha256) + "</tr>\n";
  return out + "</table>\n";
}

std::string Replace(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  assert(at != std::string::npos && "the template was built without a mark");
  if (at != std::string::npos) text.replace(at, what.size(), with);
  return text;
}

}  // namespace

std::string ReportPage(const PageInput& input) {
  // From the end to the beginning: a mark that evidence spells stands behind the one that counts.
  std::string page = Replace(std::string(PageTemplate()), std::string(kCaseBegin) + std::string(kCaseEnd),
                             std::string(kCaseBegin) + PageJson(input) + std::string(kCaseEnd));
  page = Replace(std::move(page), kPlain, PlainPage(input));
  page = Replace(std::move(page), kShell, PageShell(input.assessment));
  return Replace(std::move(page), kTitle, "<title>" + HtmlSafe(Ellipsize(input.assessment.info.title, 200)) + " - ascribe</title>");
}

std::string_view JsonInPage(std::string_view page) {
  const std::size_t begin = page.find(kCaseBegin);
  if (begin == std::string_view::npos) return {};
  page.remove_prefix(begin + kCaseBegin.size());
  const std::size_t end = page.find(kCaseEnd);
  return end == std::string_view::npos ? std::string_view{} : page.substr(0, end);
}

Excerpts ExcerptsInPage(std::string_view page) {
  Excerpts excerpts;
  const auto document = JsonDocument::Parse(JsonInPage(page));
  simdjson::dom::array facts;
  if (!document || document->root()["facts"].get(facts) != simdjson::SUCCESS) return excerpts;
  constexpr std::size_t kId = 0, kExcerpt = 10;  // places in a row of docs/formats/page.md
  for (const simdjson::dom::element fact : facts) {
    std::string_view id, text;
    if (fact.at(kId).get(id) == simdjson::SUCCESS && fact.at(kExcerpt).get(text) == simdjson::SUCCESS) excerpts.emplace(id, text);
  }
  return excerpts;
}

}  // namespace ascribe
