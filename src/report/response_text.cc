#include "report/response_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace ascribe {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kShown = 5;            // ids on a line of the terminal; response.json has more
constexpr std::size_t kMostEntries = 1'000;  // of each list of indicators

std::string Shown(std::string_view text, std::size_t limit = 160) { return TerminalSafe(Ellipsize(text, limit)); }

// Only what somebody could click on is defanged: a technique keeps its dot.
std::string ShownThing(const std::string& entity) {
  constexpr std::string_view kNetwork[] = {"ipv4:", "ipv6:", "cidr:", "domain:", "url:", "email:"};
  const bool network = std::any_of(std::begin(kNetwork), std::end(kNetwork),
                                   [&](std::string_view type) { return entity.starts_with(type); });
  return Shown(network ? Defang(entity) : entity);
}

// "62-78", outwards: the interval must not look narrower than it is.
std::string Range(double low, double high) { return fmt::format("{:.0f}-{:.0f}", std::floor(low), std::ceil(high)); }

std::string Levels(const Severity& s) {
  return s.low_level == s.high_level ? s.low_level : s.low_level + " to " + s.high_level;
}

std::string Count(std::size_t n, std::string_view what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

// A paragraph, every line behind `indent` blanks.
std::string Paragraph(std::string_view text, std::size_t indent) {
  std::string out(indent, ' ');
  for (char c : WrapText(text, kWidth - indent, 0)) {
    out += c;
    if (c == '\n') out.append(indent, ' ');
  }
  return out + "\n";
}

std::string List(const std::vector<std::string>& items, std::size_t total, std::size_t shown = kShown) {
  std::string out;
  for (std::size_t i = 0; i < std::min(items.size(), shown); ++i) out += (i == 0 ? "" : ", ") + ShownThing(items[i]);
  if (total > std::min(items.size(), shown)) out += fmt::format(" and {} more", total - std::min(items.size(), shown));
  return out;
}

std::string BackingText(const Backing& backing) {
  std::string out = List(backing.facts, backing.facts_total);
  if (!backing.claims.empty()) out += "; " + List(backing.claims, backing.claims.size());
  return out;
}

std::string StepText(const PlannedStep& step) {
  const StepWords& words = WordsOf(step.kind);
  std::string label(words.label);
  if (!step.mitigation.empty()) label = fmt::format("{} {}", step.mitigation, Shown(step.mitigation_name));
  std::string out = Paragraph(
      fmt::format("{}: {}{}", StepClassName(words.step_class), label, words.disruptive ? " (interrupts work)" : ""), 2);
  if (step.mitigation.empty()) out += Paragraph(words.text, 10);
  if (!step.answers.empty()) out += Paragraph("answers " + List(step.answers, step.answers.size(), 8), 10);
  if (!step.withheld.empty()) out += Paragraph("not now: " + step.withheld, 10);
  return out + Paragraph("rests on " + BackingText(step.backing), 10);
}

}  // namespace

std::string ResponseSummary(const ResponsePlan& plan) {
  std::string first;
  std::size_t named = 0;
  for (const PlannedStep& step : plan.steps) {
    if (named == 2) break;
    first += fmt::format("{}{}", named == 0 ? "" : ", ", WordsOf(step.kind).label);
    ++named;
  }
  const std::string text = fmt::format(
      "severity {} of 100, {}; first: {}; {}, {} withheld; {} to block, {} not to (explain CASE response)",
      Range(plan.severity.low, plan.severity.high), Levels(plan.severity),
      first.empty() ? "no step has evidence" : first, Count(plan.steps.size(), "step"), plan.withheld.size(),
      Count(plan.block.size() + plan.block_left_off, "indicator"), plan.not_blocked.size() + plan.not_blocked_left_off);
  std::string out = Paragraph(text, 10);
  return out.replace(0, 10, "Response  ");
}

std::string ResponseToText(const ResponsePlan& plan) {
  std::string out =
      Paragraph(fmt::format("RESPONSE to {}: severity {} of 100, {}; gate {}", Shown(plan.case_id),
                            Range(plan.severity.low, plan.severity.high), Levels(plan.severity), plan.gate),
                0);
  for (const std::string& note : plan.notes) out += Paragraph(note, 2);
  out += "\nSEVERITY (categories of CISA's NCISS, numbers of our own: no NCISS score)\n";
  for (const SeverityCategory& c : plan.severity.categories) {
    out += Paragraph(fmt::format("{} (x{:.0f}) {}: {}", c.label, c.weight, Range(c.low, c.high), c.note), 2);
    if (!c.option.empty()) out += Paragraph(BackingText(c.backing), 10);
  }
  out += "\nJUSTIFIED NOW\n";
  for (const PlannedStep& step : plan.steps) out += StepText(step);
  if (plan.steps.empty()) out += "  nothing: no fact of the case asks for a step\n";
  if (!plan.withheld.empty()) out += "\nNOT JUSTIFIED NOW\n";
  for (const PlannedStep& step : plan.withheld) out += StepText(step);
  const auto rest = [&](std::size_t listed, std::size_t left_off) {
    const std::size_t more = left_off + (listed > kMostEntries ? listed - kMostEntries : 0);
    if (more > 0) out += fmt::format("  and {} more\n", more);
  };
  if (!plan.block.empty()) out += "\nWORTH BLOCKING, each until its day\n";
  for (std::size_t i = 0; i < std::min(plan.block.size(), kMostEntries); ++i) {
    const BlockEntry& e = plan.block[i];
    out += Paragraph(fmt::format("{} until {} (last: {}, {})", ShownThing(e.thing.ToString()), e.expires.ToString(),
                                 e.last_seen.ToString(), e.last_seen_basis),
                     2);
    out += Paragraph(e.collateral + "; " + BackingText(e.backing), 10);
  }
  rest(plan.block.size(), plan.block_left_off);
  if (!plan.not_blocked.empty()) out += "\nNOT TO BE BLOCKED\n";
  for (std::size_t i = 0; i < std::min(plan.not_blocked.size(), kMostEntries); ++i) {
    const NotBlocked& e = plan.not_blocked[i];
    out += Paragraph(fmt::format("{}: {}", ShownThing(e.thing.ToString()), Shown(e.reason)), 2);
    out += Paragraph(BackingText(e.backing), 10);
  }
  rest(plan.not_blocked.size(), plan.not_blocked_left_off);
  out += Paragraph(
      fmt::format("Table {} ({}…), ATT&CK {}", plan.table_version, plan.table_sha256.substr(0, 8), plan.attack_release),
      0);
  return out;
}

}  // namespace ascribe
