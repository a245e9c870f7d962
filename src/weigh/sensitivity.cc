#include "weigh/sensitivity.h"

#include <algorithm>

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
    std::vector<std::pair<double, const Claim*>> order;
    for (const Claim& claim : input.claims) {
      double nats = 0;
      for (const auto& [at, id] : carriers) nats = std::max(nats, claim.NatsFor(at, id));
      if (nats > 0) order.emplace_back(nats, &claim);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    Flip flip;
    flip.level = level.level;
    WeighInput less = input;
    for (std::size_t i = 0; i < std::min(order.size(), kMaxRemoved); ++i) {
      less.without.insert(order[i].second->id);
      flip.claims.push_back(order[i].second->id);
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
