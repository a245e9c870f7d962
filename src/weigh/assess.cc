#include "weigh/assess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "code/code_link.h"
#include "infra/infra_link.h"
#include "route/route.h"
#include "technique/technique_link.h"
#include "weigh/context_link.h"
#include "weigh/contradictions.h"
#include "weigh/gates.h"
#include "weigh/sensitivity.h"

namespace ascribe {
namespace {

struct Weighed {
  std::vector<Claim> claims;
  std::vector<Contradiction> contradictions;
  std::vector<LevelResult> levels;
};

Weighed Weigh(const LinkContext& context) {
  Weighed result;
  std::vector<Claim> code = LinkCode(context);
  if (auto absence = AbsenceOfTools(context, code)) result.claims.push_back(std::move(*absence));
  std::move(code.begin(), code.end(), std::back_inserter(result.claims));
  for (auto link : {LinkInfrastructure, LinkTechniques, LinkContextual}) {
    std::vector<Claim> linked = link(context);
    std::move(linked.begin(), linked.end(), std::back_inserter(result.claims));
  }
  std::sort(result.claims.begin(), result.claims.end(), [](const Claim& a, const Claim& b) { return a.id < b.id; });
  result.contradictions = FindContradictions(context, result.claims);
  result.levels = ComputeLevels({result.claims, result.contradictions, context.knowledge, context.parameters, {}, {}});
  return result;
}

// What each withdrawn item would have changed: weigh once more with that item put back.
std::vector<RetractionEffect> Retractions(const LinkContext& context, const Weighed& now) {
  constexpr double kVisible = 0.0005;  // half of the last digit that is printed
  std::vector<RetractionEffect> effects;
  for (const Fact* fact : context.seen.retracted) {
    RetractionEffect effect;
    effect.fact = fact->Id();
    effect.text = fmt::format("{} {} {}", fact->subject.value, RelationName(fact->relation), Defang(fact->object.ToString()));
    effect.retracted_on = fact->retracted_on->ToString();
    VisibleCase with = context.seen;
    const Source* source = context.seen.data->FindSource(fact->source);
    const auto q = source == nullptr ? std::nullopt : context.parameters.Reliability(source->grade);
    if (q && fact->verification != Verification::kUnverified) {
      with.facts.push_back({fact, effect.fact, fact->source, *q});
      std::sort(with.facts.begin(), with.facts.end(), [](const VisibleFact& a, const VisibleFact& b) { return FactLess(*a.fact, *b.fact); });
      const Weighed then = Weigh({with, context.knowledge, context.parameters, context.hygiene});
      for (std::size_t i = 0; i < now.levels.size(); ++i) {
        for (const Hypothesis& h : then.levels[i].ranked) {
          double posterior = 0;
          for (const Hypothesis& mine : now.levels[i].ranked)
            if (mine.id == h.id) posterior = mine.posterior;
          if (std::abs(h.posterior - posterior) < kVisible) continue;
          effect.changes.push_back(fmt::format("{}: {} would stand at {:.1f} % instead of {:.1f} %", LevelName(now.levels[i].level),
                                               h.name, 100 * h.posterior, 100 * posterior));
        }
      }
    }
    effects.push_back(std::move(effect));
  }
  return effects;
}

}  // namespace

Assessment Assess(const AssessInput& input) {
  const VisibleCase seen = SeeCase(input.data, input.as_of, input.parameters);
  const LinkContext context{seen, input.knowledge, input.parameters,
                            input.hygiene ? input.hygiene : [](const Entity&) { return std::string_view{}; }};
  Weighed weighed = Weigh(context);
  const WeighInput weigh{weighed.claims, weighed.contradictions, input.knowledge, input.parameters, {}, {}};

  Assessment a;
  a.info = input.data.info;
  a.as_of = input.as_of;
  a.parameters_version = input.parameters.version;
  a.parameters_sha256 = input.parameters.sha256;
  for (const BatchInfo& pack : input.knowledge.packs()) a.packs.push_back({pack.id, pack.version, pack.key, pack.facts});
  a.attacks_compared = input.knowledge.attacks().size();
  for (const KnownActor& actor : input.knowledge.actors()) a.actors_compared += actor.attacks > 0;
  a.facts_known = input.knowledge.fact_count();
  a.facts_used = seen.facts.size();
  a.facts_later = seen.later.size();
  a.facts_unverified = seen.unverified.size();
  RangeOverGroups(weigh, weighed.levels);
  a.verdict = Judge(weigh, weighed.levels);
  a.flips = FindFlips(weigh, weighed.levels);
  a.next_evidence = BestNextEvidence(weighed.claims, input.parameters);
  a.retractions = Retractions(context, weighed);
  a.route = TraceRoute(context);
  for (const Hypothesis& h : weighed.levels[static_cast<std::size_t>(a.verdict.level)].ranked)
    if (IsNameable(h)) {
      a.copyable_weight = CopyableShare(weigh, a.verdict.level, h.id);
      break;
    }
  a.levels = std::move(weighed.levels);
  a.contradictions = std::move(weighed.contradictions);
  a.claims = std::move(weighed.claims);
  return a;
}

}  // namespace ascribe
