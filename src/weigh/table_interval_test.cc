#include "weigh/table_interval.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "store/test_world.h"

namespace ascribe {
namespace {

Claim Says(std::string id, std::string kind, Group group, double nats, double high, std::string hypothesis = "actor:x") {
  Claim claim;
  claim.id = std::move(id);
  claim.kind = std::move(kind);
  claim.group = group;
  claim.origins = {claim.id};
  claim.contributions = {{Level::kOperator, std::move(hypothesis), nats, nats, high}};
  return claim;
}

struct Range {
  double low, high, posterior;
};

Range RangeOf(const World& world, const std::vector<Claim>& claims, unsigned threads = 1, const char* id = "actor:x") {
  const Knowledge knowledge = world.BuildKnowledge();
  const std::vector<Contradiction> none;
  const WeighInput input{claims, none, knowledge, world.parameters, {}, {}};
  auto levels = ComputeLevels(input);
  RangeOverTable(input, threads, levels);
  const Hypothesis* h = FindHypothesis(levels[1], id);
  return {h->table_low, h->table_high, h->posterior};
}

TEST(DrawFor, IsUniformAndDependsOnKindAndDrawAlone) {
  double sum = 0;
  std::set<double> seen;
  for (std::uint64_t draw = 0; draw < 10'000; ++draw) {
    const double u = DrawFor("host", draw);
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    EXPECT_EQ(u, DrawFor("host", draw));
    EXPECT_NE(u, DrawFor("ip", draw));
    sum += u;
    seen.insert(u);
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.01);
  EXPECT_GT(seen.size(), 9'990u);
}

TEST(RangeOverTable, CoversNineInTenOfTheInterval) {
  World world;
  world.Attack("attack:a", "actor:x");
  const auto [low, high, posterior] = RangeOf(world, {Says("c-1", "host", Group::kInfrastructure, 1, 3)});
  // The weight is even in [1, 3]: percentiles 5 and 95 are 1.1 and 2.9 up to the draws; below 1.1 stands the posterior.
  const auto at = [](double nats) { return 0.05 * std::exp(nats) / (0.05 * std::exp(nats) + 0.95 + 0.001); };
  EXPECT_EQ(low, posterior);
  EXPECT_NEAR(posterior, at(1), 1e-4);
  EXPECT_NEAR(high, at(2.9), 0.03);
  EXPECT_LT(high, at(3));
}

TEST(RangeOverTable, TheErrorOfAKindIsOneForAllItsClaims) {
  World world;
  world.Attack("attack:a", "actor:x");
  // Two claims of one kind move together, two of two kinds apart: the sum of independent errors spreads less.
  const auto same = RangeOf(world, {Says("c-1", "host", Group::kInfrastructure, 1, 3), Says("c-2", "host", Group::kCode, 1, 3)});
  const auto apart = RangeOf(world, {Says("c-1", "host", Group::kInfrastructure, 1, 3), Says("c-2", "mutex", Group::kCode, 1, 3)});
  EXPECT_EQ(same.posterior, apart.posterior);
  EXPECT_GT(same.high, apart.high + 0.01);
}

TEST(RangeOverTable, NeitherOrderNorThreadsMatter) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  std::vector<Claim> claims = {Says("c-1", "host", Group::kInfrastructure, 1, 3), Says("c-2", "mutex", Group::kCode, 0.5, 2),
                               Says("c-3", "sector", Group::kVictim, 0.3, 0.9, "actor:y")};
  const auto one = RangeOf(world, claims, 1);
  std::reverse(claims.begin(), claims.end());
  for (const unsigned threads : {1u, 2u, 5u}) {
    const auto other = RangeOf(world, claims, threads);
    EXPECT_EQ(one.low, other.low) << threads;
    EXPECT_EQ(one.high, other.high) << threads;
  }
}

TEST(RangeOverTable, WithoutIntervalsIsAPoint) {
  World world;
  world.Attack("attack:a", "actor:x");
  const auto [low, high, posterior] = RangeOf(world, {Says("c-1", "host", Group::kInfrastructure, 2, 2)});
  EXPECT_EQ(low, posterior);
  EXPECT_EQ(high, posterior);
}

}  // namespace
}  // namespace ascribe
