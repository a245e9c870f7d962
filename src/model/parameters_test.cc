#include "model/parameters.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/assessment.h"

namespace ascribe {
namespace {

TEST(Parameters, AttenuateByHand) {
  Parameters p;
  p.kappa = 10;
  // (0.8 * 800 + 0.2 * 10) / (0.8 + 0.2 * 10) = 642 / 2.8 = 229.29
  EXPECT_NEAR(std::exp(p.Attenuate(std::log(800.0), 0.8)), 229.29, 0.01);
  EXPECT_NEAR(p.Attenuate(2, 1), 2, 1e-12) << "a certain source costs nothing";
  EXPECT_NEAR(p.Attenuate(2, 0), 0, 1e-12) << "a worthless one leaves nothing";
  EXPECT_EQ(p.Attenuate(0, 0.5), 0);
}

TEST(Parameters, AttenuateIsMonotoneAndNeverStrengthens) {
  Parameters p;
  for (double nats : {0.1, 0.7, 2.3, 4.6, 6.9}) {
    double before = -1;
    for (double q = 0; q <= 1; q += 0.05) {
      const double now = p.Attenuate(nats, q);
      EXPECT_GE(now, before) << nats << " " << q;
      EXPECT_LE(now, nats + 1e-12) << nats << " " << q;
      before = now;
    }
  }
}

TEST(LinkKind, WeightByHolders) {
  LinkKind family;
  family.by_k = {4.6, 3.2, 2.3, 2.0, 1.5};
  const double expected[] = {0, 4.6, 3.2, 2.3, 2.3, 2.3, 2.0, 2.0, 2.0, 2.0, 2.0, 1.5};
  for (std::size_t k = 0; k < std::size(expected); ++k) EXPECT_DOUBLE_EQ(family.Nats(k, true), expected[k]) << k;
  EXPECT_DOUBLE_EQ(family.Nats(1000, false), 1.5);

  LinkKind address;
  address.nats = 4.6;
  address.nats_old = 2.3;
  address.nats_high = 6.9;
  EXPECT_DOUBLE_EQ(address.Nats(1, true), 4.6);
  EXPECT_DOUBLE_EQ(address.Nats(1, false), 2.3);
  EXPECT_DOUBLE_EQ(address.Nats(4, true), 4.6 - std::log(4.0));
  EXPECT_DOUBLE_EQ(address.Nats(20, false), 0) << "never negative: ln 20 = 3.0";
  EXPECT_DOUBLE_EQ(address.NatsHigh(1), 6.9);
}

TEST(Parameters, ReliabilityIsTheProductOfTheAxes) {
  Parameters p;
  p.letters = {{'A', 1.0}, {'B', 0.97}};
  p.digits = {{1, 0.99}, {2, 0.95}};
  EXPECT_NEAR(*p.Reliability({'B', 2}), 0.9215, 1e-12);
  EXPECT_FALSE(p.Reliability({'F', 2}).has_value());
  EXPECT_FALSE(p.Reliability({'B', 6}).has_value());
}

TEST(Parameters, TheFirstFittingKindTakesAFact) {
  Parameters p;
  LinkKind official, said, address;
  official.id = "official";
  official.statement = StatementKind::kOfficialAttribution;
  official.relations = {Relation::kAttributedTo};
  said.id = "said";
  said.relations = {Relation::kAttributedTo};
  address.id = "address";
  address.types = {EntityType::kIpv4};
  p.kinds = {official, said, address};
  Fact fact;
  fact.relation = Relation::kAttributedTo;
  fact.object = {EntityType::kActor, "x"};
  EXPECT_EQ(p.KindOf(fact)->id, "said");
  fact.statement = StatementKind::kOfficialAttribution;
  EXPECT_EQ(p.KindOf(fact)->id, "official");
  fact = {};
  fact.object = {EntityType::kIpv4, "192.0.2.1"};
  fact.relation = Relation::kCommunicatesWith;
  EXPECT_EQ(p.KindOf(fact)->id, "address");
  fact.relation = Relation::kTracedTo;
  EXPECT_EQ(p.KindOf(fact), nullptr) << "no observation: context";
}

// ICD 203 (2015), at the borders. "Almost certain" (95-99 %) is never said by the engine alone.
TEST(LikelihoodWord, Icd203Borders) {
  const std::pair<double, const char*> cases[] = {
      {0.0, "almost no chance"}, {0.0499, "almost no chance"}, {0.05, "very unlikely"}, {0.1999, "very unlikely"},
      {0.20, "unlikely"},        {0.4499, "unlikely"},         {0.45, "roughly even"},  {0.5499, "roughly even"},
      {0.55, "likely"},          {0.7999, "likely"},           {0.80, "very likely"},   {0.95, "very likely"},
      {0.98, "very likely"},     {1.0, "very likely"}};
  for (const auto& [p, word] : cases) EXPECT_EQ(LikelihoodWord(p), word) << p;
  EXPECT_EQ(LikelihoodRange("roughly even"), "45-55 %");
  EXPECT_EQ(LikelihoodRange("very likely"), "80-95 %");
}

}  // namespace
}  // namespace ascribe
