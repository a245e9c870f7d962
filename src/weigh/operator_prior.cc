#include "weigh/operator_prior.h"

#include <algorithm>
#include <cmath>

#include "base/stable_sum.h"

namespace ascribe {

Rhythm RhythmOf(const std::vector<PastAttack>& past) {
  constexpr double kActivityFloor = 0.1, kActivityDays = 1000, kRecentDays = 60;
  std::vector<double> fading;
  double recent = 0;
  for (const PastAttack& attack : past) {
    const double days = std::max(0, attack.days);
    fading.push_back(attack.p * std::exp(-days / kActivityDays));
    recent = std::max(recent, attack.p * std::exp(-days / kRecentDays));
  }
  return {std::log(kActivityFloor + StableSum(std::move(fading))), recent};
}

double PriorWeight(const Rhythm& rhythm, const Parameters& parameters) {
  if (parameters.flat_prior) return 1;
  return std::exp(parameters.prior_activity * rhythm.activity + parameters.prior_recent * rhythm.recent);
}

}  // namespace ascribe
