// The importers of `kb add`, on small fixtures of our own and, where the shared data is there, on the real files.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/io.h"
#include "ingest/attack_stix.h"
#include "ingest/country_names.h"
#include "ingest/misp_galaxy.h"
#include "ingest/misp_warninglist.h"
#include "model/fact_record.h"

namespace ascribe {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

std::vector<std::string> Lines(const KnowledgeImport& import) {
  std::vector<std::string> lines;
  for (const Fact& f : import.facts)
    lines.push_back(fmt::format("{} {} {}", f.subject.ToString(), RelationName(f.relation), f.object.ToString()));
  return lines;
}

void ExpectSound(const KnowledgeImport& import) {
  EXPECT_FALSE(import.id.empty());
  std::set<std::string> sources;
  for (const Source& s : import.sources) sources.insert(s.id);
  for (const Fact& f : import.facts) {
    ASSERT_TRUE(sources.contains(f.source)) << f.source;
    ASSERT_TRUE(FitsRelation(f)) << f.subject.ToString() << " " << RelationName(f.relation) << " "
                                 << f.object.ToString();
    ASSERT_FALSE(f.extractor.empty());
    ASSERT_EQ(f.locator.kind, Locator::Kind::kJsonPointer);
  }
}

std::filesystem::path Shared() {
  if (const char* env = std::getenv("ASCRIBE_SHARED")) return env;
  return std::filesystem::path(ASCRIBE_SOURCE_DIR) / "../shared";
}

std::string Output(const std::string& command) {
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  std::vector<char> buffer(1 << 20);
  while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), n);
  pclose(pipe);
  return out;
}

constexpr std::string_view kAttack = R"({"type":"bundle","objects":[
  {"type":"x-mitre-collection","x_mitre_version":"99.1"},
  {"type":"intrusion-set","id":"intrusion-set--1","name":"Group One","aliases":["Group One","Alias"],"created":"2017-05-31T00:00:00Z",
   "modified":"2020-01-01T00:00:00Z","description":"SECRET","external_references":[{"source_name":"mitre-attack","external_id":"G0001"}]},
  {"type":"intrusion-set","id":"intrusion-set--2","name":"Dead","revoked":true,"external_references":[{"source_name":"mitre-attack","external_id":"G0002"}]},
  {"type":"malware","id":"malware--1","name":"Black Energy","created":"2017-05-31T00:00:00Z","external_references":[{"source_name":"mitre-attack","external_id":"S0089"}]},
  {"type":"tool","id":"tool--1","name":"PsExec","created":"2017-05-31T00:00:00Z","external_references":[{"source_name":"mitre-attack","external_id":"S0029"}]},
  {"type":"attack-pattern","id":"attack-pattern--1","name":"PowerShell","created":"2020-03-09T00:00:00Z","external_references":[{"source_name":"mitre-attack","external_id":"T1059.001"}]},
  {"type":"campaign","id":"campaign--1","name":"C","first_seen":"2015-12-01T00:00:00Z","created":"2023-01-01T00:00:00Z","external_references":[{"source_name":"mitre-attack","external_id":"C0028"}]},
  {"type":"relationship","relationship_type":"uses","source_ref":"intrusion-set--1","target_ref":"malware--1","created":"2018-04-18T17:59:24Z","description":"SECRET"},
  {"type":"relationship","relationship_type":"uses","source_ref":"malware--1","target_ref":"attack-pattern--1","created":"2018-04-18T17:59:24Z"},
  {"type":"relationship","relationship_type":"uses","source_ref":"tool--1","target_ref":"attack-pattern--1","created":"2018-04-18T17:59:24Z"},
  {"type":"relationship","relationship_type":"uses","source_ref":"intrusion-set--2","target_ref":"malware--1","created":"2018-04-18T17:59:24Z"},
  {"type":"relationship","relationship_type":"attributed-to","source_ref":"campaign--1","target_ref":"intrusion-set--1","created":"2023-01-01T00:00:00Z"}]})";

TEST(AttackStix, FactsWithDatesAndWithoutDescriptions) {
  EXPECT_TRUE(SniffAttackStix(kAttack));
  const auto import = ImportAttackStix(kAttack);
  ASSERT_TRUE(import) << import.error().message;
  ExpectSound(*import);
  EXPECT_EQ(import->version, "99.1");
  EXPECT_THAT(Lines(*import),
              ElementsAre("actor:mitre.G0001 named text:Group One", "actor:mitre.G0001 named text:Alias",
                          "malware:black-energy named text:Black Energy", "tool:psexec named text:PsExec",
                          "tool:psexec listed-as hygiene:dual-use-tool", "technique:T1059.001 named text:PowerShell",
                          "attack:mitre.C0028 named text:C", "actor:mitre.G0001 uses malware:black-energy",
                          "malware:black-energy uses technique:T1059.001",
                          "attack:mitre.C0028 attributed-to actor:mitre.G0001"));
  EXPECT_EQ(import->facts[1].known_on->ToString(), "2020-01-01");
  EXPECT_EQ(import->facts[7].known_on->ToString(), "2018-04-18");
  EXPECT_EQ(import->facts[7].locator.path, "/objects/7");
  for (const Fact& f : import->facts) EXPECT_EQ(f.note.find("SECRET"), std::string::npos);
}

TEST(AttackStix, RefusesOtherFiles) {
  EXPECT_FALSE(ImportAttackStix("{"));
  EXPECT_FALSE(ImportAttackStix("[]"));
  EXPECT_FALSE(ImportAttackStix(R"({"type":"bundle","objects":[{"type":"identity"}]})"));
  EXPECT_FALSE(SniffAttackStix(R"({"type":"bundle","objects":[{"type":"indicator"}]})"));
}

TEST(MispGalaxy, NamesSponsorsAndLikeness) {
  const auto import = ImportMispGalaxy(R"json({"type":"threat-actor","category":"actor","version":7,"values":[
    {"uuid":"u1","value":"One","description":"SECRET","meta":{"synonyms":["Uno"],"country":"KP","attribution-confidence":"75",
     "refs":["https://a.example/"]},"related":[{"dest-uuid":"u2","type":"similar","tags":["estimative-language:likelihood-probability=\"likely\""]},
     {"dest-uuid":"elsewhere","type":"similar"}]},
    {"uuid":"u2","value":"Two","meta":{"cfr-suspected-state-sponsor":"Iran (Islamic Republic of)"}},
    {"value":"no uuid"}]})json");
  ASSERT_TRUE(import) << import.error().message;
ExpectSound(*import);
EXPECT_EQ(import->version, "7");
EXPECT_THAT(Lines(*import), ElementsAre("actor:misp.u1 named text:One", "actor:misp.u1 named text:Uno",
                                        "actor:misp.u1 sponsored-by country:KP", "actor:misp.u1 same-as actor:misp.u2",
                                        "actor:misp.u2 named text:Two", "actor:misp.u2 sponsored-by country:IR"));
EXPECT_DOUBLE_EQ(*import->facts[2].confidence, 0.75);
EXPECT_FALSE(import->facts[5].confidence);
EXPECT_EQ(import->facts[0].note, "see https://a.example/");
EXPECT_FALSE(ImportMispGalaxy(R"({"type":"banker","values":[]})"));
EXPECT_FALSE(ImportMispGalaxy("nonsense"));
}

TEST(MispWarninglist, ValuesOfOneClass) {
  const auto import = ImportMispWarninglist(
      R"({"name":"List of known sinkholes","type":"cidr","version":20260811,"list":["192.0.2.1","192.0.2.2/32","198.51.100.0/24","x"]})");
  ASSERT_TRUE(import) << import.error().message;
  ExpectSound(*import);
  EXPECT_EQ(import->id, "misp-wl-list-of-known-sinkholes");
  EXPECT_EQ(import->sources[0].published->ToString(), "2026-08-11");
  EXPECT_THAT(Lines(*import),
              ElementsAre("ipv4:192.0.2.1 listed-as hygiene:sinkhole", "ipv4:192.0.2.2 listed-as hygiene:sinkhole",
                          "cidr:198.51.100.0/24 listed-as hygiene:sinkhole"));
  EXPECT_FALSE(ImportMispWarninglist(R"({"name":"List of cats","type":"string","version":1,"list":["tom"]})"));
  EXPECT_FALSE(ImportMispWarninglist("[]"));
}

TEST(CountryNames, CodesAndNames) {
  EXPECT_EQ(CountryCode("KP"), "KP");
  EXPECT_EQ(CountryCode("us"), "US");
  EXPECT_EQ(CountryCode("UK"), "GB");
  EXPECT_EQ(CountryCode("Russian Federation"), "RU");
  EXPECT_EQ(CountryCode("Korea (Democratic People's Republic of)"), "KP");
  EXPECT_EQ(CountryCode("Palestine"), "PS");
  EXPECT_EQ(CountryCode("Atlantis"), std::nullopt);
  EXPECT_EQ(CountryCode("XX"), std::nullopt);
}

class SharedData : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(Shared() / "data/attack"))
      GTEST_SKIP() << "NO REAL ATT&CK AND MISP FILES: set ASCRIBE_SHARED to check the importers on them";
  }
};

TEST_F(SharedData, RealAttackReleases) {
  std::size_t last = 0;
  for (const char* release : {"10.1", "18.1"}) {
    const auto path = Shared() / fmt::format("data/attack/enterprise-attack-v{}.json.xz", release);
    const std::string text = Output("xz -dc '" + path.string() + "'");
    ASSERT_GT(text.size(), 1'000'000u);
    EXPECT_TRUE(SniffAttackStix(std::string_view(text).substr(0, 64 * 1024)));
    const auto start = std::chrono::steady_clock::now();
    const auto import = ImportAttackStix(text);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    ASSERT_TRUE(import) << import.error().message;
    ExpectSound(*import);
    EXPECT_GT(import->facts.size(), last);
    last = import->facts.size();
    RecordProperty(std::string("seconds_") + release, std::to_string(seconds.count()));
    EXPECT_THAT(Lines(*import), Contains("actor:mitre.G0032 named text:HIDDEN COBRA"));
    EXPECT_THAT(Lines(*import), Not(Contains(testing::HasSubstr("technique:T1086 "))));
  }
  EXPECT_GT(last, 17'000u);
}

TEST_F(SharedData, RealGalaxy) {
  const auto text = ReadTextFile(Shared() / "data/attack/misp-galaxy/threat-actor.json", 64 << 20);
  ASSERT_TRUE(text);
  EXPECT_TRUE(SniffMispGalaxy(std::string_view(*text).substr(0, 64 * 1024)));
  const auto import = ImportMispGalaxy(*text);
  ASSERT_TRUE(import) << import.error().message;
  ExpectSound(*import);
  const auto lines = Lines(*import);
  EXPECT_GT(std::count_if(lines.begin(), lines.end(),
                          [](const auto& l) { return l.find(" sponsored-by ") != std::string::npos; }),
            450);
  for (const Diagnostic& d : import->diagnostics) EXPECT_NE(d.code, "bad-value") << d.text;
}

TEST_F(SharedData, RealWarninglists) {
  const auto dir = std::filesystem::temp_directory_path() / "ascribe-warninglists-test";
  std::filesystem::remove_all(dir);
  std::filesystem::create_directories(dir);
  Output("tar -xJf '" + (Shared() / "data/attack/misp-warninglists/misp-warninglists.tar.xz").string() + "' -C '" +
         dir.string() + "'");
  std::size_t lists = 0, facts = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
    if (entry.path().filename() != "list.json") continue;
    const auto text = ReadTextFile(entry.path(), 64 << 20);
    ASSERT_TRUE(text);
    const std::string name = entry.path().parent_path().filename().string();
    EXPECT_TRUE(SniffMispWarninglist(std::string_view(*text).substr(0, 64 * 1024))) << name;
    const auto import = ImportMispWarninglist(*text);
    ASSERT_TRUE(import) << name << ": " << import.error().message;
    ExpectSound(*import);
    ++lists;
    facts += import->facts.size();
  }
  std::filesystem::remove_all(dir);
  EXPECT_EQ(lists, 48u);
  EXPECT_GT(facts, 200'000u);
}

}  // namespace
}  // namespace ascribe
