#include "weigh/sensitivity.h"

#include <algorithm>
#include <tuple>

#include "weigh/gates.h"

namespace ascribe {

void RangeOverGroups(const WeighInput& input, std::vector<LevelResult>& levels) {
  for (LevelResult& level : levels)
    for (Hypothesis& h : level.ranked) h.low = h.high = h.posterior;
  for (Group group : kGroups) {
    const bool present = std::any_of(input.claims.begin(), input.claims.end(),
                                     [&](const Claim& c) { return c.group == group && !c.contributions.empty(); });
    if (!present) continue;
    WeighInput less = input;
    less.without_groups.insert(group);
    const std::vector<LevelResult> then = ComputeLevels(less);
    for (std::size_t i = 0; i < levels.size(); ++i)
      for (Hypothesis& h : levels[i].ranked) {
        // The imitated leader may be another one then; an imitation that is not considered stands at nothing.
        double posterior = 0;
        for (const Hypothesis& other : then[i].ranked)
          if (other.id == h.id) posterior = other.posterior;
        if (posterior == 0 && h.kind == HypothesisKind::kFalseFlag) continue;
        h.low = std::min(h.low, posterior);
        h.high = std::max(h.high, posterior);
      }
  }
}

std::vector<Flip> FindFlips(const WeighInput& input, const std::vector<LevelResult>& levels) {
  constexpr std::size_t kMaxRemoved = 12;
  std::vector<Flip> flips;
  for (const LevelResult& level : levels) {
    const Hypothesis& leader = level.ranked.front();
    if (!IsNameable(leader)) continue;
    // A state is reached through its operators: what carries the first of them carries the state.
    std::vector<std::pair<Level, std::string>> carriers = {{level.level, leader.id}};
    if (level.level == Level::kSponsor)
      for (const Hypothesis& op : levels[static_cast<std::size_t>(Level::kOperator)].ranked)
        if (IsNameable(op) && carriers.size() < 2) carriers.emplace_back(Level::kOperator, op.id);
    // Of two claims that carry the leader alike the one that carries its rivals less falls first: the smaller set, and
    // one that does not hang on how ids are spelled.
    struct Carried {
      double nats = 0, rivals = 0;
      const Claim* claim = nullptr;
    };
    std::vector<Carried> order;
    for (const Claim& claim : input.claims) {
      Carried carried{0, 0, &claim};
      for (const auto& [at, id] : carriers) {
        carried.nats = std::max(carried.nats, claim.NatsFor(at, id));
        for (const Contribution& c : claim.contributions)
          if (c.level == at && c.hypothesis != id && !claim.cancelled) carried.rivals = std::max(carried.rivals, c.nats);
      }
      if (carried.nats > 0) order.push_back(carried);
    }
    std::stable_sort(order.begin(), order.end(), [](const Carried& a, const Carried& b) {
      const auto key = [](const Carried& c) {
        return std::tie(c.rivals, c.claim->kind, c.claim->asserted, c.claim->copyable, c.claim->reliability, c.claim->holders, c.claim->origins);
      };
      return a.nats != b.nats ? a.nats > b.nats : key(a) < key(b);
    });
    Flip flip;
    flip.level = level.level;
    WeighInput less = input;
    for (std::size_t i = 0; i < std::min(order.size(), kMaxRemoved); ++i) {
      less.without.insert(order[i].claim->id);
      flip.claims.push_back(order[i].claim->id);
      const std::vector<LevelResult> then = ComputeLevels(less);
      const Hypothesis& first = then[static_cast<std::size_t>(level.level)].ranked.front();
      if (first.id == leader.id) continue;
      flip.leader_then = first.id;
      flip.posterior_then = first.posterior;
      break;
    }
    flips.push_back(std::move(flip));
  }
  return flips;
}

std::vector<NextEvidence> BestNextEvidence(const std::vector<Claim>& claims, const Parameters& parameters) {
  std::vector<NextEvidence> next;
  for (const LinkKind& kind : parameters.kinds) {
    const bool have = std::any_of(claims.begin(), claims.end(), [&](const Claim& c) { return c.kind == kind.id && !c.contributions.empty(); });
    if (have || kind.group == Group::kHuman) continue;
    next.push_back({kind.id, kind.label, kind.p_same * kind.Nats(1, true)});
  }
  std::stable_sort(next.begin(), next.end(), [](const NextEvidence& a, const NextEvidence& b) { return a.gain > b.gain; });
  if (next.size() > 5) next.resize(5);
  return next;
}

}  // namespace ascribe
