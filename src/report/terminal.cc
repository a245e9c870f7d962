#include "report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/assessment_json.h"

namespace ascribe {
namespace {

constexpr std::size_t kWidth = 80;

std::string Shown(std::string_view text, std::size_t limit = 400) { return TerminalSafe(Ellipsize(text, limit)); }

// Code points, the best that can be said of columns without a width table.
std::size_t Columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string Pad(std::string text, std::size_t columns) {
  if (Columns(text) < columns) text.append(columns - Columns(text), ' ');
  return text;
}

// A paragraph behind a label column.
std::string Labelled(std::string_view label, std::string_view text, std::size_t indent = 10) {
  std::string out = Pad(std::string(label), indent) + WrapText(text, kWidth - indent, 0);
  std::string folded;
  for (char c : out) {
    folded += c;
    if (c == '\n') folded.append(indent, ' ');
  }
  return folded + "\n";
}

std::string Bar(double posterior) {
  const auto filled = static_cast<std::size_t>(std::lround(posterior * 20));
  return std::string(filled, '#') + std::string(20 - filled, '.');
}

std::string Percent(double p) {
  const double percent = 100 * p;
  if (percent < 1) return "<1 %";
  return fmt::format("{:.0f} %", std::min(percent, 99.0));
}

double NatsOf(const Claim& claim, Level level, const std::string& hypothesis) { return claim.NatsFor(level, hypothesis); }

std::string LevelTitle(Level level) {
  switch (level) {
    case Level::kLineage: return "TOOLS FROM THE CODE BASE OF";
    case Level::kOperator: return "OPERATED BY";
    case Level::kSponsor: break;
  }
  return "IN THE SERVICE OF";
}

void AppendLevels(const Assessment& a, std::string& out) {
  for (Level level : {Level::kOperator, Level::kLineage, Level::kSponsor}) {
    out += "\n" + LevelTitle(level) + "\n";
    std::size_t shown = 0, rest = 0;
    for (const Hypothesis& h : a.At(level).ranked) {
      const bool always = h.kind == HypothesisKind::kUnknown || h.kind == HypothesisKind::kFalseFlag;
      if (shown >= 5 && !always) {
        ++rest;
        continue;
      }
      shown += !always;
      const std::string range = h.high - h.low > 0.01 ? fmt::format("[{:.0f}-{:.0f}]", 100 * h.low, 100 * h.high) : "";
      out += fmt::format("  {} {} {:>5} {}\n", Pad(Ellipsize(Shown(h.name), 34), 36), Bar(h.posterior), Percent(h.posterior), range);
    }
    if (rest > 0) out += fmt::format("  and {} more below\n", rest);
  }
  out += "  [a-b]: the same with each kind of evidence left out in turn\n";
}

// The claims that speak for a hypothesis, strongest first.
std::vector<const Claim*> ClaimsFor(const Assessment& a, Level level, const std::string& hypothesis) {
  std::vector<const Claim*> claims;
  for (const Claim& claim : a.claims)
    if (NatsOf(claim, level, hypothesis) > 0) claims.push_back(&claim);
  std::stable_sort(claims.begin(), claims.end(), [&](const Claim* x, const Claim* y) {
    return NatsOf(*x, level, hypothesis) > NatsOf(*y, level, hypothesis);
  });
  return claims;
}

std::string ClaimLine(const Claim& claim, double nats) {
  return fmt::format("{} x{:.1f} {}{}", claim.id, std::exp(nats), Shown(claim.statement, 220),
                     claim.copyable ? " (could be copied)" : "");
}

void AppendEvidence(const Assessment& a, std::string& out) {
  const Hypothesis* leader = nullptr;
  const Hypothesis* rival = nullptr;
  for (const Hypothesis& h : a.At(a.verdict.level).ranked) {
    if (h.kind == HypothesisKind::kUnknown || h.kind == HypothesisKind::kFalseFlag) continue;
    if (leader == nullptr) leader = &h;
    else if (rival == nullptr) rival = &h;
  }
  out += "\n";
  if (leader != nullptr) {
    // At sponsor level most of the weight arrives through the operator: show that.
    const std::vector<const Claim*> direct = ClaimsFor(a, a.verdict.level, leader->id);
    Level level = a.verdict.level;
    std::string who = leader->id;
    std::vector<const Claim*> claims = direct;
    if (claims.empty() && level == Level::kSponsor) {
      for (const Hypothesis& h : a.At(Level::kOperator).ranked)
        if (h.kind == HypothesisKind::kActor || h.kind == HypothesisKind::kClass) {
          level = Level::kOperator;
          who = h.id;
          break;
        }
      claims = ClaimsFor(a, level, who);
    }
    out += claims.empty() ? Labelled("Rests on", "nothing that a known attack shares") : std::string();
    for (std::size_t i = 0; i < std::min<std::size_t>(claims.size(), 5); ++i)
      out += Labelled(i == 0 ? "Rests on" : "", ClaimLine(*claims[i], NatsOf(*claims[i], level, who)));
    if (claims.size() > 5) out += Labelled("", fmt::format("and {} weaker ones", claims.size() - 5));
  }
  if (rival != nullptr) {
    const std::vector<const Claim*> claims = ClaimsFor(a, a.verdict.level, rival->id);
    out += Labelled("Rival", claims.empty() ? Shown(rival->name) + ": no evidence of its own"
                                            : fmt::format("{}: {}", Shown(rival->name), ClaimLine(*claims.front(), NatsOf(*claims.front(), a.verdict.level, rival->id))));
  }
  for (const Contradiction& c : a.contradictions)
    out += Labelled("Against", fmt::format("{}: {}. {} link{} cancelled.", Shown(c.label), Shown(c.text), c.cancelled.size(),
                                           c.cancelled.size() == 1 ? "" : "s"));
  for (const RetractionEffect& r : a.retractions)
    out += Labelled("Withdrawn", fmt::format("{} on {}. {}", Shown(r.text), r.retracted_on,
                                             r.changes.empty() ? "It would have changed nothing." : Shown(r.changes.front()) + "."));
}

void AppendOutlook(const Assessment& a, std::string& out) {
  bool any = false;
  for (const Flip& flip : a.flips) {
    if (flip.leader_then.empty()) {
      if (flip.claims.empty()) continue;
      out += Labelled(any ? "" : "Flips if", fmt::format("the {} strongest links may fall and the leader at {} level stays", flip.claims.size(), LevelName(flip.level)));
      any = true;
      continue;
    }
    std::string ids;
    for (const std::string& id : flip.claims) ids += (ids.empty() ? "" : ", ") + id;
    std::string then = flip.leader_then;
    for (const Hypothesis& h : a.At(flip.level).ranked)
      if (h.id == flip.leader_then) then = h.name;
    out += Labelled(any ? "" : "Flips if", fmt::format("{} fall{}: then {} leads at {} level ({})", ids, flip.claims.size() == 1 ? "s" : "",
                                                       Shown(then), LevelName(flip.level), Percent(flip.posterior_then)));
    any = true;
  }
  if (!any) out += Labelled("Flips if", "nothing named leads, so nothing can flip; see the next evidence");
  out += Labelled("Trail", Shown(a.route.end_of_trail));
  std::string next;
  for (const NextEvidence& n : a.next_evidence) next += fmt::format("{}{} ({:.1f})", next.empty() ? "" : "; ", n.label, n.gain);
  out += Labelled("Next", next.empty() ? "every kind of evidence is present" : next + " [expected nats]");
}

}  // namespace

std::string AssessmentToText(const Assessment& a) {
  std::string out = fmt::format("{}  TLP:{}  engine {}  as of {}\n", Shown(a.info.id), TlpName(a.info.tlp), kEngineVersion,
                                a.as_of ? a.as_of->ToString() : "everything known");
  out += WrapText(Shown(a.info.title), kWidth, 0) + "\n\n";
  if (!a.scenario.empty()) {
    std::string differences;
    for (const std::string& difference : a.scenario.Differences()) differences += (differences.empty() ? "" : "; ") + difference;
    const std::string name = a.scenario.name.empty() ? "SCENARIO" : "SCENARIO " + a.scenario.name;
    out += WrapText(fmt::format("{}, not the case as it is: {}.", name, Shown(differences, 2000)), kWidth, 2) + "\n\n";
  }
  out += WrapText(Shown(a.verdict.sentence), kWidth, 0) + "\n";
  out += WrapText(Shown(a.verdict.confidence_sentence), kWidth, 0) + "\n";
  for (const std::string& note : a.verdict.gate_notes) out += Labelled("  why", Shown(note));
  AppendLevels(a, out);
  AppendEvidence(a, out);
  AppendOutlook(a, out);
  out += Labelled("Compared", fmt::format("with {} earlier attacks of {} actors; {} facts of the case weigh, {} were not public yet, {} are "
                                          "unverified; parameters {} (today's)",
                                          a.attacks_compared, a.actors_compared, a.facts_used, a.facts_later, a.facts_unverified,
                                          a.parameters_version));
  return out;
}

}  // namespace ascribe
