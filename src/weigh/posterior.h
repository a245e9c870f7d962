#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/assessment.h"
#include "model/override.h"
#include "store/knowledge.h"

namespace ascribe {

/// What to weigh. `without` leaves claims out (by id) and `without_groups` whole groups: the sensitivity runs.
struct WeighInput {
  const std::vector<Claim>& claims;
  const std::vector<Contradiction>& contradictions;
  const Knowledge& knowledge;
  const Parameters& parameters;
  std::set<std::string> without;
  std::set<Group> without_groups;
  const std::vector<Override>* overrides = nullptr;  ///< an analyst's cells in the place of the engine's; null: none
};

/// Sum of one group's contributions for one hypothesis: the positive ones capped at the best plus the headroom (and at the
/// group's own cap), the negative ones added whole.
[[nodiscard]] double GroupValue(Group group, std::vector<double> nats, const Parameters& parameters);

/// True for code that so many hands hold that it is a tool anybody may have, by the table of parameters: holders, plus one
/// when unattributed attacks hold it too, as for its rarity.
[[nodiscard]] bool IsSharedTool(const Claim& claim, const Parameters& parameters);
/// By how much what shared tools say for one operator is scaled when it sums to `nats`; 1 below the cap.
[[nodiscard]] double SharedToolsScale(double nats, const Parameters& parameters);

/// One claim's part in a hypothesis after what its origin asserts, and what shared tools say, was capped together.
struct Share {
  const Claim* claim = nullptr;
  double nats = 0;
};
/// All parts of one hypothesis at one level, in the order of the claims; nothing cancelled or left out.
[[nodiscard]] std::vector<Share> SharesOf(const WeighInput& input, Level level, const std::string& hypothesis);

/// Candidates, priors and constants behind ComputeLevels.
[[nodiscard]] OpenModel ModelOf(const WeighInput& input);

/// The three posteriors, open-set: ln prior + capped group sums, softmax over all known hypotheses, UNKNOWN, and an
/// imitation of the leader and of everyone for whom a contradiction says somebody posed. Under an imitation only what could
/// be copied keeps its weight; several leaders with equal scores share one imitation, "false-flag:several". Sponsor = sum over operators of P(operator) P(sponsor | operator), then the evidence that
/// speaks for a state directly. Does not depend on the spelling of ids or the order of claims.
[[nodiscard]] std::vector<LevelResult> ComputeLevels(const WeighInput& input);

}  // namespace ascribe
