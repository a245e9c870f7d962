#pragma once

#include "weigh/posterior.h"

namespace ascribe {

/// What may be said, by the gate table: none, consistent_with, activity_link, likely, very_likely; never "almost certain".
/// Likelihood and confidence are two sentences. Tries operator, then sponsor, then lineage: the highest question that the
/// evidence answers. `input` is used for the leave-one-group-out runs.
[[nodiscard]] Verdict Judge(const WeighInput& input, const std::vector<LevelResult>& levels);

/// Share of a hypothesis's positive weight that an imitator could have (0 when nothing speaks for it).
[[nodiscard]] double CopyableShare(const WeighInput& input, Level level, const std::string& hypothesis);

/// True for the kinds that can be named: not unknown, not an imitation.
[[nodiscard]] bool IsNameable(const Hypothesis& hypothesis);

}  // namespace ascribe
