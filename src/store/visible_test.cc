#include "store/visible.h"

#include <gtest/gtest.h>

#include "store/test_world.h"

namespace ascribe {
namespace {

TEST(SeeCase, SortsFactsByWhatWasKnown) {
  World world;
  world.as_of = ParseAsOf("2020-06");
  world.See("incident:self uses malware:now").known_on = ParseTime("2020-06-30");
  world.See("incident:self uses malware:month").known_on = ParseTime("2020-06");
  world.See("incident:self uses malware:later").known_on = ParseTime("2020-07-01");
  world.See("incident:self uses malware:withdrawn").retracted_on = ParseTime("2020-06-30");
  world.See("incident:self uses malware:stands").retracted_on = ParseTime("2020-07-01");
  world.See("incident:self uses malware:memory").verification = Verification::kUnverified;
  world.See("incident:self uses malware:f", "F2-nobody");
  world.See("incident:self uses malware:six", "B6-nobody");
  world.See("incident:self uses malware:unknown").source = "not-declared";
  const VisibleCase seen = SeeCase(world.data, world.as_of, world.parameters);
  EXPECT_EQ(seen.facts.size(), 3u);
  EXPECT_EQ(seen.later.size(), 1u);
  EXPECT_EQ(seen.retracted.size(), 1u);
  EXPECT_EQ(seen.unverified.size(), 4u);
  const VisibleCase today = SeeCase(world.data, std::nullopt, world.parameters);
  EXPECT_EQ(today.later.size(), 0u);
  EXPECT_EQ(today.retracted.size(), 2u);
}

TEST(SeeCase, ReliabilityIsThatOfTheSource) {
  World world;
  world.See("incident:self uses malware:a", "B2-vendor");
  world.See("incident:self uses malware:b", "A1-closed");
  world.SourceOf("A1-closed").inspectable = false;
  world.See("incident:self uses malware:c", "A1-open").inspectable = false;
  const VisibleCase seen = SeeCase(world.data, std::nullopt, world.parameters);
  ASSERT_EQ(seen.facts.size(), 3u);
  EXPECT_NEAR(seen.facts[0].q, 0.97 * 0.95, 1e-12);
  EXPECT_NEAR(seen.facts[1].q, 0.99 * 0.8, 1e-12);  // what nobody can inspect
  EXPECT_NEAR(seen.facts[2].q, 0.99 * 0.8, 1e-12);
}

TEST(SeeCase, CopiesOfOneReportAreOneFact) {
  World world;
  for (const char* source : {"B2-blog", "B2-copy", "B2-copy-of-copy", "B2-same-origin"})
    world.See("incident:self uses malware:a", source);
  world.SourceOf("B2-copy").derived_from = "B2-blog";
  world.SourceOf("B2-copy-of-copy").derived_from = "B2-copy";
  world.SourceOf("B2-same-origin").origin = "B2-blog";
  const VisibleCase seen = SeeCase(world.data, std::nullopt, world.parameters);
  ASSERT_EQ(seen.facts.size(), 1u);
  EXPECT_EQ(seen.facts[0].origin, "B2-blog");
}

TEST(SeeCase, OneAddressIsOneOrigin) {
  World world;
  for (const char* source : {"B2-a", "B2-b", "B2-c", "B2-d"}) world.See("incident:self uses malware:a", source);
  world.SourceOf("B2-a").url = "https://Vendor.example/Report";
  world.SourceOf("B2-b").url = "HTTPS://vendor.example/Report/";
  world.SourceOf("B2-c").url = "https://vendor.example/Report#part-2";
  world.SourceOf("B2-d").url = "https://vendor.example/report";  // paths keep their case
  const VisibleCase seen = SeeCase(world.data, std::nullopt, world.parameters);
  ASSERT_EQ(seen.facts.size(), 2u);
  EXPECT_EQ(seen.facts[0].origin, "B2-a");
  EXPECT_EQ(seen.facts[1].origin, "B2-d");
}

TEST(SeeCase, SourcesThatCopyEachOtherInACircleEnd) {
  World world;
  world.See("incident:self uses malware:a", "B2-one");
  world.SourceOf("B2-two").derived_from = "B2-one";
  world.SourceOf("B2-one").derived_from = "B2-two";
  EXPECT_EQ(SeeCase(world.data, std::nullopt, world.parameters).facts.size(), 1u);
}

// Which copy is kept must not hang on the bytes of the files they stand in.
TEST(SeeCase, OfSeveralCopiesTheBestGradeSpeaks) {
  for (const bool swapped : {false, true}) {
    World world;
    Fact& good = world.See("incident:self uses malware:a", "A1-lab");
    good.evidence = swapped ? "2" : "1";
    Fact& poor = world.See("incident:self uses malware:a", "D4-tabloid");
    poor.evidence = swapped ? "1" : "2";
    world.SourceOf("D4-tabloid").derived_from = "A1-lab";
    const VisibleCase seen = SeeCase(world.data, std::nullopt, world.parameters);
    ASSERT_EQ(seen.facts.size(), 1u);
    EXPECT_NEAR(seen.facts[0].q, 0.99, 1e-12) << swapped;
  }
}

TEST(SeeCase, AnOfficialStatementIsNotItsRetelling) {
  World world;
  world.See("incident:self attributed-to country:KP", "A1-ministry").statement = StatementKind::kOfficialAttribution;
  world.See("incident:self attributed-to country:KP", "B2-paper").statement = StatementKind::kVendorAssessment;
  world.SourceOf("B2-paper").origin = "A1-ministry";
  EXPECT_EQ(SeeCase(world.data, std::nullopt, world.parameters).facts.size(), 2u);
}

TEST(SeeCase, OrderAndRepetitionDoNotMatter) {
  World world;
  world.See("incident:self uses malware:b");
  world.See("incident:self uses malware:a");
  world.See("incident:self uses malware:later").known_on = ParseTime("2021-01-01");
  World twice = world;
  for (const Fact& fact : world.data.facts) twice.data.facts.push_back(fact);
  const auto as_of = ParseAsOf("2020-12-31");
  const VisibleCase one = SeeCase(world.data, as_of, world.parameters),
                    two = SeeCase(twice.data, as_of, world.parameters);
  ASSERT_EQ(one.facts.size(), 2u);
  ASSERT_EQ(two.facts.size(), 2u);
  EXPECT_EQ(one.facts[0].fact->object.value, "a");
  EXPECT_EQ(one.facts[1].id, two.facts[1].id);
  EXPECT_EQ(two.later.size(), 1u);
}

TEST(Corroborate, IndependentOriginsAddUpToACap) {
  const Parameters& p = ShippedParameters();
  EXPECT_NEAR(Corroborate({{"a", 0.5}}, p), 0.5, 1e-12);
  EXPECT_NEAR(Corroborate({{"a", 0.5}, {"b", 0.5}}, p), 0.75, 1e-12);
  EXPECT_NEAR(Corroborate({{"a", 0.5}, {"b", 0.8}}, p), 0.9, 1e-12);
  EXPECT_NEAR(Corroborate({{"a", 0.95}, {"b", 0.95}}, p), 0.99, 1e-12);  // 0.9975, capped
  EXPECT_NEAR(Corroborate({}, p), 0, 1e-12);
}

}  // namespace
}  // namespace ascribe
