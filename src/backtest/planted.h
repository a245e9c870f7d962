#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "backtest/replay.h"

namespace ascribe::backtest {

/// What happens to right answers when somebody plants rare items of another actor.
struct PlantedRow {
  std::string kinds;              ///< what was planted, e.g. "family + host"
  std::size_t tried = 0;          ///< right answers that something could be planted on
  std::size_t flipped = 0;        ///< the framed actor is named instead
  std::size_t flipped_sure = 0;   ///< with P >= 0.8
  std::size_t kept_first = 0;     ///< and stays first whichever group of evidence is left out
  std::size_t uncaught = 0;       ///< and stays first with P >= 0.5 (the warning does not speak)
  std::size_t gated = 0;          ///< of the tried: passed the gate before, P >= 0.8 and no warning
  std::size_t gated_flipped = 0;  ///< of those: the framed actor is named instead, at any P
  std::size_t framed_gated = 0;   ///< of the tried: the framed actor passes the gate
};

struct PlantedTable {
  std::vector<PlantedRow> rows;
  std::size_t honest = 0;         ///< right answers without planting
  std::size_t honest_sure = 0;    ///< of those, with P >= 0.8
  std::size_t honest_warned = 0;  ///< of the honest: the warning speaks, which is its price
  std::size_t sure_warned = 0;    ///< of the sure ones
};

/// Frames a random other actor in every right answer that `counts` accepts: items that nobody but that actor holds are
/// added to the report. The warning speaks when leaving out
/// hashes, infrastructure, families or techniques puts another actor first or P below 0.5. The choice is made by
/// SplitMix64 from the number of the test, so it is the same everywhere.
[[nodiscard]] PlantedTable PlantEvidence(Stage& stage, const TestTable& table, const Model& model,
                                         const YearlyWeights& weights,
                                         const std::function<bool(const Report&, Date)>& counts);

}  // namespace ascribe::backtest
