// assessment.json against its published schema, and what no schema can say.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "json_schema.h"
#include "program.h"

namespace ascribe::cli {
namespace {

Json Schema() { return Json::parse(ReadBytes(Root() / "docs/formats/assessment.schema.json")); }

std::set<std::string> Ids(const Json& list) {
  std::set<std::string> ids;
  for (const Json& item : list) ids.insert(item.at("id").get<std::string>());
  return ids;
}

void CheckAssessment(const std::string& text) {
  const Json a = Json::parse(text);
  EXPECT_THAT(SchemaFindings(Schema(), a), ::testing::IsEmpty());
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }));
  const std::set<std::string> claims = Ids(a.at("claims"));
  for (const auto& [level, result] : a.at("levels").items()) {
    double sum = 0, before = 1;
    std::set<std::string> ids;
    for (const Json& h : result.at("ranked")) {
      const double posterior = h.at("posterior");
      EXPECT_LE(posterior, before) << level << " is not sorted";
      before = posterior;
      sum += posterior;
      EXPECT_TRUE(ids.insert(h.at("id")).second) << level << " ranks " << h.at("id") << " twice";
      EXPECT_LE(h.at("low").get<double>(), posterior + 1e-6);
      EXPECT_GE(h.at("high").get<double>(), posterior - 1e-6);
      if (!h.at("best_evidence").is_null()) {
        EXPECT_TRUE(claims.count(h.at("best_evidence"))) << h.at("id");
      }
    }
    // Alone, a hypothesis still is not certain.
    if (result.at("ranked").size() > 1) {
      EXPECT_NEAR(sum, 1, 1e-4) << level;
    }
  }
  for (const Json& flip : a.at("flips"))
    for (const Json& id : flip.at("without")) EXPECT_TRUE(claims.count(id)) << id;
  // A name stands only where something passed a gate, and never while unknown leads.
  const Json& verdict = a.at("verdict");
  const Json& leader = a.at("levels").at(verdict.at("level").get<std::string>()).at("ranked").at(0);
  EXPECT_EQ(verdict.at("name").is_null(), verdict.at("likelihood").is_null());
  if (!verdict.at("name").is_null()) {
    EXPECT_EQ(leader.at("name"), verdict.at("name"));
    EXPECT_NE(leader.at("kind"), "unknown");
    EXPECT_NE(verdict.at("gate"), "none");
    EXPECT_NE(verdict.at("gate"), "consistent_with");
  }
}

class AssessmentOf : public ::testing::TestWithParam<std::string> {};

TEST_P(AssessmentOf, FollowsTheSchema) {
  const Machine machine;
  CheckAssessment(machine.Investigate(Example(GetParam()), machine / "out").at("assessment.json"));
}

// The day before the first item of evidence was public: nothing of the case is known, but the earlier attacks are.
TEST_P(AssessmentOf, IsUnknownBeforeAnythingWasPublic) {
  const Machine machine;
  const Json facts = Json::parse(machine.Investigate(Example(GetParam()), machine / "out").at("case.json"));
  std::string first = "9999-12-31";
  for (const Json& fact : facts.at("facts"))
    if (fact.at("extractor") != "case-file@1") first = std::min(first, fact.at("known_on").get<std::string>());
  // "2017-05" is known from its last day on, and compares below "2017-05-01": so does the month before.
  const int year = std::stoi(first.substr(0, 4)), month = first.size() < 7 ? 12 : std::stoi(first.substr(5, 2));
  const std::string before = month == 1 ? std::to_string(year - 1) + "-12"
                                        : std::to_string(year) + (month <= 10 ? "-0" : "-") + std::to_string(month - 1);
  const auto files = machine.Investigate(Example(GetParam()), machine / "before", {"--as-of", before});
  CheckAssessment(files.at("assessment.json"));
  const Json a = Json::parse(files.at("assessment.json"));
  EXPECT_TRUE(a.at("verdict").at("name").is_null());
  for (const auto& [level, result] : a.at("levels").items())
    EXPECT_EQ(result.at("ranked").at(0).at("kind"), "unknown") << level;
  EXPECT_GT(a.at("knowledge").at("attacks_compared"), 10) << "unknown leads for want of knowledge";
  EXPECT_GT(a.at("knowledge").at("actors_compared"), 5);
}

INSTANTIATE_TEST_SUITE_P(Examples, AssessmentOf, ::testing::ValuesIn(ExampleNames()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Schema, TheCheckerFindsWhatIsWrong) {
  const Machine machine;
  const Json good =
      Json::parse(machine.Investigate(WriteSmallCase(machine / "case"), machine / "out").at("assessment.json"));
  const Json schema = Schema();
  ASSERT_THAT(SchemaFindings(schema, good), ::testing::IsEmpty());
  const auto change = [&](const char* pointer, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    return SchemaFindings(schema, bad).size();
  };
  EXPECT_GT(change("/verdict/gate", "sure"), 0u);
  EXPECT_GT(change("/verdict/extra", 1), 0u);
  EXPECT_GT(change("/levels/operator/ranked/0/posterior", 0.99), 0u);
  EXPECT_GT(change("/levels/operator/ranked", Json::array()), 0u);
  EXPECT_GT(change("/as_of", "2014"), 0u);
  EXPECT_GT(change("/parameters/sha256", "abc"), 0u);
  EXPECT_GT(change("/evidence/facts_used", -1), 0u);
  Json without = good;
  without.erase("route");
  EXPECT_GT(SchemaFindings(schema, without).size(), 0u);
}

}  // namespace
}  // namespace ascribe::cli
