#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "weigh/weigh.h"

namespace ascribe {

/// What RunSensitivity works on; all of it outlives the call.
struct SensitivityInput {
  const LinkContext& context;
  const LeftOut& left_out;
  const Weighed& base;
  std::optional<Date> as_of;
  unsigned threads = 1;  ///< 0: one per core
};

/// Weighs the case again with one thing otherwise: without each claim, each group, each source of the case, each source of
/// the knowledge base that a claim rests on and each publisher of either (facts are linked anew); with a flat prior, with
/// knowledge that is 30 and 180 days older, with sources less reliable, with imitation more or less likely, and with no two
/// ids taken for one. The largest effect first; the same whatever the number of threads.
[[nodiscard]] std::vector<SensitivityRun> RunSensitivity(const SensitivityInput& input);

}  // namespace ascribe
