#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "backtest/replay.h"

namespace ascribe::backtest {

/// What happens to right answers when somebody plants rare items of another actor. Two warnings may catch it:
///   one group: without code (hashes and families), infrastructure or techniques as a whole the named actor is no
///   longer
///     first with P >= 0.8;
///   thin: without the rarest hash, name, network, path, family and technique that it shares, all at once, the named
///     actor is no longer first with P >= 0.5.
/// The first says that a verdict rests on one kind of evidence, the second that a handful of items carries it.
struct PlantedRow {
  std::string kinds;                ///< what was planted, e.g. "family + host"
  std::size_t tried = 0;            ///< right answers that something could be planted on
  std::size_t flipped = 0;          ///< the framed actor is named instead
  std::size_t flipped_sure = 0;     ///< with P >= 0.8
  std::size_t caught_by_group = 0;  ///< of the flipped: the first warning speaks
  std::size_t caught_thin = 0;      ///< of the flipped: the second one speaks
  std::size_t sure = 0;             ///< of the tried: P >= 0.8 before
  std::size_t sure_flipped = 0;     ///< of those: the framed actor is named instead, at any P
  std::size_t gated = 0;            ///< of the tried: P >= 0.8 before, and not thin
  std::size_t gated_flipped = 0;    ///< of those: the framed actor is named instead, at any P
  std::size_t strict = 0;           ///< of the tried: P >= 0.8 before, and neither warning spoke
  std::size_t strict_flipped = 0;   ///< of those: the framed actor is named instead, at any P
  std::size_t framed_strict = 0;    ///< of the tried: the framed actor is named with P >= 0.8, without a warning
  std::size_t framed_gated = 0;     ///< of the tried: the framed actor is named with P >= 0.8, and not thin
};

struct PlantedTable {
  std::vector<PlantedRow> rows;
  std::size_t honest = 0, honest_sure = 0;        ///< right answers without planting; with P >= 0.8
  std::size_t one_group = 0, thin = 0;            ///< of the honest: a warning speaks, which is its price
  std::size_t sure_one_group = 0, sure_thin = 0;  ///< of the sure ones
};

/// Frames a random other actor in every right answer that `counts` accepts: items that nobody but that actor holds are
/// added to the report. The choice is made by SplitMix64 from the number of the test, so it is the same everywhere.
[[nodiscard]] PlantedTable PlantEvidence(Stage& stage, const TestTable& table, const Model& model,
                                         const YearlyWeights& weights,
                                         const std::function<bool(const Report&, Date)>& counts);

}  // namespace ascribe::backtest
