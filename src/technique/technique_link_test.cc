#include "technique/technique_link.h"

#include <gtest/gtest.h>

#include <cmath>

#include "store/test_world.h"

namespace ascribe {
namespace {

std::vector<Claim> Link(World& world) {
  const Seen seen(world);
  return LinkTechniques(seen.context);
}

TEST(LinkTechniques, TheWholeSetIsOneWeakFactor) {
  World world;
  world.Attack("attack:a", "actor:x");
  for (int i = 0; i < 30; ++i) {
    const std::string id = "technique:T" + std::to_string(1100 + i);
    world.Know("attack:a uses " + id);
    world.See("incident:self uses " + id);
  }
  const auto claims = Link(world);
  ASSERT_EQ(claims.size(), 1u);
  // Thirty of thirty shared: .7 nats before the source's doubt. (.99 * 2.0138 + .1) / 1.09 = 1.9208
  EXPECT_NEAR(claims[0].NatsFor(Level::kOperator, "actor:x"), std::log(1.9208), 0.0005);
  EXPECT_LE(claims[0].NatsFor(Level::kOperator, "actor:x"), 0.7);
  EXPECT_TRUE(claims[0].copyable);
}

TEST(LinkTechniques, RareOnesCountForMore) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  world.Know("attack:a uses technique:T1001");
  world.Know("attack:a uses technique:T1002");
  world.Know("attack:b uses technique:T1002");
  world.See("incident:self uses technique:T1001");
  world.See("incident:self uses technique:T1002");
  const auto claims = Link(world);
  ASSERT_EQ(claims.size(), 1u);
  // Rarity ln(3/1) = 1.0986 and ln(3/2) = .4055, total 1.5041. y shares .4055 / 1.5041 = .26958 of .7 = .18871 nats:
  // (.99 * 1.20769 + .1) / 1.09 = 1.18864.
  EXPECT_NEAR(claims[0].NatsFor(Level::kOperator, "actor:y"), std::log(1.18864), 0.0005);
  EXPECT_GT(claims[0].NatsFor(Level::kOperator, "actor:x"), claims[0].NatsFor(Level::kOperator, "actor:y"));
}

TEST(LinkTechniques, AbsentOnesSayNothing) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a uses technique:T1001");
  world.See("incident:self uses technique:T1002");
  EXPECT_TRUE(Link(world).empty());
}

}  // namespace
}  // namespace ascribe
