#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backtest/metrics.h"
#include "backtest/planted.h"
#include "backtest/replay.h"
#include "backtest/sponsor.h"
#include "model/parameters.h"

namespace ascribe::backtest {

struct BacktestSettings {
  ReplaySettings replay;
  std::set<std::string> left_out;  ///< actors whose tests are not scored (they stay in the knowledge and in the fit)
  std::optional<Date> from, to;    ///< scored tests: from <= day < to
  States states;                   ///< for the sponsor level; empty: not measured
  const Parameters* parameters = nullptr;  ///< as by hand; not null: the engine of `investigate` is scored too
};

/// A method and what it scored.
struct MethodScores {
  std::string name;
  Scores scores;
  ScoreIntervals intervals;
};

/// One line of the ageing table.
struct AgeingRow {
  int gap_days = 0;
  Scores standard, reference;
};

/// Lineage or sponsor: methods, and the answers of the first of them.
struct LevelBacktest {
  std::vector<MethodScores> methods;  ///< empty: not measured
  std::vector<Answer> answers;        ///< of the case engine
  std::size_t new_actor = 0, new_actor_right = 0;  ///< sponsors: the actor was new, the state was not
  std::size_t apart = 0, apart_named = 0;  ///< sponsors: tests of actors without a stated state; named one at P >= 0.8
};

/// Everything `ascribe backtest` prints.
struct Backtest {
  Track track = Track::kCore;
  int gap_days = 0;
  Date first, last;                   ///< days of the scored tests
  std::vector<Answer> answers;        ///< of the standard model, scored tests only
  std::vector<MethodScores> methods;  ///< standard, reference, most frequent actor, case engine
  std::vector<AgeingRow> ageing;      ///< gaps 0, 30, 180, 365
  PlantedTable planted;
  std::vector<std::string> terms;  ///< names of the weights
  YearlyWeights weights;           ///< of the standard model
  LevelBacktest sponsor, lineage;
};

/// Runs the replay and all tables. Errors: kInvalidInput when the corpus has too few tests to score any.
[[nodiscard]] Result<Backtest> RunBacktest(const Corpus& corpus, const PublicSuffixes& suffixes,
                                           const BacktestSettings& settings);

}  // namespace ascribe::backtest
