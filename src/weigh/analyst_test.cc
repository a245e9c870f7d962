#include "weigh/analyst.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "store/test_world.h"

namespace ascribe {
namespace {

Claim Says(std::string id, Group group, std::string hypothesis, double nats) {
  Claim claim;
  claim.id = std::move(id);
  claim.kind = "test";
  claim.group = group;
  claim.holders = 1;
  claim.origins = {claim.id};
  claim.contributions = {{Level::kOperator, std::move(hypothesis), nats, nats, nats}};
  return claim;
}

Override Cell(std::string claim, std::string hypothesis, double nats) {
  return {std::move(claim), Level::kOperator, std::move(hypothesis), nats, "a reason", "AB", Date{20'000}};
}

class Overrides : public ::testing::Test {
 protected:
  Overrides() {
    world.Attack("attack:a", "actor:x");
    world.Attack("attack:b", "actor:y");
    claims = {Says("c-1", Group::kCode, "actor:x", 3), Says("c-2", Group::kInfrastructure, "actor:x", 2)};
    knowledge.emplace(world.BuildKnowledge());
    input.emplace(WeighInput{claims, contradictions, *knowledge, world.parameters, {}, {}});
    engine = ComputeLevels(*input);
  }
  double NatsOf(const AnalystView& view, std::string_view id) const { return FindHypothesis(view.levels[1], id)->nats; }

  World world;
  std::vector<Claim> claims;
  std::vector<Contradiction> contradictions;
  std::optional<Knowledge> knowledge;
  std::optional<WeighInput> input;
  std::vector<LevelResult> engine;
};

TEST_F(Overrides, NoneChangesNothing) {
  const AnalystView view = ApplyOverrides(*input, engine, {});
  EXPECT_TRUE(view.outcomes.empty());
  EXPECT_TRUE(view.levels.empty());
}

TEST_F(Overrides, OneCellIsReplacedAndTheSumIsTheSame) {
  const AnalystView view = ApplyOverrides(*input, engine, {Cell("c-1", "actor:x", 0.5)});
  ASSERT_EQ(view.outcomes.size(), 1u);
  EXPECT_EQ(view.outcomes[0].ignored, "");
  EXPECT_NEAR(view.outcomes[0].engine_nats, 3, 1e-12);
  EXPECT_NEAR(NatsOf(view, "actor:x"), 2.5, 1e-12);
  // By hand: the odds of actor:x against unknown fall by exactly the difference of the cell.
  const auto odds = [](const LevelResult& level) { return FindHypothesis(level, "actor:x")->posterior / FindHypothesis(level, "unknown")->posterior; };
  EXPECT_NEAR(std::log(odds(engine[1])) - std::log(odds(view.levels[1])), 2.5, 1e-9);
  EXPECT_NEAR(FindHypothesis(engine[1], "actor:x")->nats, 5, 1e-12) << "the engine's own number stays";
}

TEST_F(Overrides, ACellThatWasEmptyCanBeFilled) {
  const AnalystView view = ApplyOverrides(*input, engine, {Cell("c-2", "actor:y", -1.5)});
  EXPECT_NEAR(NatsOf(view, "actor:y"), -1.5, 1e-12);
  EXPECT_EQ(view.outcomes[0].engine_nats, 0);
}

TEST_F(Overrides, TheirOrderDoesNotMatter) {
  const std::vector<Override> some = {Cell("c-1", "actor:x", 1), Cell("c-2", "actor:x", 0.1), Cell("c-2", "actor:y", 2)};
  std::vector<Override> other = some;
  std::reverse(other.begin(), other.end());
  const AnalystView a = ApplyOverrides(*input, engine, some), b = ApplyOverrides(*input, engine, other);
  for (std::size_t l = 0; l < a.levels.size(); ++l)
    for (std::size_t h = 0; h < a.levels[l].ranked.size(); ++h) {
      EXPECT_EQ(a.levels[l].ranked[h].id, b.levels[l].ranked[h].id);
      EXPECT_EQ(a.levels[l].ranked[h].posterior, b.levels[l].ranked[h].posterior);
    }
}

TEST_F(Overrides, WhatDoesNotFitIsLeftOutAndSaysWhy) {
  claims[1].cancelled = true;
  claims[1].cancelled_by = "some-rule";
  engine = ComputeLevels(*input);
  const AnalystView view = ApplyOverrides(*input, engine,
                                          {Cell("c-9", "actor:x", 1), Cell("c-1", "actor:nobody", 1), Cell("c-2", "actor:x", 1), Cell("c-1", "unknown", 1),
                                           Cell("c-1", "false-flag:actor:x", 1)});
  ASSERT_EQ(view.outcomes.size(), 5u);
  for (const OverrideOutcome& o : view.outcomes) EXPECT_NE(o.ignored, "") << o.entry.claim << o.entry.hypothesis;
  EXPECT_NE(view.outcomes[2].ignored.find("some-rule"), std::string::npos);
  for (std::size_t h = 0; h < engine[1].ranked.size(); ++h)
    EXPECT_EQ(view.levels[1].ranked[h].posterior, engine[1].ranked[h].posterior);
}

}  // namespace
}  // namespace ascribe
