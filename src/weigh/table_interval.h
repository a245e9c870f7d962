#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "weigh/posterior.h"

namespace ascribe {

/// Draws of RangeOverTable: the 5th and 95th percentile of 500 move by about a hundredth from seed to seed.
inline constexpr std::size_t kTableDraws = 500;

/// Sets table_low and table_high of every hypothesis: the 5th and 95th percentile of its posterior when each weight is drawn
/// from the interval of the parameter table (evenly between its ends, in nats), widened to hold the posterior itself. The
/// error of a kind is one for all its claims: if hosts weigh less than measured, they do so everywhere. Weights in use are
/// lower ends wherever an interval was measured, so the range mostly reaches upwards. Fixed seed; the same whatever the order
/// of the claims and the number of threads (0: one per core).
void RangeOverTable(const WeighInput& input, unsigned threads, std::vector<LevelResult>& levels);

/// Number in [0, 1) that depends on the draw and the kind alone (SplitMix64, Steele, Lea and Flood 2014).
[[nodiscard]] double DrawFor(std::string_view kind, std::uint64_t draw);

}  // namespace ascribe
