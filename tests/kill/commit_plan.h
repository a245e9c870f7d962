#pragma once

#include <cstddef>

#include "store/batch.h"
#include "store/test_batches.h"

namespace ascribe {

/// What the driver commits and the test expects: batch `index` of the plan. Sizes differ, so that kills meet short and
/// long transactions; every fifth is the next version of one knowledge pack, which replaces the one before.
inline constexpr std::size_t kPlannedBatches = 40;

inline Batch PlannedBatch(std::size_t index) {
  constexpr std::size_t kFacts[] = {1, 20, 300, 3, 80, 1500, 0};
  const bool pack = index % 5 == 4;
  Batch batch =
      BatchGenerator(1000 + index).Make(kFacts[index % 7], pack ? Batch::Kind::kKnowledge : Batch::Kind::kEvidence);
  if (pack) batch.id = "the-pack";
  return batch;
}

}  // namespace ascribe
