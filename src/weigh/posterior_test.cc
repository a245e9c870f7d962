#include "weigh/posterior.h"

#include <gtest/gtest.h>

#include <cmath>

#include "store/test_world.h"

namespace ascribe {
namespace {

Claim Says(std::string id, Group group, std::string hypothesis, double nats, bool copyable = false,
           Level level = Level::kOperator) {
  Claim claim;
  claim.id = std::move(id);
  claim.kind = "test";
  claim.group = group;
  claim.copyable = copyable;
  claim.holders = 1;
  claim.origins = {claim.id};
  claim.contributions = {{level, std::move(hypothesis), nats, nats, nats}};
  return claim;
}

struct Weighing {
  World world;
  std::vector<Claim> claims;
  std::vector<Contradiction> contradictions;
  std::vector<LevelResult> Run() const {
    const Knowledge knowledge = world.BuildKnowledge();
    return ComputeLevels({claims, contradictions, knowledge, world.parameters, {}, {}});
  }
};

double At(const std::vector<LevelResult>& levels, Level level, std::string_view id) {
  const Hypothesis* h = FindHypothesis(levels[static_cast<std::size_t>(level)], id);
  return h == nullptr ? -1 : h->posterior;
}

TEST(GroupValue, CapsByHand) {
  const Parameters& p = ShippedParameters();
  EXPECT_DOUBLE_EQ(GroupValue(Group::kCode, {}, p), 0);
  EXPECT_NEAR(GroupValue(Group::kCode, {2.3, 0.7}, p), 3.0, 1e-12) << "below the best plus one";
  EXPECT_NEAR(GroupValue(Group::kCode, {2.3, 1.5, 1.5, 1.5}, p), 3.3, 1e-12) << "the best plus one";
  EXPECT_NEAR(GroupValue(Group::kCode, {2.3, 1.5, 1.5, -0.35}, p), 2.95, 1e-12) << "what speaks against counts whole";
  EXPECT_NEAR(GroupValue(Group::kBehaviour, {0.7, 0.7, 0.7}, p), 1.4, 1e-12);
  EXPECT_NEAR(GroupValue(Group::kVictim, {1.1, 1.1}, p), 1.4, 1e-12);
  EXPECT_NEAR(GroupValue(Group::kHuman, {2.3, 2.3, 2.3}, p), 3.0, 1e-12);
}

TEST(ComputeLevels, OpenSetByHand) {
  Weighing w;
  w.world.Attack("attack:a", "actor:x");
  w.claims = {Says("c-1", Group::kCode, "actor:x", 4.6)};
  // Prior: one actor at .05, imitation .05 / 50 = .001, the rest .95 to unknown. e^4.6 = 99.484.
  // Weights 4.9742, .001 (nothing copyable), .95: sum 5.9252.
  auto levels = w.Run();
  EXPECT_NEAR(At(levels, Level::kOperator, "actor:x"), 4.9742 / 5.9252, 1e-4);
  EXPECT_NEAR(At(levels, Level::kOperator, "unknown"), 0.95 / 5.9252, 1e-4);
  EXPECT_NEAR(At(levels, Level::kOperator, "false-flag:actor:x"), 0.001 / 5.9252, 1e-5);
  // The same, copyable: the imitation has it too, .09948. Sum 6.0237.
  w.claims = {Says("c-1", Group::kCode, "actor:x", 4.6, true)};
  levels = w.Run();
  EXPECT_NEAR(At(levels, Level::kOperator, "actor:x"), 4.9742 / 6.0237, 1e-4);
  EXPECT_NEAR(At(levels, Level::kOperator, "false-flag:actor:x"), 0.09948 / 6.0237, 1e-4);
}

TEST(ComputeLevels, PriorsByHand) {
  Weighing w;
  for (int i = 0; i < 20; ++i) w.world.Attack("attack:a" + std::to_string(i), "actor:x" + std::to_string(i));
  const auto levels = w.Run();
  for (const Hypothesis& h : levels[1].ranked)
    EXPECT_TRUE(h.kind != HypothesisKind::kActor || std::abs(h.prior - 0.025) < 1e-12)
        << "half of the prior, shared by twenty";
  EXPECT_NEAR(FindHypothesis(levels[1], "unknown")->prior, 0.5, 1e-12);
  // Nobody leads alone, so nobody in particular is imitated.
  EXPECT_NE(FindHypothesis(levels[1], "false-flag:several"), nullptr);
}

TEST(ComputeLevels, UnknownIsAlwaysThereAndNothingIsCertain) {
  Weighing empty;
  for (const LevelResult& level : empty.Run()) {
    ASSERT_FALSE(level.ranked.empty());
    EXPECT_NE(FindHypothesis(level, "unknown"), nullptr);
    for (const Hypothesis& h : level.ranked) EXPECT_LT(h.posterior, 0.99) << h.id;
  }
  Weighing w;
  w.world.Attack("attack:a", "actor:x");
  w.world.Know("actor:x sponsored-by country:AA");
  w.claims = {Says("c-1", Group::kCode, "actor:x", 50), Says("c-2", Group::kInfrastructure, "actor:x", 50)};
  for (const LevelResult& level : w.Run()) {
    double sum = 0;
    for (const Hypothesis& h : level.ranked) {
      EXPECT_LT(h.posterior, 0.99) << h.id;
      sum += h.posterior;
    }
    if (level.level == Level::kOperator) {
      EXPECT_NEAR(sum, 1, 1e-9);
      EXPECT_NEAR(FindHypothesis(level, "actor:x")->posterior, 0.98, 1e-12);
      EXPECT_NEAR(FindHypothesis(level, "unknown")->posterior, 0.02, 1e-6) << "what is above the cap goes to unknown";
    }
  }
}

TEST(ComputeLevels, OneOriginIsCappedAcrossGroups) {
  Weighing w;
  w.world.Attack("attack:a", "actor:x");
  w.claims = {Says("c-1", Group::kCode, "actor:x", 3), Says("c-2", Group::kInfrastructure, "actor:x", 3)};
  EXPECT_NEAR(FindHypothesis(w.Run()[1], "actor:x")->nats, 6, 1e-9);
  for (Claim& claim : w.claims) claim.asserted = true, claim.origins = {"one-blog"};
  EXPECT_NEAR(FindHypothesis(w.Run()[1], "actor:x")->nats, 4, 1e-9) << "its best item plus one";
  w.claims[1].origins = {"another"};
  EXPECT_NEAR(FindHypothesis(w.Run()[1], "actor:x")->nats, 6, 1e-9);
}

TEST(ComputeLevels, SharedToolsAreCappedTogether) {
  Weighing w;
  w.world.Attack("attack:a", "actor:x");
  w.world.Know("attack:a built-from lineage:l");
  w.claims = {Says("c-1", Group::kCode, "actor:x", 0.9), Says("c-2", Group::kCode, "actor:x", 0.9), Says("c-3", Group::kCode, "actor:x", 0.9)};
  const auto operator_nats = [&] { return FindHypothesis(w.Run()[1], "actor:x")->nats; };
  EXPECT_NEAR(operator_nats(), 1.9, 1e-9) << "the best plus one";
  for (Claim& claim : w.claims) claim.holders = 5, claim.background = 1;
  EXPECT_NEAR(operator_nats(), 1.5, 1e-9) << "unattributed attacks count as one more holder";
  const std::vector<Share> shares = SharesOf({w.claims, {}, w.world.BuildKnowledge(), w.world.parameters, {}, {}}, Level::kOperator, "actor:x");
  for (const Share& share : shares) EXPECT_NEAR(share.nats, 0.5, 1e-9) << "the sum stays one of contributions";
  w.claims.push_back(Says("c-4", Group::kCode, "actor:x", 3));
  EXPECT_NEAR(operator_nats(), 4, 1e-9) << "the actor's own tool counts whole, within the cap of its group";
  w.claims.pop_back();
  w.claims[2].holders = 1, w.claims[2].background = 0;
  EXPECT_NEAR(operator_nats(), 1.9, 1e-9) << "0.75 each for the shared two, 0.9 for the rare one, capped at 0.9 plus one";
  for (Claim& claim : w.claims) claim.holders = 50, claim.contributions = {{Level::kLineage, "lineage:l", 0.9, 0.9, 0.9}};
  EXPECT_NEAR(FindHypothesis(w.Run()[0], "lineage:l")->nats, 1.9, 1e-9) << "which code base it is, they do say";
}

TEST(ComputeLevels, LevelsStayApart) {
  Weighing w;
  w.world.Attack("attack:a", "actor:x");
  w.world.Know("attack:a built-from lineage:l");
  w.world.Know("actor:x sponsored-by country:AA").confidence = 0.9;
  const auto before = w.Run();
  w.claims = {Says("c-1", Group::kCode, "lineage:l", 6, false, Level::kLineage)};
  const auto after = w.Run();
  EXPECT_GT(At(after, Level::kLineage, "lineage:l"), 0.9);
  EXPECT_EQ(At(after, Level::kOperator, "actor:x"), At(before, Level::kOperator, "actor:x"));
  EXPECT_EQ(At(after, Level::kSponsor, "country:AA"), At(before, Level::kSponsor, "country:AA"));
}

TEST(ComputeLevels, SponsorByHand) {
  Weighing w;
  w.world.Attack("attack:a", "actor:x");
  w.world.Know("actor:x sponsored-by country:AA").confidence = 0.5;  // * .99 = .495
  w.claims = {Says("c-1", Group::kCode, "actor:x", 4.6)};
  const auto levels = w.Run();
  const double op = At(levels, Level::kOperator, "actor:x"), unknown = At(levels, Level::kOperator, "unknown");
  EXPECT_NEAR(At(levels, Level::kSponsor, "country:AA"), 0.495 * op, 1e-9);
  EXPECT_NEAR(At(levels, Level::kSponsor, "unknown"), unknown + 0.505 * op, 1e-9);
  // A statement that names the state: its mass (with .02 of the unknown) times e^2, against the rest.
  w.claims.push_back(Says("c-2", Group::kHuman, "country:AA", 2, false, Level::kSponsor));
  const double unknown_mass = unknown + 0.505 * op, flag = At(levels, Level::kOperator, "false-flag:actor:x");
  const double mass = (0.495 * op + 0.02 * unknown_mass) * std::exp(2.0);
  EXPECT_NEAR(At(w.Run(), Level::kSponsor, "country:AA"), mass / (mass + unknown_mass + flag), 1e-9);
}

TEST(ComputeLevels, ADeceptionFeedsTheImitation) {
  Weighing w;
  w.world.Attack("attack:a", "actor:x");
  w.world.Attack("attack:b", "actor:y");
  Contradiction c;
  c.rule = "test";
  c.deception = {{"actor:y", 2.3}};
  w.contradictions = {c, c, c};
  w.claims = {Says("c-1", Group::kCode, "actor:x", 1)};
  const auto levels = w.Run();
  EXPECT_NE(FindHypothesis(levels[1], "false-flag:actor:x"), nullptr) << "of the leader";
  ASSERT_NE(FindHypothesis(levels[1], "false-flag:actor:y"), nullptr) << "of whom somebody posed as";
  EXPECT_NEAR(FindHypothesis(levels[1], "false-flag:actor:y")->nats, 4.6, 1e-12) << "6.9 capped";
}

TEST(ComputeLevels, EqualLeadersShareOneImitation) {
  Weighing w;
  w.world.Attack("attack:a", "actor:x");
  w.world.Attack("attack:b", "actor:y");
  w.claims = {Says("c-1", Group::kCode, "actor:x", 2, true), Says("c-2", Group::kCode, "actor:y", 2, false)};
  const auto levels = w.Run();
  EXPECT_EQ(FindHypothesis(levels[1], "false-flag:actor:x"), nullptr);
  ASSERT_NE(FindHypothesis(levels[1], "false-flag:several"), nullptr);
  EXPECT_NEAR(FindHypothesis(levels[1], "false-flag:several")->nats, 2, 1e-12) << "that of the one who could be copied";
}

TEST(ComputeLevels, CancelledAndLeftOutClaimsDoNotWeigh) {
  Weighing w;
  w.world.Attack("attack:a", "actor:x");
  w.claims = {Says("c-1", Group::kCode, "actor:x", 3), Says("c-2", Group::kVictim, "actor:x", 1)};
  const Knowledge knowledge = w.world.BuildKnowledge();
  WeighInput input{w.claims, w.contradictions, knowledge, w.world.parameters, {"c-1"}, {}};
  EXPECT_NEAR(FindHypothesis(ComputeLevels(input)[1], "actor:x")->nats, 1, 1e-12);
  input.without.clear();
  input.without_groups = {Group::kVictim};
  EXPECT_NEAR(FindHypothesis(ComputeLevels(input)[1], "actor:x")->nats, 3, 1e-12);
  w.claims[0].cancelled = true;
  EXPECT_NEAR(FindHypothesis(w.Run()[1], "actor:x")->nats, 1, 1e-12);
}

}  // namespace
}  // namespace ascribe
