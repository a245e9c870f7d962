#pragma once

#include <vector>

#include "weigh/posterior.h"

namespace ascribe {

/// Sets low and high of every hypothesis: its posterior when each evidence group is left out in turn, and with everything.
void RangeOverGroups(const WeighInput& input, std::vector<LevelResult>& levels);

/// The linchpin of each level whose leader can be named: the smallest set of claims whose fall changes the leader. One
/// claim: all are tried. Two: all pairs of the twelve that carry the leader most. More: the largest are taken away one by
/// one (at most twelve), then put back where they were not needed; exact for additive scores without caps, close with them.
[[nodiscard]] std::vector<Flip> FindFlips(const WeighInput& input, const std::vector<LevelResult>& levels);

/// Kinds of evidence that the case does not show yet, by the chance that the same actor's attack shows one times what it
/// would weigh; best first, at most five.
[[nodiscard]] std::vector<NextEvidence> BestNextEvidence(const std::vector<Claim>& claims, const Parameters& parameters);

}  // namespace ascribe
