#include "weigh/context_link.h"

#include <gtest/gtest.h>

#include <cmath>

#include "code/code_link.h"
#include "store/test_world.h"

namespace ascribe {
namespace {

TEST(AbsenceOfTools, TellsAgainstWhoHasToolsAndSharesNone) {
  World world;
  world.Attack("attack:a", "actor:shares");
  world.Attack("attack:b", "actor:other");
  world.Attack("attack:c", "actor:no-tools");
  world.Know("attack:a uses malware:m");
  world.Know("attack:b uses malware:n");
  world.See("incident:self uses malware:m");
  const Seen seen(world);
  const auto claim = AbsenceOfTools(seen.context, LinkCode(seen.context));
  ASSERT_TRUE(claim.has_value());
  ASSERT_EQ(claim->contributions.size(), 1u);
  EXPECT_EQ(claim->contributions[0].hypothesis, "actor:other");
  EXPECT_DOUBLE_EQ(claim->contributions[0].nats, -0.35);
}

// A harmless program beside the evidence, read by our own readers, speaks against nobody.
TEST(AbsenceOfTools, SaysNothingFromWhatReadersListOfAFile) {
  World world;
  world.Attack("attack:b", "actor:other");
  world.Know("attack:b uses malware:n");
  Fact& fact = world.See("sample:s contains string:usage: true [ignored command line arguments]");
  fact.extractor = "executable@3";
  const Seen seen(world);
  EXPECT_FALSE(AbsenceOfTools(seen.context, {}).has_value());
}

TEST(AbsenceOfTools, SaysNothingWhenTheCaseShowsNone) {
  World world;
  world.Attack("attack:b", "actor:other");
  world.Know("attack:b uses malware:n");
  world.See("incident:self targets sector:media");
  const Seen seen(world);
  EXPECT_FALSE(AbsenceOfTools(seen.context, {}).has_value());
}

TEST(LinkContextual, ACommonTargetSaysLess) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a targets sector:media");
  world.See("incident:self targets sector:media");
  {
    const Seen seen(world);
    const auto claims = LinkContextual(seen.context);
    ASSERT_EQ(claims.size(), 1u);
    // e^.7 = 2.0138; (.9801 * 2.0138 + .199) / 1.1791 = 1.8427; * .99 + .01 = 1.8342
    EXPECT_NEAR(claims[0].NatsFor(Level::kOperator, "actor:x"), std::log(1.8342), 0.0005);
    EXPECT_EQ(claims[0].group, Group::kVictim);
  }
  world.Attack("attack:b", "actor:y");
  world.Know("attack:b targets sector:media");
  world.Attack("attack:c", "actor:z");
  world.Know("attack:c targets sector:media");
  const Seen seen(world);
  EXPECT_DOUBLE_EQ(LinkContextual(seen.context)[0].NatsFor(Level::kOperator, "actor:x"), 0) << "ln 3 is more than .7";
}

TEST(LinkContextual, StatementsAreOfTheHumanGroup) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.See("incident:self attributed-to actor:x").statement = StatementKind::kVendorAssessment;
  const Seen seen(world);
  const auto claims = LinkContextual(seen.context);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims[0].kind, "vendor-attribution");
  EXPECT_EQ(claims[0].group, Group::kHuman);
}

}  // namespace
}  // namespace ascribe
