#include "weigh/gates.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/test_world.h"

namespace ascribe {
namespace {

struct Bench {
  World world;
  std::vector<Claim> claims;
  std::vector<Contradiction> contradictions;

  Bench() {
    world.Attack("attack:a", "actor:x");
    world.Attack("attack:b", "actor:y");
  }
  void Says(Group group, double nats, const std::string& origin, bool copyable = false, std::size_t holders = 1) {
    Claim claim;
    claim.id = "c-" + std::to_string(claims.size());
    claim.kind = "test";
    claim.group = group;
    claim.holders = holders;
    claim.copyable = copyable;
    claim.origins = {origin};
    claim.contributions = {{Level::kOperator, "actor:x", nats, nats, nats}};
    claims.push_back(claim);
  }
  Verdict Run() const {
    const Knowledge knowledge = world.BuildKnowledge();
    const WeighInput input{claims, contradictions, knowledge, world.parameters, {}, {}};
    return Judge(input, ComputeLevels(input));
  }
};

TEST(Judge, NothingOpensNoGate) {
  const Verdict v = Bench().Run();
  EXPECT_EQ(v.gate, "none");
  EXPECT_TRUE(v.hypothesis.empty());
  EXPECT_TRUE(v.likelihood.empty());
  EXPECT_EQ(v.confidence, "low");
  EXPECT_NE(v.sentence.find("No attribution"), std::string::npos);
}

TEST(Judge, ARareItemIsConsistentWith) {
  Bench b;
  b.Says(Group::kCode, 1, "one", false, 5);
  EXPECT_EQ(b.Run().gate, "consistent_with");
  EXPECT_TRUE(b.Run().name.empty()) << "consistency names nobody";
  Bench common;
  common.Says(Group::kCode, 1, "one", false, 6);
  EXPECT_EQ(common.Run().gate, "none");
}

TEST(Judge, WhatPeopleSayOpensNoGate) {
  Bench b;
  for (const char* origin : {"a", "b", "c", "d"}) b.Says(Group::kHuman, 3, origin);
  EXPECT_EQ(b.Run().gate, "none");
  EXPECT_TRUE(b.Run().name.empty());
}

// One group of 5 nats: (.05 e^5 = 7.42) of 8.42 is 88 %, but one origin and one group.
TEST(Judge, OneStrongGroupFromOneOriginIsAnActivityLink) {
  Bench b;
  b.Says(Group::kCode, 5, "one");
  const Verdict v = b.Run();
  EXPECT_EQ(v.gate, "activity_link");
  EXPECT_EQ(v.hypothesis, "actor:x");
  EXPECT_EQ(v.likelihood, "likely") << "88 %, but the gate bounds the word";
  EXPECT_EQ(v.sentence.find("very likely"), std::string::npos);
  Bench at_the_border;
  at_the_border.Says(Group::kCode, 4.6, "one");
  EXPECT_NE(at_the_border.Run().gate, "activity_link") << "strictly above";
}

TEST(Judge, TwoOriginsAndAStrongGroupAreLikely) {
  Bench b;
  b.Says(Group::kCode, 4, "one");
  b.Says(Group::kCode, 1, "two");
  const Verdict v = b.Run();
  EXPECT_EQ(v.gate, "likely");
  EXPECT_EQ(v.likelihood, "likely") << "88 %, but the gate bounds the word";
  Bench weak;
  weak.Says(Group::kVictim, 1.4, "one");
  weak.Says(Group::kCode, 3.3, "two");
  EXPECT_NE(weak.Run().gate, "likely") << "no code or infrastructure group above ln 30";
}

Bench Strong() {
  Bench b;
  b.Says(Group::kCode, 5, "one");
  b.Says(Group::kInfrastructure, 5, "two");
  return b;
}

TEST(Judge, VeryLikelyNeedsTwoStrongKindsThatStandWithoutEachOther) {
  EXPECT_EQ(Strong().Run().gate, "very_likely");
  EXPECT_EQ(Strong().Run().likelihood, "very likely");
  Bench alone = Strong();
  alone.claims[1].group = Group::kCode;
  EXPECT_EQ(alone.Run().gate, "likely");
  Bench leans_on_one;  // without its best group: .05 e^1 = .14 against .9
  leans_on_one.Says(Group::kCode, 6, "one");
  leans_on_one.Says(Group::kInfrastructure, 1, "two");
  EXPECT_EQ(leans_on_one.Run().gate, "likely");
  Bench trifle = Strong();  // a second kind below the material weight is no second kind
  trifle.claims[1].group = Group::kCode;
  trifle.Says(Group::kVictim, 0.6, "three");
  const Verdict two = trifle.Run();
  EXPECT_EQ(two.gate, "likely");
  EXPECT_TRUE(std::any_of(two.gate_notes.begin(), two.gate_notes.end(),
                          [](const std::string& n) { return n.find("only one kind") != std::string::npos; }));
  Bench one_origin = Strong();
  one_origin.claims[1].origins = {"one"};
  EXPECT_EQ(one_origin.Run().gate, "activity_link");
}

TEST(Judge, WhatCouldBeCopiedIsNeverVeryLikely) {
  Bench b = Strong();
  for (Claim& claim : b.claims) claim.copyable = true;
  const Verdict v = b.Run();
  EXPECT_EQ(v.gate, "likely");
  EXPECT_EQ(v.likelihood, "likely");
  EXPECT_NE(v.sentence.find("somebody poses as"), std::string::npos) << v.sentence;
  EXPECT_TRUE(std::any_of(v.gate_notes.begin(), v.gate_notes.end(),
                          [](const std::string& n) { return n.find("imitation of the leader") != std::string::npos; }));
  EXPECT_EQ(Strong().Run().sentence.find("somebody poses as"), std::string::npos);
}

TEST(Judge, NeverAlmostCertain) {
  Bench b;
  for (int i = 0; i < 20; ++i)
    for (Group group : {Group::kCode, Group::kInfrastructure, Group::kBehaviour, Group::kVictim, Group::kHuman})
      b.Says(group, 9, std::to_string(i));
  const Verdict v = b.Run();
  EXPECT_EQ(v.gate, "very_likely");
  EXPECT_EQ(v.likelihood, "very likely");
  EXPECT_EQ(v.sentence.find("almost certain"), std::string::npos);
  EXPECT_EQ(v.confidence, "high");
}

TEST(Judge, ConfidenceIsAboutTheEvidenceBase) {
  Bench moderate = Strong();
  moderate.Says(Group::kCode, 1, "three");
  EXPECT_EQ(moderate.Run().confidence, "moderate");
  EXPECT_EQ(Strong().Run().confidence, "low") << "two origins";
  Bench high = moderate;
  high.Says(Group::kVictim, 1, "four");
  EXPECT_EQ(high.Run().confidence, "high");
  for (Claim& claim : high.claims) claim.copyable = true;
  EXPECT_NE(high.Run().confidence, "high");
}

TEST(Judge, ConfidenceNamesGroupsOriginsGradesAndCoverage) {
  Bench b = Strong();
  b.claims[0].reliability = 0.57;
  b.claims[1].reliability = 0.92;
  const Verdict v = b.Run();
  for (const char* part : {"2 kinds of evidence", "2 independent origins", "57 to 92 %", "2 earlier attacks of 2 actors"})
    EXPECT_NE(v.confidence_sentence.find(part), std::string::npos) << part << ": " << v.confidence_sentence;
}

TEST(CopyableShare, ByHand) {
  Bench b;
  b.Says(Group::kCode, 3, "one", true);
  b.Says(Group::kInfrastructure, 1, "two", false);
  const Knowledge knowledge = b.world.BuildKnowledge();
  const WeighInput input{b.claims, b.contradictions, knowledge, b.world.parameters, {}, {}};
  EXPECT_NEAR(CopyableShare(input, Level::kOperator, "actor:x"), 0.75, 1e-12);
  EXPECT_EQ(CopyableShare(input, Level::kOperator, "actor:y"), 0);
}

}  // namespace
}  // namespace ascribe
