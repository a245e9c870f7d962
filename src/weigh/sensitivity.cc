#include "weigh/sensitivity.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "weigh/gates.h"

namespace ascribe {
namespace {

constexpr std::size_t kMaxRemoved = 12;

// The leader of a level without some claims, when it is another one than `leader`.
std::optional<Hypothesis> OtherLeader(const WeighInput& input, Level level, const std::string& leader, const std::vector<std::string>& without) {
  WeighInput less = input;
  less.without.insert(without.begin(), without.end());
  std::vector<LevelResult> then = ComputeLevels(less);
  Hypothesis& first = then[static_cast<std::size_t>(level)].ranked.front();
  return first.id == leader ? std::nullopt : std::optional(std::move(first));
}

// `carrying`: claims that carry the leader, the one to fall first in front.
Flip SmallestFlip(const WeighInput& input, Level level, const std::string& leader, const std::vector<std::string>& carrying) {
  Flip best;
  best.level = level;
  // Of sets of one size the one that lets the next leader rise highest; of equals the first.
  const auto consider = [&](std::vector<std::string> claims) {
    const std::optional<Hypothesis> then = OtherLeader(input, level, leader, claims);
    if (!then || (!best.leader_then.empty() && then->posterior <= best.posterior_then)) return;
    best.leader_then = then->id;
    best.posterior_then = then->posterior;
    best.claims = std::move(claims);
  };
  for (const std::string& id : carrying) consider({id});
  for (const Claim& claim : input.claims)
    if (!claim.cancelled && !claim.contributions.empty() && std::find(carrying.begin(), carrying.end(), claim.id) == carrying.end()) consider({claim.id});
  if (!best.leader_then.empty()) return best;
  const std::size_t most = std::min(carrying.size(), kMaxRemoved);
  for (std::size_t i = 0; i < most; ++i)
    for (std::size_t j = i + 1; j < most; ++j) consider({carrying[i], carrying[j]});
  if (!best.leader_then.empty()) return best;
  std::optional<Hypothesis> then;
  for (std::size_t i = 0; i < most && !then; ++i) {
    best.claims.push_back(carrying[i]);
    then = OtherLeader(input, level, leader, best.claims);
  }
  if (!then) return best;
  for (std::size_t i = best.claims.size(); i-- > 0;) {
    std::vector<std::string> fewer = best.claims;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    if (auto still = OtherLeader(input, level, leader, fewer)) best.claims = std::move(fewer), then = std::move(still);
  }
  best.leader_then = then->id;
  best.posterior_then = then->posterior;
  return best;
}

}  // namespace

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
    std::vector<std::string> carrying;
    for (const Carried& carried : order) carrying.push_back(carried.claim->id);
    flips.push_back(SmallestFlip(input, level.level, leader.id, carrying));
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
