#include "technique/technique_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/stable_sum.h"

namespace ascribe {
namespace {

constexpr std::string_view kStep = "technique-link@1";

// Rarity of a technique: ln((A+1)/k), A = actors with techniques, k = those with this one.
double Rarity(const LinkContext& context, const std::string& id, std::size_t actors) {
  const std::size_t k = std::max<std::size_t>(context.knowledge.TechniqueActors(id), 1);
  return std::log(static_cast<double>(actors + 1) / static_cast<double>(k));
}

// One claim for the whole set: each actor gets the kind's weight times the rarity-weighted share of the case's
// techniques that it has used before. Measured: a shared technique is LR 2.3 at most, unique or not.
std::optional<Claim> LinkSet(const LinkContext& context, const LinkKind& kind, const std::vector<const CaseThing*>& set) {
  std::vector<const VisibleFact*> facts;
  std::size_t actors = 0;
  for (const KnownActor& actor : context.knowledge.actors()) actors += !context.knowledge.TechniquesOf(actor.id).empty();
  std::vector<double> all;
  for (const CaseThing* item : set) {
    facts.insert(facts.end(), item->facts.begin(), item->facts.end());
    all.push_back(Rarity(context, item->thing.value, actors));
  }
  const double total = StableSum(all);
  if (actors == 0 || total <= 0) return std::nullopt;
  Claim claim;
  claim.kind = kind.id;
  claim.group = kind.group;
  claim.forge = kind.forge;
  claim.thing = fmt::format("{} techniques", set.size());
  claim.step = kStep;
  TakeCaseFacts(context, facts, claim);
  for (const KnownActor& actor : context.knowledge.actors()) {
    if (actor.attacks == 0) continue;
    const std::set<std::string>& known = context.knowledge.TechniquesOf(actor.id);
    std::vector<double> shared;
    for (const CaseThing* item : set)
      if (known.count(item->thing.value) > 0) shared.push_back(Rarity(context, item->thing.value, actors));
    if (shared.empty()) continue;
    const double share = StableSum(shared) / total;
    const double nats = context.parameters.Attenuate(kind.nats * share, claim.reliability);
    claim.contributions.push_back({Level::kOperator, actor.id, nats, 0, context.parameters.Attenuate(kind.nats_high * share, claim.reliability)});
    claim.holders += 1;
  }
  if (claim.contributions.empty()) return std::nullopt;
  claim.statement = fmt::format("{}: {} ATT&CK techniques together, used before by {} known actor{}", kind.label, set.size(),
                                claim.holders, claim.holders == 1 ? "" : "s");
  claim.copyable = true;
  claim.copyable_reason = "methods are public";
  FinishClaim(claim);
  return claim;
}

}  // namespace

std::vector<Claim> LinkTechniques(const LinkContext& context) {
  std::vector<Claim> claims;
  std::vector<const CaseThing*> set;
  const LinkKind* set_kind = nullptr;
  const std::vector<CaseThing> things = CollectThings(context, Group::kBehaviour);
  for (const CaseThing& item : things) {
    if (item.kind->whole_set) {
      set.push_back(&item);
      set_kind = item.kind;
      continue;
    }
    const bool reported = !item.kind->relations.empty() && !IsObservation(item.kind->relations.front());
    std::optional<Claim> claim = reported ? LinkPointedAt(context, item, kStep) : LinkThing(context, item, kStep);
    if (claim) claims.push_back(std::move(*claim));
  }
  if (set_kind != nullptr)
    if (auto claim = LinkSet(context, *set_kind, set)) claims.push_back(std::move(*claim));
  std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) { return a.id < b.id; });
  return claims;
}

}  // namespace ascribe
