#include "ingest/statements.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ascribe {
namespace {

Reading Read(std::string_view text) { return ReadStatements(ByteView(text), "x.toml"); }

std::vector<std::string> Codes(const Reading& reading) {
  std::vector<std::string> codes;
  for (const Diagnostic& d : reading.diagnostics) codes.push_back(d.code);
  return codes;
}

using Strings = std::vector<std::string>;
constexpr std::string_view kHead = "format = \"ascribe-statements/1\"\n";

TEST(Statements, InnerFactsTakeWhatTheStatementSays) {
  const Reading reading = Read(std::string(kHead) + R"(
[[statement]]
kind        = "official-attribution"
source      = "fbi-2014-12-19"
known_on    = 2014-12-19
inspectable = false
summary     = "They said so."
verified    = "unverified"
facts = [
  { relation = "attributed-to", object = "country:KP", confidence = 0.75 },
  { relation = "resembles", object = "attack:darkseoul-2013", source = "other", known_on = "2015", note = "own", verified = "read" },
]
[[statement]]
kind = "denial"
facts = [{ relation = "denied-by", object = "country:KP" }]
)");
  EXPECT_TRUE(reading.diagnostics.empty());
  ASSERT_EQ(reading.facts.size(), 3u);
  const Fact& first = reading.facts[0];
  EXPECT_EQ(first.statement, StatementKind::kOfficialAttribution);
  EXPECT_EQ(first.source, "fbi-2014-12-19");
  EXPECT_EQ(first.known_on->ToString(), "2014-12-19");
  EXPECT_EQ(first.note, "They said so.");
  EXPECT_EQ(first.verification, Verification::kUnverified);
  EXPECT_EQ(first.confidence, 0.75);
  EXPECT_FALSE(first.inspectable);
  EXPECT_EQ(first.extractor, "statements@1");
  EXPECT_EQ(first.locator, (Locator{Locator::Kind::kTomlPath, 11, 0, "statement[0].facts[0]"}));
  const Fact& second = reading.facts[1];
  EXPECT_EQ(second.source + second.note + second.known_on->ToString(), "otherown2015");
  EXPECT_EQ(second.verification, Verification::kRead);
  EXPECT_EQ(reading.facts[2].statement, StatementKind::kDenial);
  EXPECT_TRUE(reading.facts[2].inspectable);
  EXPECT_EQ(reading.facts[2].locator.path, "statement[1].facts[0]");
}

TEST(Statements, MistakesSkipTheirStatementOrFact) {
  const Reading reading = Read(std::string(kHead) + R"(
colour = 1
[[statement]]
kind = "rumour"
[[statement]]
source = "x"
[[statement]]
kind = "observation"
[[statement]]
kind = "observation"
inspectable = "no"
[[statement]]
kind = "observation"
known_on = "soon"
[[statement]]
kind = "observation"
facts = "none"
[[statement]]
kind = "observation"
hue = 1
facts = [1, { relation = "uses" }, { relation = "uses", object = 3 }, { relation = "uses", object = "tool:a", tint = [1] }]
)");
  ASSERT_EQ(reading.facts.size(), 1u);
  EXPECT_EQ(reading.facts[0].locator.path, "statement[6].facts[3]");
  Strings codes = Codes(reading);
  std::sort(codes.begin(), codes.end());
  EXPECT_EQ(codes, (Strings{"fact-invalid", "fact-invalid", "fact-invalid", "statement-empty", "statement-invalid",
                            "statement-invalid", "statement-invalid", "statement-invalid", "statement-invalid",
                            "unknown-field", "unknown-field", "unknown-field"}));
}

TEST(Statements, WholeFileMistakes) {
  EXPECT_EQ(Codes(Read("")), (Strings{}));
  EXPECT_EQ(Codes(Read("format = \"ascribe-statements/9\"\n[[statement]]\nkind='denial'")),
            (Strings{"format-version"}));
  EXPECT_EQ(Codes(Read("format = 7")), (Strings{"format-version"}));
  EXPECT_EQ(Codes(Read(kHead)), (Strings{"statement-empty"}));
  EXPECT_EQ(Codes(Read(std::string(kHead) + "statement = 3")), (Strings{"statement-invalid"}));
  EXPECT_EQ(Codes(Read(std::string(kHead) + "statement = [3]")), (Strings{"statement-invalid"}));
  EXPECT_EQ(Codes(Read(std::string(kHead) + "[[statement]\nkind")), (Strings{"toml-syntax"}));
  EXPECT_EQ(Codes(Read(std::string(kHead) + "a = " + std::string(1'000'000, '['))), (Strings{"toml-syntax"}));
  EXPECT_EQ(Codes(Read(std::string(kHead) + std::string(std::size_t{17} << 20, '#'))), (Strings{"limit-size"}));
  EXPECT_EQ(
      Codes(Read(std::string(kHead) + "[[statement]]\nkind='denial'\nsummary='\xFF'\nfacts=[{relation='denied-by',"
                                      "object='country:KP'}]")),
      (Strings{}));
}

TEST(Statements, Sniff) {
  const auto sniff = [](std::string_view head) { return SniffStatements(ByteView(head), "a.toml"); };
  EXPECT_EQ(sniff(kHead), 95);
  EXPECT_EQ(sniff("\xEF\xBB\xBF# ours\r\n format='ascribe-statements/1'\r\n"), 95);
  EXPECT_EQ(sniff("format = \"ascribe-statements/2\""), 60);
  EXPECT_EQ(sniff("format = \"ascribe-case/1\""), 0);
  EXPECT_EQ(sniff("formatted = \"ascribe-statements/1\""), 0);
  EXPECT_EQ(sniff("format ="), 0);
  EXPECT_EQ(sniff(""), 5);  // by its name: an empty file is read as one without statements
  EXPECT_EQ(SniffStatements(ByteView(""), "a.bin"), 0);
}

}  // namespace
}  // namespace ascribe
