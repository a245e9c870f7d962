#include "store/link.h"

#include <gtest/gtest.h>

#include <cmath>

#include "store/test_world.h"

namespace ascribe {
namespace {

std::optional<Claim> LinkOnly(World& world, Group group) {
  const Seen seen(world);
  const std::vector<CaseThing> things = CollectThings(seen.context, group);
  EXPECT_EQ(things.size(), 1u);
  return things.empty() ? std::nullopt : LinkThing(seen.context, things.front(), "test@1");
}

std::optional<Claim> PointOnly(World& world, Group group) {
  const Seen seen(world);
  const std::vector<CaseThing> things = CollectThings(seen.context, group);
  EXPECT_FALSE(things.empty());
  return things.empty() ? std::nullopt : LinkPointedAt(seen.context, things.front(), "test@1");
}

// All sources are A1 (q = .99) on both sides, so q = .9801 and the noise term is .0199 * 10 = .199:
// LR' = (.9801 LR + .199) / 1.1791, then doubt about the earlier attribution (p = .99) and, for code, about the tool
// being shared (.83): LR'' = p LR' + 1 - p.

TEST(LinkThing, OneHolderByHand) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f");
  world.See("incident:self contains code-function:f");
  const auto claim = LinkOnly(world, Group::kCode);
  ASSERT_TRUE(claim.has_value());
  EXPECT_NEAR(claim->reliability, 0.99, 1e-12);
  EXPECT_EQ(claim->holders, 1u);
  // e^4.6 = 99.484; (.9801 * 99.484 + .199) / 1.1791 = 82.862; * .99 + .01 = 82.044; * .83 + .17 = 68.266; ln = 4.2234
  EXPECT_NEAR(claim->NatsFor(Level::kOperator, "actor:x"), 4.2234, 0.0005);
  EXPECT_TRUE(claim->copyable) << "public in 2015";
  EXPECT_FALSE(claim->asserted);
  EXPECT_EQ(claim->case_facts.size(), 1u);
  EXPECT_EQ(claim->knowledge_facts.size(), 2u);  // who holds it, and who says which actor that was
}

TEST(LinkThing, TwoHoldersLoseLnTwo) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  world.Know("attack:a contains code-function:f");
  world.Know("attack:b contains code-function:f");
  world.See("incident:self contains code-function:f");
  const auto claim = LinkOnly(world, Group::kCode);
  ASSERT_TRUE(claim.has_value());
  // LR 99.484 / 2 = 49.742; (.9801 * 49.742 + .199) / 1.1791 = 41.516; * .99 + .01 = 41.111; * .83 + .17 = 34.292
  EXPECT_NEAR(claim->NatsFor(Level::kOperator, "actor:x"), std::log(34.292), 0.0005);
  EXPECT_EQ(claim->NatsFor(Level::kOperator, "actor:x"), claim->NatsFor(Level::kOperator, "actor:y"));
}

TEST(LinkThing, AnUnattributedAttackIsOneMoreHolder) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:nobody", "");
  world.Attack("attack:nobody-either", "");
  for (const char* attack : {"attack:a", "attack:nobody", "attack:nobody-either"})
    world.Know(std::string(attack) + " contains code-function:f");
  world.See("incident:self contains code-function:f");
  const auto claim = LinkOnly(world, Group::kCode);
  ASSERT_TRUE(claim.has_value());
  EXPECT_EQ(claim->holders, 1u);
  EXPECT_EQ(claim->background, 2u);
  EXPECT_NEAR(claim->NatsFor(Level::kOperator, "actor:x"), std::log(34.292), 0.0005);  // as with two holders
}

TEST(LinkThing, AddressesAge) {
  for (const bool fresh : {true, false}) {
    World world;
    world.Attack("attack:a", "actor:x");
    world.Know("attack:a communicates-with ipv4:203.0.113.9").valid_to =
        ParseTime(fresh ? "2020-03-03" : "2020-03-02");  // 90, 91 days
    world.See("incident:self communicates-with ipv4:203.0.113.9");
    const auto claim = LinkOnly(world, Group::kInfrastructure);
    ASSERT_TRUE(claim.has_value());
    // fresh e^4.6 as above: 82.044. old e^2.3 = 9.974; (.9801 * 9.974 + .199) / 1.1791 = 8.4596; * .99 + .01 = 8.3850
    EXPECT_NEAR(claim->NatsFor(Level::kOperator, "actor:x"), std::log(fresh ? 82.044 : 8.3850), 0.0005) << fresh;
  }
}

TEST(LinkThing, NearMatchByHand) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains mutex:Global\\FwtSqmSession106839323_S-1-5-20");
  world.See("incident:self contains mutex:Global\\FwtSqmSession106829323_S-1-5-19");
  const auto claim = LinkOnly(world, Group::kCode);
  ASSERT_TRUE(claim.has_value());
  EXPECT_NEAR(claim->similarity, 70.0 / 76, 1e-12);
  EXPECT_EQ(claim->measure, "Ratcliff-Obershelp");
  // 2.3 * (70/76)^2 = 1.9512; e^ = 7.0372; (.9801 * 7.0372 + .199) / 1.1791 = 6.0183; * .99 + .01 = 5.9681; * .83 + .17
  // = 5.1235
  EXPECT_NEAR(claim->NatsFor(Level::kOperator, "actor:x"), std::log(5.1235), 0.001);
  EXPECT_NE(claim->statement.find("0.92 by Ratcliff-Obershelp"), std::string::npos) << claim->statement;
}

TEST(LinkThing, NotNearEnough) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains mutex:abcdefgh");
  world.See("incident:self contains mutex:abcdxxxx");
  EXPECT_FALSE(LinkOnly(world, Group::kCode).has_value());
}

TEST(LinkThing, PublicBeforeTheIncidentWeighsNothing) {
  for (const char* since : {"2020-06-01", "2020-06-02"}) {
    World world;
    world.Attack("attack:a", "actor:x");
    world.Know("attack:a uses tool:t");
    world.Know(std::string("tool:t public-since text:") + since);
    world.See("incident:self uses tool:t");
    const auto claim = LinkOnly(world, Group::kCode);
    if (std::string_view(since) == "2020-06-01") {
      ASSERT_TRUE(claim.has_value()) << "a link that weighs nothing is shown all the same";
      EXPECT_TRUE(claim->contributions.empty());
      EXPECT_NE(claim->weightless_reason.find("public or for sale since 2020-06-01"), std::string::npos);
    } else {
      EXPECT_TRUE(!claim || claim->weightless_reason.empty());
    }
  }
}

TEST(LinkThing, TheCaseMayKnowThatAThingIsPublic) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f");
  world.See("incident:self contains code-function:f");
  world.See("code-function:f public-since text:2002");
  const auto claim = LinkOnly(world, Group::kCode);
  ASSERT_TRUE(claim.has_value());
  EXPECT_TRUE(claim->contributions.empty());
}

TEST(LinkThing, HygieneListsWeighNothing) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a communicates-with ipv4:203.0.113.9");
  world.See("incident:self communicates-with ipv4:203.0.113.9");
  Seen seen(world);
  const LinkContext listed{seen.visible, seen.knowledge, world.parameters,
                           [](const Entity&) { return std::string_view("open-proxy"); }};
  const auto claim = LinkThing(listed, CollectThings(listed, Group::kInfrastructure).front(), "test@1");
  ASSERT_TRUE(claim.has_value());
  EXPECT_TRUE(claim->contributions.empty());
  EXPECT_NE(claim->weightless_reason.find("open-proxy"), std::string::npos);
}

TEST(LinkThing, WhatCanBeCopied) {
  struct Item {
    const char* thing;
    const char* known_on;
    bool copyable;
  };
  // Public before: anything but what needs a secret. Not public: only what is trivial to forge (forge 1).
  for (const Item& item : {Item{"code-function:f", "2020-05-31", true}, Item{"code-function:f", "2020-06-01", false},
                           Item{"string:s", "2020-06-01", true}, Item{"tls-cert:c", "2020-05-31", false}}) {
    World world;
    world.Attack("attack:a", "actor:x");
    world.Know(std::string("attack:a contains ") + item.thing).known_on = ParseTime(item.known_on);
    world.See(std::string("incident:self contains ") + item.thing);
    const Seen seen(world);
    std::optional<Claim> claim;
    for (Group group : {Group::kCode, Group::kInfrastructure})
      for (const CaseThing& thing : CollectThings(seen.context, group))
        claim = LinkThing(seen.context, thing, "test@1");
    ASSERT_TRUE(claim.has_value()) << item.thing;
    EXPECT_EQ(claim->copyable, item.copyable) << item.thing << " " << item.known_on;
    EXPECT_EQ(claim->copyable_reason.empty(), !item.copyable);
  }
}

TEST(LinkThing, OneDocumentOnBothSidesIsItsWord) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains code-function:f", "A1-report");
  world.See("incident:self contains code-function:f", "A1-report");
  const auto claim = LinkOnly(world, Group::kCode);
  ASSERT_TRUE(claim.has_value());
  EXPECT_TRUE(claim->asserted);
}

TEST(LinkPointedAt, OneOriginThatNamesTwoRivalsTellsThemApartLess) {
  const auto nats = [](bool rival) {
    World world;
    world.Attack("attack:a", "actor:x");
    world.Attack("attack:b", "actor:y");
    world.See("incident:self shares-code-with attack:a");
    if (rival) world.See("incident:self shares-code-with attack:b");
    const auto claim = PointOnly(world, Group::kCode);
    return claim ? claim->NatsFor(Level::kOperator, "actor:x") : -1;
  };
  // No knowledge facts: q = .99, noise .1. k = 1: LR 99.484, (.99 * 99.484 + .1) / 1.09 = 90.449; * .99 + .01 = 89.554;
  // * .83 + .17 = 74.500.
  EXPECT_NEAR(nats(false), std::log(74.500), 0.0005);
  // k = 2: e^3.2 = 24.533; (.99 * 24.533 + .1) / 1.09 = 22.374; * .99 + .01 = 22.160; * .83 + .17 = 18.563.
  EXPECT_NEAR(nats(true), std::log(18.563), 0.0005);
}

TEST(LinkPointedAt, AStatementNamesAStateDirectly) {
  World world;
  world.See("incident:self attributed-to country:KP").statement = StatementKind::kOfficialAttribution;
  const auto claim = PointOnly(world, Group::kHuman);
  ASSERT_TRUE(claim.has_value());
  EXPECT_EQ(claim->kind, "official-attribution");
  EXPECT_TRUE(claim->asserted);
  EXPECT_FALSE(claim->copyable);
  // e^2.3 = 9.974; (.99 * 9.974 + .1) / 1.09 = 9.1508
  EXPECT_NEAR(claim->NatsFor(Level::kSponsor, "country:KP"), std::log(9.1508), 0.0005);
}

TEST(LinkPointedAt, NobodyKnownIsNoLink) {
  World world;
  world.See("incident:self attributed-to actor:nobody");
  EXPECT_FALSE(PointOnly(world, Group::kHuman).has_value());
}

TEST(ControllingCountry, FollowsControlAndNotGeography) {
  World world;
  world.See("cidr:203.0.113.0/24 held-by holder:telecom");
  world.See("holder:telecom located-in country:AA");
  world.See("ipv4:198.51.100.1 located-in country:BB");
  const Seen seen(world);
  std::vector<std::string> used;
  EXPECT_EQ(ControllingCountry(seen.context, *ParseEntity("ipv4:203.0.113.77"), used), "country:AA");
  EXPECT_EQ(used.size(), 2u);
  used.clear();
  EXPECT_EQ(ControllingCountry(seen.context, *ParseEntity("ipv4:198.51.100.1"), used), "")
      << "where it stands is not who holds it";
  EXPECT_EQ(ControllingCountry(seen.context, *ParseEntity("ipv4:203.0.114.1"), used), "");
}

TEST(FinishClaim, IdsAreFromContent) {
  Claim a;
  a.kind = "ip";
  a.thing = "ipv4:203.0.113.9";
  a.case_facts = {"f-2", "f-1"};
  Claim b = a;
  b.case_facts = {"f-1", "f-2"};
  FinishClaim(a);
  FinishClaim(b);
  EXPECT_EQ(a.id, b.id);
  EXPECT_TRUE(a.id.starts_with("c-"));
  EXPECT_EQ(a.id.size(), 14u);
}

}  // namespace
}  // namespace ascribe
