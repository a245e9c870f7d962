#include "model/fit.h"

#include <algorithm>
#include <cmath>

namespace ascribe {
namespace {

// Bounds of a cell for one rarity class. The kind as a whole stands for its rarest class; for a commoner one that is
// too sparse to measure ln k is subtracted, as for what is not measured at all.
struct Bounds {
  double low = 0, high = 0;
};
Bounds BoundsOf(const Fit& fit, const std::string& kind, std::size_t rarity, int age) {
  const LikelihoodCell* cell = fit.Best(kind, static_cast<int>(rarity), age);
  if (cell == nullptr) return {};
  const double less = cell->rarity < 0 ? std::log(static_cast<double>(LeastHolders(rarity))) : 0;
  return {std::max(0.0, cell->low - less), std::max(0.0, cell->high - less)};
}

}  // namespace

const LikelihoodCell* Fit::Find(std::string_view kind, int rarity, int age) const {
  const auto it = std::find_if(cells.begin(), cells.end(), [&](const LikelihoodCell& cell) {
    return cell.kind == kind && cell.rarity == rarity && cell.age == age;
  });
  return it == cells.end() ? nullptr : &*it;
}

const LikelihoodCell* Fit::Best(std::string_view kind, int rarity, int age) const {
  for (const auto& [r, a] : {std::pair{rarity, age}, std::pair{rarity, -1}})
    if (const LikelihoodCell* cell = Find(kind, r, a); cell != nullptr && cell->same_hits >= kLeastHits) return cell;
  return Find(kind, -1, -1);
}

std::size_t AnswersThatSay(const Calibration& measured) {
  std::size_t said = 0;
  for (const CalibrationBin& bin : measured.bins)
    if (bin.from >= 0.2) said += bin.count;
  return said;
}

void ApplyFit(const Fit& fit, Parameters& parameters) {
  for (LinkKind& kind : parameters.kinds) {
    if (kind.measured.empty()) continue;
    const LikelihoodCell* whole = fit.Find(kind.measured, -1, -1);
    if (whole == nullptr) continue;
    if (fit.same_pairs > 0)
      kind.p_same = static_cast<double>(whole->same_hits) / static_cast<double>(fit.same_pairs);
    if (kind.whole_set) {  // one weight for all items together
      kind.nats = std::max(0.0, whole->low);
      kind.nats_high = std::max(kind.nats, whole->high);
      continue;
    }
    std::vector<double> fresh, old, high;
    for (std::size_t rarity = 0; rarity < kRarities; ++rarity) {
      // Splitting by age makes cells sparser, which alone lowers a lower bound: it counts only where it says that fresh
      // things weigh more, or old ones less, than those of any age.
      const Bounds any = BoundsOf(fit, kind.measured, rarity, -1);
      const double now = std::max(any.low, BoundsOf(fit, kind.measured, rarity, static_cast<int>(ItemAge::kFresh)).low);
      const double then = std::min(any.low, BoundsOf(fit, kind.measured, rarity, static_cast<int>(ItemAge::kOld)).low);
      fresh.push_back(rarity == 0 ? now : std::min(now, fresh.back()));
      old.push_back(rarity == 0 ? then : std::min(then, old.back()));
      high.push_back(std::max(any.high, fresh.back()));
    }
    kind.nats = fresh.front();
    kind.nats_old = old.front();
    kind.nats_high = high.front();
    kind.by_k = std::move(fresh);
    kind.by_k_old = std::move(old);
    kind.by_k_high = std::move(high);
  }
  parameters.fit_version = fit.version;
  parameters.fit_sha256 = fit.sha256;
  parameters.weight_code = fit.weights.code;
  parameters.weight_infrastructure = fit.weights.infrastructure;
  parameters.weight_behaviour = fit.weights.behaviour;
  parameters.prior_activity = fit.activity;
  parameters.prior_recent = fit.recent;
  parameters.calibration = fit.calibration;
}

}  // namespace ascribe
