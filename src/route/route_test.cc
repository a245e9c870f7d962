#include "route/route.h"

#include <gtest/gtest.h>

#include "store/test_world.h"

namespace ascribe {
namespace {

Route Trace(World& world) {
  const Seen seen(world);
  return TraceRoute(seen.context);
}

TEST(TraceRoute, NoHop) {
  World world;
  EXPECT_EQ(Trace(world).end_of_trail, "No hop is known: the trail ends at the victim.");
}

TEST(TraceRoute, HopsOutwardsAndTheEnd) {
  World world;
  world.See("sample:s communicates-with domain:relay.example.com", "B2-lab");
  world.See("domain:relay.example.com resolves-to ipv4:203.0.113.5");
  world.See("ipv4:203.0.113.5 connects-to ipv4:198.51.100.20");
  world.See("ipv4:198.51.100.20 located-in country:AA");
  const Route route = Trace(world);
  ASSERT_EQ(route.hops.size(), 3u);
  EXPECT_EQ(route.hops[0].from, "incident:self") << "a sample runs inside the victim";
  EXPECT_NEAR(route.hops[0].q, 0.9215, 1e-12);
  EXPECT_EQ(route.hops[2].to, "ipv4:198.51.100.20");
  EXPECT_EQ(route.hops[2].place, "AA");
  EXPECT_TRUE(route.hops[2].control.empty()) << "where a relay stands is not who controls it";
  EXPECT_EQ(route.ends, (std::vector<std::string>{"ipv4:198.51.100.20"}));
  EXPECT_EQ(route.end_of_trail, "The trail ends at 198.51.100[.]20: what lies behind it is not in the evidence.");
}

TEST(TraceRoute, ASlipIsAnAssertedLastStep) {
  World world;
  world.See("incident:self communicates-with ipv4:203.0.113.5");
  world.See("incident:self operated-directly-from cidr:192.0.2.0/24");
  world.See("cidr:192.0.2.0/24 held-by country:AA");
  const Route route = Trace(world);
  ASSERT_EQ(route.hops.size(), 2u);
  const bool first = route.hops[0].to.starts_with("cidr:");
  const Hop& slip = route.hops[first ? 0 : 1];
  EXPECT_EQ(slip.status, "asserted");
  EXPECT_EQ(slip.control, "AA");
  EXPECT_NE(route.end_of_trail.find("asserts"), std::string::npos);
  EXPECT_NE(route.end_of_trail.find("99 %"), std::string::npos) << route.end_of_trail;
}

TEST(TraceRoute, CirclesAndSelfLoopsEnd) {
  World world;
  world.See("incident:self connects-to ipv4:203.0.113.1");
  world.See("ipv4:203.0.113.1 connects-to ipv4:203.0.113.2");
  world.See("ipv4:203.0.113.2 connects-to ipv4:203.0.113.1");
  world.See("ipv4:203.0.113.2 connects-to ipv4:203.0.113.2");
  EXPECT_EQ(Trace(world).hops.size(), 3u);
}

TEST(TraceRoute, IsBoundedInDepthAndWidth) {
  World deep;
  deep.See("incident:self connects-to host:h0");
  for (int i = 0; i < 40; ++i) deep.See("host:h" + std::to_string(i) + " connects-to host:h" + std::to_string(i + 1));
  EXPECT_EQ(Trace(deep).hops.size(), 16u);
  World wide;
  for (int i = 0; i < 1500; ++i) wide.See("incident:self connects-to host:h" + std::to_string(i));
  const Route route = Trace(wide);
  EXPECT_EQ(route.hops.size(), 1000u);
  EXPECT_EQ(route.notes.size(), 2u);
}

TEST(TraceRoute, TwoReportsOfOneHopAreOneHop) {
  World world;
  world.See("incident:self connects-to ipv4:203.0.113.1", "D4-tabloid");
  world.See("incident:self connects-to ipv4:203.0.113.1", "A1-isp");
  const Route route = Trace(world);
  ASSERT_EQ(route.hops.size(), 1u);
  EXPECT_EQ(route.hops[0].facts.size(), 2u);
  EXPECT_NEAR(route.hops[0].q, 0.99, 1e-12);
}

}  // namespace
}  // namespace ascribe
