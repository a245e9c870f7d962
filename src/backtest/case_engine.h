#pragma once

#include <map>
#include <vector>

#include "backtest/answer.h"
#include "backtest/likelihood.h"
#include "backtest/replay.h"
#include "backtest/sponsor.h"

namespace ascribe::backtest {

/// The operator level of `ascribe investigate`, replayed: the same table of likelihood ratios, the same grouping and caps
/// (weigh/posterior.h), the same prior. A report is taken as a case whose facts are as stated (q = 1), an earlier report
/// as an attack whose label is true (p = 1).
struct CaseEngine {
  Parameters parameters;  ///< with the fit applied
  /// Of P(UNKNOWN) in the corpus: bias and ln(known actors). They describe this corpus, not the world; `investigate` has
  /// its own prior for the unknown.
  double unknown = 0, unknown_actors = 0;
};

/// Measures the table on the tests before `end` that `counts` accepts, applies it to `by_hand`, then fits the weights of
/// the three groups (0 to 1: they may lower what the table's lower bounds say), of the prior and of UNKNOWN on the same tests.
struct FittedEngine {
  Fit fit;
  CaseEngine engine;
};
[[nodiscard]] FittedEngine FitCaseEngine(const Stage& stage, Date end, const TestFilter& counts, const Parameters& by_hand);

/// P of each actor known to `state`, then of UNKNOWN.
[[nodiscard]] std::vector<double> Judge(const Items& items, const KnowledgeState& state, Date day, const CaseEngine& engine);

/// The engine of each scored year, fitted on the tests of earlier years.
[[nodiscard]] std::map<int, CaseEngine> EnginesByYear(const Stage& stage, const TestFilter& counts, const Parameters& by_hand);

/// Answers to all tests from the first scored year on, each by the engine of its year.
[[nodiscard]] std::vector<Answer> AnswerAsCase(const Stage& stage, const std::map<int, CaseEngine>& engines);

/// FitCaseEngine over the tests before `end`, with the calibration of each level on them (AnswerAsCase, AsSponsors,
/// AnswerLineages), so that every answer counted there is by an engine fitted on earlier tests only.
[[nodiscard]] Fit FitForUse(const Stage& stage, Date end, const TestFilter& counts, const Parameters& by_hand, const States& states);

}  // namespace ascribe::backtest
