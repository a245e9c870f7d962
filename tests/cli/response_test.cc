// response.json over all examples: its schema, what it refers to, and that no step acts against anybody.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "json_schema.h"
#include "program.h"

namespace ascribe::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

Json Schema() { return Json::parse(ReadBytes(Root() / "docs/formats/response.schema.json")); }

std::set<std::string> FactIds(const std::string& csv) {
  std::set<std::string> ids;
  for (std::size_t at = csv.find("f-"); at != std::string::npos; at = csv.find("f-", at + 1))
    if (at == 0 || csv[at - 1] == '\n') ids.insert(csv.substr(at, 18));
  return ids;
}

class ResponseTo : public ::testing::TestWithParam<std::string> {};

TEST_P(ResponseTo, FollowsTheSchemaAndRefersToTheCase) {
  const Machine machine;
  const auto files = machine.Investigate(Example(GetParam()), machine / "out");
  const std::string& text = files.at("response.json");
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }));
  const Json plan = Json::parse(text);
  EXPECT_THAT(SchemaFindings(Schema(), plan), IsEmpty());
  const Json assessment = Json::parse(files.at("assessment.json"));
  EXPECT_EQ(plan.at("gate"), assessment.at("verdict").at("gate"));
  const std::set<std::string> facts = FactIds(files.at("facts.csv"));
  std::set<std::string> claims;
  for (const Json& claim : assessment.at("claims")) claims.insert(claim.at("id"));
  const auto check = [&](const Json& backing) {
    for (const Json& id : backing.at("facts")) EXPECT_TRUE(facts.count(id)) << id;
    for (const Json& id : backing.at("claims")) EXPECT_TRUE(claims.count(id)) << id;
    EXPECT_GE(backing.at("facts_total").get<std::size_t>(), backing.at("facts").size());
  };

  const Json& severity = plan.at("severity");
  EXPECT_LT(severity.at("low").get<double>(), severity.at("high").get<double>());
  EXPECT_GT(severity.at("low").get<double>(), 0) << "something is known of every example";
  for (const Json& category : severity.at("categories")) {
    check(category.at("backing"));
    EXPECT_LE(category.at("low").get<double>(), category.at("high").get<double>());
    EXPECT_EQ(category.at("option").is_null(), category.at("backing").at("facts").empty()) << category.at("id");
    if (category.at("option").is_null()) {
      EXPECT_THAT(category.at("note").get<std::string>(), HasSubstr("not known: counted as"));
    }
  }
  EXPECT_FALSE(plan.at("steps").empty());
  for (const char* list : {"steps", "withheld"}) {
    for (const Json& step : plan.at(list)) {
      check(step.at("backing"));
      EXPECT_FALSE(step.at("backing").at("facts").empty()) << step.at("step") << " answers nothing of the case";
      EXPECT_EQ(step.at("withheld").is_null(), std::string(list) == "steps") << step.at("step");
      EXPECT_EQ(step.at("mitigation").is_null(), step.at("step") != "apply-mitigation");
    }
  }
  for (const char* list : {"block", "not_blocked"}) {
    for (const Json& entry : plan.at(list)) {
      check(entry.at("backing"));
      EXPECT_FALSE(entry.at("backing").at("facts").empty()) << entry.at("value");
    }
  }
  for (const Json& entry : plan.at("block"))
    EXPECT_LT(entry.at("last_seen").get<std::string>(), entry.at("expires").get<std::string>()) << entry.at("value");
}

TEST_P(ResponseTo, IsOnThePageInAtMostFourLines) {
  const Machine machine;
  const std::string report = machine.Investigate(Example(GetParam()), machine / "out").at("report.txt");
  const std::size_t at = report.find("\nResponse  severity ");
  ASSERT_NE(at, std::string::npos) << report;
  EXPECT_LE(std::count(report.begin() + static_cast<std::ptrdiff_t>(at) + 1, report.end(), '\n'), 4);
  const Outcome whole = machine.Run({"explain", Example(GetParam()).string(), "response"});
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_TRUE(IsTerminalSafe(whole.out));
  EXPECT_THAT(whole.out,
              ::testing::AllOf(HasSubstr("\nSEVERITY"), HasSubstr("\nJUSTIFIED NOW\n"), HasSubstr("rests on f-")));
  std::size_t columns = 0;
  for (const char c : whole.out) {
    columns = c == '\n' ? 0 : columns + ((static_cast<unsigned char>(c) & 0xC0) != 0x80);
    ASSERT_LE(columns, 80u) << whole.out;
  }
}

INSTANTIATE_TEST_SUITE_P(Examples, ResponseTo, ::testing::ValuesIn(ExampleNames()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// The schema's list is the vocabulary; a plan with anything else in it does not pass.
TEST(ResponseSchema, KnowsNoOffensiveStep) {
  const Machine machine;
  const Json good = Json::parse(machine.Investigate(Example("sony-2014"), machine / "out").at("response.json"));
  ASSERT_THAT(SchemaFindings(Schema(), good), IsEmpty());
  const auto change = [&](const char* pointer, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    return SchemaFindings(Schema(), bad).size();
  };
  for (const char* step : {"hack-back", "attack", "take-down-server", "retaliate", ""})
    EXPECT_GT(change("/steps/0/step", step), 0u) << step;
  EXPECT_GT(change("/steps/0/class", "attack"), 0u);
  EXPECT_GT(change("/severity/high", 101), 0u);
  EXPECT_GT(change("/steps/0/backing/facts/0", "f-1"), 0u);
  EXPECT_GT(change("/extra", 1), 0u);
}

// The day of the reading decides, never the clock.
TEST(Response, AsOfDecidesWhatHasExpired) {
  const Machine machine;
  const auto in_time = Json::parse(
      machine.Investigate(Example("sony-2014"), machine / "a", {"--as-of", "2014-12-20"}).at("response.json"));
  const auto late = Json::parse(
      machine.Investigate(Example("sony-2014"), machine / "b", {"--as-of", "2019-12-31"}).at("response.json"));
  const auto addresses = [](const Json& plan) {
    return std::count_if(plan.at("block").begin(), plan.at("block").end(),
                         [](const Json& e) { return e.at("type") == "ipv4"; });
  };
  EXPECT_GT(addresses(in_time), 0);
  EXPECT_EQ(addresses(late), 0);
  const Json& not_blocked = late.at("not_blocked");
  EXPECT_TRUE(std::any_of(not_blocked.begin(), not_blocked.end(), [](const Json& e) {
    return e.at("reason").get<std::string>().starts_with("expired on 2015-");
  }));
}

}  // namespace
}  // namespace ascribe::cli
