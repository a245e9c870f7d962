#include "store/knowledge.h"

#include <gtest/gtest.h>

#include "store/test_world.h"

namespace ascribe {
namespace {

Entity E(std::string_view text) { return *ParseEntity(text); }

TEST(Knowledge, NothingKnownLaterIsUsed) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a uses malware:early").known_on = ParseTime("2016-06-30");
  world.Know("attack:a uses malware:month").known_on = ParseTime("2016-06");
  world.Know("attack:a uses malware:late").known_on = ParseTime("2016-07-01");
  world.Know("attack:a attributed-to actor:late").known_on = ParseTime("2016-07-01");
  world.Know("actor:x named text:Early").known_on = ParseTime("2015-03-01");
  Fact& later = world.Know("actor:x named text:Late");
  later.known_on = ParseTime("2016-07-01");
  later.confidence = 1;
  world.as_of = ParseAsOf("2016-06-30");
  const Knowledge then = world.BuildKnowledge();
  EXPECT_EQ(then.HoldersOf(E("malware:early")).actors.size(), 1u);
  EXPECT_EQ(then.HoldersOf(E("malware:month")).actors.size(), 1u) << "2016-06 counts as 30 June";
  EXPECT_TRUE(then.HoldersOf(E("malware:late")).actors.empty());
  EXPECT_EQ(then.FindActor("actor:late"), nullptr);
  EXPECT_EQ(then.NameOf("actor:x"), "Early");
  world.as_of.reset();
  const Knowledge now = world.BuildKnowledge();
  EXPECT_EQ(now.NameOf("actor:x"), "Late");
  EXPECT_EQ(now.HoldersOf(E("malware:late")).actors.size(), 2u);
}

TEST(Knowledge, WhatHasNoDateGradeOrTextIsNotUsed) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a uses malware:undated").known_on.reset();
  world.Know("attack:a uses malware:ungraded", "F6-nobody");
  world.Know("attack:a uses malware:unverified").verification = Verification::kUnverified;
  Fact& withdrawn = world.Know("attack:a uses malware:withdrawn");
  withdrawn.retracted_on = ParseTime("2016-01-01");
  const Knowledge knowledge = world.BuildKnowledge();
  for (const char* thing : {"malware:undated", "malware:ungraded", "malware:unverified", "malware:withdrawn"})
    EXPECT_TRUE(knowledge.HoldersOf(E(thing)).actors.empty()) << thing;
  EXPECT_EQ(knowledge.retracted().size(), 1u);
  world.as_of = ParseAsOf("2015-12-31");
  EXPECT_EQ(world.BuildKnowledge().HoldersOf(E("malware:withdrawn")).actors.size(), 1u) << "before it was withdrawn";
}

TEST(Knowledge, EarlierMeansOverBeforeTheIncident) {
  World world;  // the incident is on 2020-06-01
  world.Attack("attack:before", "actor:a", "2020-05-31");
  world.Attack("attack:same-day", "actor:b", "2020-06-01");
  world.Attack("attack:after", "actor:c", "2020-06-02");
  world.Attack("attack:month-before", "actor:d", "2020-05");
  world.Attack("attack:same-month", "actor:e", "2020-06");
  world.Attack("attack:same-year", "actor:f", "2020");
  const Knowledge knowledge = world.BuildKnowledge();
  std::vector<std::string> ids;
  for (const KnownAttack& attack : knowledge.attacks()) ids.push_back(attack.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"attack:before", "attack:month-before"}));
}

TEST(Knowledge, AnAttackWithoutADateIsAsOldAsItsFirstReport) {
  World world;
  world.Know("attack:old attributed-to actor:a").known_on = ParseTime("2019-01-01");
  world.Know("attack:new attributed-to actor:a").known_on = ParseTime("2020-06-01");
  const Knowledge knowledge = world.BuildKnowledge();
  ASSERT_EQ(knowledge.attacks().size(), 1u);
  EXPECT_EQ(knowledge.attacks()[0].id, "attack:old");
}

TEST(Knowledge, WhatMayStemFromTheIncidentIsCircular) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:this-one", "actor:x", "2020-06-01");
  world.Know("actor:x uses malware:learnt").known_on = ParseTime("2020-06-01");
  world.Know("actor:x uses malware:known").known_on = ParseTime("2020-05-31");
  world.Know("attack:this-one contains mutex:here");
  const Knowledge knowledge = world.BuildKnowledge();
  EXPECT_TRUE(knowledge.HoldersOf(E("malware:learnt")).actors.empty());
  EXPECT_TRUE(knowledge.HoldersOf(E("malware:learnt")).circular);
  EXPECT_EQ(knowledge.HoldersOf(E("malware:known")).actors.count("actor:x"), 1u);
  EXPECT_TRUE(knowledge.HoldersOf(E("mutex:here")).circular);
  EXPECT_TRUE(knowledge.HoldersOf(E("mutex:here")).actors.empty());
}

TEST(Knowledge, TwoIdsForOneActorMeet) {
  World world;
  world.Attack("attack:a", "actor:one");
  world.Attack("attack:b", "actor:two");
  world.Know("actor:one same-as actor:two").confidence = 0.5;
  world.Know("actor:two named text:Two").confidence = 1;
  world.Know("actor:one named text:One").confidence = 0.1;
  const Knowledge knowledge = world.BuildKnowledge();
  ASSERT_EQ(knowledge.actors().size(), 1u);
  EXPECT_EQ(knowledge.actors()[0].attacks, 2u);
  EXPECT_EQ(knowledge.actors()[0].name, "One") << "a name of its own comes before one that was equated with it";
  EXPECT_EQ(knowledge.actors()[0].names.size(), 2u);
  EXPECT_EQ(knowledge.FindActor("actor:two"), knowledge.FindActor("actor:one"));
}

TEST(Knowledge, ADoubtfulEquationJoinsNobody) {
  World world;
  world.Attack("attack:a", "actor:one");
  world.Attack("attack:b", "actor:two");
  world.Know("actor:one same-as actor:two").confidence = 0.49;
  EXPECT_EQ(world.BuildKnowledge().actors().size(), 2u);
}

TEST(Knowledge, CirclesOfEquationsEnd) {
  World world;
  world.Attack("attack:a", "actor:one");
  world.Know("actor:one same-as actor:two");
  world.Know("actor:two same-as actor:one");
  EXPECT_FALSE(world.BuildKnowledge().actors().empty());
}

TEST(Knowledge, RivalJudgementsShareOneCertainty) {
  World world;
  world.Know("attack:a targets sector:other").valid_from = ParseTime("2014-01-01");
  world.Know("attack:a attributed-to actor:x").confidence = 0.8;
  world.Know("attack:a attributed-to actor:y").confidence = 0.4;
  const Knowledge knowledge = world.BuildKnowledge();
  ASSERT_EQ(knowledge.attacks().size(), 1u);
  const auto& actors = knowledge.attacks()[0].actors;
  ASSERT_EQ(actors.size(), 2u);
  // 0.8 * 0.99 = 0.792 and 0.396 make 1.188 > 1: scaled to 2/3 and 1/3.
  EXPECT_NEAR(actors[0].p, 2.0 / 3, 1e-9);
  EXPECT_NEAR(actors[1].p, 1.0 / 3, 1e-9);
}

TEST(Knowledge, JudgementsBelowCertaintyLeaveRoom) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("actor:x sponsored-by country:AA", "B2-vendor").confidence = 0.8;
  const Knowledge knowledge = world.BuildKnowledge();
  ASSERT_EQ(knowledge.actors()[0].sponsors.size(), 1u);
  EXPECT_NEAR(knowledge.actors()[0].sponsors[0].p, 0.8 * 0.97 * 0.95, 1e-12);
}

TEST(Knowledge, AttacksOfNobodyAreBackground) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:nobody", "");
  world.Know("attack:a contains mutex:m");
  world.Know("attack:nobody contains mutex:M");
  const Holders holders = world.BuildKnowledge().HoldersOf(E("mutex:m"));
  EXPECT_EQ(holders.actors.size(), 1u);
  EXPECT_EQ(holders.attacks.size(), 2u);
  EXPECT_EQ(holders.background, 1u);
  EXPECT_TRUE(holders.public_before_incident);
}

TEST(Knowledge, PublicAndListed) {
  World world;
  world.Know("tool:t public-since text:2012-05-01");
  world.Know("tool:t public-since text:2011");
  world.Know("malware:m listed-as hygiene:commodity-malware");
  const Knowledge knowledge = world.BuildKnowledge();
  EXPECT_EQ(knowledge.PublicSince(E("tool:t"))->ToString(), "2011-01-01");
  EXPECT_FALSE(knowledge.PublicSince(E("tool:other")).has_value());
  EXPECT_EQ(knowledge.ListedAs(E("malware:m")), "commodity-malware");
  EXPECT_EQ(knowledge.ListedAs(E("malware:other")), "");
}

TEST(Knowledge, TechniquesOfAnActorAreItsAttacksAndItsEarlierRecord) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a uses technique:T1485");
  world.Know("actor:x uses technique:T1566").known_on = ParseTime("2020-05-31");
  world.Know("actor:x uses technique:T1105").known_on = ParseTime("2020-06-01");
  const Knowledge knowledge = world.BuildKnowledge();
  EXPECT_EQ(knowledge.TechniquesOf("actor:x"), (std::set<std::string>{"T1485", "T1566"}));
  EXPECT_EQ(knowledge.TechniqueActors("T1485"), 1u);
  EXPECT_EQ(knowledge.TechniqueActors("T1105"), 0u);
  EXPECT_FALSE(knowledge.HasTools("actor:x")) << "techniques are no tools";
}

TEST(Knowledge, APackThatSaysItTwiceSaysItOnce) {
  World world;
  world.Attack("attack:a", "actor:x");
  const std::size_t once = world.BuildKnowledge().fact_count();
  world.Attack("attack:a", "actor:x");
  EXPECT_EQ(world.BuildKnowledge().fact_count(), once);
}

}  // namespace
}  // namespace ascribe
