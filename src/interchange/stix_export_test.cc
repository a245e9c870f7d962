#include "interchange/stix_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "ingest/stix.h"
#include "interchange/stix_bundle.h"
#include "interchange/stix_value.h"
#include "interchange/test_export.h"
#include "interchange/uuid5.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

Json Exported(const ExportedWorld& exported, std::optional<Tlp> limit = std::nullopt) {
  return Json::parse(ExportStix(exported.View(limit)));
}

std::vector<Json> OfType(const Json& bundle, const std::string& type) {
  std::vector<Json> found;
  for (const Json& object : bundle.at("objects"))
    if (object.at("type") == type) found.push_back(object);
  return found;
}

std::vector<Json> Relations(const Json& bundle, const std::string& type) {
  std::vector<Json> found;
  for (const Json& relation : OfType(bundle, "relationship"))
    if (relation.at("relationship_type") == type) found.push_back(relation);
  return found;
}

// Every value of a member that ends in _ref or _refs, at any depth.
void CollectRefs(const Json& json, std::vector<std::string>& refs) {
  if (json.is_array())
    for (const Json& item : json) CollectRefs(item, refs);
  if (!json.is_object()) return;
  for (const auto& [key, value] : json.items()) {
    if (key.ends_with("_ref"))
      refs.push_back(value.get<std::string>());
    else if (key.ends_with("_refs"))
      for (const Json& item : value) refs.push_back(item.get<std::string>());
    else
      CollectRefs(value, refs);
  }
}

void ExpectSound(const std::string& text) {
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }))
      << "not ASCII";
  const Json bundle = Json::parse(text);
  std::set<std::string> ids;
  for (const Json& object : bundle.at("objects")) {
    const auto id = object.at("id").get<std::string>();
    EXPECT_TRUE(ids.insert(id).second) << id << " stands there twice";
    EXPECT_TRUE(id.starts_with(object.at("type").get<std::string>() + "--"));
    EXPECT_EQ(object.count("object_marking_refs"), object.at("type") == "marking-definition" ? 0u : 1u) << id;
  }
  std::vector<std::string> refs;
  CollectRefs(bundle, refs);
  EXPECT_GT(refs.size(), 5u);
  for (const std::string& ref : refs) EXPECT_EQ(ids.count(ref), 1u) << ref << " is not in the bundle";
}

TEST(Uuid5, IsThatOfTheStandard) {
  EXPECT_EQ(Uuid5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2");  // RFC 9562 A.4
  EXPECT_EQ(Uuid5("6ba7b811-9dad-11d1-80b4-00c04fd430c8", "tag:ascribe,2026:interchange"), kOwnNamespace);
  EXPECT_EQ(StixBundle::IdOf("extension-definition", "ascribe"), kOwnStixExtension);
}

TEST(StixValue, IdsAreThoseThatEveryProducerMakes) {
  // Computed with Python's uuid5 over the canonical JSON of the contributing property.
  const auto id = [](const char* entity) { return (*ObservableFor(*ParseEntity(entity))).at("id").get<std::string>(); };
  EXPECT_EQ(id("ipv4:198.51.100.3"), "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4");
  EXPECT_EQ(id("domain:example.com"), "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7");
  // Of several hashes MD5 counts, so that a file with more hashes is still the same file.
  Json file = *ObservableFor(*ParseEntity("file-md5:00112233445566778899aabbccddeeff"));
  const Json alone = file.at("id");
  file["hashes"]["SHA-256"] = std::string(64, 'a');
  SetObservableId(file);
  EXPECT_EQ(file.at("id"), alone);
}

TEST(StixValue, RefusesWhatTheStandardForbids) {
  EXPECT_EQ((*ObservableFor({EntityType::kRegistryKey, "HKLM\\Software\\x"})).at("key"),
            "HKEY_LOCAL_MACHINE\\Software\\x");
  EXPECT_FALSE(ObservableFor({EntityType::kRegistryKey, "x\\HKCU\\y"}).has_value());
  EXPECT_FALSE(ObservableFor({EntityType::kTlsCert, "not hex"}).has_value());
  EXPECT_FALSE(ObservableFor({EntityType::kAsn, "AS99999999999999999999"}).has_value());
  EXPECT_FALSE(ObservableFor({EntityType::kString, "text"}).has_value());
  EXPECT_EQ(PatternFor({EntityType::kService, "a'b\\c"}),
            "[process:extensions.'windows-service-ext'.service_name = 'a\\'b\\\\c']");
}

TEST(ExportStix, SaysWhatTheCaseHolds) {
  World world = BusyWorld();
  const ExportedWorld exported(world);
  const std::string text = ExportStix(exported.View());
  ExpectSound(text);
  const Json bundle = Json::parse(text);
  EXPECT_EQ(OfType(bundle, "incident").size(), 1u);
  EXPECT_EQ(OfType(bundle, "report").size(), 2u) << "the assessment, and the source";
  EXPECT_EQ(OfType(bundle, "attack-pattern").at(0).at("external_references").at(0).at("source_name"), "mitre-attack");
  EXPECT_EQ(OfType(bundle, "malware").at(0).at("name"), "Wiper One");
  EXPECT_EQ(OfType(bundle, "identity").size(), 2u) << "the victim, and the program";
  EXPECT_EQ(OfType(bundle, "note").size(), 1u) << "what somebody says is a note";
  EXPECT_EQ(Relations(bundle, "communicates-with").size(), 2u);
  EXPECT_EQ(Relations(bundle, "resolves-to").size(), 1u);
  EXPECT_EQ(Relations(bundle, "located-at").size(), 1u);
  EXPECT_EQ(Relations(bundle, "targets").size(), 2u);
  const Json observed = OfType(bundle, "observed-data").at(0);
  EXPECT_EQ(observed.at("ascribe_evidence").at("sha256"), std::string(64, 'a'));
  EXPECT_EQ(observed.at("ascribe_evidence").at("grade"), "A1");
  EXPECT_EQ(observed.at("confidence"), 90);
  for (const Json& report : OfType(bundle, "report")) {
    if (!report.contains("ascribe_assessment")) continue;
    const Json& a = report.at("ascribe_assessment");
    EXPECT_EQ(a.at("levels").at("operator").size(), exported.assessment.At(Level::kOperator).ranked.size())
        << "every rival, unknown too";
    EXPECT_EQ(a.at("claims").size(), exported.assessment.claims.size());
    EXPECT_EQ(a.at("not_represented").at("exhibits capability"), 1);
    for (const Json& claim : a.at("claims")) EXPECT_FALSE(claim.at("evidence_refs").empty()) << claim;
  }
}

TEST(ExportStix, OneFileGathersAllItsHashes) {
  World world = BusyWorld();
  // Two labels for one file: both know its MD5, and each another hash. A second MD5 makes a label stand for two files.
  for (const char* text :
       {"sample:one contains file-md5:aa112233445566778899aabbccddeeff",
        "sample:one contains file-sha1:aa112233445566778899aabbccddeeff00112233",
        "sample:two contains file-md5:aa112233445566778899aabbccddeeff",
        "sample:two contains file-sha256:aa112233445566778899aabbccddeeffaa112233445566778899aabbccddeeff",
        "sample:both contains file-md5:bb112233445566778899aabbccddeeff",
        "sample:both contains file-md5:cc112233445566778899aabbccddeeff"})
    world.See(text);
  std::size_t found = 0;
  const Json bundle = Exported(ExportedWorld(world));
  for (const Json& file : OfType(bundle, "file")) {
    if (!file.contains("hashes")) continue;
    const std::string md5 = file.at("hashes").value("MD5", "");
    EXPECT_EQ(file.at("hashes").size(), md5.starts_with("aa") ? 3u : 1u) << file;
    found += md5.starts_with("aa") || md5.starts_with("bb") || md5.starts_with("cc");
  }
  EXPECT_EQ(found, 3u);
}

TEST(ExportStix, TheSameBytesFromTheSameCase) {
  World one = BusyWorld(), two = BusyWorld();
  std::reverse(two.data.facts.begin(), two.data.facts.end());
  EXPECT_EQ(ExportStix(ExportedWorld(one).View()), ExportStix(ExportedWorld(two).View()));
}

TEST(ExportStix, AttributesOnlyAboveTheGate) {
  World world = BusyWorld();
  ExportedWorld exported(world);
  for (const char* gate : {"none", "consistent_with", "activity_link"}) {
    SetGate(exported.assessment, gate);
    const Json bundle = Exported(exported);
    EXPECT_TRUE(Relations(bundle, "attributed-to").empty()) << gate;
    EXPECT_TRUE(OfType(bundle, "intrusion-set").empty() && OfType(bundle, "threat-actor").empty() &&
                OfType(bundle, "campaign").empty())
        << gate;
  }
  for (const char* gate : {"likely", "very_likely"}) {
    SetGate(exported.assessment, gate);
    ExpectSound(ExportStix(exported.View()));
    const std::vector<Json> attributed = Relations(Exported(exported), "attributed-to");
    ASSERT_EQ(attributed.size(), 1u) << gate;
    EXPECT_TRUE(attributed[0].at("source_ref").get<std::string>().starts_with("campaign--"));
    EXPECT_TRUE(attributed[0].at("target_ref").get<std::string>().starts_with("intrusion-set--"));
    EXPECT_EQ(attributed[0].at("confidence"), 15) << "analytic confidence is low, whatever the posterior";
    EXPECT_EQ(attributed[0].at("ascribe_judgement").at("gate"), gate);
    EXPECT_FALSE(attributed[0].at("ascribe_judgement").at("evidence").empty());
  }
  SetGate(exported.assessment, "likely", "unknown");
  EXPECT_TRUE(Relations(Exported(exported), "attributed-to").empty()) << "unknown is nobody";
}

TEST(ExportStix, OurOwnVerdictComesBackAsNoEvidence) {
  World world = BusyWorld();
  ExportedWorld exported(world);
  SetGate(exported.assessment, "very_likely");
  const std::string text = ExportStix(exported.View());
  const Reading reading = ReadStix(ByteView(text), "stix.json");
  for (const Fact& fact : reading.facts) EXPECT_NE(fact.relation, Relation::kAttributedTo) << fact.subject.ToString();
  EXPECT_TRUE(std::any_of(reading.diagnostics.begin(), reading.diagnostics.end(),
                          [](const Diagnostic& d) { return d.code == "own-verdict"; }));
}

TEST(ExportStix, HostileTextsStayTexts) {
  World world = HostileWorld();
  for (const std::string& text : HostileTexts()) {
    world.See("incident:self contains mutex:x").object.value = SanitizeUtf8(text);
    world.See("incident:self contains service:x").object.value = SanitizeUtf8(text);
    world.See("incident:self uses malware:x").object.value = SanitizeUtf8(text);
  }
  const ExportedWorld exported(world);
  const std::string text = ExportStix(exported.View());
  ExpectSound(text);
  std::set<std::string> names;
  for (const Json& mutex : OfType(Json::parse(text), "mutex")) names.insert(mutex.at("name").get<std::string>());
  for (const std::string& hostile : HostileTexts()) EXPECT_EQ(names.count(SanitizeUtf8(hostile)), 1u) << hostile;
}

TEST(ExportStix, TheHighestMarkingWinsAndALimitDropsWhatIsAbove) {
  World world = BusyWorld();
  const std::string secret = AddEvidence(world, 'b', Tlp::kRed);
  world.See("incident:self observed ipv4:198.51.100.99").evidence = secret;
  world.See("incident:self observed ipv4:198.51.100.3", "B2-other").evidence = secret;
  const ExportedWorld exported(world);
  const auto marking = [](const Json& bundle, const std::string& value) -> std::string {
    for (const Json& object : bundle.at("objects"))
      if (object.contains("value") && object.at("value") == value)
        return object.at("object_marking_refs").at(0).get<std::string>();
    return {};
  };
  const std::string clear = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
                    red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
  const Json whole = Exported(exported);
  EXPECT_EQ(marking(whole, "198.51.100.3"), red) << "also stated by red evidence";
  EXPECT_EQ(marking(whole, "198.51.100.7"), clear);
  EXPECT_EQ(marking(whole, "198.51.100.99"), red);
  const std::string limited_text = ExportStix(exported.View(Tlp::kGreen));
  ExpectSound(limited_text);
  const Json limited = Json::parse(limited_text);
  EXPECT_EQ(marking(limited, "198.51.100.3"), clear) << "clear evidence alone states it too";
  EXPECT_EQ(marking(limited, "198.51.100.99"), "");
  EXPECT_EQ(limited_text.find(red), std::string::npos);
  EXPECT_EQ(limited_text.find("ascribe_assessment\": {"), std::string::npos) << "the verdict rests on red evidence";
  const ExportView view = exported.View(Tlp::kGreen);
  EXPECT_EQ(view.facts_left_out, 2u);
  EXPECT_THAT(LeftOutLine(view, Tlp::kGreen),
              ::testing::AllOf(::testing::HasSubstr("2 facts"), ::testing::HasSubstr("the verdict")));
  EXPECT_EQ(LeftOutLine(exported.View(), Tlp::kRed), "");
}

TEST(ExportView, KnowsOnlyWhatTheAssessmentCouldUse) {
  World world = BusyWorld();
  world.as_of = ParseAsOf("2020-06-15");
  world.See("incident:self observed ipv4:203.0.113.1").known_on = ParseTime("2020-07-01");
  world.See("incident:self observed ipv4:203.0.113.2").retracted_on = ParseTime("2020-06-10");
  world.See("incident:self observed ipv4:203.0.113.3").verification = Verification::kUnverified;
  world.See("incident:self observed ipv4:203.0.113.4").retracted_on = ParseTime("2020-06-20");
  const ExportedWorld exported(world);
  const std::string text = ExportStix(exported.View());
  for (const char* absent : {"203.0.113.1\"", "203.0.113.2\"", "203.0.113.3\""})
    EXPECT_EQ(text.find(absent), std::string::npos) << absent;
  EXPECT_NE(text.find("203.0.113.4\""), std::string::npos);
  EXPECT_EQ(exported.View().stamp.ToString(), "2020-06-15");
}

}  // namespace
}  // namespace ascribe
