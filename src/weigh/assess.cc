#include "weigh/assess.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "base/text.h"
#include "route/route.h"
#include "weigh/ach.h"
#include "weigh/analyst.h"
#include "weigh/gates.h"
#include "weigh/planting.h"
#include "weigh/sensitivity.h"
#include "weigh/sensitivity_runs.h"
#include "weigh/table_interval.h"
#include "weigh/weigh.h"

namespace ascribe {
namespace {

// A publisher corrects himself in two ways at once: he withdraws the item and says what contradicts it. What the
// withdrawal changed shows only when the item is taken at its word: claims that rest on it stand, whatever speaks against
// them. Returns how many they are.
std::size_t TakeAtItsWord(const std::string& fact, Weighed& weighed, const LinkContext& context) {
  std::set<std::string> restored;
  std::size_t carried = 0;
  for (Claim& claim : weighed.claims) {
    if (claim.contributions.empty() || !std::binary_search(claim.case_facts.begin(), claim.case_facts.end(), fact)) continue;
    ++carried;
    if (!claim.cancelled) continue;
    claim.cancelled = false;
    claim.cancelled_by.clear();
    restored.insert(claim.id);
  }
  if (restored.empty()) return carried;
  std::erase_if(weighed.contradictions, [&](Contradiction& c) {
    const std::size_t gone = std::erase_if(c.cancelled, [&](const std::string& id) { return restored.count(id) > 0; });
    return gone > 0 && c.cancelled.empty();
  });
  weighed.levels = ComputeLevels({weighed.claims, weighed.contradictions, context.knowledge, context.parameters, {}, {}});
  return carried;
}

constexpr std::size_t kNamedLinks = 20;  // a fact that carries more is not told better by naming them all

void NameLink(const Claim& claim, RetractionEffect& effect) {
  if (effect.claims.size() < kNamedLinks) effect.claims.push_back(claim.statement);
}

RetractionEffect Describe(const Fact& fact, const Source* source) {
  RetractionEffect effect;
  effect.fact = fact.Id();
  effect.text = fmt::format("{} {} {}", fact.subject.value, RelationName(fact.relation), Defang(fact.object.ToString()));
  effect.retracted_on = fact.retracted_on->ToString();
  effect.source = source != nullptr ? source->id : fact.source;
  if (source != nullptr) effect.publisher = source->publisher;
  return effect;
}

// `back`: links that are there when the item is, whether or not they move a posterior.
void TellChanges(const Weighed& now, const Weighed& then, std::size_t back, RetractionEffect& effect) {
  constexpr double kVisible = 0.0005;  // half of the last digit that is printed
  for (std::size_t i = 0; i < now.levels.size(); ++i) {
    for (const Hypothesis& h : then.levels[i].ranked) {
      double posterior = 0;
      for (const Hypothesis& mine : now.levels[i].ranked)
        if (mine.id == h.id) posterior = mine.posterior;
      if (std::abs(h.posterior - posterior) < kVisible) continue;
      effect.changes.push_back(fmt::format("{}: {} would stand at {:.1f} % instead of {:.1f} %", LevelName(now.levels[i].level), h.name,
                                           100 * h.posterior, 100 * posterior));
    }
  }
  if (effect.changes.empty() && back > 0)
    effect.changes.push_back(fmt::format("{} link{} would be back, and no posterior would move by a tenth of a percent", back, back == 1 ? "" : "s"));
}

// What each withdrawn item of the case would have changed: weigh once more with that item put back.
std::vector<RetractionEffect> CaseRetractions(const LinkContext& context, const LeftOut& left_out, const Weighed& now) {
  std::vector<RetractionEffect> effects;
  for (const Fact* fact : context.seen.retracted) {
    RetractionEffect effect = Describe(*fact, context.seen.data->FindSource(fact->source));
    VisibleCase with = context.seen;
    if (auto visible = See(*fact, *context.seen.data, context.parameters, context.seen.scenario)) {
      with.facts.push_back(std::move(*visible));
      std::sort(with.facts.begin(), with.facts.end(), [](const VisibleFact& a, const VisibleFact& b) { return FactLess(*a.fact, *b.fact); });
      Weighed then = Weigh({with, context.knowledge, context.parameters, context.hygiene}, left_out);
      const std::size_t back = TakeAtItsWord(effect.fact, then, context);
      for (const Claim& claim : then.claims)
        if (!claim.contributions.empty() && std::binary_search(claim.case_facts.begin(), claim.case_facts.end(), effect.fact))
          NameLink(claim, effect);
      TellChanges(now, then, back, effect);
    }
    effects.push_back(std::move(effect));
  }
  return effects;
}

// The same for the packs. They withdraw thousands of facts, a release of ATT&CK alone; told are those that a link of this
// case would rest on. All are put back at once to find these, then each by itself to see what it changes.
std::vector<RetractionEffect> KnowledgeRetractions(const LinkContext& context, const LeftOut& left_out, const Weighed& now) {
  constexpr std::size_t kMostWeighed = 20;
  std::vector<RetractionEffect> effects;
  const std::vector<const KnownFact*>& withdrawn = context.knowledge.retracted();
  if (withdrawn.empty()) return effects;
  const auto restored = [&](auto set) {
    Knowledge::Options options = context.knowledge.options();
    set(options);
    return context.knowledge.View(options, context.parameters);
  };
  const Knowledge all = restored([](Knowledge::Options& options) { options.withdrawn = true; });
  std::map<std::string_view, std::vector<const Claim*>> users;
  for (const KnownFact* known : withdrawn) users[known->id];
  const std::vector<Claim> claims = LinkAll({context.seen, all, context.parameters, context.hygiene});
  for (const Claim& claim : claims)
    if (!claim.contributions.empty())
      for (const std::string& id : claim.knowledge_facts)
        if (const auto at = users.find(id); at != users.end()) at->second.push_back(&claim);
  for (const KnownFact* known : withdrawn) {
    const std::vector<const Claim*>& mine = users.at(known->id);
    if (mine.empty()) continue;
    RetractionEffect effect = Describe(known->fact, known->source);
    effect.pack = known->pack;
    for (const Claim* claim : mine) NameLink(*claim, effect);
    if (effects.size() < kMostWeighed) {
      const Knowledge with = restored([&](Knowledge::Options& options) { options.restored.insert(known->id); });
      TellChanges(now, Weigh({context.seen, with, context.parameters, context.hygiene}, left_out), mine.size(), effect);
    } else {
      effect.changes.push_back(fmt::format("not weighed anew: more than {} withdrawn facts of packs concern this case", kMostWeighed));
    }
    effects.push_back(std::move(effect));
  }
  return effects;
}

std::vector<RetractionEffect> Retractions(const LinkContext& context, const LeftOut& left_out, const Weighed& now) {
  std::vector<RetractionEffect> effects = CaseRetractions(context, left_out, now);
  for (RetractionEffect& effect : KnowledgeRetractions(context, left_out, now)) effects.push_back(std::move(effect));
  return effects;
}

// What a scenario names and the case does not hold.
std::vector<std::string> Unmatched(const Scenario& scenario, const CaseData& data, const std::vector<Claim>& claims) {
  std::vector<std::string> unmatched;
  std::set<std::string> named = scenario.claims;
  for (const auto& [id, q] : scenario.claim_trust) named.insert(id);
  for (const std::string& id : named)
    if (std::none_of(claims.begin(), claims.end(), [&](const Claim& c) { return c.id == id; })) unmatched.push_back("claim " + id);
  if (!scenario.facts.empty()) {
    std::set<std::string> ids;
    for (const Fact& fact : data.facts) ids.insert(fact.Id());
    for (const std::string& id : scenario.facts)
      if (ids.count(id) == 0) unmatched.push_back("fact " + id);
  }
  std::set<std::string> sources = scenario.sources;
  for (const auto& [source, q] : scenario.trust) sources.insert(source);
  for (const std::string& id : sources)
    if (data.FindSource(id) == nullptr) unmatched.push_back("source " + id);
  return unmatched;
}

}  // namespace

Assessment Assess(const AssessInput& input) {
  Assessment a;
  if (input.scenario != nullptr) a.scenario = *input.scenario;
  Parameters parameters = input.parameters;
  parameters.flat_prior |= a.scenario.flat_prior;
  if (a.scenario.unknown_prior) parameters.unknown_prior = *a.scenario.unknown_prior;
  const auto hygiene = input.hygiene ? input.hygiene : [](const Entity&) { return std::string_view{}; };
  LeftOut left_out;
  left_out.groups = a.scenario.groups;
  if (!a.scenario.empty()) {
    std::vector<Claim> as_it_is;
    if (!a.scenario.claims.empty() || !a.scenario.claim_trust.empty()) {
      const VisibleCase all = SeeCase(input.data, input.as_of, parameters);
      as_it_is = LinkAll({all, input.knowledge, parameters, hygiene});
      for (const Claim& claim : as_it_is) {
        if (a.scenario.claims.count(claim.id) > 0) left_out.sayings.emplace(claim.kind, claim.thing);
        if (const auto trusted = a.scenario.claim_trust.find(claim.id); trusted != a.scenario.claim_trust.end())
          left_out.trusted.emplace(Saying{claim.kind, claim.thing}, trusted->second);
      }
    }
    a.unmatched = Unmatched(a.scenario, input.data, as_it_is);
  }
  const VisibleCase seen = SeeCase(input.data, input.as_of, parameters, &a.scenario);
  const LinkContext context{seen, input.knowledge, parameters, hygiene};
  Weighed weighed = Weigh(context, left_out);
  const WeighInput weigh{weighed.claims, weighed.contradictions, input.knowledge, parameters, {}, {}};

  a.info = input.data.info;
  a.as_of = input.as_of;
  a.parameters_version = input.parameters.version;
  a.parameters_sha256 = input.parameters.sha256;
  a.fit_version = input.parameters.fit_version;
  a.fit_sha256 = input.parameters.fit_sha256;
  for (const BatchInfo& pack : input.knowledge.packs()) a.packs.push_back({pack.id, pack.version, pack.key, pack.facts});
  a.attacks_compared = input.knowledge.attacks().size();
  for (const KnownActor& actor : input.knowledge.actors()) a.actors_compared += actor.attacks > 0;
  a.facts_known = input.knowledge.fact_count();
  a.facts_used = seen.facts.size();
  a.facts_later = seen.later.size();
  a.facts_unverified = seen.unverified.size();
  RangeOverGroups(weigh, weighed.levels);
  RangeOverTable(weigh, input.threads, weighed.levels);
  a.verdict = Judge(weigh, weighed.levels);
  a.flips = FindFlips(weigh, weighed.levels);
  a.next_evidence = BestNextEvidence(weighed.claims, parameters);
  a.retractions = Retractions(context, left_out, weighed);
  a.ach = BuildAch(weigh, weighed.levels);
  a.analyst = ApplyOverrides(weigh, weighed.levels, input.data.overrides);
  if (input.sensitivity) a.sensitivity = RunSensitivity({context, left_out, weighed, input.as_of, input.threads});
  a.planting = FindPlanting(weigh, weighed.levels, a.verdict);
  a.route = TraceRoute(context);
  for (const Hypothesis& h : weighed.levels[static_cast<std::size_t>(a.verdict.level)].ranked)
    if (IsNameable(h)) {
      a.copyable_weight = CopyableShare(weigh, a.verdict.level, h.id);
      break;
    }
  a.model = ModelOf(weigh);
  a.levels = std::move(weighed.levels);
  a.contradictions = std::move(weighed.contradictions);
  a.claims = std::move(weighed.claims);
  return a;
}

}  // namespace ascribe
