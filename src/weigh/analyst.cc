#include "weigh/analyst.h"

#include <algorithm>

#include "weigh/gates.h"

namespace ascribe {
namespace {

std::string WhyNot(const WeighInput& input, const std::vector<LevelResult>& engine, const Override& o) {
  const auto claim = std::find_if(input.claims.begin(), input.claims.end(), [&](const Claim& c) { return c.id == o.claim; });
  if (claim == input.claims.end()) return "the case has no such claim; explain CASE ach lists them";
  if (claim->cancelled) return "the claim is cancelled by " + claim->cancelled_by + " and weighs for nobody";
  for (const Hypothesis& h : engine[static_cast<std::size_t>(o.level)].ranked)
    if (h.id == o.hypothesis) return IsNameable(h) ? std::string() : "unknown and imitations follow from the other rows";
  return "this level has no such hypothesis";
}

}  // namespace

AnalystView ApplyOverrides(const WeighInput& input, const std::vector<LevelResult>& engine, const std::vector<Override>& overrides) {
  AnalystView view;
  if (overrides.empty()) return view;
  std::vector<Override> used;
  for (const Override& o : overrides) {
    OverrideOutcome outcome;
    outcome.entry = o;
    outcome.ignored = WhyNot(input, engine, o);
    if (outcome.ignored.empty()) {
      for (const Share& share : SharesOf(input, o.level, o.hypothesis))
        if (share.claim->id == o.claim) outcome.engine_nats += share.nats;
      used.push_back(o);
    }
    view.outcomes.push_back(std::move(outcome));
  }
  WeighInput with = input;
  with.overrides = &used;
  view.levels = ComputeLevels(with);
  return view;
}

}  // namespace ascribe
