#pragma once

#include <vector>

#include "model/assessment.h"
#include "weigh/posterior.h"

namespace ascribe {

/// What the posteriors would be with an analyst's own cells: the same sum, the cells replaced after what one origin asserts
/// was capped together, before the caps of groups. An override of a claim or hypothesis that the case does not hold, of a
/// cancelled claim, of unknown or of an imitation is left out and says why. Empty without overrides. Pure; the order of
/// overrides does not matter.
[[nodiscard]] AnalystView ApplyOverrides(const WeighInput& input, const std::vector<LevelResult>& engine, const std::vector<Override>& overrides);

}  // namespace ascribe
