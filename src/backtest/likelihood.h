#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "backtest/replay.h"
#include "model/fit.h"

namespace ascribe::backtest {

/// What the table measures: a name and the facet it is about. Families are those that are no public tools, which weigh
/// nothing in a case either.
struct MeasuredKind {
  std::string_view name;
  Facet facet;
};
inline constexpr std::array<MeasuredKind, 8> kMeasuredKinds = {{{"hash", kHash},
                                                                {"host", kHost},
                                                                {"domain", kDomain},
                                                                {"address", kAddress},
                                                                {"network", kNetwork},
                                                                {"path", kPath},
                                                                {"family", kOwnFamily},
                                                                {"technique", kTechnique}}};

/// An item of a report that an actor's earlier reports hold too.
struct Sighting {
  std::uint32_t actor = 0;
  std::uint32_t item = 0;
  std::size_t holders = 1;            ///< actors that hold it, plus one when unlabelled reports do
  ItemAge age = ItemAge::kOld;        ///< since the actor's last report with it
  [[nodiscard]] std::size_t rarity() const { return RarityOf(holders); }
};
/// All sightings of one facet, by item, then in the order in which the actors came to hold it.
[[nodiscard]] std::vector<Sighting> SightingsOf(const Items& items, const KnowledgeState& state, Facet facet, Date day);

/// Which tests count, by the actor they are about.
using TestFilter = std::function<bool(const std::string& actor)>;

/// Measures ln P(shared | same actor) / P(shared | another actor) over the pairs (test, actor known then) of all tests
/// before `end` that `counts` accepts. A pair falls into the cell of its rarest item, of several the freshest. Pure and
/// deterministic; the bootstrap draws actors with SplitMix64 from a fixed seed.
[[nodiscard]] Fit MeasureLikelihoods(const Stage& stage, Date end, const TestFilter& counts);

}  // namespace ascribe::backtest
