#include "ingest/case_file.h"

#include <gtest/gtest.h>

#include "model/diagnostic_list.h"

namespace ascribe {
namespace {

constexpr std::string_view kGood = R"(
format = "ascribe-case/1"
id = "press-2020"
title = "A press house"
tlp = "GREEN"
questions = ["Who?", "How?"]
[victim]
name = "Press"
sector = "Media"
country = "us"
[dates]
incident = 2020-06-01
detected = "2020-06-02"
[[source]]
id = "vendor"
title = "A report"
reliability = "B"
credibility = 2
published = "2020-07"
[[evidence]]
file = "evidence/b.ndjson"
source = "vendor"
known_on = "2020-07-03"
acquired_at = "2020-07-04T10:00:00Z"
tlp = "RED"
[[evidence]]
file = "evidence/a.ndjson"
)";

std::string Replace(std::string_view what, std::string_view with) {
  std::string text(kGood);
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

TEST(CaseFile, EveryField) {
  const auto file = ParseCaseFile(kGood);
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->info.id, "press-2020");
  EXPECT_EQ(file->info.tlp, Tlp::kGreen);
  EXPECT_EQ(file->info.questions, (std::vector<std::string>{"Who?", "How?"}));
  EXPECT_EQ(file->info.victim_sector, "media");
  EXPECT_EQ(file->info.victim_country, "US");
  EXPECT_EQ(file->info.incident->ToString(), "2020-06-01");
  EXPECT_EQ(file->info.detected->ToString(), "2020-06-02");
  ASSERT_EQ(file->entries.size(), 2u);
  EXPECT_EQ(file->entries[0].file, "evidence/a.ndjson") << "sorted";
  EXPECT_EQ(file->entries[1].source, "vendor");
  EXPECT_EQ(file->entries[1].known_on->ToString(), "2020-07-03");
  EXPECT_EQ(file->entries[1].tlp, Tlp::kRed);
  ASSERT_EQ(file->sources.size(), 2u);
  EXPECT_EQ(file->sources[0].id, kCaseFileSource);
  EXPECT_EQ(file->sources[0].grade.ToString(), "C3");
  EXPECT_EQ(file->sources[1].grade.ToString(), "B2");
}

TEST(CaseFile, TheLeastThatIsACase) {
  const auto file = ParseCaseFile("format = \"ascribe-case/1\"\nid = \"a\"\n[dates]\nincident = \"2020\"\n");
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(file->info.tlp, Tlp::kAmber) << "unmarked is not public";
  EXPECT_FALSE(file->info.detected.has_value());
}

TEST(CaseFile, VictimFactsHaveTheirLine) {
  const auto file = ParseCaseFile(kGood);
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->victim_sector_line, 9u);
  EXPECT_EQ(file->victim_country_line, 10u);
  const auto none = ParseCaseFile(Replace("sector = \"Media\"\ncountry = \"us\"\n", ""));
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(none->victim_sector_line, 0u);
}

TEST(CaseFile, DetectedBeforeTheIncidentIsNotedOnce) {
  const auto file = ParseCaseFile(Replace("detected = \"2020-06-02\"", "detected = 2020-05-31"));
  ASSERT_TRUE(file.has_value());
  ASSERT_EQ(file->diagnostics.size(), 1u);
  EXPECT_EQ(file->diagnostics[0].code, "dates-order");
  EXPECT_EQ(file->diagnostics[0].locator.offset, 13u);
  EXPECT_EQ(file->diagnostics[0].text,
            "case.toml, line 13: detected = 2020-05-31 is before incident = 2020-06-01; nothing is detected before it happens: correct one of them");
  // A month or a year that holds the day of the incident is not before it.
  for (const char* detected : {"detected = \"2020-06\"", "detected = \"2020\"", "detected = 2020-06-01"})
    EXPECT_TRUE(ParseCaseFile(Replace("detected = \"2020-06-02\"", detected))->diagnostics.empty()) << detected;
}

TEST(CaseFile, MistakesSayWhatToDo) {
  for (const auto& [what, with, hint] :
       {std::tuple<std::string_view, std::string_view, std::string_view>{"ascribe-case/1", "ascribe-case/2",
                                                                         "ascribe-case/1"},
        {"id = \"press-2020\"", "id = \"../../etc\"", "id"},
        {"id = \"press-2020\"", "id = \".hidden\"", "id"},
        {"tlp = \"GREEN\"", "tlp = \"PINK\"", "AMBER"},
        {"country = \"us\"", "country = \"USA\"", "victim.country"},
        {"incident = 2020-06-01", "", "dates.incident"},
        {"incident = 2020-06-01", "incident = \"soon\"", "dates.incident"},
        {"source = \"vendor\"", "source = \"nobody\"", "not declared"},
        {"file = \"evidence/a.ndjson\"", "file = \"evidence/b.ndjson\"", "listed twice"},
        {"file = \"evidence/a.ndjson\"", "", "file"}}) {
    const auto file = ParseCaseFile(Replace(what, with));
    ASSERT_FALSE(file.has_value()) << with;
    EXPECT_NE(file.error().message.find(hint), std::string::npos) << with << ": " << file.error().message;
  }
  EXPECT_FALSE(ParseCaseFile("[[[").has_value());
  EXPECT_FALSE(ParseCaseFile("").has_value());
}

TEST(CaseFile, WhatNobodyReadsIsNamedWithLineAndNearestName) {
  for (const auto& [what, with, expected] :
       {std::tuple<std::string_view, std::string_view, std::string_view>{
            "title = \"A press house\"", "titel = \"A press house\"", "line 4: unknown key \"titel\" is not read; did you mean title =?"},
        {"[victim]", "[victm]", "line 7: unknown table \"victm\" is not read; did you mean [victim]?"},
        {"[victim]", "[[victim]]", "line 7: victim is not read; write it as [victim]"},
        {"sector =", "Secotr =", "line 9: unknown key \"Secotr\" in [victim] is not read; did you mean sector =?"},
        {"detected", "detected_on", "line 13: unknown key \"detected_on\" in [dates] is not read; did you mean detected =?"},
        {"published", "publishd", "line 19: unknown key \"publishd\" in [[source]] is not read; did you mean published =?"},
        {"acquired_at", "aquired_at", "line 24: unknown key \"aquired_at\" in [[evidence]] is not read; did you mean acquired_at =?"},
        {"[[evidence]]\nfile = \"evidence/a.ndjson\"", "[[evidences]]\nfile = \"evidence/a.ndjson\"",
         "line 26: unknown table \"evidences\" is not read; did you mean [[evidence]]?"},
        {"[victim]", "[\"\\u001b[2J\"]\n[victim]", "line 7: unknown table \"<U+001B>[2J\" is not read; remove it"}}) {
    const auto file = ParseCaseFile(Replace(what, with));
    ASSERT_TRUE(file.has_value()) << with << file.error().message;
    ASSERT_EQ(file->diagnostics.size(), 1u) << with;
    EXPECT_EQ(file->diagnostics[0].code, expected.find("write it") == std::string_view::npos ? "unknown-field" : "wrong-shape");
    EXPECT_EQ(file->diagnostics[0].text, "case.toml, " + std::string(expected));
    EXPECT_EQ(file->diagnostics[0].locator.kind, Locator::Kind::kLine);
  }
  EXPECT_TRUE(ParseCaseFile(kGood)->diagnostics.empty());
}

TEST(CaseFile, AnErrorNamesTheMisspeltKeyBehindIt) {
  const auto file = ParseCaseFile(Replace("incident =", "incidnet ="));
  ASSERT_FALSE(file.has_value());
  EXPECT_NE(file.error().message.find("dates.incident"), std::string::npos);
  EXPECT_NE(file.error().message.find("line 12: unknown key \"incidnet\" in [dates] is not read; did you mean incident =?"), std::string::npos)
      << file.error().message;
}

TEST(CaseFile, UnknownKeysWithoutEndAreLimited) {
  std::string text(kGood);
  for (int i = 0; i < 5000; ++i) text += "k" + std::to_string(i) + " = 1\n";
  const auto file = ParseCaseFile(text);
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(file->diagnostics.size(), kMaxDiagnosticsPerFile + 1) << "the last says how many more";
}

TEST(CaseFile, HostileTextIsNotEchoed) {
  const auto file = ParseCaseFile("format = \"\\u001b[2J\"\n");
  ASSERT_FALSE(file.has_value());
  for (const char c : file.error().message) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

}  // namespace
}  // namespace ascribe
