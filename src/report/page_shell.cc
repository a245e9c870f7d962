#include "report/page_shell.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "base/text.h"
#include "report/assessment_json.h"

namespace ascribe {
namespace {

std::string Safe(std::string_view text, std::size_t limit) { return HtmlSafe(Ellipsize(text, limit)); }

// As web/src/text.js prints it: nothing is ever 0 % or 100 %.
std::string Percent(double p) {
  if (p < 0.01) return "&lt;1 %";
  if (p > 0.985) return "&gt;98 %";
  return fmt::format("{:.0f} %", std::floor(100 * p + 0.5));
}

std::string Range(double low, double high) {
  const std::string from = Percent(low), to = Percent(high);
  return from == to ? from : from.substr(0, from.size() - 2) + "–" + to;
}

std::string_view Title(Level level) {
  switch (level) {
    case Level::kLineage: return "Tools from the code base of";
    case Level::kOperator: return "Operated by";
    case Level::kSponsor: break;
  }
  return "In the service of";
}

// The best few; somebody unknown and the likeliest imitation always among them.
std::vector<const Hypothesis*> Shown(const LevelResult& level) {
  constexpr std::size_t kBest = 5;
  std::set<std::size_t> kept;
  bool unknown = false, false_flag = false;
  for (std::size_t i = 0; i < level.ranked.size(); ++i) {
    const HypothesisKind kind = level.ranked[i].kind;
    bool keep = i < kBest;
    if (kind == HypothesisKind::kUnknown) keep = keep || !unknown, unknown = true;
    if (kind == HypothesisKind::kFalseFlag) keep = keep || !false_flag, false_flag = true;
    if (keep) kept.insert(i);
  }
  std::vector<const Hypothesis*> out;
  for (const std::size_t i : kept) out.push_back(&level.ranked[i]);
  return out;
}

std::string Bar(const Hypothesis& h) {
  const auto place = [](double p) { return std::clamp(100 * p, 0.0, 100.0); };
  return fmt::format(
      "<svg class=\"bar {}\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"track\" width=\"100\" height=\"10\"/>"
      "<rect class=\"value\" width=\"{:.2f}\" height=\"10\"/><rect class=\"range\" x=\"{:.2f}\" y=\"3.5\" width=\"{:.2f}\" height=\"3\"/></svg>",
      HypothesisKindName(h.kind), place(h.posterior), place(h.low), std::max(0.4, place(h.high) - place(h.low)));
}

std::string LevelCard(const Assessment& a, const LevelResult& level) {
  const std::vector<const Hypothesis*> shown = Shown(level);
  std::string out = fmt::format("<div class=\"level{}\">\n<h3>{}</h3>\n<table class=\"ranking\"><tbody>\n", level.level == a.verdict.level ? " main" : "", Title(level.level));
  for (const Hypothesis* h : shown)
    out += fmt::format("<tr class=\"{}\"><td>{}{}</td><td class=\"n\"><span class=\"num\">{}</span></td><td class=\"n small\">{}</td></tr>\n",
                       HypothesisKindName(h->kind), Safe(h->name, 48), Bar(*h), Percent(h->posterior), Range(h->low, h->high));
  out += "</tbody></table>\n";
  if (level.ranked.size() > shown.size()) out += fmt::format("<p class=\"small\">and {} less likely</p>\n", level.ranked.size() - shown.size());
  return out + "</div>\n";
}

}  // namespace

std::string PageShell(const Assessment& a) {
  std::string marking = AsciiLower(TlpName(a.info.tlp));
  std::replace(marking.begin(), marking.end(), '+', '-');
  std::string out = fmt::format(
      "<header class=\"top\"><div>\n<p class=\"brand\">ascribe</p>\n<h1>{}</h1>\n<p class=\"meta\"><span class=\"tlp {}\">TLP:{}</span> <span>case {}</span> "
      "<span>{}</span> <span>engine {}</span>",
      Safe(a.info.title, 160), marking, TlpName(a.info.tlp), Safe(a.info.id, 60), a.as_of ? "as of " + a.as_of->ToString() : "using everything known", kEngineVersion);
  if (a.info.incident) out += fmt::format(" <span>incident {}</span>", a.info.incident->ToString());
  out += "</p>\n</div></header>\n<div class=\"frame\"><nav></nav><main>\n<section><h2>Verdict</h2>\n<div class=\"verdict\">";
  // Up to the colon stands how sure; after it why.
  const std::string confidence = Ellipsize(a.verdict.confidence_sentence, 600);
  const std::size_t colon = confidence.find(':'), end = colon == std::string::npos ? confidence.size() : colon + 1;
  out += "<p class=\"sentence\">" + Safe(a.verdict.sentence, 600) + "</p>\n<p class=\"confidence\"><strong>" + HtmlSafe(confidence.substr(0, end)) + "</strong>" +
         HtmlSafe(confidence.substr(end)) + "</p></div>\n";
  out += "<div class=\"levels\">\n";
  for (const LevelResult& level : a.levels) out += LevelCard(a, level);
  return out +
         "</div>\n<p class=\"small\">Range: the same with each kind of evidence left out in turn. The three levels are weighed apart and may point to different states. "
         "An imitation and somebody unknown always take part.</p>\n</section></main></div>\n";
}

}  // namespace ascribe
