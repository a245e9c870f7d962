#pragma once

#include "weigh/posterior.h"

namespace ascribe {

/// How few planted items would deceive here. First of the verdict, when it names somebody: of its claims the fewest that
/// need no secret and cost little (forgeability 3 at most) and with which alone the same would be said. Then of any: kinds of
/// such items that, planted together on an actor for whom nothing speaks, would make the verdict name that actor as the
/// operator, each held by that actor alone, public before the incident and graded B2 on both sides; the strongest first, one
/// item a kind. At most six items either way.
[[nodiscard]] Planting FindPlanting(const WeighInput& input, const std::vector<LevelResult>& levels, const Verdict& verdict);

}  // namespace ascribe
