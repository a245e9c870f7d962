#pragma once

#include <vector>

#include "weigh/posterior.h"

namespace ascribe {

/// Sets low and high of every hypothesis: its posterior when each evidence group is left out in turn, and with everything.
void RangeOverGroups(const WeighInput& input, std::vector<LevelResult>& levels);

/// For each level whose leader can be named: the claims, largest first, that must fall until another hypothesis leads.
/// Greedy, which is exact for additive scores without caps and close with them. At most 12 claims are tried.
[[nodiscard]] std::vector<Flip> FindFlips(const WeighInput& input, const std::vector<LevelResult>& levels);

/// Kinds of evidence that the case does not show yet, by the chance that the same actor's attack shows one times what it
/// would weigh; best first, at most five.
[[nodiscard]] std::vector<NextEvidence> BestNextEvidence(const std::vector<Claim>& claims, const Parameters& parameters);

}  // namespace ascribe
