#include "weigh/planting.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "weigh/gates.h"

namespace ascribe {
namespace {

constexpr int kCheap = 3;            // forgeability up to this needs no control of anybody and no years
constexpr std::size_t kMaxItems = 6;  // a longer chain of consistent forgeries is an operation of its own
constexpr AdmiraltyGrade kReport{'B', 2};

int Rank(std::string_view gate) {
  constexpr std::string_view kGates[] = {"none", "consistent_with", "activity_link", "likely", "very_likely"};
  return static_cast<int>(std::find(std::begin(kGates), std::end(kGates), gate) - std::begin(kGates));
}

bool Forgeable(const LinkKind& kind) { return !kind.control && kind.forge <= kCheap && kind.group != Group::kHuman; }

void ForgedVerdict(const WeighInput& input, const std::vector<LevelResult>& levels, const Verdict& verdict, Planting& out) {
  // A state is reached through its operators, whose evidence would be planted.
  const Level level = verdict.level == Level::kSponsor ? Level::kOperator : verdict.level;
  const Hypothesis& leader = levels[static_cast<std::size_t>(level)].ranked.front();
  if (verdict.name.empty() || !IsNameable(leader)) return;
  std::vector<Share> forgeable;
  WeighInput only = input;
  for (const Share& share : SharesOf(input, level, leader.id)) {
    if (share.nats <= 0) continue;
    only.without.insert(share.claim->id);
    const LinkKind* kind = input.parameters.KindById(share.claim->kind);
    if (kind != nullptr && Forgeable(*kind)) forgeable.push_back(share);
  }
  // Each step takes the item that lifts the leader most; of equals the first in an order that ids do not enter.
  std::stable_sort(forgeable.begin(), forgeable.end(), [](const Share& a, const Share& b) {
    return a.nats != b.nats ? a.nats > b.nats : a.claim->kind < b.claim->kind;
  });
  std::set<Group> groups;
  while (out.claims.size() < kMaxItems && !forgeable.empty()) {
    std::size_t best = 0;
    double best_posterior = -1;
    for (std::size_t i = 0; i < forgeable.size(); ++i) {
      WeighInput with = only;
      with.without.erase(forgeable[i].claim->id);
      const std::vector<LevelResult> then = ComputeLevels(with);
      for (const Hypothesis& h : then[static_cast<std::size_t>(level)].ranked)
        if (h.id == leader.id && h.posterior > best_posterior) best = i, best_posterior = h.posterior;
    }
    only.without.erase(forgeable[best].claim->id);
    out.claims.push_back(forgeable[best].claim->id);
    groups.insert(forgeable[best].claim->group);
    forgeable.erase(forgeable.begin() + static_cast<std::ptrdiff_t>(best));
    const Verdict said = Judge(only, ComputeLevels(only));
    if (said.level != verdict.level || said.hypothesis != verdict.hypothesis || Rank(said.gate) < Rank(verdict.gate)) continue;
    out.leader = leader.id;
    out.claim_groups = groups.size();
    return;
  }
  out.claims.clear();
}

Claim Planted(const LinkKind& kind, const std::string& actor, const Parameters& parameters) {
  const double q = parameters.Reliability(kReport).value_or(0);
  double nats = parameters.Attenuate(kind.Nats(1, true), q * q);
  if (kind.group == Group::kCode) nats = std::log(parameters.tool_exclusive * std::exp(nats) + 1 - parameters.tool_exclusive);
  Claim claim;
  claim.id = "planted-" + kind.id;
  claim.kind = kind.id;
  claim.group = kind.group;
  claim.forge = kind.forge;
  claim.copyable = true;
  claim.holders = 1;
  claim.origins = {claim.id};
  claim.contributions = {{Level::kOperator, actor, nats, nats, nats}};
  return claim;
}

void PlantOnAnother(const WeighInput& input, const std::vector<LevelResult>& levels, Planting& out) {
  const std::vector<Hypothesis>& operators = levels[static_cast<std::size_t>(Level::kOperator)].ranked;
  // Nothing speaks for it; of those the least known, so that the answer holds for all of them.
  const Hypothesis* victim = nullptr;
  for (const Hypothesis& h : operators)
    if (IsNameable(h) && h.best_evidence.empty() && &h != &operators.front()) victim = &h;
  if (victim == nullptr) return;
  std::vector<const LinkKind*> kinds;
  for (const LinkKind& kind : input.parameters.kinds)
    if (Forgeable(kind) && kind.SpeaksFor(Level::kOperator) && !kind.whole_set) kinds.push_back(&kind);
  std::vector<Claim> claims = input.claims;
  // Who shares a tool is not told against for sharing none.
  for (Claim& claim : claims)
    if (claim.kind == "absence") std::erase_if(claim.contributions, [&](const Contribution& c) { return c.hypothesis == victim->id; });
  const WeighInput with{claims, input.contradictions, input.knowledge, input.parameters, input.without, input.without_groups};
  std::set<Group> groups;
  while (out.kinds.size() < kMaxItems && !kinds.empty()) {
    ++out.tried;
    std::size_t best = 0;
    double best_posterior = -1;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      claims.push_back(Planted(*kinds[i], victim->id, input.parameters));
      const std::vector<LevelResult> then = ComputeLevels(with);
      for (const Hypothesis& h : then[static_cast<std::size_t>(Level::kOperator)].ranked)
        if (h.id == victim->id && h.posterior > best_posterior) best = i, best_posterior = h.posterior;
      claims.pop_back();
    }
    claims.push_back(Planted(*kinds[best], victim->id, input.parameters));
    out.kinds.push_back(kinds[best]->id);
    groups.insert(kinds[best]->group);
    kinds.erase(kinds.begin() + static_cast<std::ptrdiff_t>(best));
    const Verdict said = Judge(with, ComputeLevels(with));
    if (said.level != Level::kOperator || said.hypothesis != victim->id) continue;
    out.kind_groups = groups.size();
    out.posterior = best_posterior;
    out.gate = said.gate;
    return;
  }
  out.kinds.clear();
}

}  // namespace

Planting FindPlanting(const WeighInput& input, const std::vector<LevelResult>& levels, const Verdict& verdict) {
  Planting out;
  ForgedVerdict(input, levels, verdict, out);
  PlantOnAnother(input, levels, out);
  return out;
}

}  // namespace ascribe
