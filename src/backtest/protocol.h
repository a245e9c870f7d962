#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backtest/facets.h"

namespace ascribe::backtest {

/// How a replay is run. Everything here is part of the protocol; nothing is fitted.
struct ReplaySettings {
  Track track = Track::kCore;
  int gap_days = 0;                 ///< knowledge is older than the test by more than this
  std::size_t least_actors = 5;     ///< known actors below which nothing is tested
  PublicTools public_tools;         ///< families of these names are told apart from an actor's own
  std::size_t least_earlier = 120;  ///< earlier tests that the first scored year needs
};

/// The day a report is tested (month precision: the first; year precision: never).
[[nodiscard]] std::optional<Date> TestDay(const Report& report);
/// The day a report is known from (month and year precision: the last day of it).
[[nodiscard]] Date KnownDay(const Report& report);

/// One test of the replay.
struct Test {
  std::size_t report = 0;  ///< index into Corpus::reports
  Date day;
  bool known = false;      ///< the actor has an earlier labelled report in the knowledge of this gap
  std::size_t actors = 0;  ///< actors known at gap 0, as the tests table counts them
};

/// The reports of one track and the order in which they are tested and become known.
struct Timeline {
  std::vector<std::size_t> reports;       ///< indices into Corpus::reports: those of the track, as knowledge
  std::vector<std::size_t> by_known_day;  ///< the same, by day known, then id
  std::vector<Test> tests;                ///< by day, then id
  int first_year = 0;                     ///< first year with enough earlier tests; 0: none
};

/// Lays out the replay. `items` holds the items of each report of the corpus (an empty report is no test).
[[nodiscard]] Timeline MakeTimeline(const Corpus& corpus, const std::vector<Items>& items,
                                    const ReplaySettings& settings);

/// True when a report belongs to the track: maltrail is its own track, every other source is core. The ATT&CK track has
/// a file of its own, so all of its reports belong.
[[nodiscard]] bool InTrack(const Report& report, Track track);

[[nodiscard]] int YearOf(Date day);

}  // namespace ascribe::backtest
