#include "weigh/planting.h"

#include <gtest/gtest.h>

#include "store/test_world.h"
#include "weigh/gates.h"
#include "weigh/weigh.h"

namespace ascribe {
namespace {

struct Found {
  Verdict verdict;
  Planting planting;
  std::vector<Claim> claims;
};

Found Find(World& world) {
  const Seen seen(world);
  Weighed weighed = Weigh(seen.context, {});
  const WeighInput input{weighed.claims, weighed.contradictions, seen.knowledge, world.parameters, {}, {}};
  Found found;
  found.verdict = Judge(input, weighed.levels);
  found.planting = FindPlanting(input, weighed.levels, found.verdict);
  found.claims = std::move(weighed.claims);
  return found;
}

World Framed() {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  world.Know("attack:a uses malware:drum");
  world.Know("attack:a communicates-with domain:evil.example");
  world.Know("attack:a contains file-md5:0123456789abcdef0123456789abcdef");
  return world;
}

TEST(FindPlanting, AVerdictOfForgeableItemsIsReportedAsOneThatCouldBePlanted) {
  World world = Framed();
  world.See("incident:self uses malware:drum", "A1-one");
  world.See("incident:self communicates-with domain:evil.example", "A1-two");
  world.See("incident:self contains file-md5:0123456789abcdef0123456789abcdef", "A1-three");
  const Found found = Find(world);
  ASSERT_EQ(found.verdict.hypothesis, "actor:x");
  EXPECT_EQ(found.planting.leader, "actor:x");
  EXPECT_FALSE(found.planting.claims.empty());
  EXPECT_LE(found.planting.claims.size(), 3u);
  EXPECT_GE(found.planting.claim_groups, 1u);
}

TEST(FindPlanting, WhatNeedsASecretOrYearsIsNotCounted) {
  World world;
  world.Attack("attack:a", "actor:x");
  for (const char* what : {"contains code-function:f", "contains data-table:t"}) world.Know(std::string("attack:a ") + what);
  world.Know("attack:a observed tls-cert:0011");
  world.See("incident:self contains code-function:f", "A1-one");
  world.See("incident:self contains data-table:t", "A1-two");
  world.See("incident:self observed tls-cert:0011", "A1-three");
  const Found found = Find(world);
  ASSERT_EQ(found.verdict.hypothesis, "actor:x") << found.verdict.sentence;
  EXPECT_TRUE(found.planting.claims.empty());
  EXPECT_TRUE(found.planting.leader.empty());
}

// What is said to be enough is enough: the kinds, really seen and known, name the other actor.
TEST(FindPlanting, WhatWouldNameAnotherActorDoes) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  const Found before = Find(world);
  EXPECT_TRUE(before.verdict.name.empty());
  ASSERT_FALSE(before.planting.kinds.empty());
  EXPECT_LE(before.planting.kinds.size(), 3u) << "on an empty case little is needed";
  EXPECT_EQ(before.planting.tried, before.planting.kinds.size());
  const std::map<std::string, std::string> example = {
      {"file-hash", "contains file-md5:0123456789abcdef0123456789abcdef"}, {"ip", "communicates-with ipv4:198.51.100.7"},
      {"malware-family", "uses malware:drum"}, {"host", "communicates-with domain:evil.example"},
      {"crypto-key", "contains crypto-key:k"}, {"mutex", "contains mutex:m"}};
  std::size_t n = 0;
  for (const std::string& kind : before.planting.kinds) {
    ASSERT_TRUE(example.count(kind) > 0) << kind;
    world.Know("attack:b " + example.at(kind), "B2-earlier").valid_from = ParseTime("2020-05-01");
    world.See("incident:self " + example.at(kind), "B2-planted" + std::to_string(++n));
  }
  const Found after = Find(world);
  EXPECT_EQ(after.verdict.hypothesis, "actor:y") << after.verdict.sentence;
  EXPECT_EQ(after.verdict.gate, before.planting.gate);
}

TEST(FindPlanting, StrongEvidenceIsNotTalkedOver) {
  World world = Framed();
  for (const char* what : {"uses malware:drum", "communicates-with domain:evil.example", "contains file-md5:0123456789abcdef0123456789abcdef"})
    world.See(std::string("incident:self ") + what, std::string("A1-") + what[0]);
  const Found strong = Find(world);
  World bare = Framed();
  const Found weak = Find(bare);
  ASSERT_FALSE(weak.planting.kinds.empty());
  EXPECT_GT(strong.planting.kinds.empty() ? strong.planting.tried + 1 : strong.planting.kinds.size(), weak.planting.kinds.size());
}

}  // namespace
}  // namespace ascribe
