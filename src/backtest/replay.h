#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backtest/answer.h"
#include "backtest/conditional_logit.h"
#include "backtest/features.h"
#include "backtest/protocol.h"

namespace ascribe::backtest {

/// A corpus laid out for replays of one track.
struct Stage {
  const Corpus* corpus = nullptr;
  ReplaySettings settings;
  std::vector<Items> items;  ///< per report of the corpus; empty outside the track
  Timeline timeline;
  std::unique_ptr<ItemTable> table;  ///< numbers of the items; reports made up later are read by it too
};
[[nodiscard]] Stage SetStage(const Corpus& corpus, const PublicSuffixes& suffixes, const ReplaySettings& settings);

/// Walks the tests in order; `visit(index of the test, what was known then)`. Reports of the day of a test, and those
/// of the gap before it, are not in the state.
void Replay(const Stage& stage, const std::function<void(std::size_t, const KnowledgeState&)>& visit);

/// The tests of a stage as rows of features.
struct TestTable {
  std::vector<FeatureRows> rows;    ///< per test of the timeline
  std::vector<std::size_t> right;   ///< index of the right alternative (rows.actors: UNKNOWN)
  std::vector<std::string> actors;  ///< names by index; a test knows the first rows.actors of them
};
[[nodiscard]] TestTable Tabulate(const Stage& stage);

/// Which features are used, and how their weights are fitted.
struct Model {
  struct Term {
    Feature feature;
    WeightRule rule;
  };
  std::vector<Term> terms;
};
/// The model in use: eleven non-negative weights for an actor, four for UNKNOWN. Features, their constants and the
/// penalty were chosen on tests from 2017-01 to 2019-06 of the development corpus, each year fitted on earlier ones, at
/// gaps of 0, 30 and 180 days (docs/backtest.md).
[[nodiscard]] Model StandardModel();
/// The logit to compare with: indicator facets one by one, profile cosines, ln reports; penalty 1, any sign.
[[nodiscard]] Model ReferenceModel();

/// Weights per year, each fitted on the tests of earlier years only.
struct YearlyWeights {
  std::map<int, std::vector<double>> weights;  ///< year -> one weight per term
};
[[nodiscard]] YearlyWeights FitYearly(const Stage& stage, const TestTable& table, const Model& model);

/// P of each known actor, then of UNKNOWN.
[[nodiscard]] std::vector<double> Posterior(const FeatureRows& rows, const Model& model,
                                            const std::vector<double>& weights);

/// What each term adds to ln P(actor) - ln P(UNKNOWN), in nats; the sum is that difference exactly.
[[nodiscard]] std::vector<double> Contributions(const FeatureRows& rows, std::size_t actor, const Model& model,
                                                const std::vector<double>& weights);

/// The answer to a test from P of each known actor, then of UNKNOWN; `actors` names them by index. Equal probabilities are
/// ordered by name, not by the order of first sight.
[[nodiscard]] Answer MakeAnswer(const Stage& stage, std::size_t t, const std::vector<std::string>& actors,
                                const std::vector<double>& p);

/// The answers to all tests from the first scored year on.
[[nodiscard]] std::vector<Answer> AnswerAll(const Stage& stage, const TestTable& table, const Model& model,
                                            const YearlyWeights& weights);

/// The control: actors by their number of earlier reports, whatever the report says. Same tests as AnswerAll.
[[nodiscard]] std::vector<Answer> AnswerMostFrequent(const Stage& stage, const TestTable& table);

}  // namespace ascribe::backtest
