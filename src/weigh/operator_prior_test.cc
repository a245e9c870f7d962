// The prior of operators against values computed by hand.

#include "weigh/operator_prior.h"

#include <gtest/gtest.h>

#include <cmath>

namespace ascribe {
namespace {

TEST(OperatorPrior, CountsAttacksThatFadeAndTheLastOne) {
  const Rhythm never = RhythmOf({});
  EXPECT_NEAR(never.activity, std::log(0.1), 1e-12);
  EXPECT_EQ(never.recent, 0);
  const Rhythm rhythm = RhythmOf({{0, 1}, {1000, 0.5}});
  EXPECT_NEAR(rhythm.activity, std::log(0.1 + 1 + 0.5 * std::exp(-1)), 1e-12);
  EXPECT_NEAR(rhythm.recent, 1, 1e-12);
  EXPECT_NEAR(RhythmOf({{60, 0.5}}).recent, 0.5 * std::exp(-1), 1e-12) << "a doubtful attack is half an attack";
}

TEST(OperatorPrior, OrderDoesNotMatter) {
  const Rhythm a = RhythmOf({{3, 0.3}, {500, 1}, {41, 0.7}}), b = RhythmOf({{41, 0.7}, {3, 0.3}, {500, 1}});
  EXPECT_EQ(a.activity, b.activity);
  EXPECT_EQ(a.recent, b.recent);
}

TEST(OperatorPrior, IsFlatOnRequest) {
  Parameters parameters;
  parameters.prior_activity = 0.5;
  parameters.prior_recent = 2;
  const Rhythm rhythm{1, 0.25};
  EXPECT_NEAR(PriorWeight(rhythm, parameters), std::exp(0.5 + 0.5), 1e-12);
  parameters.flat_prior = true;
  EXPECT_EQ(PriorWeight(rhythm, parameters), 1);
}

}  // namespace
}  // namespace ascribe
