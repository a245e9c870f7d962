#include "infra/infra_link.h"

#include <gtest/gtest.h>

#include <cmath>

#include "store/test_world.h"

namespace ascribe {
namespace {

std::vector<Claim> Link(World& world) {
  const Seen seen(world);
  return LinkInfrastructure(seen.context);
}

TEST(LinkInfrastructure, TheCountryOfAHopIsNoEvidence) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("actor:x sponsored-by country:AA");
  world.See("incident:self communicates-with ipv4:203.0.113.9");
  world.See("ipv4:203.0.113.9 located-in country:AA");
  EXPECT_TRUE(Link(world).empty());
}

TEST(LinkInfrastructure, ATraceSpeaksWeaklyForAState) {
  World world;
  world.See("incident:self traced-to country:AA");
  const auto claims = Link(world);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims[0].kind, "trace");
  // e^.7 = 2.0138; (.99 * 2.0138 + .1) / 1.09 = 1.9208
  EXPECT_NEAR(claims[0].NatsFor(Level::kSponsor, "country:AA"), std::log(1.9208), 0.0005);
}

TEST(LinkInfrastructure, ASlipSpeaksForWhoControlsTheRange) {
  World world;
  world.See("incident:self operated-directly-from cidr:203.0.113.0/24");
  EXPECT_TRUE(Link(world).empty()) << "nobody knows whose range it is";
  world.See("cidr:203.0.113.0/24 held-by holder:telecom");
  world.See("holder:telecom located-in country:AA");
  const auto claims = Link(world);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_FALSE(claims[0].copyable) << "it needs control of the range";
  EXPECT_EQ(claims[0].case_facts.size(), 3u);
  // e^4.6 = 99.484; (.99 * 99.484 + .1) / 1.09 = 90.449
  EXPECT_NEAR(claims[0].NatsFor(Level::kSponsor, "country:AA"), std::log(90.449), 0.0005);
}

TEST(LinkInfrastructure, HostsOfDifferentUrlsAreNotAlike) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a communicates-with url:http://a.example/gate/in.php");
  world.See("incident:self communicates-with url:http://b.example/gate/in.php");
  const auto claims = Link(world);
  ASSERT_EQ(claims.size(), 1u);
  EXPECT_EQ(claims[0].kind, "url");
  EXPECT_LE(claims[0].NatsFor(Level::kOperator, "actor:x"), 1.1);
  // Statements hold addresses that nobody shall click on.
  EXPECT_EQ(claims[0].statement.find("http://"), std::string::npos) << claims[0].statement;
}

}  // namespace
}  // namespace ascribe
