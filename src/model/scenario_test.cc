#include "model/scenario.h"

#include <gtest/gtest.h>

namespace ascribe {
namespace {

TEST(Scenario, TellsWhatIsLeftOutApartByForm) {
  Scenario s;
  EXPECT_TRUE(s.empty());
  for (const char* term : {"c-0123456789ab", "f-0123456789abcdef", "code", "source:victim", "c-short", "Code"}) s.LeaveOut(term);
  EXPECT_EQ(s.claims, std::set<std::string>{"c-0123456789ab"});
  EXPECT_EQ(s.facts, std::set<std::string>{"f-0123456789abcdef"});
  EXPECT_EQ(s.groups, std::set<Group>{Group::kCode});
  EXPECT_EQ(s.sources, (std::set<std::string>{"victim", "c-short", "Code"}));
  EXPECT_FALSE(s.empty());
}

TEST(Scenario, TrustIsAChance) {
  Scenario s;
  EXPECT_TRUE(s.Trust("a=0").has_value());
  EXPECT_TRUE(s.Trust("b=1").has_value());
  EXPECT_TRUE(s.Trust("c=d=0.25").has_value()) << "the last = counts";
  EXPECT_EQ(s.trust, (std::map<std::string, double>{{"a", 0}, {"b", 1}, {"c=d", 0.25}}));
  for (const char* bad : {"", "a", "=1", "e=", "e=1.1", "e=-1", "e=inf", "e=nan", "e=0.5 ", "e= 0.5", "a=0.5"})
    EXPECT_FALSE(s.Trust(bad).has_value()) << bad;
  EXPECT_EQ(s.trust.size(), 3u);
}

TEST(Scenario, AClaimIsTrustedByItsId) {
  Scenario s;
  EXPECT_TRUE(s.Trust("c-0123456789ab=0.25").has_value());
  EXPECT_FALSE(s.Trust("c-0123456789ab=0.5").has_value());
  EXPECT_EQ(s.claim_trust, (std::map<std::string, double>{{"c-0123456789ab", 0.25}}));
  EXPECT_TRUE(s.trust.empty());
  EXPECT_FALSE(s.empty());
  EXPECT_EQ(s.Differences(), std::vector<std::string>{"claim c-0123456789ab trusted with 0.25"});
}

TEST(Scenario, ThePriorOfTheUnknownIsNeverCertain) {
  Scenario s;
  for (const char* bad : {"", "0", "1", "0.995", "-0.5", "x", "0.5 "}) EXPECT_FALSE(s.UnknownPrior(bad).has_value()) << bad;
  EXPECT_TRUE(s.UnknownPrior("0.25").has_value());
  EXPECT_FALSE(s.empty());
  EXPECT_EQ(s.Differences(), std::vector<std::string>{"prior of somebody unknown 0.25"});
}

TEST(Scenario, SaysEachDifferenceOnce) {
  Scenario s;
  s.LeaveOut("vendor");
  s.LeaveOut("vendor");
  s.LeaveOut("code");
  s.flat_prior = true;
  EXPECT_EQ(s.Differences(), (std::vector<std::string>{"without all code evidence", "without source vendor", "flat prior"}));
}

TEST(Scenario, NamesArePartOfAFileName) {
  EXPECT_TRUE(IsScenarioName("A-b_9"));
  for (const char* bad : {"", ".", "../x", "a b", "a/b", "ä"}) EXPECT_FALSE(IsScenarioName(bad)) << bad;
  EXPECT_FALSE(IsScenarioName(std::string(65, 'a')));
}

}  // namespace
}  // namespace ascribe
