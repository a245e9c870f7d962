#include "ingest/stix.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "ingest/stix_pattern.h"

namespace ascribe {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string Bundle(std::string_view objects) {
  return fmt::format(R"({{"type":"bundle","id":"bundle--1","objects":[{}]}})", objects);
}

std::vector<std::string> Lines(const Reading& reading) {
  std::vector<std::string> lines;
  for (const Fact& f : reading.facts)
    lines.push_back(fmt::format("{} {} {}", f.subject.ToString(), RelationName(f.relation), f.object.ToString()));
  return lines;
}

std::vector<std::string> Codes(const Reading& reading) {
  std::vector<std::string> codes;
  for (const Diagnostic& d : reading.diagnostics) codes.push_back(d.code);
  return codes;
}

Reading Read(std::string_view objects) {
  const std::string text = Bundle(objects);
  return ReadStix(text, "x.json");
}

std::string Indicator(std::string_view pattern, std::string_view more = "") {
  return fmt::format(R"({{"type":"indicator","id":"indicator--1","created":"2016-01-02T00:00:00Z","pattern":"{}"{}}})",
                     pattern, more);
}

TEST(StixPattern, NamesValues) {
  const auto p = ParseStixPattern(
      "([file:hashes.'SHA-256' = 'aa' AND (file:name = 'it\\'s' OR file:size > 10)] FOLLOWEDBY "
      "[ipv4-addr:value IN ('1.2.3.4', '5.6.7.8')] WITHIN 300 SECONDS) OR [process:command_line LIKE '%x%'] "
      "START t'2016-01-01T00:00:00Z' STOP t'2017-01-01T00:00:00Z'");
  ASSERT_TRUE(p) << p.error().message;
  std::vector<std::string> terms;
  for (const StixTerm& t : p->terms) terms.push_back(t.object_type + ":" + t.path + "=" + t.value);
  EXPECT_THAT(terms, ElementsAre("file:hashes.SHA-256=aa", "file:name=it's", "ipv4-addr:value=1.2.3.4",
                                 "ipv4-addr:value=5.6.7.8"));
  EXPECT_THAT(p->refused, ElementsAre(HasSubstr("file:size > 10 names no value"), HasSubstr("LIKE")));
}

TEST(StixPattern, NegationNamesNothing) {
  const auto p = ParseStixPattern(
      "[domain-name:value != 'a.example' AND domain-name:value NOT = 'b.example' AND "
      "ipv4-addr:value NOT IN ('1.1.1.1')]");
  ASSERT_TRUE(p) << p.error().message;
  EXPECT_THAT(p->terms, IsEmpty());
  EXPECT_EQ(p->refused.size(), 3u);
}

TEST(StixPattern, RefusesWhatIsBroken) {
  for (const char* bad : {"", "[", "[a:b]", "[a:b = 'x]", "[a:b = 'x'", "[a:b = 'x'] AND", "a:b = 'x'", "[a:b = 'x'] x",
                          "[:b = 'x']", "[a:b[99999999999999999999999999] = 'x']", "[a:b IN ()]", "[a:b = ]"})
    EXPECT_FALSE(ParseStixPattern(bad)) << bad;
  const auto deep = ParseStixPattern(std::string(1000, '('));
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code, ErrorCode::kLimitExceeded);
  EXPECT_EQ(ParseStixPattern(std::string(kMaxPatternBytes + 1, ' ')).error().code, ErrorCode::kLimitExceeded);
}

TEST(Stix, SniffsByContent) {
  EXPECT_GT(SniffStix(Bundle(""), "a.bin"), 90);
  EXPECT_GT(SniffStix("\xEF\xBB\xBF {\n \"id\" : \"bundle--1\",\n \"type\" : \"bundle\"", ""), 90);
  EXPECT_GT(SniffStix(R"({"more":false,"objects":[{"id":"tool--1","spec_version":"2.1")", ""), 50);
  EXPECT_EQ(SniffStix(R"({"Event":{"info":"x"}})", "event.json"), 0);
  EXPECT_EQ(SniffStix("plain text \"type\": \"bundle\"", "x.txt"), 0);
}

TEST(Stix, IndicatorGivesFactsWithDatesAndPlace) {
  const Reading r =
      Read(Indicator("[file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF8427E' OR mutex:name = 'm1' OR "
                     "ipv4-addr:value = '198.51.100.0/24']",
                     R"(,"valid_from":"2015-12-01T00:00:00Z")"));
  EXPECT_THAT(Lines(r), ElementsAre("incident:self observed file-md5:d41d8cd98f00b204e9800998ecf8427e",
                                    "incident:self contains mutex:m1", "incident:self observed cidr:198.51.100.0/24"));
  EXPECT_EQ(r.facts[0].known_on->ToString(), "2016-01-02T00:00:00Z");
  EXPECT_EQ(r.facts[0].valid_from->ToString(), "2015-12-01T00:00:00Z");
  EXPECT_EQ(r.facts[0].locator.ToString(), "json /objects/0/pattern");
  EXPECT_EQ(r.facts[0].extractor, "stix@1");
}

TEST(Stix, CommandAndControlPhaseMakesContact) {
  const Reading r =
      Read(Indicator("[domain-name:value = 'c2.example.com']",
                     R"(,"kill_chain_phases":[{"kill_chain_name":"x","phase_name":"command-and-control"}])"));
  EXPECT_THAT(Lines(r), ElementsAre("incident:self communicates-with domain:c2.example.com"));
}

TEST(Stix, RevokedIndicatorIsRetracted) {
  const Reading r =
      Read(Indicator("[url:value = 'http://a.example/x']", R"(,"revoked":true,"modified":"2016-05-01T00:00:00Z")"));
  ASSERT_EQ(r.facts.size(), 1u);
  EXPECT_EQ(r.facts[0].retracted_on->ToString(), "2016-05-01T00:00:00Z");
}

TEST(Stix, RulesAndBrokenPatternsAreDiagnostics) {
  EXPECT_THAT(Codes(Read(Indicator("rule x {}", R"(,"pattern_type":"yara")"))), ElementsAre("foreign-pattern"));
  EXPECT_THAT(Codes(Read(Indicator("[file:name"))), ElementsAre("pattern-syntax"));
  EXPECT_THAT(Codes(Read(Indicator("[file:hashes.MD5 = 'zz']"))), ElementsAre("bad-value"));
  EXPECT_THAT(Codes(Read(R"({"type":"x-secret","id":"x-secret--7"})")), ElementsAre("unknown-object"));
  EXPECT_THAT(Codes(ReadStix("{\"type\":\"bundle\",", "")), ElementsAre("json-syntax"));
  EXPECT_THAT(Codes(ReadStix("{\"type\":\"bundle\"}", "")), ElementsAre("stix-no-objects"));
}

TEST(Stix, ObservablesOf21) {
  const Reading r = Read(R"(
    {"type":"file","id":"file--1","hashes":{"SHA-1":"da39a3ee5e6b4b0d3255bfef95601890afd80709"},"name":"A.EXE",
     "extensions":{"windows-pebinary-ext":{"imphash":"d41d8cd98f00b204e9800998ecf8427e"}}},
    {"type":"ipv4-addr","id":"ipv4-addr--1","value":"192.0.2.1","belongs_to_refs":["autonomous-system--1"]},
    {"type":"autonomous-system","id":"autonomous-system--1","number":64500},
    {"type":"domain-name","id":"domain-name--1","value":"a.example.org","resolves_to_refs":["ipv4-addr--1"]},
    {"type":"network-traffic","id":"network-traffic--1","dst_ref":"ipv4-addr--1","protocols":["tcp"],
     "extensions":{"http-request-ext":{"request_method":"get","request_header":{"User-Agent":"bad/1"}}}},
    {"type":"observed-data","id":"observed-data--1","first_observed":"2014-11-24T00:00:00Z",
     "last_observed":"2014-11-25T00:00:00Z","object_refs":["file--1"]})");
  const auto lines = Lines(r);
  for (const char* line :
       {"incident:self observed file-sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "incident:self observed file-name:a.exe", "incident:self contains imphash:d41d8cd98f00b204e9800998ecf8427e",
        "ipv4:192.0.2.1 announced-by asn:AS64500", "domain:a.example.org resolves-to ipv4:192.0.2.1",
        "incident:self communicates-with ipv4:192.0.2.1", "incident:self contains user-agent:bad/1"})
    EXPECT_THAT(lines, Contains(line));
  EXPECT_EQ(r.facts[0].valid_from->ToString(), "2014-11-24T00:00:00Z");
}

TEST(Stix, ObservablesOf20StandInside) {
  const Reading r = Read(R"({"type":"observed-data","id":"observed-data--1","created":"2015-01-01T00:00:00Z",
    "first_observed":"2014-01-01T00:00:00Z","objects":{"0":{"type":"domain-name","value":"b.example.org",
    "resolves_to_refs":["1"]},"1":{"type":"ipv4-addr","value":"192.0.2.2"},
    "2":{"type":"network-traffic","dst_ref":"1"}}})");
  EXPECT_THAT(
      Lines(r),
      ElementsAre("incident:self observed domain:b.example.org", "domain:b.example.org resolves-to ipv4:192.0.2.2",
                  "incident:self observed ipv4:192.0.2.2", "incident:self communicates-with ipv4:192.0.2.2"));
}

constexpr std::string_view kCase = R"(
  {"type":"identity","id":"identity--v","name":"Vendor","identity_class":"organization"},
  {"type":"identity","id":"identity--t","name":"Bank","identity_class":"organization","sectors":["financial-services"]},
  {"type":"campaign","id":"campaign--1","name":"C"},
  {"type":"intrusion-set","id":"intrusion-set--1","name":"Lazarus Group","aliases":["HIDDEN COBRA"],
   "external_references":[{"source_name":"mitre-attack","external_id":"G0032"}]},
  {"type":"threat-actor","id":"threat-actor--1","name":"Crew","threat_actor_types":["crime-syndicate"]},
  {"type":"malware","id":"malware--1","name":"Bad RAT","is_family":true},
  {"type":"attack-pattern","id":"attack-pattern--1","name":"P",
   "external_references":[{"source_name":"mitre-attack","external_id":"T1059.001"}]},
  {"type":"report","id":"report--1","name":"R","published":"2016-03-01T00:00:00Z","object_refs":["malware--1"]},)";

TEST(Stix, AttributionIsAStatementWithConfidence) {
  const Reading r = Read(std::string(kCase) + R"(
    {"type":"relationship","id":"relationship--1","created":"2016-02-24T00:00:00Z","relationship_type":"attributed-to",
     "source_ref":"campaign--1","target_ref":"intrusion-set--1","confidence":85,"created_by_ref":"identity--v"},
    {"type":"relationship","id":"relationship--2","relationship_type":"targets","source_ref":"campaign--1",
     "target_ref":"identity--t"},
    {"type":"relationship","id":"relationship--3","relationship_type":"uses","source_ref":"intrusion-set--1",
     "target_ref":"malware--1"},
    {"type":"relationship","id":"relationship--4","relationship_type":"mitigates","source_ref":"campaign--1",
     "target_ref":"malware--1"})");
  const auto lines = Lines(r);
  for (const char* line :
       {"incident:self attributed-to actor:mitre.G0032", "actor:mitre.G0032 named text:Lazarus Group",
        "actor:mitre.G0032 named text:HIDDEN COBRA", "incident:self uses malware:bad-rat",
        "incident:self uses technique:T1059.001", "incident:self targets sector:financial-services",
        "actor:mitre.G0032 uses malware:bad-rat", "actor:stix.1 is-a class:criminal"})
    EXPECT_THAT(lines, Contains(line));
  for (const Fact& f : r.facts) {
    if (f.relation == Relation::kUses && f.object.type == EntityType::kMalware &&
        f.subject.type == EntityType::kIncident) {
      EXPECT_EQ(f.known_on->ToString(), "2016-03-01T00:00:00Z");
    }
    if (f.relation != Relation::kAttributedTo) continue;
    EXPECT_DOUBLE_EQ(*f.confidence, 0.85);
    EXPECT_EQ(f.statement, StatementKind::kVendorAssessment);
    EXPECT_EQ(f.note, "stated by Vendor");
    EXPECT_EQ(f.known_on->ToString(), "2016-02-24T00:00:00Z");
  }
  EXPECT_THAT(Codes(r), Contains("relation-not-kept"));
}

TEST(Stix, AnActorAloneIsNoAttribution) {
  EXPECT_THAT(
      Lines(Read(std::string(kCase) + R"({"type":"note","id":"note--1","content":"hm","object_refs":["malware--1"]})")),
      Not(Contains(HasSubstr("attributed-to"))));
}

TEST(Stix, ManyIndicatorsOfOneActorAreOneStatement) {
  std::string objects(kCase);
  for (int i = 0; i < 3; ++i)
    objects += fmt::format(
        R"({{"type":"indicator","id":"indicator--{0}","pattern":"[ipv4-addr:value = '192.0.2.{0}']"}},
           {{"type":"relationship","id":"relationship--{0}","relationship_type":"indicates","source_ref":"indicator--{0}",
             "target_ref":"intrusion-set--1"}},)",
        i);
  objects += R"({"type":"relationship","id":"relationship--9","relationship_type":"indicates",
    "source_ref":"indicator--1","target_ref":"malware--1"})";
  const auto lines = Lines(Read(objects));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "incident:self attributed-to actor:mitre.G0032"), 1);
  EXPECT_THAT(lines, Contains("malware:bad-rat communicates-with ipv4:192.0.2.1"));
}

TEST(Stix, SightingsAndOpinions) {
  const Reading r = Read(std::string(kCase) + R"(
    {"type":"sighting","id":"sighting--1","created":"2016-01-01T00:00:00Z","first_seen":"2015-06-01T00:00:00Z",
     "sighting_of_ref":"malware--1","where_sighted_refs":["identity--t"]},
    {"type":"opinion","id":"opinion--1","opinion":"strongly-disagree","object_refs":["report--1"]})");
  EXPECT_THAT(Lines(r), Contains("incident:self targets sector:financial-services"));
  EXPECT_THAT(Codes(r), Contains("opinion"));
}

TEST(Stix, AttackReleaseIsKnowledge) {
  const Reading r =
      Read(R"({"type":"x-mitre-matrix","id":"x-mitre-matrix--1"},{"type":"malware","id":"malware--1","name":"m"})");
  EXPECT_THAT(Codes(r), ElementsAre("knowledge-file"));
  EXPECT_TRUE(r.facts.empty());
}

TEST(Stix, ASmallBundleCannotBecomeMillionsOfFacts) {
  std::string pattern = "[";
  for (int i = 0; i < 5000; ++i) pattern += fmt::format("{}mutex:name = 'm{}'", i == 0 ? "" : " OR ", i);
  std::string objects = std::string(kCase) + Indicator(pattern + "]");
  for (int i = 0; i < 100; ++i)
    objects += fmt::format(R"(,{{"type":"relationship","id":"relationship--{}","relationship_type":"indicates",
      "source_ref":"indicator--1","target_ref":"malware--1"}})",
                           i);
  EXPECT_LT(Read(objects).facts.size(), 30'000u);
}

TEST(Stix, HundredThousandIndicators) {
  std::string text = R"({"type":"bundle","id":"bundle--1","objects":[)";
  for (int i = 0; i < 100'000; ++i)
    text += fmt::format(
        R"({}{{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-{:012}",
        "created":"2016-01-02T00:00:00.000Z","modified":"2016-01-02T00:00:00.000Z","name":"Malicious file",
        "description":"generated","indicator_types":["malicious-activity"],"pattern":"[file:hashes.'SHA-256' = '{:064x}']",
        "pattern_type":"stix","pattern_version":"2.1","valid_from":"2016-01-02T00:00:00Z"}})",
        i == 0 ? "" : ",", i, i);
  text += "]}";
  const auto start = std::chrono::steady_clock::now();
  const Reading r = ReadStix(text, "");
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(r.facts.size(), 100'000u);
  EXPECT_LT(seconds.count(), 30.0);  // 5 s in a release build; sanitizers cost a factor of 5
  RecordProperty("seconds", std::to_string(seconds.count()));
}

}  // namespace
}  // namespace ascribe
