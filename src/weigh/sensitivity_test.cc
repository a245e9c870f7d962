#include "weigh/sensitivity.h"

#include <gtest/gtest.h>

#include "store/test_world.h"

namespace ascribe {
namespace {

Claim Says(std::string id, Group group, double nats, std::string hypothesis = "actor:x") {
  Claim claim;
  claim.id = std::move(id);
  claim.kind = "test";
  claim.group = group;
  claim.origins = {claim.id};
  claim.contributions = {{Level::kOperator, std::move(hypothesis), nats, nats, nats}};
  return claim;
}

TEST(RangeOverGroups, SpansTheLeaveOneOutRuns) {
  World world;
  world.Attack("attack:a", "actor:x");
  const Knowledge knowledge = world.BuildKnowledge();
  const std::vector<Claim> claims = {Says("c-1", Group::kCode, 4), Says("c-2", Group::kInfrastructure, 2)};
  const std::vector<Contradiction> none;
  const WeighInput input{claims, none, knowledge, world.parameters, {}, {}};
  auto levels = ComputeLevels(input);
  RangeOverGroups(input, levels);
  const Hypothesis* x = FindHypothesis(levels[1], "actor:x");
  // Lowest without the code: .05 e^2 = .36945 against .95 and .001.
  EXPECT_NEAR(x->low, 0.36945 / (0.36945 + 0.951), 1e-4);
  EXPECT_EQ(x->high, x->posterior);
  const Hypothesis* unknown = FindHypothesis(levels[1], "unknown");
  EXPECT_EQ(unknown->low, unknown->posterior);
  EXPECT_NEAR(unknown->high, 0.95 / (0.36945 + 0.951), 1e-4);
}

TEST(FindFlips, TheFewestClaimsLargestFirst) {
  World world;
  world.Attack("attack:a", "actor:x");
  const Knowledge knowledge = world.BuildKnowledge();
  // 4 + 2 + 1 nats. Without c-big 3 nats remain: .05 e^3 = 1.004 against .95, still ahead; without c-mid too, .136:
  // behind.
  const std::vector<Claim> claims = {Says("c-big", Group::kCode, 4), Says("c-mid", Group::kInfrastructure, 2),
                                     Says("c-small", Group::kVictim, 1)};
  const std::vector<Contradiction> none;
  const WeighInput input{claims, none, knowledge, world.parameters, {}, {}};
  const auto flips = FindFlips(input, ComputeLevels(input));
  ASSERT_EQ(flips.size(), 1u);
  EXPECT_EQ(flips[0].level, Level::kOperator);
  EXPECT_EQ(flips[0].claims, (std::vector<std::string>{"c-big", "c-mid"}));
  EXPECT_EQ(flips[0].leader_then, "unknown");
  EXPECT_NEAR(flips[0].posterior_then, 0.95 / (0.95 + 0.13591 + 0.001), 1e-4);
}

TEST(FindFlips, OfEqualClaimsTheOneThatHelpsNoRivalFallsFirst) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  const Knowledge knowledge = world.BuildKnowledge();
  Claim shared = Says("c-a", Group::kCode, 4);
  shared.contributions.push_back({Level::kOperator, "actor:y", 4, 4, 4});
  const std::vector<Claim> claims = {shared, Says("c-b", Group::kInfrastructure, 4)};
  const std::vector<Contradiction> none;
  const WeighInput input{claims, none, knowledge, world.parameters, {}, {}};
  const auto flips = FindFlips(input, ComputeLevels(input));
  ASSERT_FALSE(flips.empty());
  EXPECT_EQ(flips[0].claims.front(), "c-b");
}

// Greedy takes the largest first; here a smaller one alone is the linchpin, because its group is not capped.
TEST(FindFlips, OneClaimThatSufficesIsFoundThoughItIsNotTheLargest) {
  World world;
  world.Attack("attack:a", "actor:x");
  const Knowledge knowledge = world.BuildKnowledge();
  // Code: min(2.5 + 2.4 + 2.3, 2.5 + 1) = 3.5, still 3.4 without the best. Infrastructure 2: 5.5 leads (.05 e^5.5 = 12.2),
  // 3.5 still does (1.66 against .95). A rival claim: without its own enemy, unknown stays.
  std::vector<Claim> claims = {Says("c-1", Group::kCode, 2.5), Says("c-2", Group::kCode, 2.4), Says("c-3", Group::kCode, 2.3),
                               Says("c-4", Group::kInfrastructure, 2.2), Says("c-5", Group::kVictim, -2.3)};
  const std::vector<Contradiction> none;
  const WeighInput input{claims, none, knowledge, world.parameters, {}, {}};
  const auto flips = FindFlips(input, ComputeLevels(input));
  ASSERT_EQ(flips.size(), 1u);
  EXPECT_EQ(flips[0].claims, std::vector<std::string>{"c-4"});
}

// A pair can be the linchpin where the two largest are not in it.
TEST(FindFlips, APairIsSearchedForAmongAll) {
  World world;
  world.Attack("attack:a", "actor:x");
  const Knowledge knowledge = world.BuildKnowledge();
  const std::vector<Claim> claims = {Says("c-1", Group::kCode, 3), Says("c-2", Group::kCode, 2.9), Says("c-3", Group::kCode, 2.8),
                                     Says("c-4", Group::kInfrastructure, 1.3), Says("c-5", Group::kVictim, 1.2)};
  const std::vector<Contradiction> none;
  WeighInput input{claims, none, knowledge, world.parameters, {}, {}};
  const auto levels = ComputeLevels(input);
  const auto flips = FindFlips(input, levels);
  ASSERT_EQ(flips.size(), 1u);
  ASSERT_FALSE(flips[0].leader_then.empty());
  // Whatever is found flips, and no smaller part of it does.
  for (const std::string& id : flips[0].claims) input.without.insert(id);
  EXPECT_NE(ComputeLevels(input)[1].ranked.front().id, "actor:x");
  for (const std::string& id : flips[0].claims) {
    input.without.erase(id);
    EXPECT_EQ(ComputeLevels(input)[1].ranked.front().id, "actor:x") << id << " is not needed";
    input.without.insert(id);
  }
}

TEST(FindFlips, NothingFlipsWhereNobodyIsNamed) {
  World world;
  world.Attack("attack:a", "actor:x");
  const Knowledge knowledge = world.BuildKnowledge();
  const std::vector<Claim> claims;
  const std::vector<Contradiction> none;
  const WeighInput input{claims, none, knowledge, world.parameters, {}, {}};
  EXPECT_TRUE(FindFlips(input, ComputeLevels(input)).empty());
}

TEST(BestNextEvidence, IsChanceTimesWeight) {
  const Parameters& p = ShippedParameters();
  const auto next = BestNextEvidence({}, p);
  ASSERT_EQ(next.size(), 5u);
  // malware-family .506 * 4.6 = 2.3276 is the largest; code-function and reported-code-link .3 * 4.6 = 1.38 follow.
  EXPECT_EQ(next[0].kind, "malware-family");
  EXPECT_NEAR(next[0].gain, 2.3276, 1e-9);
  EXPECT_NEAR(next[1].gain, 1.38, 1e-9);
  for (std::size_t i = 1; i < next.size(); ++i) EXPECT_LE(next[i].gain, next[i - 1].gain);
  Claim have = Says("c-1", Group::kCode, 4);
  have.kind = "malware-family";
  for (const NextEvidence& n : BestNextEvidence({have}, p)) {
    EXPECT_NE(n.kind, "malware-family") << "what is there need not be looked for";
    EXPECT_NE(n.kind, "official-attribution") << "statements are not collected";
  }
}

}  // namespace
}  // namespace ascribe
