#include "weigh/assess.h"

#include <gtest/gtest.h>

#include "store/test_world.h"

namespace ascribe {
namespace {

Assessment AssessWorld(World& world) {
  const Seen seen(world);
  return Assess({world.data, seen.knowledge, world.parameters, world.as_of, nullptr});
}

double Operator(const Assessment& a, std::string_view id) {
  const Hypothesis* h = FindHypothesis(a.At(Level::kOperator), id);
  return h == nullptr ? -1 : h->posterior;
}

TEST(Assess, AnEmptyCaseIsAnAnswer) {
  World world;
  const Assessment a = AssessWorld(world);
  ASSERT_EQ(a.levels.size(), 3u);
  EXPECT_EQ(a.verdict.gate, "none");
  EXPECT_FALSE(a.next_evidence.empty());
  EXPECT_EQ(a.route.hops.size(), 0u);
}

TEST(Assess, ARetractedItemSaysWhatItWouldHaveChanged) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f");
  Fact& fact = world.See("incident:self contains code-function:f");
  fact.retracted_on = ParseTime("2020-07-01");
  const Assessment now = AssessWorld(world);
  ASSERT_EQ(now.retractions.size(), 1u);
  EXPECT_EQ(now.retractions[0].retracted_on, "2020-07-01");
  EXPECT_FALSE(now.retractions[0].changes.empty());
  EXPECT_TRUE(now.claims.empty());
  world.as_of = ParseAsOf("2020-06-30");
  const Assessment then = AssessWorld(world);
  EXPECT_TRUE(then.retractions.empty());
  EXPECT_GT(Operator(then, "actor:x"), Operator(now, "actor:x"));
}

TEST(Assess, AWithdrawnFactOfAPackThatALinkWouldRestOnIsTold) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f", "B2-vendor").retracted_on = ParseTime("2020-07-01");
  world.Know("attack:a contains code-function:elsewhere", "B2-vendor").retracted_on = ParseTime("2020-07-01");
  world.See("incident:self contains code-function:f");
  const Assessment now = AssessWorld(world);
  EXPECT_TRUE(now.claims.empty());
  ASSERT_EQ(now.retractions.size(), 1u) << "no link of this case would rest on the other one";
  const RetractionEffect& effect = now.retractions[0];
  EXPECT_EQ(effect.retracted_on, "2020-07-01");
  EXPECT_EQ(effect.source, "B2-vendor");
  EXPECT_EQ(effect.publisher, "B2-vendor");
  EXPECT_NE(effect.pack.find("world"), std::string::npos) << effect.pack;
  ASSERT_EQ(effect.claims.size(), 1u);
  EXPECT_NE(effect.claims[0].find("is also held by"), std::string::npos) << effect.claims[0];
  ASSERT_FALSE(effect.changes.empty());
  EXPECT_NE(effect.changes[0].find("would stand at"), std::string::npos) << effect.changes[0];
  world.as_of = ParseAsOf("2020-06-30");
  const Assessment then = AssessWorld(world);
  EXPECT_TRUE(then.retractions.empty()) << "not withdrawn yet";
  EXPECT_EQ(then.claims.size(), 1u);
}

// A withdrawn copy of a report that still stands adds nothing when it is put back.
TEST(Assess, AWithdrawnCopyOfWhatStandsChangesNothing) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.See("incident:self shares-code-with attack:a", "B2-blog");
  world.See("incident:self shares-code-with attack:a", "B2-copy").retracted_on = ParseTime("2020-07-01");
  world.SourceOf("B2-copy").derived_from = "B2-blog";
  const Assessment a = AssessWorld(world);
  ASSERT_EQ(a.retractions.size(), 1u);
  for (const std::string& change : a.retractions[0].changes)
    EXPECT_EQ(change.find("would stand at"), std::string::npos) << change;
}

TEST(Assess, AWithdrawnItemThatIsContradictedTooIsTakenAtItsWord) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.See("incident:self traced-to country:AA").retracted_on = ParseTime("2020-06-02");
  world.See("ipv4:203.0.113.9 located-in country:AA");
  world.See("ipv4:203.0.113.9 used-internally-by text:victim");
  const Assessment a = AssessWorld(world);
  ASSERT_EQ(a.retractions.size(), 1u);
  ASSERT_FALSE(a.retractions[0].changes.empty());
  EXPECT_NE(a.retractions[0].changes[0].find("sponsor"), std::string::npos) << a.retractions[0].changes[0];
}

// The slider of the page and --trust CLAIM=p: between the case as it is and the case without that link.
TEST(Assess, ATrustedClaimWeighsBetweenAllAndNothing) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f");
  world.See("incident:self contains code-function:f");
  const Seen seen(world);
  const auto with = [&](const Scenario& scenario) { return Assess({world.data, seen.knowledge, world.parameters, world.as_of, nullptr, &scenario}); };
  const Assessment as_it_is = with({});
  ASSERT_EQ(as_it_is.claims.size(), 1u);
  const std::string id = as_it_is.claims.front().id;
  Scenario without, none, half, all;
  without.LeaveOut(id);
  none.claim_trust[id] = 0;
  half.claim_trust[id] = 0.5;
  all.claim_trust[id] = 1;
  EXPECT_DOUBLE_EQ(Operator(with(all), "actor:x"), Operator(as_it_is, "actor:x"));
  EXPECT_DOUBLE_EQ(Operator(with(none), "actor:x"), Operator(with(without), "actor:x"));
  EXPECT_GT(Operator(with(half), "actor:x"), Operator(with(none), "actor:x"));
  EXPECT_LT(Operator(with(half), "actor:x"), Operator(with(all), "actor:x"));
  Scenario stranger;
  stranger.claim_trust["c-000000000000"] = 0.5;
  EXPECT_EQ(with(stranger).unmatched, std::vector<std::string>{"claim c-000000000000"});
}

TEST(Assess, ThePriorOfTheUnknownMovesThePosterior) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f");
  world.See("incident:self contains code-function:f");
  const Seen seen(world);
  const auto with = [&](double prior) {
    Scenario scenario;
    scenario.unknown_prior = prior;
    return Operator(Assess({world.data, seen.knowledge, world.parameters, world.as_of, nullptr, &scenario}), "unknown");
  };
  EXPECT_LT(with(0.05), with(0.97));
}

TEST(Assess, ClaimsAreSortedAndFound) {
  World world;
  world.Attack("attack:a", "actor:x");
  for (const char* thing : {"mutex:m", "string:s", "code-function:f", "pipe:p"}) {
    world.Know(std::string("attack:a contains ") + thing);
    world.See(std::string("incident:self contains ") + thing);
  }
  const Assessment a = AssessWorld(world);
  EXPECT_GE(a.claims.size(), 4u);
  for (const Claim& claim : a.claims) EXPECT_EQ(a.FindClaim(claim.id), &claim);
  EXPECT_EQ(a.FindClaim("c-000000000000"), nullptr);
  EXPECT_EQ(a.attacks_compared, 1u);
  EXPECT_EQ(a.actors_compared, 1u);
}

}  // namespace
}  // namespace ascribe
