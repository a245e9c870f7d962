#pragma once

#include <vector>

#include "model/parameters.h"

namespace ascribe {

/// An earlier attack of an actor as the prior sees it.
struct PastAttack {
  int days = 0;  ///< before the incident
  double p = 1;  ///< chance that it was this actor
};

/// How often and how lately an actor has struck.
struct Rhythm {
  double activity = 0;  ///< ln(0.1 + attacks, each fading with a time constant of 1,000 days)
  double recent = 0;    ///< exp(-days since the last one / 60): attacks come in bursts
};
/// Constants chosen in the backtest on tests before 2019-07 (docs/backtest.md). The order of the attacks does not matter.
[[nodiscard]] Rhythm RhythmOf(const std::vector<PastAttack>& past);

/// Relative prior weight of an actor, before it is shared out: exp(activity weight x activity + recency weight x recent); 1
/// for everybody when the parameters ask for a flat prior or hold no fitted weights.
[[nodiscard]] double PriorWeight(const Rhythm& rhythm, const Parameters& parameters);

}  // namespace ascribe
