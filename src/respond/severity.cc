#include "respond/severity.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/stable_sum.h"

namespace ascribe {
namespace {

constexpr std::string_view kInsider = "actor:insider";  // the class actor, and what the table calls it

const Hypothesis* NamedHypothesis(const Assessment& a) {
  if (a.verdict.hypothesis.empty() || a.levels.size() <= static_cast<std::size_t>(a.verdict.level)) return nullptr;
  for (const Hypothesis& h : a.At(a.verdict.level).ranked)
    if (h.id == a.verdict.hypothesis) return &h;
  return nullptr;
}

std::vector<const Claim*> ClaimsFor(const Assessment& a, Level level, std::string_view hypothesis) {
  std::vector<const Claim*> claims;
  for (const Claim& claim : a.claims)
    if (!claim.cancelled && claim.NatsFor(level, hypothesis) > 0) claims.push_back(&claim);
  std::stable_sort(claims.begin(), claims.end(), [&](const Claim* x, const Claim* y) {
    return x->NatsFor(level, hypothesis) > y->NatsFor(level, hypothesis);
  });
  if (claims.size() > kMaxBacking) claims.resize(kMaxBacking);
  return claims;
}

}  // namespace

std::vector<const Claim*> ClaimsForVerdict(const Assessment& a) {
  if (NamedHypothesis(a) == nullptr) return {};
  std::vector<const Claim*> claims = ClaimsFor(a, a.verdict.level, a.verdict.hypothesis);
  if (!claims.empty() || a.verdict.level != Level::kSponsor) return claims;
  for (const Hypothesis& h : a.At(Level::kOperator).ranked)
    if (h.kind == HypothesisKind::kActor || h.kind == HypothesisKind::kClass)
      return ClaimsFor(a, Level::kOperator, h.id);
  return claims;
}

std::string_view ActorKind(const ResponseTable& table, const Assessment& a) {
  const Hypothesis* named = NamedHypothesis(a);
  if (named == nullptr || GateRank(a.verdict.gate) < GateRank("likely")) return {};
  if (named->id == kInsider) return kInsider;
  if (named->kind == HypothesisKind::kState) return "actor:state";
  if (named->kind == HypothesisKind::kNonState) return "actor:non-state";
  const std::vector<Hypothesis>& sponsors = a.At(Level::kSponsor).ranked;
  if (!sponsors.empty() && sponsors.front().posterior >= table.sponsor_posterior) {
    if (sponsors.front().kind == HypothesisKind::kState) return "actor:state";
    if (sponsors.front().kind == HypothesisKind::kNonState) return "actor:non-state";
  }
  return "actor:other";
}

Severity ComputeSeverity(const ResponseTable& table, const CaseEvidence& evidence, const Assessment& a) {
  Severity severity;
  const std::string_view actor = ActorKind(table, a);
  std::vector<double> weights, lows, highs;
  for (const ResponseTable::Category& category : table.categories) {
    SeverityCategory& out = severity.categories.emplace_back();
    out.id = category.id;
    out.label = category.label;
    out.weight = category.weight;
    for (const ResponseTable::Option& option : category.options) {
      const CaseEvidence::Match match = evidence.Find(option.evidence);
      std::vector<std::string> facts = match.facts, claims;
      if (!actor.empty() && std::find(option.evidence.begin(), option.evidence.end(), actor) != option.evidence.end())
        for (const Claim* claim : ClaimsForVerdict(a)) {
          claims.push_back(claim->id);
          facts.insert(facts.end(), claim->case_facts.begin(), claim->case_facts.end());
        }
      if (facts.empty()) continue;
      out.option = option.id;
      out.note = option.label;
      out.low = option.low;
      out.high = option.high;
      out.backing = MakeBacking(std::move(facts), std::move(claims));
      break;
    }
    if (out.option.empty()) out.note = fmt::format("not known: counted as {:.0f} to {:.0f}", out.low, out.high);
    weights.push_back(category.weight);
    lows.push_back(category.weight * out.low);
    highs.push_back(category.weight * out.high);
  }
  const double sum = StableSum(weights);
  if (sum > 0) {
    severity.low = StableSum(lows) / sum;
    severity.high = StableSum(highs) / sum;
  }
  severity.low_level = table.LevelOf(severity.low);
  severity.high_level = table.LevelOf(severity.high);
  return severity;
}

}  // namespace ascribe
