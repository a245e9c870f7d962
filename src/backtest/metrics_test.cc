// The metrics against values computed by hand.

#include "backtest/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ascribe::backtest {
namespace {

Answer Make(const std::string& truth, bool known, std::vector<RankedActor> ranked, double unknown) {
  Answer answer;
  answer.id = truth;
  answer.truth = truth;
  answer.known = known;
  answer.ranked = std::move(ranked);
  answer.p_unknown = unknown;
  answer.actors = answer.ranked.size();
  return answer;
}

TEST(Metrics, Auroc) {
  EXPECT_DOUBLE_EQ(Auroc({3, 4}, {1, 2}), 1);
  EXPECT_DOUBLE_EQ(Auroc({1, 2}, {1, 2}), 0.5);
  EXPECT_DOUBLE_EQ(Auroc({2, 3}, {1, 2}), 0.875);  // of four pairs three are won and one is tied
  EXPECT_TRUE(std::isnan(Auroc({}, {1})));
}

TEST(Metrics, CalibrationErrorHasTenBinsOfEqualSize) {
  // Two tests: two bins of one, the rest empty; |0.2 - 0| and |0.9 - 1|.
  EXPECT_NEAR(CalibrationError({0.9, 0.2}, {1, 0}), (0.1 + 0.2) / 2, 1e-12);
  // Twenty tests that say 0.5, every second right: each bin holds one of each.
  std::vector<double> said(20, 0.5), right;
  for (int i = 0; i < 20; ++i) right.push_back(i % 2);
  EXPECT_NEAR(CalibrationError(said, right), 0, 1e-12);
}

TEST(Metrics, Wilson) {
  const Interval interval = Wilson(33, 34);
  EXPECT_NEAR(interval.low, 0.851, 0.001);
  EXPECT_NEAR(interval.high, 0.995, 0.001);
  EXPECT_DOUBLE_EQ(Wilson(0, 0).high, 1);
}

TEST(Metrics, CllrOfSilenceIsOne) {
  EXPECT_NEAR(Cllr({{0, true, 1}, {0, false, 7}}), 1, 1e-12);
  // ln 3 for the same and -ln 3 for others: log2(1 + 1/3) on both sides.
  EXPECT_NEAR(Cllr({{std::log(3.0), true, 1}, {-std::log(3.0), false, 1}}), std::log2(4.0 / 3), 1e-12);
  EXPECT_TRUE(std::isnan(Cllr({{0, true, 1}})));
}

TEST(Metrics, CllrMinIgnoresTheScale) {
  // Perfectly separated, badly scaled: only the clipping at 1e-6 remains.
  EXPECT_NEAR(CllrMin({{0.1, true, 1}, {0.05, false, 1}}), 0, 1e-5);
  // One block: 1 of 2 above, 1 of 2 below is no information.
  EXPECT_NEAR(CllrMin({{1, true, 1}, {1, false, 1}, {-1, true, 1}, {-1, false, 1}}), 1, 1e-12);
}

TEST(Metrics, Scores) {
  const std::vector<Answer> answers = {
      Make("a", true, {{"a", 0.9}, {"b", 0.05}}, 0.05),                        // named, right
      Make("a", true, {{"b", 0.5}, {"a", 0.3}}, 0.2),                          // named, wrong, second
      Make("b", true, {{"c", 0.4}, {"d", 0.3}, {"a", 0.1}, {"b", 0.1}}, 0.1),  // fourth
      Make("n", false, {{"a", 0.2}}, 0.8),                                     // novel
  };
  const Scores s = Score(answers);
  EXPECT_EQ(s.tests, 4u);
  EXPECT_EQ(s.known, 3u);
  EXPECT_EQ(s.actors, 2u);
  EXPECT_NEAR(s.top1, 1.0 / 3, 1e-12);
  EXPECT_NEAR(s.top3, 2.0 / 3, 1e-12);
  EXPECT_NEAR(s.macro, (0.5 + 0) / 2, 1e-12);
  EXPECT_NEAR(s.right_when_named, 0.25, 1e-12);
  EXPECT_NEAR(s.auroc, 1, 1e-12);
  EXPECT_NEAR(s.brier, (0.01 + 0.25 + 0.16 + 0.04) / 4, 1e-12);
  EXPECT_NEAR(s.log_loss, -(std::log(0.9) + std::log(0.3) + std::log(0.1) + std::log(0.8)) / 4, 1e-12);
  EXPECT_EQ(s.gate.named, 1u);
  EXPECT_EQ(s.gate.right, 1u);
  EXPECT_EQ(s.gate.novel_named, 0u);
  EXPECT_EQ(GateAt(answers, 0.2).named, 4u);
  EXPECT_EQ(GateAt(answers, 0.2).novel_named, 1u);
  const auto curve = PrecisionCoverage(answers);
  ASSERT_EQ(curve.size(), 4u);
  EXPECT_NEAR(curve[1].share, 0.5, 1e-12);
  EXPECT_NEAR(curve[1].precision, 0.5, 1e-12);
  EXPECT_EQ(Reliability(answers).size(), 3u);
}

TEST(Metrics, UnlistedActorsShareTheRest) {
  Answer answer = Make("z", true, {{"a", 0.5}}, 0.1);
  answer.actors = 5;  // four others share 0.4
  const std::vector<Answer> answers = {answer};
  EXPECT_NEAR(Score(answers).log_loss, -std::log(0.1), 1e-9);
}

TEST(Metrics, BootstrapIsTheSameEveryTime) {
  std::vector<Answer> answers;
  for (int i = 0; i < 30; ++i)
    answers.push_back(
        Make(std::string(1, static_cast<char>('a' + i % 6)), true, {{i % 3 ? "a" : "b", 0.5}, {"c", 0.1}}, 0.4));
  const ScoreIntervals one = Bootstrap(answers, 100), two = Bootstrap(answers, 100);
  EXPECT_EQ(one.top1.low, two.top1.low);
  EXPECT_EQ(one.top1.high, two.top1.high);
  EXPECT_LE(one.top1.low, Score(answers).top1);
  EXPECT_GE(one.top1.high, Score(answers).top1);
}

}  // namespace
}  // namespace ascribe::backtest
