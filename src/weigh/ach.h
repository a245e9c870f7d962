#pragma once

#include <vector>

#include "weigh/posterior.h"

namespace ascribe {

/// The matrix of competing hypotheses of each level (docs/weighing.md). Rows: best, runner-up, imitation of the best,
/// unknown; at operator level also whoever shares the leading code base, where that base itself passes the gate "likely".
/// Columns: the claims that speak at the level, the most diagnostic first. Cells: ln LR after what one origin asserts was
/// capped together, before the caps of groups; 0 for unknown; for the imitation what could be copied, and what was planted.
[[nodiscard]] std::vector<AchTable> BuildAch(const WeighInput& input, const std::vector<LevelResult>& levels);

}  // namespace ascribe
