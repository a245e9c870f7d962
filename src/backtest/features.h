#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "backtest/knowledge_state.h"

namespace ascribe::backtest {

/// What one alternative (an actor, or UNKNOWN) gets from a report. A feature is 0 where it does not apply.
/// docs/backtest.md says what each was worth; the constants were chosen on tests before 2019-07.
enum Feature : std::size_t {
  // Shared things. "Rarity" is ln((A + 1) / holders), in nats.
  kFeatureIndicators,  ///< log(1 + rarity of shared hashes, hosts, domains, addresses and, at 0.3, /24 networks); what
                       ///< implies each other (host and domain, address and network) counts once, by the rarest
  kFeaturePath,        ///< log(1 + rarity of shared URL paths)
  kFeatureFamilies,    ///< sum of ln P(family | actor) / P(family | any report), each at least 0, over 1 + the overlaps
                       ///< (Jaccard, of the reports so far) with the other families here: what always comes together
                       ///< counts once
  kFeatureTools,       ///< the same for public tools, at most 1.5; the features around this one leave them out
  kFeatureExclusive,   ///< log(1 + sum of n / (n + 1)) over families that nobody else was reported with, n times so far
  kFeatureNearest,     ///< best rarity-weighted cosine of the families with those of one earlier report
  kFeatureLineage,     ///< log(1 + families of the actor that other reports name together with the ones here)
  kFeatureTechniques,  ///< rarity-weighted cosine of the techniques with the actor's profile
  kFeatureTechniqueUse,  ///< sum of ln P(technique | actor) / P(technique | any report), each at least 0, over the root
                         ///< of
                         ///< their number
  // Habits: how names are formed. Names that somebody is known to hold are left out: they count as indicators.
  kFeatureNaming,  ///< mean over the names of their likeness to those of the actor: sum over the pieces of
                   ///< ln P(piece | name of the actor) / P(piece | any name), over the root of their number, at least 0
  kFeatureBestName,  ///< likeness of the name that is most like those of the actor, counting only pieces in its favour
  kFeatureEnding,    ///< sum of ln P(ending | actor) / P(ending | any report), each at least 0, over the root of their
                     ///< number; the ending is what follows the registered label
  // The actor by itself: the prior.
  kFeatureActivity,  ///< ln(0.1 + its reports, each fading with a time constant of 1,000 days)
  kFeatureRecent,    ///< exp(-days since its last report / 60): reports come in bursts
  // UNKNOWN only.
  kFeatureUnknown,            ///< 1
  kFeatureActors,             ///< ln(known actors)
  kFeatureOffered,            ///< log(1 + rarity of all the report offers)
  kFeatureOfferedIndicators,  ///< log(1 + number of hashes, hosts and addresses)
  // Of the reference model only: the facets one by one, the family profile, the prior in years.
  kReferenceHash,
  kReferenceHost,
  kReferenceDomain,
  kReferenceAddress,
  kReferenceNetwork,
  kReferenceFamilies,
  kReferenceReports,  ///< ln(reports)
  kReferenceRecent,   ///< exp(-years since its last report)
  kFeatures
};

/// What a feature is about, for tables by group.
enum class FeatureGroup { kCode, kInfrastructure, kBehaviour, kPrior, kUnknown };
[[nodiscard]] std::string_view FeatureName(Feature feature);
[[nodiscard]] FeatureGroup GroupOf(Feature feature);

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
