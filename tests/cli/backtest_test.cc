// `ascribe backtest` from outside: what it prints and writes, and how it ends on bad input.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

// A case library: eight actors, three tools each, a case a week for seven years.
std::string Library() {
  std::string text;
  for (int i = 0; i < 364; ++i) {
    const std::string actor(1, static_cast<char>('a' + i * 5 % 8));
    const int day = i * 7;
    const int year = 2013 + day / 365, month = day % 365 / 31 + 1, of_month = day % 365 % 31 % 28 + 1;
    const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    text += R"({"id":"case-)" + std::to_string(i) + R"(","date":")" + std::to_string(year) + "-" + two(month) + "-" +
            two(of_month) + R"(","actor":"actor-)" + actor + R"(","families":["tool-)" + actor + std::to_string(i % 3) +
            R"("],"ioc":{"domain":["www.)" + actor + actor + "name" + std::to_string(i % 5) + R"(.org"]}})" + "\n";
  }
  return text;
}

TEST(Backtest, ScoresACaseLibraryTheSameEveryTime) {
  const Machine machine;
  WriteBytes(machine / "library.jsonl", Library());
  const std::vector<std::string> args = {"backtest", "library.jsonl", "--predictions", "p.jsonl", "--html", "p.html"};
  const Outcome first = machine.Run(args);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  for (const char* heading : {"coverage", "top-1", "top-3", "macro", "right when named", "AUROC", "ECE", "Brier",
                              "log-loss", "Cllr", "Cllr_min", "most frequent actor", "Reliability",
                              "Precision by coverage", "Gate on P(named)", "Ageing", "Planted evidence", "Weights"})
    EXPECT_THAT(first.out, HasSubstr(heading));
  const std::string predictions = ReadBytes(machine / "p.jsonl"), page = ReadBytes(machine / "p.html");
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  const Json line = Json::parse(predictions.substr(0, predictions.find('\n')));
  double sum = line.at("p_unknown");
  for (const Json& ranked : line.at("ranked")) sum += ranked.at("p").get<double>();
  EXPECT_NEAR(sum, 1, 1e-9);
  const Outcome again = machine.Run(args);
  EXPECT_EQ(again.out, first.out);
  EXPECT_EQ(ReadBytes(machine / "p.jsonl"), predictions);
  EXPECT_EQ(ReadBytes(machine / "p.html"), page);
}

TEST(KbFit, WritesWhatInvestigateThenUses) {
  const Machine machine;
  WriteBytes(machine / "library.jsonl", Library());
  const Outcome aside = machine.Run({"kb", "fit", "library.jsonl", "--out", "aside.toml"});
  ASSERT_EQ(aside.exit_code, 0) << aside.err;
  EXPECT_THAT(aside.out, HasSubstr("family"));
  EXPECT_THAT(aside.out, HasSubstr("Weights of the groups"));
  const std::string fit = ReadBytes(machine / "aside.toml");
  EXPECT_THAT(fit, Not(HasSubstr("actor-"))) << "aggregates only";
  EXPECT_THAT(fit, Not(HasSubstr("name0")));
  EXPECT_EQ(machine.Run({"kb", "fit", "library.jsonl", "--out", "again.toml"}).exit_code, 0);
  EXPECT_EQ(ReadBytes(machine / "again.toml"), fit);
  // What comes later is not seen, not even as background.
  const std::string all = Library();
  WriteBytes(machine / "early.jsonl", all.substr(0, all.find("{\"id\":\"case-200\"")));
  ASSERT_EQ(machine.Run({"kb", "fit", "library.jsonl", "--until", "2016-01-01", "--out", "a.toml"}).exit_code, 0);
  ASSERT_EQ(machine.Run({"kb", "fit", "early.jsonl", "--until", "2016-01-01", "--out", "b.toml"}).exit_code, 0);
  const auto body = [](const std::string& text) { return text.substr(text.find("first_day")); };
  EXPECT_EQ(body(ReadBytes(machine / "a.toml")), body(ReadBytes(machine / "b.toml")));
}

TEST(KbFit, BadInputIsOneLine) {
  const Machine machine;
  WriteBytes(machine / "none.jsonl", "{\"id\":\"1\",\"date\":\"2015-01-01\",\"actor\":\"a\",\"families\":[\"x\"]}\n");
  const Outcome nothing = machine.Run({"kb", "fit", "none.jsonl", "--out", "f.toml"});
  EXPECT_EQ(nothing.exit_code, 3);
  EXPECT_THAT(nothing.err, HasSubstr("nothing can be measured"));
  EXPECT_FALSE(fs::exists(machine / "f.toml"));
  EXPECT_EQ(machine.Run({"kb", "fit", "missing.jsonl"}).exit_code, 3);
  EXPECT_EQ(machine.Run({"kb", "fit", "none.jsonl", "--until", "soon"}).exit_code, 2);
}

TEST(Backtest, AWrongCommandLineIsTwo) {
  const Machine machine;
  WriteBytes(machine / "library.jsonl", Library());
  for (const std::vector<std::string>& args : {std::vector<std::string>{"backtest"},
                                               {"backtest", "library.jsonl", "--gap", "-1"},
                                               {"backtest", "library.jsonl", "--gap", "soon"},
                                               {"backtest", "library.jsonl", "--track", "other"},
                                               {"backtest", "library.jsonl", "--from", "2015"},
                                               {"backtest", "library.jsonl", "--to", "tomorrow"}}) {
    const Outcome outcome = machine.Run(args);
    EXPECT_EQ(outcome.exit_code, 2) << ::testing::PrintToString(args) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(IsOneLine(outcome.err)) << ::testing::PrintToString(args) << outcome.err;
  }
}

TEST(Backtest, ACorpusThatCannotBeReadIsThreeAndSaysWhere) {
  const Machine machine;
  const std::string good = R"({"id":"a","date":"2015-01-01","actor":"A","families":["f"]})"
                           "\n";
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "too few tests"},
      {good, "too few tests"},
      {good + "{\"id\":\n", "line 2"},
      {good + "[1]\n", "line 2"},
      {good + "{\"id\":\"b\"}\n", "no date"},
      {good + "{\"date\":\"2015-01-02\"}\n", "no id"},
      {good + "{\"id\":\"b\",\"date\":\"soon\"}\n", "no date"},
      {good + "{\"id\":\"b\",\"date\":\"2015-01-01\",\"date_prec\":\"hour\"}\n", "date_prec"},
      {good + good, "id twice"},
      {std::string("\x01\x02\xff\x00", 4), "line 1"},
  };
  for (const auto& [bytes, says] : wrong) {
    WriteBytes(machine / "corpus.jsonl", bytes);
    const Outcome outcome = machine.Run({"backtest", "corpus.jsonl", "--predictions", "p.jsonl"});
    EXPECT_EQ(outcome.exit_code, 3) << bytes << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(says));
    EXPECT_TRUE(IsOneLine(outcome.err)) << outcome.err;
    EXPECT_FALSE(fs::exists(machine / "p.jsonl"));
  }
  for (const std::string& path : {std::string("nothing.jsonl"), machine.path().string()}) {
    const Outcome outcome = machine.Run({"backtest", path});
    EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
    EXPECT_TRUE(IsOneLine(outcome.err)) << outcome.err;
  }
  WriteBytes(machine / "library.jsonl", Library());
  EXPECT_EQ(machine.Run({"backtest", "library.jsonl", "--from", "2030-01-01"}).exit_code, 3) << "no test is left";
}

TEST(Backtest, DamageIsFourAndAFullDiskOne) {
  const Machine machine;
  WriteBytes(machine / "cut.jsonl.xz", std::string("\xFD"
                                                   "7zXZ\0\0\x04\xe6\xd6\xb4\x46",
                                                   12));
  const Outcome cut = machine.Run({"backtest", "cut.jsonl.xz"});
  EXPECT_EQ(cut.exit_code, 4) << cut.err;
  EXPECT_TRUE(IsOneLine(cut.err)) << cut.err;
  WriteBytes(machine / "library.jsonl", Library());
  RunOptions options;
  options.out_path = "/dev/full";
  const Outcome full = machine.Run({"backtest", "library.jsonl"}, options);
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_TRUE(IsOneLine(full.err)) << full.err;
  const Outcome nowhere = machine.Run({"backtest", "library.jsonl", "--predictions", "no/such/folder/p.jsonl"});
  EXPECT_EQ(nowhere.exit_code, 1) << nowhere.err;
  EXPECT_TRUE(IsOneLine(nowhere.err)) << nowhere.err;
}

TEST(Backtest, TheLibraryOfTheProgramIsACorpusToo) {
  const Machine machine;
  const Outcome shipped = machine.Run({"backtest", "--library", "--convert", "shipped.jsonl"});
  ASSERT_EQ(shipped.exit_code, 0) << shipped.err;
  EXPECT_THAT(shipped.out, HasSubstr("tests are few"));
  const std::string before = ReadBytes(machine / "shipped.jsonl");
  // The corpus that was written is the corpus that was scored.
  const Outcome again = machine.Run({"backtest", "shipped.jsonl", "--least", "15"});
  EXPECT_EQ(again.out, shipped.out);
  // A closed case with a judgement becomes one more report; all the others stay as they were.
  const std::string small = WriteSmallCase(machine / "case", "closed").string();
  WriteBytes(machine / "case/evidence/tools.ndjson", R"({"relation":"uses","object":"malware:odd-tool","known_on":"2017-12-01"})" "\n");
  ASSERT_EQ(machine.Run({"kb", "add", small, "--attributed-to", "actor:somebody", "--confidence", "0.9", "--by", "desk"}).exit_code, 0);
  const Outcome with = machine.Run({"backtest", "--library", "--convert", "with.jsonl"});
  ASSERT_EQ(with.exit_code, 0) << with.err;
  std::string rest, mine;
  for (std::size_t at = 0; at < ReadBytes(machine / "with.jsonl").size();) {
    const std::string all = ReadBytes(machine / "with.jsonl");
    const std::size_t end = all.find('\n', at);
    const std::string line = all.substr(at, end - at + 1);
    (line.find("\"id\":\"closed\"") == std::string::npos ? rest : mine) += line;
    at = end + 1;
  }
  EXPECT_EQ(rest, before);
  const Json report = Json::parse(mine);
  EXPECT_EQ(report["actor"], "somebody");
  EXPECT_EQ(report["families"], Json::array({"odd-tool"}));
  EXPECT_EQ(report["date"], "2017-12-01");
  const Outcome none = machine.Run({"backtest"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_TRUE(IsOneLine(none.err));
}

}  // namespace
}  // namespace ascribe::cli
