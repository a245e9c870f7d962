#include "ingest/overrides_file.h"

#include <gtest/gtest.h>

#include <string>

namespace ascribe {
namespace {

const std::string kHead = "format = \"ascribe-overrides/1\"\n";
std::string Entry(const std::string& changed = "", const std::string& value = "") {
  std::string text = "[[override]]\n";
  for (const auto& [key, usual] : {std::pair{"claim", "\"c-0123456789ab\""}, {"level", "\"operator\""}, {"hypothesis", "\"actor:x\""}, {"nats", "1.5"},
                                   {"reason", "\"we know better\""}, {"initials", "\"AB\""}, {"date", "\"2026-11-27\""}})
    if (changed != key) text += std::string(key) + " = " + usual + "\n";
    else if (!value.empty()) text += changed + " = " + value + "\n";
  return text;
}

TEST(OverridesFile, IsRead) {
  const auto file = ParseOverrides(kHead + Entry());
  ASSERT_TRUE(file);
  ASSERT_EQ(file->overrides.size(), 1u);
  const Override& o = file->overrides[0];
  EXPECT_EQ(o.claim, "c-0123456789ab");
  EXPECT_EQ(o.level, Level::kOperator);
  EXPECT_EQ(o.hypothesis, "actor:x");
  EXPECT_EQ(o.nats, 1.5);
  EXPECT_EQ(o.reason, "we know better");
  EXPECT_EQ(o.initials, "AB");
  EXPECT_EQ(o.date.ToString(), "2026-11-27");
  EXPECT_TRUE(file->diagnostics.empty());
}

TEST(OverridesFile, WhatCannotBeUsedIsNamedAndTheRestCounts) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"claim", "\"c-1\""},       {"claim", "\"c-0123456789aX\""}, {"claim", ""},     {"level", "\"tool\""}, {"hypothesis", "\"x\""}, {"nats", "7.5"},
      {"nats", "nan"},            {"nats", "\"1\""},                {"nats", ""},      {"reason", "\"  \""},  {"reason", "\"" + std::string(1001, 'r') + "\""},
      {"initials", "\"ab\""},     {"initials", "\"ABCDE\""},        {"initials", "\"A\""}, {"date", "\"2026-11\""}, {"date", ""}};
  for (const auto& [key, value] : wrong) {
    const auto file = ParseOverrides(kHead + Entry(key, value) + Entry("hypothesis", "\"actor:y\""));
    ASSERT_TRUE(file) << key << value;
    EXPECT_EQ(file->overrides.size(), 1u) << key << value;
    ASSERT_EQ(file->diagnostics.size(), 1u) << key << value;
    EXPECT_NE(file->diagnostics[0].text.find(key + ":"), std::string::npos) << file->diagnostics[0].text;
    EXPECT_EQ(file->diagnostics[0].locator.path, "override[0]");
  }
  const auto twice = ParseOverrides(kHead + Entry() + Entry());
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->overrides.size(), 1u);
  EXPECT_EQ(twice->diagnostics.size(), 1u);
}

TEST(OverridesFile, UnknownTablesAndKeysAreNamedWithLineAndNearestName) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"[[overrides]]\nclaim = \"c-0123456789ab\"\n", "line 2: unknown table \"overrides\" is not read; did you mean [[override]]?"},
      {"[override]\nclaim = \"c-0123456789ab\"\n", "line 2: override is not read; write it as [[override]]"},
      {"override = 7\n", "line 2: override is not read; write it as [[override]]"},
      {"autor = \"AB\"\n", "line 2: unknown key \"autor\" is not read; remove it"},
      {Entry() + "reasn = \"\"\n", "line 10: unknown key \"reasn\" in [[override]] 1 is not read; did you mean reason =?"}};
  for (const auto& [text, expected] : wrong) {
    const auto file = ParseOverrides(kHead + text);
    ASSERT_TRUE(file) << text;
    EXPECT_EQ(file->overrides.size(), text.starts_with("[[override]]") ? 1u : 0u) << "what is well counts";
    ASSERT_EQ(file->diagnostics.size(), 1u) << text;
    EXPECT_EQ(file->diagnostics[0].text, "overrides.toml, " + expected);
  }
}

TEST(OverridesFile, OtherFormatsAndNoTomlAreErrors) {
  EXPECT_FALSE(ParseOverrides("format = \"ascribe-overrides/2\"\n"));
  EXPECT_FALSE(ParseOverrides(""));
  EXPECT_FALSE(ParseOverrides("[[override"));
}

TEST(OverridesFile, ManyAreCutOff) {
  std::string text = kHead;
  for (std::size_t i = 0; i <= kMaxOverrides; ++i) text += Entry("hypothesis", "\"actor:a" + std::to_string(i) + "\"");
  const auto file = ParseOverrides(text);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->overrides.size(), kMaxOverrides);
  EXPECT_EQ(file->diagnostics.size(), 1u);
}

}  // namespace
}  // namespace ascribe
