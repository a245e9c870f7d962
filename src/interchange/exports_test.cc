// MISP, Navigator, Markdown and CSV: what they say, and that nothing hostile gets a meaning.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "ingest/misp.h"
#include "interchange/evidence_csv.h"
#include "interchange/markdown_report.h"
#include "interchange/misp_export.h"
#include "interchange/navigator_export.h"
#include "interchange/test_export.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;

std::set<std::string> Tags(const Json& owner) {
  std::set<std::string> tags;
  for (const Json& tag : owner.at("Tag")) tags.insert(tag.at("name").get<std::string>());
  return tags;
}

TEST(ExportMisp, SaysWhatTheCaseHolds) {
  World world = BusyWorld();
  ExportedWorld exported(world);
  exported.knowledge.shared["domain:c2.example.net"] = "shared-hosting";
  const std::string text = ExportMisp(exported.View());
  EXPECT_EQ(text, ExportMisp(exported.View()));
  const Json event = Json::parse(text).at("Event");
  EXPECT_EQ(event.at("date"), "2020-06-01");
  EXPECT_EQ(event.at("distribution"), "3");
  std::map<std::string, Json> attributes;
  std::set<std::string> uuids;
  for (const Json& attribute : event.at("Attribute")) {
    attributes[attribute.at("type").get<std::string>() + " " + attribute.at("value").get<std::string>()] = attribute;
    EXPECT_TRUE(uuids.insert(attribute.at("uuid").get<std::string>()).second);
  }
  EXPECT_EQ(attributes.count("ip-src 198.51.100.3"), 1u) << "seen, and the sample talks to it";
  EXPECT_EQ(attributes.at("ip-dst 198.51.100.3").at("disable_correlation"), false);
  EXPECT_EQ(attributes.at("domain c2.example.net").at("disable_correlation"), true) << "shared hosting joins strangers";
  EXPECT_EQ(attributes.at("domain c2.example.net").at("to_ids"), false);
  EXPECT_EQ(attributes.at("ip-src 10.0.0.1").at("disable_correlation"), true);
  EXPECT_EQ(attributes.count("domain|ip c2.example.net|198.51.100.7"), 1u);
  EXPECT_EQ(Tags(attributes.at("mutex shared-mutex")).count("admiralty-scale:source-reliability=\"a\""), 1u);
  ASSERT_EQ(event.at("Object").size(), 1u);
  EXPECT_EQ(event.at("Object").at(0).at("Attribute").at(0).at("object_relation"), "md5");
  // A note for each rival, with the posterior as the opinion on it.
  std::size_t opinions = 0;
  for (const Json& note : event.at("Note")) {
    if (!note.contains("Opinion")) continue;
    ++opinions;
    EXPECT_EQ(note.at("Opinion").at(0).at("object_uuid"), note.at("uuid"));
  }
  EXPECT_GE(opinions, 3u) << "two actors and unknown at least";
}

TEST(ExportMisp, NamesAThreatActorOnlyAboveTheGateAndNeverAsEvidence) {
  World world = BusyWorld();
  ExportedWorld exported(world);
  for (const char* gate : {"none", "consistent_with", "activity_link"}) {
    SetGate(exported.assessment, gate);
    EXPECT_EQ(ExportMisp(exported.View()).find("misp-galaxy:threat-actor"), std::string::npos) << gate;
  }
  SetGate(exported.assessment, "likely");
  const std::string text = ExportMisp(exported.View());
  const std::set<std::string> tags = Tags(Json::parse(text).at("Event"));
  EXPECT_EQ(tags.count("misp-galaxy:threat-actor=\"Group X\""), 1u);
  EXPECT_EQ(tags.count("estimative-language:likelihood-probability=\"likely\""), 1u);
  const Reading reading = ReadMisp(ByteView(text), "misp.json");
  EXPECT_GT(reading.facts.size(), 5u);
  for (const Fact& fact : reading.facts) EXPECT_NE(fact.relation, Relation::kAttributedTo);
}

TEST(ExportMisp, HostileTextsStayTexts) {
  World world = HostileWorld();
  for (const std::string& text : HostileTexts())
    world.See("incident:self uses malware:x").object.value = SanitizeUtf8(text);
  const ExportedWorld exported(world);
  const Json event = Json::parse(ExportMisp(exported.View())).at("Event");
  std::set<std::string> values;
  for (const Json& attribute : event.at("Attribute")) values.insert(attribute.at("value").get<std::string>());
  for (const std::string& hostile : HostileTexts()) EXPECT_EQ(values.count(SanitizeUtf8(hostile)), 1u) << hostile;
  for (const std::string& tag : Tags(event))
    EXPECT_LE(std::count(tag.begin(), tag.end(), '"'), 2) << "a quote in a value would end it early: " << tag;
}

TEST(ExportNavigator, ScoresAddUpToTheClaim) {
  World world = BusyWorld();
  const ExportedWorld exported(world);
  const std::string text = ExportNavigator(exported.View());
  const Json layers = Json::parse(text);
  ASSERT_EQ(layers.size(), 4u) << "observed, two actors, discriminating";
  for (const Json& layer : layers) {
    EXPECT_EQ(layer.at("domain"), "enterprise-attack");
    EXPECT_EQ(layer.at("versions").at("layer"), "4.5");
  }
  EXPECT_EQ(layers.at(0).at("techniques").size(), 2u);
  const Claim* set = ClaimOfKind(exported.assessment.claims, "technique");
  ASSERT_NE(set, nullptr);
  const auto sum = [&](const std::string& actor) {
    double total = 0;
    for (const auto& [technique, row] : exported.knowledge.technique_nats)
      if (const auto cell = row.find(actor); cell != row.end()) total += cell->second;
    return total;
  };
  for (const char* actor : {"actor:x", "actor:y"}) {
    EXPECT_GT(sum(actor), 0);
    EXPECT_NEAR(sum(actor), set->NatsFor(Level::kOperator, actor), 1e-9) << actor;
  }
  EXPECT_EQ(layers.at(3).at("techniques").size(), 2u) << "each is used by one of the two only";
}

// A file may quote several sources: a footnote names the one that states the fact, not the one the file came from.
TEST(ExportMarkdown, AFootnoteNamesTheSourceOfItsFact) {
  World world = BusyWorld();
  world.See("incident:self contains mutex:quoted", "B2-other").evidence = std::string(64, 'a');
  world.SourceOf("B2-other").publisher = "Other House";
  world.SourceOf("B2-other").title = "Quoted words";
  world.SourceOf("A1-report").publisher.clear();
  world.SourceOf("A1-report").title = "A bare title";
  const std::string report = ExportMarkdown(ExportedWorld(world).View());
  EXPECT_THAT(report, HasSubstr("TLP:CLEAR, B2 Other House: Quoted words\n"));
  EXPECT_THAT(report, HasSubstr("TLP:CLEAR, A1 A bare title\n"));
  EXPECT_EQ(report.find(" : "), std::string::npos);
  std::string row = report.substr(report.find("quoted"));
  row.resize(row.find('\n'));
  const std::size_t note = row.find("[^");
  ASSERT_NE(note, std::string::npos) << row;
  const std::string number = row.substr(note, row.find(']', note) + 1 - note);
  EXPECT_THAT(report, HasSubstr("\n" + number + ": evidence/a.csv"));
  std::string cited = report.substr(report.find("\n" + number + ": ") + 1);
  EXPECT_THAT(cited.substr(0, cited.find('\n')), HasSubstr("Other House"));
}

TEST(ExportMarkdown, CitesFilesAndLetsNothingBecomeMarkup) {
  World busy = BusyWorld();
  const ExportedWorld exported(busy);
  const std::string report = ExportMarkdown(exported.View());
  EXPECT_THAT(report, HasSubstr("[^1]: evidence/a.csv, SHA-256 `" + std::string(64, 'a') + "`"));
  EXPECT_THAT(report, HasSubstr("## Rivals"));
  for (const SharedFact& fact : exported.View().facts) EXPECT_THAT(report, HasSubstr(fact.id));

  EXPECT_EQ(MarkdownSafe("a|b"), "a\\|b");
  EXPECT_EQ(MarkdownSafe("![x](http://evil.example/p)").find("http:"), std::string::npos);
  EXPECT_EQ(MarkdownSafe("<img src=x onerror=y>").find('<'), std::string::npos);
  EXPECT_EQ(MarkdownSafe("`code` *b* _i_ [l] ~s~ $m$"), "\\`code\\` \\*b\\* \\_i\\_ \\[l\\] \\~s\\~ \\$m\\$");
  EXPECT_EQ(MarkdownSafe("www.a").find("www."), std::string::npos);
  EXPECT_EQ(MarkdownSafe("one\ntwo"), "one two");
  World hostile = HostileWorld();
  const std::string text = ExportMarkdown(ExportedWorld(hostile).View());
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  EXPECT_EQ(text.find("</script>"), std::string::npos);
  // Every row of a table has the cells of its head, whatever the evidence says.
  std::size_t columns = 0, rows = 0;
  for (std::string_view line : Split(text, '\n')) {
    std::size_t bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i) bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    if (!line.starts_with('|')) {
      columns = 0;
    } else if (columns == 0) {
      columns = bars;
    } else {
      EXPECT_EQ(bars, columns) << line;
      ++rows;
    }
  }
  EXPECT_GT(rows, 20u);
}

TEST(ExportEvidenceCsv, DisarmsFormulasAndLeadsToTheBytes) {
  World hostile = HostileWorld();
  const std::string text = ExportEvidenceCsv(ExportedWorld(hostile).View());
  bool quoted = false, start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (start) {
      const char first = text[i] == '"' && i + 1 < text.size() ? text[i + 1] : text[i];
      EXPECT_EQ(std::string_view("=+-@\t").find(first), std::string_view::npos) << text.substr(i, 40);
    }
    if (text[i] == '"') quoted = !quoted;
    start = !quoted && (text[i] == ',' || text[i] == '\n');
  }
  World busy = BusyWorld();
  const ExportedWorld exported(busy);
  const std::string table = ExportEvidenceCsv(exported.View());
  for (const SharedFact& fact : exported.View().facts) EXPECT_THAT(table, HasSubstr(fact.id));
  for (const Claim& claim : exported.assessment.claims) EXPECT_THAT(table, HasSubstr(claim.id));
  EXPECT_THAT(table, HasSubstr(std::string(64, 'a')));
}

TEST(Exports, ALimitKeepsTheVerdictBackEverywhere) {
  World world = BusyWorld();
  world.See("incident:self observed ipv4:198.51.100.99").evidence = AddEvidence(world, 'b', Tlp::kRed);
  ExportedWorld exported(world);
  SetGate(exported.assessment, "very_likely");
  exported.assessment.verdict.sentence = "It is likely that THE VERDICT.";
  const ExportView view = exported.View(Tlp::kAmber);
  for (const std::string& text :
       {ExportMisp(view), ExportNavigator(view), ExportMarkdown(view), ExportEvidenceCsv(view)}) {
    EXPECT_EQ(text.find("THE VERDICT"), std::string::npos);
    EXPECT_EQ(text.find("Group X"), std::string::npos);
    EXPECT_EQ(text.find("198.51.100.99"), std::string::npos);
    EXPECT_EQ(text.find("198.51.100[.]99"), std::string::npos);
  }
}

}  // namespace
}  // namespace ascribe
