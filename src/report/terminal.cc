#include "report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/ach_text.h"
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
      const auto range = [](char open, double low, double high, char close) {
        return high - low > 0.01 ? fmt::format("{}{:.0f}-{:.0f}{}", open, 100 * low, 100 * high, close) : std::string();
      };
      std::string line = fmt::format("  {} {} {:>5} {} {}", Pad(Ellipsize(Shown(h.name), 32), 33), Bar(h.posterior), Percent(h.posterior),
                                     Pad(range('[', h.low, h.high, ']'), 8), range('(', h.table_low, h.table_high, ')'));
      while (line.ends_with(' ')) line.pop_back();
      out += line + "\n";
    }
    if (rest > 0) out += fmt::format("  and {} more below\n", rest);
  }
  out += "  [a-b]: the same with each kind of evidence left out in turn\n"
         "  (a-b): nine in ten draws of the weights from the intervals of their table\n";
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
    out += Labelled("Withdrawn", fmt::format("{} on {} by {}{}. {}", Shown(r.text), r.retracted_on, Shown(r.publisher.empty() ? r.source : r.publisher),
                                             r.pack.empty() ? "" : " (pack " + Shown(r.pack) + ")",
                                             r.changes.empty() ? "It would have changed nothing." : Shown(r.changes.front()) + "."));
}

std::string NameOf(const Assessment& a, Level level, const std::string& id) {
  for (const Hypothesis& h : a.At(level).ranked)
    if (h.id == id) return Shown(h.name);
  return Shown(id);
}

// "c-… (forgeability 3 of 5, could be copied, public since 2013-07-08)"
std::string Linchpin(const Assessment& a, const std::string& id) {
  const Claim* claim = a.FindClaim(id);
  if (claim == nullptr) return id;
  return fmt::format("{} (forgeability {} of 5, {}{})", id, claim->forge, claim->copyable ? "could be copied" : "could not be copied",
                     claim->public_since ? ", public since " + claim->public_since->ToString() : "");
}

void AppendFlips(const Assessment& a, std::string& out) {
  bool any = false;
  for (const Flip& flip : a.flips) {
    if (flip.claims.empty()) continue;
    const std::string_view label = any ? "" : "Flips if";
    any = true;
    if (flip.leader_then.empty()) {
      out += Labelled(label, fmt::format("the {} strongest links may fall and the leader at {} level stays", flip.claims.size(), LevelName(flip.level)));
      continue;
    }
    std::string ids;
    for (const std::string& id : flip.claims) ids += (ids.empty() ? "" : ", ") + Linchpin(a, id);
    out += Labelled(label, fmt::format("{} fall{}: then {} leads at {} level ({})", ids, flip.claims.size() == 1 ? "s" : "",
                                       NameOf(a, flip.level, flip.leader_then), LevelName(flip.level), Percent(flip.posterior_then)));
  }
  if (!any) out += Labelled("Flips if", "nothing named leads, so nothing can flip; see the next evidence");
}

std::string RunLabel(const SensitivityRun& run) {
  if (run.kind == "claim") return "without " + run.id;
  if (run.kind == "knowledge-source") return fmt::format("without the earlier report \"{}\"", Shown(run.label, 60));
  if (run.kind == "group" || run.kind == "publisher") return "without " + Shown(run.label, 60);
  if (run.kind == "source") return fmt::format("without the source \"{}\"", Shown(run.label, 60));
  return "with " + Shown(run.label, 60);
}

// What the level of the verdict hangs on beyond single links, which "Flips if" names.
void AppendSensitivity(const Assessment& a, std::string& out) {
  constexpr std::size_t kShown = 4;
  constexpr double kVisible = 0.01;
  const Level level = a.verdict.level;
  const Hypothesis& leader = a.At(level).ranked.front();
  const auto outcome = [&](const SensitivityRun& run) -> const SensitivityRun::Outcome& { return run.outcomes[static_cast<std::size_t>(level)]; };
  std::vector<const SensitivityRun*> runs;
  std::size_t changes = 0;
  for (const SensitivityRun& run : a.sensitivity) {
    changes += outcome(run).leader != leader.id;
    if (run.kind != "claim" && std::abs(outcome(run).posterior - leader.posterior) >= kVisible) runs.push_back(&run);
  }
  std::stable_sort(runs.begin(), runs.end(), [&](const SensitivityRun* x, const SensitivityRun* y) {
    return std::abs(outcome(*x).posterior - leader.posterior) > std::abs(outcome(*y).posterior - leader.posterior);
  });
  std::string text = fmt::format("of {} runs with one thing otherwise {} change{} the leader at {} level", a.sensitivity.size(), changes == 0 ? "none" : std::to_string(changes),
                                 changes == 1 ? "s" : "", LevelName(level));
  if (runs.empty()) text += ", and none but links moves it by a hundredth";
  out += Labelled("Leans on", text);
  for (std::size_t i = 0; i < std::min(runs.size(), kShown); ++i) {
    const SensitivityRun::Outcome& then = outcome(*runs[i]);
    out += Labelled("", fmt::format("{}: {} {} instead of {}{}", RunLabel(*runs[i]), Shown(leader.name), Percent(then.posterior), Percent(leader.posterior),
                                    then.leader == leader.id ? "" : "; then " + NameOf(a, level, then.leader) + " leads"));
  }
}

void AppendPlanting(const Assessment& a, std::string& out) {
  const Planting& p = a.planting;
  const auto count = [](std::size_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); };
  std::string text;
  if (!p.claims.empty()) {
    std::string ids;
    for (const std::string& id : p.claims) ids += (ids.empty() ? "" : ", ") + id;
    text = fmt::format("{} of {} would suffice for this verdict, if somebody planted them: {}. ", count(p.claims.size(), "consistent item"), count(p.claim_groups, "kind"), ids);
  }
  if (!p.kinds.empty())
    text += fmt::format("{} of {} would name an actor for whom nothing speaks here (gate: {}).", count(p.kinds.size(), "consistent planted item"), count(p.kind_groups, "kind"), p.gate);
  else if (p.tried > 0)
    text += fmt::format("Even {} would not name another actor.", count(p.tried, "consistent planted item"));
  if (!text.empty()) out += Labelled("Planted", text);
}

void AppendOutlook(const Assessment& a, std::string& out) {
  AppendFlips(a, out);
  AppendSensitivity(a, out);
  AppendPlanting(a, out);
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
  if (const std::string analyst = OverridesToText(a); !analyst.empty()) out += "\n" + analyst + "\n";
  out += Labelled("Compared", fmt::format("with {} earlier attacks of {} actors; {} facts of the case weigh, {} were not public yet, {} are "
                                          "unverified; parameters {}, {} (today's)",
                                          a.attacks_compared, a.actors_compared, a.facts_used, a.facts_later, a.facts_unverified,
                                          a.parameters_version, a.fit_version.empty() ? "by hand" : "measured to " + a.fit_version));
  return out;
}

}  // namespace ascribe
