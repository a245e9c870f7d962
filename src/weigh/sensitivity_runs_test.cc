#include "weigh/sensitivity_runs.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "store/test_world.h"

namespace ascribe {
namespace {

// Runs over a world; the input of the runs dies with the call, the result does not need it.
std::vector<SensitivityRun> Runs(World& world, unsigned threads = 1) {
  const Seen seen(world);
  const LeftOut nothing;
  const Weighed base = Weigh(seen.context, nothing);
  return RunSensitivity({seen.context, nothing, base, world.as_of, threads});
}

const SensitivityRun* Find(const std::vector<SensitivityRun>& runs, std::string_view kind, std::string_view id) {
  const auto it = std::find_if(runs.begin(), runs.end(), [&](const SensitivityRun& r) { return r.kind == kind && r.id == id; });
  EXPECT_NE(it, runs.end()) << kind << " " << id;
  static const SensitivityRun kNone{"", "", "", std::vector<SensitivityRun::Outcome>(3), -1, false};
  return it == runs.end() ? &kNone : &*it;
}

const SensitivityRun::Outcome& Operator(const SensitivityRun* run) { return run->outcomes[static_cast<std::size_t>(Level::kOperator)]; }

// A function that one report found and two earlier reports know; the same case without it must come out the same.
TEST(RunSensitivity, LeavingASourceOutIsTheCaseWithoutItsFacts) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f");
  world.Know("attack:a communicates-with domain:evil.example");
  world.See("incident:self contains code-function:f", "A1-lab");
  world.See("incident:self communicates-with domain:evil.example", "A1-report");
  const auto runs = Runs(world);
  World less;
  less.Attack("attack:a", "actor:x");
  less.Know("attack:a contains code-function:f");
  less.Know("attack:a communicates-with domain:evil.example");
  less.See("incident:self communicates-with domain:evil.example", "A1-report");
  const Seen seen(less);
  const Weighed then = Weigh(seen.context, {});
  const Hypothesis* x = FindHypothesis(then.levels[1], "actor:x");
  EXPECT_EQ(Operator(Find(runs, "source", "A1-lab")).posterior, x->posterior);
  EXPECT_EQ(Operator(Find(runs, "publisher", "A1-lab")).posterior, x->posterior);
  EXPECT_EQ(Operator(Find(runs, "group", "code")).posterior, x->posterior);
}

TEST(RunSensitivity, ASourceOfTheKnowledgeBaseIsLeftOutOfItAlone) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f", "A1-dissection");
  world.See("incident:self contains code-function:f");
  const auto runs = Runs(world);
  const SensitivityRun* without = Find(runs, "knowledge-source", "world/A1-dissection");
  EXPECT_TRUE(without->changes_leader);
  EXPECT_EQ(Operator(without).leader, "unknown");
  EXPECT_EQ(Operator(Find(runs, "publisher", "A1-dissection")).leader, "unknown");
  EXPECT_NEAR(Operator(without).posterior, 0.05, 1e-3) << "the prior of a known actor";
}

TEST(RunSensitivity, AVendorWhoSpeaksOnBothSidesFallsOnBoth) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f", "A1-vendor");
  world.Know("attack:a communicates-with domain:evil.example");
  world.See("incident:self contains code-function:f", "B1-lab");
  world.See("incident:self communicates-with domain:evil.example", "A1-vendor");
  const auto runs = Runs(world);
  EXPECT_EQ(Operator(Find(runs, "publisher", "A1-vendor")).leader, "unknown") << "neither link is left";
  EXPECT_GT(Operator(Find(runs, "source", "A1-vendor")).posterior, 0.5) << "the function is";
}

TEST(RunSensitivity, OlderKnowledgeKnowsNothingThatCameLater) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f").known_on = ParseTime("2020-03-01");
  world.See("incident:self contains code-function:f");
  const auto runs = Runs(world);  // the incident is on 2020-06-01
  EXPECT_EQ(Find(runs, "knowledge-age", "30")->effect, 0);
  EXPECT_EQ(Operator(Find(runs, "knowledge-age", "180")).leader, "unknown");
  world.as_of = ParseAsOf("2020-09-01");
  EXPECT_EQ(Find(Runs(world), "knowledge-age", "180")->effect, 0) << "180 days before the as-of date it was known";
}

TEST(RunSensitivity, SweepsMoveWhatTheySay) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a uses malware:m").known_on = ParseTime("2019-01-01");
  world.See("incident:self uses malware:m", "B2-report");
  const auto runs = Runs(world);
  ASSERT_EQ(Operator(Find(runs, "false-flag-prior", "50")).leader, "actor:x");
  double before = 1;
  for (const char* factor : {"0.90", "0.75", "0.50"}) {
    const double posterior = Operator(Find(runs, "reliability", factor)).posterior;
    EXPECT_LT(posterior, before) << factor;
    before = posterior;
  }
  // Copyable evidence: the likelier imitation is, the less is left for the imitated.
  EXPECT_GT(Operator(Find(runs, "false-flag-prior", "200")).posterior, Operator(Find(runs, "false-flag-prior", "50")).posterior);
  EXPECT_GT(Operator(Find(runs, "false-flag-prior", "50")).posterior, Operator(Find(runs, "false-flag-prior", "10")).posterior);
  EXPECT_EQ(Find(runs, "false-flag-prior", "50")->effect, 0) << "the odds in use";
  Find(runs, "flat-prior", "flat");
}

TEST(RunSensitivity, WithoutAliasesTwoIdsAreTwo) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  world.Know("actor:x same-as actor:y");
  world.Know("attack:a contains code-function:f");
  world.Know("attack:b contains code-function:f");
  world.See("incident:self contains code-function:f");
  EXPECT_LT(Operator(Find(Runs(world), "no-aliases", "off")).posterior, 0.9) << "two holders share what one had";
  EXPECT_GT(Find(Runs(world), "no-aliases", "off")->effect, 0.1);
}

TEST(RunSensitivity, TheLargestEffectFirstWhateverTheThreads) {
  World world;
  for (const char* attack : {"attack:a", "attack:b"}) world.Attack(attack, attack[7] == 'a' ? "actor:x" : "actor:y");
  world.Know("attack:a contains code-function:f", "A1-one");
  world.Know("attack:b contains mutex:m", "B2-two");
  world.See("incident:self contains code-function:f", "A1-lab");
  world.See("incident:self contains mutex:m", "C3-blog");
  const auto one = Runs(world, 1), many = Runs(world, 4);
  ASSERT_EQ(one.size(), many.size());
  ASSERT_GT(one.size(), 15u);
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_GE(one[i == 0 ? 0 : i - 1].effect, one[i].effect);
    EXPECT_EQ(one[i].kind + one[i].id, many[i].kind + many[i].id);
    EXPECT_EQ(one[i].effect, many[i].effect);
    ASSERT_EQ(one[i].outcomes.size(), kLevels.size());
  }
}

}  // namespace
}  // namespace ascribe
