#include "code/code_link.h"

#include <gtest/gtest.h>

#include "store/test_world.h"

namespace ascribe {
namespace {

std::vector<Claim> Link(World& world) {
  const Seen seen(world);
  return LinkCode(seen.context);
}

TEST(LinkCode, OneLiteralUnderThreeKeysIsOneClaim) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains protocol-literal:hex:4f504c4b3f574b4b4f3f4d5a4e4a5a4c4b20");
  world.See("incident:self contains protocol-literal:POST HTTP REQUEST?");
  world.See("sample:s contains protocol-literal:hex:17081413670f131317671502161202141378");
  world.See("sample:t contains protocol-literal:hex:d1ced2d5a1c9d5d5d1a1d3c4d0d4c4d2d5be");
  const auto claims = Link(world);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims[0].kind, "protocol-literal");
  EXPECT_EQ(claims[0].case_facts.size(), 3u);
  EXPECT_EQ(claims[0].similarity, 1);
  EXPECT_EQ(claims[0].step, "code-link@1");
}

TEST(LinkCode, FamiliesByTheNumberOfTheirHolders) {
  for (const auto& [holders, ceiling] : {std::pair{1, 4.6}, {2, 3.2}, {5, 2.3}, {10, 2.0}, {11, 1.5}}) {
    World world;
    for (int i = 0; i < holders; ++i) {
      const std::string attack = "attack:a" + std::to_string(i);
      world.Attack(attack, "actor:x" + std::to_string(i));
      world.Know(attack + " uses malware:m");
    }
    world.See("incident:self uses malware:m");
    const auto claims = Link(world);
    ASSERT_EQ(claims.size(), 1u);
    EXPECT_EQ(claims[0].holders, static_cast<std::size_t>(holders));
    EXPECT_LE(claims[0].NatsFor(Level::kOperator, "actor:x0"), ceiling);
    EXPECT_GT(claims[0].NatsFor(Level::kOperator, "actor:x0"), ceiling - 0.5);
  }
}

TEST(LinkCode, BuildMetadataSpeaksForNobody) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains rich-header:h");
  world.Know("attack:a built-from lineage:l");
  world.See("sample:s contains rich-header:h");
  const auto claims = Link(world);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims[0].NatsFor(Level::kLineage, "lineage:l"), 0) << "it is shown, and that is all";
  EXPECT_EQ(claims[0].NatsFor(Level::kOperator, "actor:x"), 0);
}

TEST(LinkCode, AReportedLinkIsAssertedAndOtherGroupsAreLeftAlone) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a communicates-with ipv4:203.0.113.9");
  world.See("sample:s shares-code-with attack:a");
  world.See("incident:self communicates-with ipv4:203.0.113.9");
  const auto claims = Link(world);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims[0].kind, "reported-code-link");
  EXPECT_TRUE(claims[0].asserted);
}

}  // namespace
}  // namespace ascribe
