// investigate --without, --trust, --flat-prior, --save: what the flags do, and what they refuse.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "json_schema.h"
#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

double Posterior(const Json& a, const std::string& level, const std::string& id) {
  for (const Json& h : a.at("levels").at(level).at("ranked"))
    if (h.at("id") == id) return h.at("posterior");
  return 0;
}

Json Schema() { return Json::parse(ReadBytes(Root() / "docs/formats/assessment.schema.json")); }

TEST(WhatIf, WrongUseIsTwoAndChangesNothing) {
  const Machine machine;
  const std::string small = WriteSmallCase(machine / "case").string();
  const std::vector<std::vector<std::string>> wrong = {
      {"--without", "nobody"},
      {"--without", ""},
      {"--without", "c-000000000000"},
      {"--without", "f-0000000000000000"},
      {"--without", "source:code"},
      {"--trust", "vendor"},
      {"--trust", "vendor=2"},
      {"--trust", "vendor=-0.1"},
      {"--trust", "vendor=nan"},
      {"--trust", "vendor=0.5x"},
      {"--trust", "=0.5"},
      {"--trust", "nobody=0.5"},
      {"--trust", "vendor=0.5", "--trust", "vendor=0.6"},
      {"--save", "name"},
      {"--flat-prior", "--save", ""},
      {"--flat-prior", "--save", "../x"},
      {"--flat-prior", "--save", "a b"},
      {"--flat-prior", "--save", std::string(65, 'a')},
      {"--flat-prior", "--out", "o"},
  };
  for (const std::vector<std::string>& flags : wrong) {
    std::vector<std::string> args = {"investigate", small};
    args.insert(args.end(), flags.begin(), flags.end());
    const Outcome outcome = machine.Run(args);
    EXPECT_EQ(outcome.exit_code, 2) << ::testing::PrintToString(flags) << outcome.err;
    EXPECT_EQ(outcome.out, "") << ::testing::PrintToString(flags);
    EXPECT_TRUE(IsOneLine(outcome.err)) << ::testing::PrintToString(flags);
  }
  EXPECT_FALSE(fs::exists(machine / "out"));
  EXPECT_FALSE(fs::exists(machine / "o"));
}

TEST(WhatIf, LeavesOutWhatItNamesAndSaysSo) {
  const Machine machine;
  const std::string sony = Example("sony-2014").string();
  const Json as_it_is = Json::parse(machine.Investigate(sony, machine / "base").at("assessment.json"));
  EXPECT_TRUE(as_it_is.at("scenario").is_null());
  const auto what_if = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), {"investigate", sony, "--json"});
    const Outcome outcome = machine.Run(flags);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const Json a = Json::parse(outcome.out);
    EXPECT_THAT(SchemaFindings(Schema(), a), ::testing::IsEmpty());
    EXPECT_FALSE(a.at("scenario").is_null());
    return a;
  };
  const Json no_code = what_if({"--without", "code"});
  for (const Json& claim : no_code.at("claims")) {
    if (claim.at("group") != "code") continue;
    EXPECT_TRUE(claim.at("contributions").empty());
    EXPECT_EQ(claim.at("weightless_reason"), "left out in this scenario");
  }
  EXPECT_NE(no_code.at("levels"), as_it_is.at("levels"));
  // One claim, its best: it is the same whether named alone or beside something unrelated to it.
  const std::string best = as_it_is.at("levels").at("operator").at("ranked").at(0).at("best_evidence");
  const Json no_best = what_if({"--without", best});
  for (const Json& claim : no_best.at("claims"))
    if (claim.at("id") == best) {
      EXPECT_TRUE(claim.at("contributions").empty());
    }
  // A fact and a source.
  const Json facts = Json::parse(ReadBytes(machine / "base/case.json")).at("facts");
  std::string source;
  for (const Json& claim : as_it_is.at("claims"))
    if (claim.at("id") == best)
      for (const Json& fact : facts)
        if (fact.at("id") == claim.at("case_facts").at(0)) source = fact.at("source");
  ASSERT_NE(source, "");
  const Json no_source = what_if({"--without", source});
  EXPECT_LT(no_source.at("evidence").at("facts_used"), as_it_is.at("evidence").at("facts_used"));
  const Json no_fact = what_if({"--without", facts.at(0).at("id")});
  EXPECT_LE(no_fact.at("evidence").at("facts_used"), as_it_is.at("evidence").at("facts_used"));
  // A source that is never right weighs as much as one that is not there.
  const Json distrusted = what_if({"--trust", source + "=0"});
  const std::string leader = as_it_is.at("levels").at("operator").at("ranked").at(0).at("id");
  EXPECT_NEAR(Posterior(distrusted, "lineage", "unknown"), Posterior(no_source, "lineage", "unknown"), 0.05);
  EXPECT_LE(Posterior(distrusted, "operator", leader), Posterior(as_it_is, "operator", leader) + 1e-6);
  // A link that is half believed, and a larger chance that somebody unknown did it.
  const Json doubted = what_if({"--trust", best + "=0.5", "--unknown-prior", "0.9"});
  EXPECT_EQ(doubted.at("scenario").at("trust").at(0).at("claim"), best);
  EXPECT_EQ(doubted.at("scenario").at("unknown_prior"), 0.9);
  EXPECT_GE(Posterior(doubted, "lineage", "unknown"), Posterior(as_it_is, "lineage", "unknown"));
  EXPECT_TRUE(what_if({"--flat-prior"}).at("scenario").at("flat_prior"));
  EXPECT_FALSE(fs::exists(machine / "out")) << "a scenario that is not saved changes no file";
}

TEST(WhatIf, SavesComparesAndVerifies) {
  const Machine machine;
  const std::string sony = Example("sony-2014").string();
  const auto plain = machine.Investigate(sony, machine / "plain");
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"--without", "code", "--save", "no-code"}, {"--without", "infrastructure", "--save", "B_2"}}) {
    std::vector<std::string> args = {"investigate", sony, "--out", "o"};
    args.insert(args.end(), flags.begin(), flags.end());
    const Outcome outcome = machine.Run(args);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("SCENARIO " + flags.back() + ", not the case as it is"));
    EXPECT_THAT(outcome.out, HasSubstr("The case as it is\n"));
    EXPECT_THAT(outcome.out, HasSubstr("no-code: without all code evidence"));
    EXPECT_TRUE(IsTerminalSafe(outcome.out));
    std::size_t columns = 0;
    for (const char c : outcome.out) {
      columns = c == '\n' ? 0 : columns + ((static_cast<unsigned char>(c) & 0xC0) != 0x80);
      ASSERT_LE(columns, 80u) << outcome.out;
    }
    EXPECT_EQ(machine.Run({"verify", "o"}).exit_code, 0);
  }
  auto files = FilesBelow(machine / "o");
  EXPECT_EQ(files.at("assessment.json"), plain.at("assessment.json")) << "the baseline stays the case as it is";
  EXPECT_EQ(Json::parse(files.at("scenario-no-code.json")).at("scenario").at("name"), "no-code");
  EXPECT_THAT(files.at("manifest-sha256.txt"), HasSubstr("scenario-B_2.json"));
  // A plain run into the folder keeps them.
  EXPECT_EQ(machine.Investigate(sony, machine / "o"), files);
  // A changed one is found, and a broken one is not run over.
  WriteBytes(machine / "o/scenario-B_2.json", "{}");
  EXPECT_EQ(machine.Run({"verify", "o"}).exit_code, 4);
  const Outcome refused = machine.Run({"investigate", sony, "--out", "o"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_TRUE(IsOneLine(refused.err));
}

TEST(Explain, ShowsCompetingHypothesesInEightyColumns) {
  const Machine machine;
  for (const std::string& name : ExampleNames()) {
    const Outcome outcome = machine.Run({"explain", Example(name).string(), "ach"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(IsTerminalSafe(outcome.out));
    EXPECT_THAT(outcome.out, HasSubstr("OPERATOR LEVEL: "));
    EXPECT_THAT(outcome.out, HasSubstr("somebody posing as"));
    std::size_t columns = 0;
    for (const char c : outcome.out) {
      columns = c == '\n' ? 0 : columns + ((static_cast<unsigned char>(c) & 0xC0) != 0x80);
      ASSERT_LE(columns, 80u) << outcome.out;
    }
  }
}

TEST(Overrides, BothNumbersStandSideBySideAndTheVerdictIsTheEngines) {
  const Machine machine;
  fs::copy(Example("sony-2014"), machine / "case", fs::copy_options::recursive);
  ASSERT_EQ(machine.Run({"investigate", "case", "--out", "plain", "--quiet"}).exit_code, 0);
  const Json plain = Json::parse(ReadBytes(machine / "plain/assessment.json"));
  EXPECT_FALSE(plain.contains("analyst"));
  const Json& column = plain.at("ach").at("operator").at("columns")[0];
  const std::string claim = column.at("claim"), who = plain.at("ach").at("operator").at("rows")[0].at("hypothesis");
  const auto entry = [&](const std::string& id, const std::string& hypothesis) {
    return "[[override]]\nclaim = \"" + id + "\"\nlevel = \"operator\"\nhypothesis = \"" + hypothesis +
           "\"\nnats = -7.0\nreason = \"on sale \\u001b[31m since 2013\"\ninitials = \"AB\"\ndate = \"2026-11-27\"\n";
  };
  WriteBytes(machine / "case/overrides.toml", "format = \"ascribe-overrides/1\"\n" + entry(claim, who) + entry("c-ffffffffffff", who));
  ASSERT_EQ(machine.Run({"investigate", "case", "--out", "with", "--quiet"}).exit_code, 0);
  const Json with = Json::parse(ReadBytes(machine / "with/assessment.json"));
  EXPECT_EQ(with.at("levels"), plain.at("levels")) << "the engine's own posteriors";
  EXPECT_EQ(with.at("verdict"), plain.at("verdict"));
  EXPECT_THAT(SchemaFindings(Schema(), with), ::testing::IsEmpty());
  const Json& analyst = with.at("analyst");
  ASSERT_EQ(analyst.at("overrides").size(), 2u);
  std::size_t used = 0;
  for (const Json& o : analyst.at("overrides")) {
    if (!o.at("ignored").is_null()) continue;
    ++used;
    EXPECT_EQ(o.at("nats"), -7.0);
    EXPECT_GT(o.at("engine_nats").get<double>(), 0);
  }
  EXPECT_EQ(used, 1u);
  double then = 1;
  for (const Json& h : analyst.at("levels").at("operator"))
    if (h.at("hypothesis") == who) then = h.at("posterior");
  EXPECT_LE(then, Posterior(plain, "operator", who)) << "both may stand at the cap";
  const Outcome ach = machine.Run({"explain", "case", "ach"});
  EXPECT_THAT(ach.out, HasSubstr("ANALYST'S OVERRIDES"));
  EXPECT_THAT(ach.out, HasSubstr("analyst -7.00"));
  EXPECT_TRUE(IsTerminalSafe(ach.out));
  EXPECT_EQ(machine.Run({"verify", "with"}).exit_code, 0);
  WriteBytes(machine / "case/overrides.toml", "format = \"ascribe-overrides/1\"\n");
  EXPECT_EQ(machine.Run({"verify", "with"}).exit_code, 4) << "the file is evidence and has changed";
}

TEST(Overrides, AFileThatCannotBeReadIsOneLineAndTheCaseGoesOn) {
  const auto folder = [](const fs::path& path) { fs::create_directories(path); };
  const auto fifo = [](const fs::path& path) { ASSERT_EQ(::mkfifo(path.c_str(), 0644), 0); };
  const auto dangling = [](const fs::path& path) { fs::create_symlink("nowhere.toml", path); };
  const auto loop = [](const fs::path& path) { fs::create_symlink("overrides.toml", path); };
  const auto huge = [](const fs::path& path) {
    WriteBytes(path, "format = \"ascribe-overrides/1\"\n");
    ASSERT_EQ(::truncate(path.c_str(), off_t{17} << 20), 0);
  };
  const std::vector<std::pair<std::string, std::function<void(const fs::path&)>>> makes = {
      {"unreadable", folder}, {"unreadable", fifo}, {"unreadable", dangling}, {"unreadable", loop}, {"limit-file-size", huge}};
  for (std::size_t i = 0; i < makes.size(); ++i) {
    const Machine machine;
    const fs::path small = WriteSmallCase(machine / "case");
    makes[i].second(small / "overrides.toml");
    const Outcome outcome = machine.Run({"investigate", "case", "--out", "out"});
    ASSERT_EQ(outcome.exit_code, 0) << i << outcome.err;
    EXPECT_THAT(outcome.err, AllOf(HasSubstr("1 note on the evidence"), HasSubstr(makes[i].first + ": overrides.toml: "))) << i;
    EXPECT_THAT(ReadBytes(machine / "out/facts.csv"), HasSubstr("good-one")) << i;
    EXPECT_EQ(machine.Run({"verify", "out"}).exit_code, 0) << i;
  }
}

}  // namespace
}  // namespace ascribe::cli
