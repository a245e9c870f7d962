#include "ingest/misp.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ascribe {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

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
Reading Attribute(std::string_view type, std::string_view value, std::string_view more = "") {
  const std::string text =
      fmt::format(R"({{"Event":{{"info":"x","date":"2016-02-05","Attribute":[{{"type":"{}","value":"{}"{}}}]}}}})",
                  type, value, more);
  return ReadMisp(text, "");
}

TEST(Misp, SniffsByContent) {
  EXPECT_GT(SniffMisp(R"({"Event": {"info":"a","Attribute":[)", ""), 80);
  EXPECT_GT(SniffMisp(R"({"response":[{"Event":{"threat_level_id":"1")", ""), 80);
  EXPECT_EQ(SniffMisp(R"({"type":"bundle","objects":[]})", "misp.json"), 0);
  EXPECT_EQ(SniffMisp(R"({"Event":{"System":{"EventID":1}}})", "winlog.json"), 0);
}

TEST(Misp, SimpleTypes) {
  const Reading r = Attribute("md5", "D41D8CD98F00B204E9800998ECF8427E", R"(,"first_seen":"2016-01-01T00:00:00Z")");
  EXPECT_THAT(Lines(r), ElementsAre("incident:self observed file-md5:d41d8cd98f00b204e9800998ecf8427e"));
  EXPECT_EQ(r.facts[0].known_on->ToString(), "2016-02-05");
  EXPECT_EQ(r.facts[0].valid_from->ToString(), "2016-01-01T00:00:00Z");
  EXPECT_EQ(r.facts[0].locator.ToString(), "json /Event/Attribute/0/value");
  EXPECT_THAT(Lines(Attribute("ip-dst", "192.0.2.1")), ElementsAre("incident:self communicates-with ipv4:192.0.2.1"));
  EXPECT_THAT(Lines(Attribute("ip-src", "2001:db8::1")), ElementsAre("incident:self observed ipv6:2001:db8::1"));
  EXPECT_THAT(Lines(Attribute("ip-dst", "192.0.2.0/24")), ElementsAre("incident:self observed cidr:192.0.2.0/24"));
  EXPECT_THAT(Lines(Attribute("mutex", "abc")), ElementsAre("incident:self contains mutex:abc"));
}

TEST(Misp, CompositeTypes) {
  EXPECT_THAT(Lines(Attribute("filename|md5", "a.exe|d41d8cd98f00b204e9800998ecf8427e")),
              ElementsAre("incident:self observed file-name:a.exe",
                          "incident:self observed file-md5:d41d8cd98f00b204e9800998ecf8427e"));
  EXPECT_THAT(Lines(Attribute("ip-dst|port", "192.0.2.1|443")),
              ElementsAre("incident:self communicates-with ipv4:192.0.2.1"));
  EXPECT_THAT(Lines(Attribute("domain|ip", "a.example.org|192.0.2.1")),
              Contains("domain:a.example.org resolves-to ipv4:192.0.2.1"));
  EXPECT_THAT(Lines(Attribute("regkey|value", "HKLM\\\\x|1")),
              ElementsAre("incident:self contains registry-key:HKLM\\x"));
}

TEST(Misp, WhatIsNoValueIsADiagnostic) {
  EXPECT_THAT(Codes(Attribute("yara", "rule x {}")), ElementsAre("foreign-pattern"));
  EXPECT_THAT(Codes(Attribute("shoe-size", "44")), ElementsAre("unknown-object"));
  EXPECT_THAT(Codes(Attribute("md5", "xyz")), ElementsAre("bad-value"));
  const Reading deleted = Attribute("md5", "d41d8cd98f00b204e9800998ecf8427e", R"(,"deleted":true)");
  EXPECT_THAT(Codes(deleted), ElementsAre("deleted"));
  EXPECT_THAT(deleted.facts, IsEmpty());
  EXPECT_THAT(Codes(ReadMisp("{", "")), ElementsAre("json-syntax"));
  EXPECT_THAT(Codes(ReadMisp("{}", "")), ElementsAre("misp-no-event"));
}

TEST(Misp, ObjectsTagsAndSeveralEvents) {
  const Reading r =
      ReadMisp(R"({"response":[{"Event":{"date":"2015-01-01","published":true,"publish_timestamp":"1454630400",
    "Tag":[{"name":"misp-galaxy:mitre-attack-pattern=\"PowerShell - T1059.001\""},
           {"name":"misp-galaxy:threat-actor=\"Lazarus Group\""},{"name":"tlp:amber"},
           {"name":"misp-galaxy:mitre-malware=\"Bad Rat - S9999\""},
           {"name":"admiralty-scale:source-reliability=\"b\""},{"name":"misp-galaxy:cert-seu-gocsector=\"x\""}],
    "Object":[{"name":"file","Attribute":[{"type":"sha1","value":"da39a3ee5e6b4b0d3255bfef95601890afd80709","to_ids":false}]}]}},
    {"Event":{"info":"second"}}]})",
               "");
  EXPECT_THAT(
      Lines(r),
      ElementsAre("incident:self uses technique:T1059.001", "incident:self attributed-to actor:name.lazarus-group",
                  "actor:name.lazarus-group named text:Lazarus Group", "incident:self uses malware:bad-rat",
                  "incident:self observed file-sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"));
  EXPECT_EQ(r.facts[1].statement, StatementKind::kVendorAssessment);
  EXPECT_EQ(r.facts[0].known_on->ToString(), "2016-02-05T00:00:00Z");
  EXPECT_EQ(r.facts[4].locator.path, "/response/0/Event/Object/0/Attribute/0/value");
  EXPECT_FALSE(r.facts[4].note.empty());
  EXPECT_THAT(Codes(r), ElementsAre("marking", "admiralty", "tag-not-kept", "several-events"));
}

}  // namespace
}  // namespace ascribe
