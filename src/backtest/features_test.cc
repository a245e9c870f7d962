// Features of reports small enough to compute by hand, and what an unrelated report may change.

#include "backtest/features.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace ascribe::backtest {
namespace {

constexpr double kClose = 1e-12;

// A state whose reports are given as lines of the corpus, one a day.
class World {
 public:
  explicit World(PublicTools tools = {}) : table_(Track::kCore, {}, std::move(tools)) {}
  Items Take(const std::string& fields) {
    const auto corpus = ParseCorpus(R"({"id":"x","date":"2015-01-01",)" + fields + "}\n");
    EXPECT_TRUE(corpus) << fields;
    return table_.Take(corpus->reports.front());
  }
  void Add(const std::string& actor, const std::string& fields) {
    items_.push_back(Take(fields));
    state_.Add(actor, items_.back(), Date{day_++});
  }
  [[nodiscard]] FeatureRows Look(const std::string& fields) {
    return ComputeFeatures(Take(fields), state_, Date{day_});
  }
  [[nodiscard]] const KnowledgeState& state() const { return state_; }

 private:
  ItemTable table_;
  std::deque<Items> items_;
  KnowledgeState state_;
  std::int32_t day_ = 16'000;
};

TEST(Indicators, WhatImpliesEachOtherCountsOnce) {
  World world;
  world.Add("A", R"("ioc":{"domain":["www.c.org"],"ip":["1.2.3.4"]})");
  world.Add("B", R"("ioc":{"domain":["d.net"]})");
  const double rare = std::log(3.0);  // two actors known, one holds it: ln((2 + 1) / 1)
  const auto indicators = [&](const std::string& fields) { return world.Look(fields).At(0, kFeatureIndicators); };
  EXPECT_NEAR(indicators(R"("ioc":{"domain":["www.c.org"]})"), std::log1p(rare), kClose);
  EXPECT_NEAR(indicators(R"("ioc":{"domain":["www.c.org","mail.c.org","c.org"]})"), std::log1p(rare), kClose);
  EXPECT_NEAR(indicators(R"("ioc":{"ip":["1.2.3.4","1.2.3.5"]})"), std::log1p(rare), kClose);
  EXPECT_NEAR(indicators(R"("ioc":{"ip":["1.2.3.5"]})"), std::log1p(0.3 * rare), kClose);
  EXPECT_NEAR(indicators(R"("ioc":{"domain":["c.org"],"ip":["1.2.3.4"]})"), std::log1p(2 * rare), kClose);
  EXPECT_EQ(world.Look(R"("ioc":{"domain":["www.c.org"]})").At(1, kFeatureIndicators), 0);
}

TEST(Families, WhatAlwaysComesTogetherCountsOnce) {
  World world;
  world.Add("A", R"("families":["f","g"])");
  world.Add("B", R"("families":["h"])");
  // usual: (1 + 1/2) / (2 + 1) = 0.5; of A: (1 + 4 x 0.5) / (1 + 4) = 0.6.
  const double one = std::log(0.6 / 0.5);
  EXPECT_NEAR(world.Look(R"("families":["f"])").At(0, kFeatureFamilies), one, kClose);
  EXPECT_NEAR(world.Look(R"("families":["f","g"])").At(0, kFeatureFamilies), one, kClose);
  // From reports of their own they would count twice; here they overlap in one report of three.
  world.Add("A", R"("families":["f"])");
  world.Add("A", R"("families":["g"])");
  const double usual = 2.5 / 5, ratio = std::log((2 + 4 * usual) / (3 + 4) / usual);
  EXPECT_NEAR(world.Look(R"("families":["f","g"])").At(0, kFeatureFamilies), 2 * ratio / (1 + 1.0 / 3), kClose);
}

TEST(Families, ExclusiveOnesCountByHowOftenTheyWereSeen) {
  World world;
  world.Add("A", R"("families":["f"])");
  EXPECT_NEAR(world.Look(R"("families":["f"])").At(0, kFeatureExclusive), std::log1p(1.0 / 2), kClose);
  world.Add("A", R"("families":["f"])");
  EXPECT_NEAR(world.Look(R"("families":["f"])").At(0, kFeatureExclusive), std::log1p(2.0 / 3), kClose);
  world.Add("", R"("families":["f"])");
  EXPECT_EQ(world.Look(R"("families":["f"])").At(0, kFeatureExclusive), 0) << "the background has it, too";
}

TEST(Families, PublicToolsSayLittle) {
  EXPECT_EQ(ToolName("Gh0st RAT"), "gh0st");
  EXPECT_EQ(ToolName("Cobalt Strike"), "cobaltstrike");
  EXPECT_EQ(ToolName("rat"), "rat");
  World world({"mimikatz"});
  for (int i = 0; i < 20; ++i) world.Add("A", R"("families":["mimikatz"])");
  for (int i = 0; i < 400; ++i) world.Add("", R"("families":["h"])");
  const FeatureRows rows = world.Look(R"("families":["mimikatz"])");
  EXPECT_EQ(rows.At(0, kFeatureTools), 1.5) << "the ceiling";
  for (const Feature feature : {kFeatureFamilies, kFeatureExclusive, kFeatureNearest, kFeatureLineage})
    EXPECT_EQ(rows.At(0, feature), 0) << FeatureName(feature);
}

TEST(Naming, LikensNewNamesOnly) {
  World world;
  world.Add("A", R"("ioc":{"domain":["abcd.org"]})");
  world.Add("B", R"("ioc":{"domain":["wxyz.org"]})");
  // Pieces ^abc, abcd and bcd$, each in one of two names: usual (1 + 0.2) / (2 + 1) = 0.4. Of A: (1 + 10 x 0.4) / (1 +
  // 10).
  const double likeness = 3 * std::log((5.0 / 11) / 0.4) / std::sqrt(3.0);
  const FeatureRows rows = world.Look(R"("ioc":{"domain":["abcd.net"]})");
  EXPECT_NEAR(rows.At(0, kFeatureNaming), likeness, kClose);
  EXPECT_NEAR(rows.At(0, kFeatureBestName), likeness, kClose);
  EXPECT_EQ(rows.At(1, kFeatureNaming), 0);
  // A second name unlike any halves the mean and leaves the best; a held name is an indicator and does not count.
  const FeatureRows two = world.Look(R"("ioc":{"domain":["abcd.net","qqqq.net","abcd.org"]})");
  EXPECT_NEAR(two.At(0, kFeatureNaming), likeness / 2, kClose);
  EXPECT_NEAR(two.At(0, kFeatureBestName), likeness, kClose);
}

TEST(Features, DuplicatesAndOrderOfItemsChangeNothing) {
  World world;
  world.Add("A",
            R"("families":["f","g"],"ioc":{"domain":["abcd.org","www.c.org"],"ip":["1.2.3.4"]},"attack":["T1","T2"])");
  world.Add("B", R"("families":["g"],"ioc":{"domain":["wxyz.org"]},"attack":["T2"])");
  const FeatureRows once = world.Look(
      R"("families":["f","g"],"ioc":{"domain":["abce.net","www.c.org"],"ip":["1.2.3.4"]},"attack":["T1","T2"])");
  const FeatureRows twice = world.Look(
      R"("families":["g","f","g"],"ioc":{"domain":["www.c.org","abce.net","abce.net"],"ip":["1.2.3.4","1.2.3.4"]},"attack":["T2","T1","T1"])");
  EXPECT_EQ(once.values, twice.values);
}

// A report that shares nothing and whose actor is known already may touch the counts of what is usual, nothing else.
TEST(Features, AnUnrelatedReportChangesOnlyWhatIsUsual) {
  const std::string looked =
      R"("families":["f","g"],"ioc":{"domain":["abce.net","www.c.org"],"ip":["1.2.3.4"],"md5":["00"]},"attack":["T1"])";
  std::array<FeatureRows, 2> rows;
  for (const bool with : {false, true}) {
    World world;
    for (int i = 0; i < 50; ++i) {
      world.Add("A", R"("families":["f","g"],"ioc":{"domain":["www.c.org"],"md5":["00"]},"attack":["T1"])");
      world.Add("B", R"("families":["g"],"ioc":{"domain":["abcd)" + std::to_string(i) + R"(.org"],"ip":["1.2.3.4"]})");
      world.Add("Z", R"("families":["z"])");
    }
    world.Add(with ? "Z" : "", with ? R"("families":["y"],"ioc":{"domain":["nnnn.com"],"md5":["ff"]},"attack":["T9"])"
                                    : R"("title":"nothing in it")");
    rows[with ? 1 : 0] = world.Look(looked);
  }
  ASSERT_EQ(rows[0].actors, 3u);
  ASSERT_EQ(rows[1].actors, 3u);
  for (std::size_t f = 0; f < kFeatures; ++f) {
    const auto feature = static_cast<Feature>(f);
    const bool usual = feature == kFeatureNaming || feature == kFeatureBestName || feature == kFeatureEnding ||
                       feature == kFeatureTechniqueUse;
    for (const std::size_t a : {0u, 1u, 3u}) {  // A, B, UNKNOWN; Z itself has one report more
      if (usual)
        EXPECT_NEAR(rows[0].At(a, feature), rows[1].At(a, feature), 0.03) << FeatureName(feature);
      else
        EXPECT_EQ(rows[0].At(a, feature), rows[1].At(a, feature)) << FeatureName(feature) << " of " << a;
    }
  }
}

}  // namespace
}  // namespace ascribe::backtest
