// Answers about actors read as answers about states, by hand.

#include "backtest/sponsor.h"

#include <gtest/gtest.h>

#include "backtest/metrics.h"

namespace ascribe::backtest {
namespace {

const States kStates = {{"a", "AA"}, {"b", "AA"}, {"c", "CC"}, {"new", "CC"}, {"lone", "LL"}};

Answer Make(const std::string& truth, bool known) {
  Answer answer;
  answer.truth = truth;
  answer.known = known;
  answer.ranked = {{"c", 0.4}, {"a", 0.25}, {"b", 0.2}, {"crime", 0.1}};
  answer.actors = 4;
  answer.p_unknown = 0.05;
  return answer;
}

TEST(AsSponsors, SumsTheActorsOfAState) {
  const SponsorAnswers out = AsSponsors({Make("a", true)}, kStates);
  ASSERT_EQ(out.stated.size(), 1u);
  const Answer& answer = out.stated[0];
  ASSERT_EQ(answer.ranked.size(), 2u);
  EXPECT_EQ(answer.ranked[0].actor, "AA") << "two actors together lead although neither does";
  EXPECT_NEAR(answer.ranked[0].p, 0.45, 1e-12);
  EXPECT_NEAR(answer.ranked[1].p, 0.4, 1e-12);
  EXPECT_NEAR(answer.p_unknown, 0.15, 1e-12) << "an actor without a state adds to unknown";
  EXPECT_TRUE(answer.right());
  EXPECT_EQ(answer.drawn_with, "a");
  EXPECT_EQ(answer.actors, 2u);
  EXPECT_TRUE(out.new_actor.empty());
}

TEST(AsSponsors, AStateCanBeKnownAlthoughItsActorIsNot) {
  const SponsorAnswers out = AsSponsors({Make("new", false), Make("lone", false), Make("crime", true)}, kStates);
  ASSERT_EQ(out.stated.size(), 2u);
  EXPECT_TRUE(out.stated[0].known);
  EXPECT_FALSE(out.stated[0].right()) << "CC is second";
  EXPECT_FALSE(out.stated[1].known) << "nobody known serves LL";
  ASSERT_EQ(out.new_actor.size(), 1u);
  EXPECT_EQ(out.new_actor[0].truth, "CC");
  ASSERT_EQ(out.apart.size(), 1u) << "no state is stated for crime";
  EXPECT_FALSE(out.apart[0].right());
  const Scores s = Score(out.stated);
  EXPECT_EQ(s.tests, 2u);
  EXPECT_EQ(s.known, 1u);
  EXPECT_NEAR(s.top1, 0, 1e-12);
  EXPECT_NEAR(s.brier, 0.45 * 0.45, 1e-12);
}

}  // namespace
}  // namespace ascribe::backtest
