#include "model/fact_record.h"

#include <gtest/gtest.h>

#include "model/diagnostic_list.h"
#include "model/fact_lines.h"
#include "model/source_toml.h"

namespace ascribe {
namespace {

struct Outcome {
  Result<Fact> fact;
  std::vector<RecordWarning> warnings;
};

Outcome Read(std::vector<RecordField> fields) {
  std::vector<RecordWarning> warnings;
  auto fact = FactFromRecord(fields, warnings);
  return {std::move(fact), std::move(warnings)};
}

TEST(FactRecord, AllFields) {
  const auto [fact, warnings] = Read({{"schema", "ascribe-fact/1"},
                                      {"subject", "attack:darkseoul-2013"},
                                      {"relation", "attributed-to"},
                                      {"object", "country:kp"},
                                      {"valid_from", "2013-03"},
                                      {"valid_to", "2013"},
                                      {"known_on", "2013-07-08"},
                                      {"retracted_on", "2020"},
                                      {"source", "s-1"},
                                      {"origin", "o-1"},
                                      {"verified", "unverified"},
                                      {"confidence", "0.25"},
                                      {"note", "as \xFF said"}});
  ASSERT_TRUE(fact) << fact.error().message;
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ(fact->subject.ToString(), "attack:darkseoul-2013");
  EXPECT_EQ(fact->relation, Relation::kAttributedTo);
  EXPECT_EQ(fact->object.ToString(), "country:KP");
  EXPECT_EQ(fact->valid_from->ToString(), "2013-03");
  EXPECT_EQ(fact->valid_to->ToString(), "2013");
  EXPECT_EQ(fact->known_on->ToString(), "2013-07-08");
  EXPECT_EQ(fact->retracted_on->ToString(), "2020");
  EXPECT_EQ(fact->source, "s-1");
  EXPECT_EQ(fact->origin, "o-1");
  EXPECT_EQ(fact->verification, Verification::kUnverified);
  EXPECT_EQ(fact->confidence, 0.25);
  EXPECT_EQ(fact->note, "as \\xFF said");
}

TEST(FactRecord, DefaultsAndEmptyValues) {
  const auto [fact, warnings] =
      Read({{"subject", ""}, {"relation", " contains "}, {"object", "mutex:a"}, {"known_on", ""}});
  ASSERT_TRUE(fact);
  EXPECT_EQ(fact->subject.ToString(), "incident:self");
  EXPECT_FALSE(fact->known_on);
  EXPECT_EQ(fact->verification, Verification::kRead);
}

TEST(FactRecord, BadValuesAreErrors) {
  using Fields = std::vector<RecordField>;
  const std::string long_text(kMaxRecordValue + 100, 'a');
  const Fields good = {{"relation", "attributed-to"}, {"object", "country:KP"}};
  ASSERT_TRUE(Read(good).fact);
  const Fields bad = {{"schema", "ascribe-fact/2"}, {"subject", "nobody"},      {"subject", "incident:other"},
                      {"valid_from", "soon"},       {"known_on", "2014-02-30"}, {"retracted_on", "x"},
                      {"verified", "maybe"},        {"confidence", "1.5"},      {"confidence", "nan"},
                      {"confidence", "0.5x"},       {"confidence", "-1"},       {"note", long_text},
                      {"relation", "contains"}};
  for (const RecordField& field : bad) {
    Fields fields = good;
    fields.push_back(field);
    EXPECT_FALSE(Read(fields).fact) << field.name << " " << field.value.substr(0, 40);
  }
  EXPECT_FALSE(Read({{"relation", "attributed-to"}}).fact);
  EXPECT_FALSE(Read({{"object", "country:KP"}}).fact);
  EXPECT_FALSE(Read({{"relation", "blames"}, {"object", "country:KP"}}).fact);
  EXPECT_FALSE(Read({{"relation", "attributed-to"}, {"object", "planet:mars"}}).fact);
  EXPECT_FALSE(
      Read({{"relation", "uses"}, {"object", "tool:x"}, {"valid_from", "2014-05"}, {"valid_to", "2014-04"}}).fact);
}

TEST(FactRecord, OddButUsable) {
  const auto [fact, warnings] =
      Read({{"relation", "uses"}, {"object", "country:KP"}, {"confidence", "0.9"}, {"colour", "red"}});
  ASSERT_TRUE(fact);
  EXPECT_FALSE(fact->confidence);
  ASSERT_EQ(warnings.size(), 3u);
  EXPECT_EQ(warnings[0].code, "unknown-field");
  EXPECT_EQ(warnings[1].code, "fact-confidence");
  EXPECT_EQ(warnings[2].code, "fact-shape");
}

TEST(FactLines, LinesEndsAndMarks) {
  const std::string text =
      "\xEF\xBB\xBF{\"relation\":\"uses\",\"object\":\"tool:a\"}\r\n\n  \n"
      "{\"relation\":\"uses\",\"object\":\"tool:b\",\"confidence\":null}";
  const Reading reading = ReadFactLines(ByteView(text), 10);
  ASSERT_EQ(reading.facts.size(), 2u);
  EXPECT_TRUE(reading.diagnostics.empty());
  EXPECT_EQ(reading.facts[0].locator, (Locator{Locator::Kind::kLine, 1, 37, ""}));
  EXPECT_EQ(reading.facts[1].locator.offset, 4u);
  EXPECT_EQ(reading.facts[1].extractor, "facts-ndjson@1");
}

TEST(FactLines, HostileLinesAreDiagnosticsAndTheRestIsRead) {
  std::string text;
  const auto add = [&](std::string_view line) { text += std::string(line) + "\n"; };
  add(std::string(400'000, '[') + std::string(400'000, ']'));                  // 1: deep
  add(std::string(1'000'000, '[') + std::string(1'000'000, ']'));              // 2: deep and long
  add("{\"relation\":\"uses\",\"object\":\"tool:\xFF\"}");                     // 3: no UTF-8
  add("[1,2]");                                                                // 4
  add("{\"relation\":\"uses\",\"object\":7}");                                 // 5
  add("{\"relation\":\"uses\",\"relation\":\"uses\",\"object\":\"tool:x\"}");  // 6
  add("{\"relation\":\"uses\",\"object\":\"tool:x\",\"extra\":{\"a\":[]}}");   // 7: fine, with a remark
  add("{\"relation\":\"uses\",\"object\":\"tool:x\",\"known_on\":2014}");      // 8
  add("{\"relation\":\"uses\",\"obj");                                         // 9: cut off
  const Reading reading = ReadFactLines(ByteView(text), 10);
  ASSERT_EQ(reading.facts.size(), 1u);
  EXPECT_EQ(reading.facts[0].locator.offset, 7u);
  std::vector<std::pair<std::uint64_t, std::string>> found;
  for (const Diagnostic& d : reading.diagnostics) found.emplace_back(d.locator.offset, d.code);
  EXPECT_EQ(found, (std::vector<std::pair<std::uint64_t, std::string>>{{1, "limit-depth"},
                                                                       {2, "limit-line"},
                                                                       {3, "json-syntax"},
                                                                       {4, "fact-invalid"},
                                                                       {5, "fact-invalid"},
                                                                       {6, "fact-invalid"},
                                                                       {7, "unknown-field"},
                                                                       {8, "fact-invalid"},
                                                                       {9, "json-syntax"}}));
}

TEST(FactLines, LimitsOfFactsAndDiagnostics) {
  std::string text;
  for (int i = 0; i < 5; ++i) text += "{\"relation\":\"uses\",\"object\":\"tool:x\"}\n";
  const Reading cut = ReadFactLines(ByteView(text), 3);
  EXPECT_EQ(cut.facts.size(), 3u);
  ASSERT_EQ(cut.diagnostics.size(), 1u);
  EXPECT_EQ(cut.diagnostics[0].code, "limit-facts");

  std::string noise;
  for (int i = 0; i < 5000; ++i) noise += "x\n";
  const Reading noisy = ReadFactLines(ByteView(noise), 3);
  EXPECT_EQ(noisy.diagnostics.size(), kMaxDiagnosticsPerFile + 1);
  EXPECT_EQ(noisy.diagnostics.back().code, "limit-diagnostics");
  EXPECT_TRUE(ReadFactLines(ByteView(), 3).diagnostics.empty());
}

TEST(DiagnosticList, OnceMeansOnce) {
  DiagnosticList list;
  list.AddOnce(Diagnostic::Severity::kInfo, {}, "a", "t");
  list.AddOnce(Diagnostic::Severity::kInfo, {}, "a", "t");
  list.AddOnce(Diagnostic::Severity::kInfo, {}, "a", "u");
  EXPECT_EQ(list.Take().size(), 2u);
  EXPECT_TRUE(list.Take().empty());
}

Result<std::vector<Source>> ReadSources(std::string_view text, std::size_t warnings = 0) {
  std::vector<Diagnostic> diagnostics;
  const auto table = ParseToml(text);
  if (!table) return tl::unexpected(table.error());
  auto sources = SourcesFromToml(*table, "sources.toml", diagnostics);
  EXPECT_EQ(diagnostics.size(), warnings);
  return sources;
}

TEST(SourceToml, ReadsAndSorts) {
  const auto sources = ReadSources(
      "[[source]]\nid='z'\ntitle='T'\nreliability='B'\ncredibility=2\npublished=2013-07-08\n"
      "[[source]]\nid='a'\ntitle='T'\nreliability='F'\ncredibility=6\npublished='2013-07'\ninspectable=false\n"
      "origin='o'\nderived_from='z'\nurl='u'\npublisher='p'\nhue=1\n",
      1);
  ASSERT_TRUE(sources) << sources.error().message;
  ASSERT_EQ(sources->size(), 2u);
  const Source& a = (*sources)[0];
  EXPECT_EQ(a.id + a.title + a.publisher + a.url + a.origin + a.derived_from, "aTpuoz");
  EXPECT_EQ(a.grade.ToString(), "F6");
  EXPECT_FALSE(a.inspectable);
  EXPECT_EQ(a.published->ToString(), "2013-07");
  EXPECT_EQ((*sources)[1].published->ToString(), "2013-07-08");
  EXPECT_TRUE(ReadSources("x = 1")->empty());
}

TEST(SourceToml, ErrorsNameTheLine) {
  const std::string good = "[[source]]\nid='a'\ntitle='T'\nreliability='B'\ncredibility=2\n";
  ASSERT_TRUE(ReadSources(good));
  for (const char* bad : {"published='soon'", "published=1", "inspectable='no'", "url=1"}) {
    const auto sources = ReadSources(good + bad);
    ASSERT_FALSE(sources) << bad;
    EXPECT_EQ(sources.error().message.substr(0, 6), "line 6") << sources.error().message;
  }
  for (const char* bad :
       {"source=1", "source=[1]", "[[source]]\nid='a b'", "[[source]]\nid='a'\ntitle='t'\nreliability='Z'",
        "[[source]]\nid='a'\ntitle='t'\nreliability='A'\ncredibility=7", "[[source]]\nid='a'"})
    EXPECT_FALSE(ReadSources(bad)) << bad;
  EXPECT_FALSE(ReadSources(good + good));
}

}  // namespace
}  // namespace ascribe
