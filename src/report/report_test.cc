#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "report/assessment_json.h"
#include "report/case_json.h"
#include "report/custody.h"
#include "report/hostile_case.h"
#include "report/tables.h"
#include "report/terminal.h"

namespace ascribe {
namespace {

// --- case.json ----------------------------------------------------------------------------------------------------

TEST(CaseJson, HostileStringsComeBackAsTheyWere) {
  const World world = HostileWorld();
  const std::string json = CaseToJson(world.data);
  const auto back = CaseFromJson(ByteView(json));
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->info.title, world.data.info.title);
  EXPECT_EQ(back->info.questions, world.data.info.questions);
  EXPECT_EQ(back->evidence, world.data.evidence);
  EXPECT_EQ(back->sources, world.data.sources);
  ASSERT_EQ(back->facts.size(), world.data.facts.size());
  for (std::size_t i = 0; i < back->facts.size(); ++i) EXPECT_EQ(back->facts[i].Id(), world.data.facts[i].Id()) << i;
  EXPECT_EQ(CaseToJson(*back), json) << "the second writing gives the same bytes";
}

TEST(CaseJson, TheAssessmentIsTheSameFromTheFile) {
  World world = HostileWorld();
  const Assessment first = AssessWorld(world);
  const std::string json = CaseToJson(world.data);
  world.data = *CaseFromJson(ByteView(json));
  EXPECT_EQ(AssessmentToJson(first), AssessmentToJson(AssessWorld(world)));
}

TEST(CaseJson, AChangedFactIsFound) {
  World world;
  world.See("incident:self uses malware:innocent").evidence = std::string(64, 'a');
  std::string json = CaseToJson(world.data);
  const std::size_t at = json.find("malware:innocent");
  ASSERT_NE(at, std::string::npos);
  json.replace(at, 16, "malware:guilty00");
  const auto back = CaseFromJson(ByteView(json));
  ASSERT_FALSE(back.has_value());
  EXPECT_EQ(back.error().code, ErrorCode::kCorrupt);
}

TEST(CaseJson, GarbageIsAnError) {
  for (const char* bad : {"", "{}", "[]", "null", "{\"schema\":\"ascribe-case-facts/1\"}",
                          "{\"schema\":\"ascribe-case-facts/1\",\"case\":3}", "{\"schema\":7}"})
    EXPECT_FALSE(CaseFromJson(ByteView(std::string_view(bad))).has_value()) << bad;
}

Override AnOverride() { return {"c-0123456789ab", Level::kSponsor, "actor:x", -1.5, "we know better", "AB", ParseTime("2026-11-27")->FirstDay()}; }

TEST(CaseJson, OverridesComeBackAsTheyWere) {
  World world;
  world.data.overrides = {AnOverride()};
  const auto back = CaseFromJson(ByteView(CaseToJson(world.data)));
  ASSERT_TRUE(back.has_value()) << back.error().message;
  EXPECT_EQ(back->overrides, world.data.overrides);
}

TEST(CaseJson, WhatBecameKnownLaterIsMarked) {
  World world;
  for (const char* day : {"2020-06-01", "2020-06-02", "2020-06", ""}) {
    Fact& fact = world.See(std::string("incident:self uses malware:m") + day);
    fact.evidence = std::string(64, 'a');
    fact.known_on = ParseTime(day);
  }
  const std::optional<Date> as_of = ParseTime("2020-06-01")->FirstDay();
  std::map<std::string, bool> marks;
  const std::string json = CaseToJson(world.data, as_of), csv = FactsToCsv(world.data, as_of);
  const nlohmann::json written = nlohmann::json::parse(json);
  ASSERT_EQ(written.at("facts").size(), 4u);
  for (const nlohmann::json& fact : written.at("facts")) {
    const std::string id = fact.at("id");
    marks[fact.value("known_on", "")] = fact.at("after_as_of");
    const std::size_t row = csv.find(id);
    ASSERT_NE(row, std::string::npos);
    EXPECT_EQ(csv.substr(row, csv.find("\r\n", row) - row).ends_with(",true"), fact.at("after_as_of").get<bool>());
  }
  EXPECT_EQ(marks, (std::map<std::string, bool>{{"2020-06-01", false}, {"2020-06-02", true}, {"2020-06", true}, {"", false}}));
  EXPECT_EQ(CaseToJson(world.data).find("\"after_as_of\": true"), std::string::npos) << "without a day nothing is later";
  EXPECT_EQ(CaseToJson(*CaseFromJson(ByteView(json)), as_of), json);
}

TEST(CaseJson, ForgedOverridesAreRefused) {
  World world;
  world.data.overrides = {AnOverride()};
  const nlohmann::json good = nlohmann::json::parse(CaseToJson(world.data));
  const std::vector<std::pair<std::string, nlohmann::json>> forged = {
      {"claim", "c-1"}, {"level", "tool"}, {"level", 1},      {"hypothesis", "nobody"}, {"nats", 7.5},      {"nats", -1e300},     {"nats", "1"},
      {"nats", nullptr}, {"reason", " "},  {"reason", std::string(kMaxOverrideReason + 1, 'r')}, {"initials", "A. Person"}, {"initials", ""}, {"date", "2026-11"},
      {"date", ""}};
  for (const auto& [member, value] : forged) {
    nlohmann::json bad = good;
    bad["overrides"][0][member] = value;
    const std::string text = bad.dump();
    const auto back = CaseFromJson(ByteView(text));
    ASSERT_FALSE(back.has_value()) << member << value;
    EXPECT_NE(back.error().message.find(member + ":"), std::string::npos) << back.error().message;
  }
  nlohmann::json twice = good;
  twice["overrides"].push_back(good["overrides"][0]);
  const std::string text = twice.dump();
  EXPECT_FALSE(CaseFromJson(ByteView(text)).has_value());
}

// --- custody ------------------------------------------------------------------------------------------------------

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::string_view line : Split(text, '\n'))
    if (!line.empty()) lines.emplace_back(line);
  return lines;
}

std::string Join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(Custody, TheChainHolds) {
  const World world = HostileWorld();
  const std::string chain = CustodyToJsonl(world.data);
  EXPECT_EQ(Lines(chain).size(), 7u) << "six pieces and the end";
  EXPECT_TRUE(CheckCustody(chain, world.data).empty());
  EXPECT_TRUE(CheckCustody(CustodyToJsonl(CaseData{}), CaseData{}).empty());
}

TEST(Custody, EveryTamperingIsFound) {
  const World world = HostileWorld();
  const std::vector<std::string> lines = Lines(CustodyToJsonl(world.data));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto without = lines;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(CheckCustody(Join(without), world.data).empty()) << "line " << i << " removed";
    if (i + 1 < lines.size()) {
      auto swapped = lines;
      std::swap(swapped[i], swapped[i + 1]);
      EXPECT_FALSE(CheckCustody(Join(swapped), world.data).empty()) << "line " << i << " moved";
      auto edited = lines;
      const std::size_t at = edited[i].find("\"tlp\":\"AMBER\"");
      ASSERT_NE(at, std::string::npos);
      edited[i].replace(at, 13, "\"tlp\":\"CLEAR\"");
      EXPECT_FALSE(CheckCustody(Join(edited), world.data).empty()) << "line " << i << " edited";
    }
    auto doubled = lines;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
    EXPECT_FALSE(CheckCustody(Join(doubled), world.data).empty()) << "line " << i << " doubled";
  }
  EXPECT_FALSE(CheckCustody("", world.data).empty());
  EXPECT_FALSE(CheckCustody("not json\n[]\n3\n{\"previous\":7}\n", world.data).empty()) << "and no exception";
  CaseData other = world.data;
  other.evidence.front().sha256 = std::string(64, '0');
  EXPECT_FALSE(CheckCustody(Join(lines), other).empty());
}

// --- CSV ----------------------------------------------------------------------------------------------------------

// Fields of RFC 4180, so that a cell that breaks out of its quotes is seen.
std::vector<std::vector<std::string>> ReadCsv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::string& cell = rows.back().back();
    if (quoted) {
      if (c == '"' && i + 1 < text.size() && text[i + 1] == '"')
        cell += text[++i];
      else if (c == '"')
        quoted = false;
      else
        cell += c;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      rows.back().emplace_back();
    } else if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++i;
      if (i + 1 < text.size()) rows.push_back({""});
    } else {
      cell += c;
    }
  }
  return rows;
}

TEST(FactsToCsv, EveryRowIsWholeAndNoCellIsAFormula) {
  const World world = HostileWorld();
  const auto rows = ReadCsv(FactsToCsv(world.data));
  ASSERT_EQ(rows.size(), world.data.facts.size() + 1);
  for (const auto& row : rows) {
    EXPECT_EQ(row.size(), rows.front().size());
    for (const std::string& cell : row)
      EXPECT_TRUE(cell.empty() || std::string("=+-@\t\r").find(cell.front()) == std::string::npos)
          << cell.substr(0, 40);
  }
}

// --- assessment.json and the terminal -----------------------------------------------------------------------------

TEST(AssessmentJson, HasTheFieldsThatOthersRelyOn) {
  World world = HostileWorld();
  const auto json = nlohmann::json::parse(AssessmentToJson(AssessWorld(world)), nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  for (const char* level : {"lineage", "operator", "sponsor"}) {
    const auto& ranked = json["levels"][level]["ranked"];
    ASSERT_TRUE(ranked.is_array() && !ranked.empty()) << level;
    bool unknown = false;
    double before = 1;
    for (const auto& h : ranked) {
      unknown = unknown || h["kind"] == "unknown";
      EXPECT_LE(h["posterior"].get<double>(), before) << "sorted";
      EXPECT_LT(h["posterior"].get<double>(), 0.99);
      before = h["posterior"].get<double>();
    }
    EXPECT_TRUE(unknown) << level;
  }
  for (const char* field : {"level", "name", "likelihood", "confidence", "gate"})
    EXPECT_TRUE(json["verdict"].contains(field)) << field;
  World empty;
  const auto nobody = nlohmann::json::parse(AssessmentToJson(AssessWorld(empty)), nullptr, false);
  EXPECT_TRUE(nobody["verdict"]["name"].is_null());
}

std::size_t Columns(std::string_view line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

TEST(Terminal, EightyColumnsAndNothingThatMovesACursor) {
  World hostile = HostileWorld(), empty;
  for (World* world : {&hostile, &empty}) {
    const std::string text = AssessmentToText(AssessWorld(*world));
    EXPECT_TRUE(text.ends_with("\n"));
    for (const std::string& line : Lines(text)) {
      EXPECT_LE(Columns(line), 80u) << line;
      for (const char c : line) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) << line;
      EXPECT_EQ(line.find("\xe2\x80\xae"), std::string::npos) << "bidirectional override";
      EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos) << "C1 control";
    }
  }
}

TEST(Terminal, SaysWhatAReaderNeeds) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  world.Know("attack:a contains code-function:f");
  world.See("incident:self contains code-function:f");
  world.See("incident:self communicates-with ipv4:203.0.113.9");
  const std::string text = AssessmentToText(AssessWorld(world));
  for (const char* part : {"OPERATED BY", "TOOLS FROM THE CODE BASE OF", "IN THE SERVICE OF", "Rests on", "Rival",
                           "Flips if", "Trail", "Next", "Compared", "unknown"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
  EXPECT_EQ(text.find("203.0.113.9"), std::string::npos) << "addresses are defanged";
  EXPECT_NE(text.find("203.0.113[.]9"), std::string::npos);
}

}  // namespace
}  // namespace ascribe
