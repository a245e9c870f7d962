#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "backtest/knowledge_state.h"

namespace ascribe::backtest {

/// What one alternative (an actor, or UNKNOWN) gets from a report. A feature is 0 where it does not apply.
enum Feature : std::size_t {
  // Shared items: log(1 + sum of the rarities, in nats, of the items of the facet that the actor holds).
  kFeatureHash,
  kFeatureHost,
  kFeatureDomain,
  kFeatureAddress,
  kFeatureNetwork,
  kFeaturePath,
  // Cosine, rarity weighted, of the report's names with all names the actor was reported with.
  kFeatureFamily,
  kFeatureTechnique,
  // What is known of the actor without looking at the report.
  kFeatureReports,  ///< ln(reports)
  kFeatureFresh,    ///< exp(-years since its last report)
  // UNKNOWN only.
  kFeatureUnknown,  ///< 1
  kFeatureActors,   ///< ln(known actors)
  kFeatureOffered,  ///< log(1 + rarity of all the report offers)
  kFeatures
};

[[nodiscard]] std::string_view FeatureName(Feature feature);

/// Rows of features: the known actors in the order of `state.actors()`, then UNKNOWN.
struct FeatureRows {
  std::vector<double> values;  ///< (actors + 1) x kFeatures
  std::size_t actors = 0;
  [[nodiscard]] double At(std::size_t alternative, Feature feature) const {
    return values[alternative * kFeatures + feature];
  }
};

/// Pure: depends on the set of items, the state and the day only.
[[nodiscard]] FeatureRows ComputeFeatures(const Items& items, const KnowledgeState& state, Date day);

}  // namespace ascribe::backtest
