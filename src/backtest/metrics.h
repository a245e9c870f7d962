#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "backtest/answer.h"

namespace ascribe::backtest {

/// Area under the ROC curve: chance that a value of `positive` exceeds one of `negative`, ties half. NaN when one is
/// empty.
[[nodiscard]] double Auroc(const std::vector<double>& positive, const std::vector<double>& negative);

/// Expected calibration error over ten bins of equal size.
[[nodiscard]] double CalibrationError(const std::vector<double>& said, const std::vector<double>& right);

struct Interval {
  double low = 0, high = 1;
};
/// Wilson score interval of k successes in n, 95 %.
[[nodiscard]] Interval Wilson(std::size_t k, std::size_t n);

/// A comparison of a report with one candidate: natural-log likelihood ratio, and whether they belong together.
struct LlrPair {
  double llr = 0;
  bool same = false;
  double weight = 1;
};
/// Log-likelihood-ratio cost (Brümmer & du Preez 2006): 0 perfect, 1 says nothing. NaN without both kinds of pairs.
[[nodiscard]] double Cllr(const std::vector<LlrPair>& pairs);
/// The same after the best monotone recalibration (pool adjacent violators): what discrimination alone would give.
[[nodiscard]] double CllrMin(std::vector<LlrPair> pairs);

struct Gate {
  double least = 0.8;  ///< named only when p(named) reaches it
  std::size_t named = 0, right = 0, novel_named = 0;
};

struct ReliabilityBin {
  double from = 0, to = 1, said = 0, right = 0;
  std::size_t count = 0;
};

/// The numbers of a set of answers. "Known" tests: the actor has an earlier report. Definitions:
/// docs/formats/backtest.md.
struct Scores {
  std::size_t tests = 0, known = 0, actors = 0;
  double covered = 0;                    ///< share of tests with a non-empty ranking
  double top1 = 0, top3 = 0, macro = 0;  ///< over known tests; macro: mean over actors
  double right_when_named = 0;           ///< novel tests count as wrong
  double auroc = 0;                      ///< p_unknown, novel against known
  double ece = 0, brier = 0;             ///< of p(named) against "named is right", all tests
  double log_loss = 0;                   ///< -ln p(right answer), floor 1e-9
  double cllr = 0, cllr_min = 0;         ///< of whole posteriors against a flat prior
  double nameable90 = 0;                 ///< share that can be named, surest first, with 90 % right
  Gate gate;                             ///< at 0.8
};

[[nodiscard]] Scores Score(const std::vector<const Answer*>& answers);
[[nodiscard]] Scores Score(const std::vector<Answer>& answers);

[[nodiscard]] Gate GateAt(const std::vector<Answer>& answers, double least);

/// Bins 0-.2, .2-.4, .4-.6, .6-.8, .8-.95, .95-1 of p(named); empty ones are left out.
[[nodiscard]] std::vector<ReliabilityBin> Reliability(const std::vector<Answer>& answers);

struct CoveragePoint {
  double share = 0, precision = 0, least = 0;  ///< share named, share of those right, p of the last one named
};
/// Naming the surest first: one point per test.
[[nodiscard]] std::vector<CoveragePoint> PrecisionCoverage(const std::vector<Answer>& answers);

struct ScoreIntervals {
  Interval top1, top3, macro, right_when_named, auroc, ece, brier, log_loss, cllr, gate_share, gate_right;
};
/// 95 % percentile intervals: the actors of the tests are drawn with replacement, each with all its tests. The
/// generator is SplitMix64 from a fixed seed, so the intervals are the same everywhere.
[[nodiscard]] ScoreIntervals Bootstrap(const std::vector<Answer>& answers, std::size_t rounds = 400);

}  // namespace ascribe::backtest
