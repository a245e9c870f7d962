#include "report/assessment_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/assessment_json.h"
#include "report/case_json.h"
#include "report/hostile_case.h"

namespace ascribe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

AssessedCase Read(World& world) {
  const Assessment assessment = AssessWorld(world);
  auto read = ReadAssessed(AssessmentToJson(assessment), CaseToJson(world.data));
  EXPECT_TRUE(read.has_value()) << read.error().message;
  return read.value_or(AssessedCase{});
}

World Small() {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  world.Know("attack:a contains mutex:one");
  world.Know("attack:a contains mutex:two");
  world.See("incident:self contains mutex:one");
  return world;
}

TEST(AssessmentDiff, NothingChangedByItself) {
  World world = Small();
  const AssessmentDiff diff = DiffAssessments(Read(world), Read(world));
  EXPECT_TRUE(diff.empty());
  EXPECT_EQ(DiffToText(diff), "Nothing changed.\n");
}

TEST(AssessmentDiff, NewEvidenceAndWhatFollows) {
  World before = Small(), after = Small();
  after.See("incident:self contains mutex:two", "B2-later");
  const AssessmentDiff diff = DiffAssessments(Read(before), Read(after));
  ASSERT_EQ(diff.facts.size(), 1u);
  EXPECT_EQ(diff.facts[0].before, "");
  EXPECT_EQ(diff.facts[0].after, "incident:self contains mutex:two");
  EXPECT_TRUE(std::any_of(diff.inputs.begin(), diff.inputs.end(), [](const Change& c) {
    return c.what == "source B2-later" && c.before.empty() && c.after == "B2";
  }));
  ASSERT_EQ(diff.claims.size(), 1u);
  EXPECT_EQ(diff.claims[0].before_id, "");
  EXPECT_GT(diff.claims[0].after, 0);
  ASSERT_FALSE(diff.posteriors.empty());
  const auto x = std::find_if(diff.posteriors.begin(), diff.posteriors.end(),
                              [](const PosteriorChange& c) { return c.hypothesis == "actor:x"; });
  ASSERT_NE(x, diff.posteriors.end());
  EXPECT_GT(*x->after, *x->before);
  // The other way round it is the mirror image.
  const AssessmentDiff back = DiffAssessments(Read(after), Read(before));
  EXPECT_EQ(back.claims.at(0).after_id, "");
  EXPECT_DOUBLE_EQ(back.claims.at(0).before, diff.claims[0].after);
  EXPECT_EQ(back.posteriors.size(), diff.posteriors.size());
}

TEST(AssessmentDiff, AnotherGradeChangesNatsOfTheSameClaim) {
  World before = Small(), after = Small();
  after.SourceOf("A1-report").grade = *ParseGrade("D4");
  const AssessmentDiff diff = DiffAssessments(Read(before), Read(after));
  EXPECT_TRUE(diff.facts.empty());
  ASSERT_EQ(diff.claims.size(), 1u);
  EXPECT_EQ(diff.claims[0].before_id, diff.claims[0].after_id);
  EXPECT_GT(diff.claims[0].before, diff.claims[0].after);
  ASSERT_EQ(diff.inputs.size(), 1u);
  EXPECT_EQ(diff.inputs[0].what, "source A1-report");
  const auto json = nlohmann::json::parse(DiffToJson(diff));
  EXPECT_EQ(json.at("schema"), "ascribe-diff/1");
  EXPECT_EQ(json.at("claims").at(0).at("nats_before").is_number(), true);
}

// An actor that today's knowledge calls differently is not somebody else: both names are shown.
TEST(AssessmentDiff, ARenamedActorHasBothNames) {
  World before = Small(), after = Small();
  after.See("incident:self contains mutex:two", "B2-later");
  AssessedCase was = Read(before), is = Read(after);
  was.levels["operator"].at("actor:x").name = "Old Name";
  is.levels["operator"].at("actor:x").name = "New Name";
  ASSERT_FALSE(was.claims.empty());
  const std::string id = was.claims.begin()->first;
  ASSERT_TRUE(is.claims.contains(id));
  was.claims.at(id).statement = "as Old Name did";
  is.claims.at(id).statement = "as New Name did";
  is.claims.at(id).set_aside = "set aside";  // so that it is listed
  const AssessmentDiff diff = DiffAssessments(was, is);
  const std::string text = DiffToText(diff);
  EXPECT_THAT(text, HasSubstr("New Name (before: Old Name): "));
  EXPECT_THAT(text, HasSubstr("as New Name did (before: as Old Name did)"));
  const auto json = nlohmann::json::parse(DiffToJson(diff));
  bool found = false;
  for (const auto& p : json.at("posteriors")) {
    const bool renamed = p.at("hypothesis") == "actor:x" && p.at("level") == "operator";
    if (!renamed) {
      EXPECT_EQ(p.at("name_before"), p.at("name_after"));
      continue;
    }
    found = true;
    EXPECT_EQ(p.at("name_before"), "Old Name");
    EXPECT_EQ(p.at("name_after"), "New Name");
  }
  EXPECT_TRUE(found);
  EXPECT_THAT(DiffToText(DiffAssessments(Read(before), Read(after))), Not(HasSubstr("(before: ")));
}

TEST(AssessmentDiff, TheTextMovesNoCursor) {
  World before = Small(), after = HostileWorld();
  const std::string text = DiffToText(DiffAssessments(Read(before), Read(after)));
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  EXPECT_THAT(text, HasSubstr("more; --json has them all"));
}

TEST(AssessmentDiff, GarbageIsAnError) {
  World world = Small();
  const std::string good = AssessmentToJson(AssessWorld(world)), facts = CaseToJson(world.data);
  for (const char* bad : {"", "{}", "[]", "null", "{\"schema\":7}", "{\"schema\":\"ascribe-case-facts/1\"}"}) {
    EXPECT_FALSE(ReadAssessed(std::string_view(bad), facts).has_value()) << bad;
    if (std::string_view(bad).find("case-facts") == std::string_view::npos) {
      EXPECT_FALSE(ReadAssessed(good, std::string_view(bad)).has_value()) << bad;
    }
  }
  // Wrong types inside are read as absent, never a crash.
  EXPECT_TRUE(
      ReadAssessed(
          std::string_view(
              R"({"schema":"ascribe-assessment/2","levels":{"operator":{"ranked":[7,{"id":[]}]}},"claims":{"a":1},"verdict":3,"knowledge":[]})"),
          std::string_view(R"({"schema":"ascribe-case-facts/1","facts":[null,[]],"evidence":"x"})"))
          .has_value());
}

}  // namespace
}  // namespace ascribe
