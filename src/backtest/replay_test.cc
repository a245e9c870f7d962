// The model on made-up corpora (additive, blind to order and repetition, deterministic), and our scores against the
// shared scorer where the shared data is there.

#include "backtest/replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <string>

#include "backtest/backtest.h"
#include "backtest/tables.h"
#include "base/io.h"
#include "base/test_folder.h"

namespace ascribe::backtest {
namespace {

namespace fs = std::filesystem;

// Eight actors with habits: own families, own hosts, now and then somebody else's.
std::vector<std::string> MakeLines() {
  std::vector<std::string> lines;
  std::mt19937 dice(7);
  for (int i = 0; i < 400; ++i) {
    const unsigned actor = dice() % 8, other = dice() % 8;
    const Date day{Date::FromCivil(2014, 1, 1).days + i * 5};
    const std::string a(1, static_cast<char>('a' + actor));
    lines.push_back(R"({"id":"r)" + std::to_string(1000 + i) + R"(","date":")" + day.ToString() + R"(","actor":)" +
                    (dice() % 4 == 0 ? "null" : "\"actor-" + a + "\"") + R"(,"families":["tool-)" + a +
                    std::to_string(dice() % 3) + R"(","tool-)" + std::string(1, static_cast<char>('a' + other)) +
                    R"(0"],"ioc":{"domain":["www)" + std::to_string(dice() % 5) + ".name-" + a + a + a +
                    std::to_string(dice() % 9) + R"(.org"],"md5":["00)" + std::to_string(actor * 100 + dice() % 30) +
                    R"("]},"attack":["T10)" + std::to_string(10 + dice() % 9) + R"("]})");
  }
  return lines;
}

std::string Join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

std::string Predict(const std::string& text) {
  const auto corpus = ParseCorpus(text);
  EXPECT_TRUE(corpus);
  const Stage stage = SetStage(*corpus, {}, {});
  const TestTable table = Tabulate(stage);
  return PredictionsJsonl(AnswerAll(stage, table, StandardModel(), FitYearly(stage, table, StandardModel())));
}

TEST(Replay, LearnsHabitsAndBeatsTheMostFrequentActor) {
  const auto corpus = ParseCorpus(Join(MakeLines()));
  ASSERT_TRUE(corpus);
  const auto run = RunBacktest(*corpus, {}, {});
  ASSERT_TRUE(run) << run.error().message;
  ASSERT_EQ(run->methods.size(), 3u);
  EXPECT_GT(run->methods[0].scores.top1, 0.9);
  EXPECT_LT(run->methods[2].scores.top1, 0.5);
  for (const auto& [year, weights] : run->weights.weights) {
    for (std::size_t j = 0; j < weights.size(); ++j) {
      if (run->terms[j] != "unknown" && run->terms[j] != "actors" && !run->terms[j].starts_with("offered")) {
        EXPECT_GE(weights[j], 0) << run->terms[j];
      }
    }
  }
  ASSERT_FALSE(run->planted.rows.empty());
  for (const PlantedRow& row : run->planted.rows) {
    EXPECT_LE(row.flipped_sure, row.flipped) << row.kinds;
    EXPECT_LE(row.flipped, row.tried) << row.kinds;
    EXPECT_LE(row.caught_by_group, row.flipped) << row.kinds;
    EXPECT_LE(row.gated_flipped, row.sure_flipped) << row.kinds;
    // One planted item of a kind is the rarest of its kind: without it the honest answer is back.
    if (row.kinds.find('2') == std::string::npos) {
      EXPECT_EQ(row.caught_thin, row.flipped) << row.kinds;
      EXPECT_EQ(row.framed_gated, 0u) << row.kinds;
    }
  }
  EXPECT_EQ(BacktestPage(*run).find("<script"), std::string::npos);
  EXPECT_EQ(BacktestText(*run), BacktestText(*RunBacktest(*corpus, {}, {}))) << "the same every time";
}

TEST(Replay, EveryPosteriorIsASumOfContributions) {
  const auto corpus = ParseCorpus(Join(MakeLines()));
  const Stage stage = SetStage(*corpus, {}, {});
  const TestTable table = Tabulate(stage);
  const Model model = StandardModel();
  const auto weights = FitYearly(stage, table, model).weights.rbegin()->second;
  for (const FeatureRows& rows : table.rows) {
    const std::vector<double> p = Posterior(rows, model, weights);
    EXPECT_NEAR(std::accumulate(p.begin(), p.end(), 0.0), 1, 1e-12);
    for (std::size_t a = 0; a < rows.actors; ++a) {
      const std::vector<double> nats = Contributions(rows, a, model, weights);
      EXPECT_NEAR(std::accumulate(nats.begin(), nats.end(), 0.0), std::log(p[a] / p.back()), 1e-9);
    }
  }
}

TEST(Replay, OrderOfLinesAndRepeatedEvidenceChangeNothing) {
  std::vector<std::string> lines = MakeLines();
  const std::string before = Predict(Join(lines));
  std::mt19937 dice(3);
  std::shuffle(lines.begin(), lines.end(), dice);
  EXPECT_EQ(Predict(Join(lines)), before);
  for (std::string& line : lines) {
    const std::size_t at = line.find("\"families\":[") + 12;
    const std::string first = line.substr(at, line.find(',', at) - at);
    line.insert(at, first + "," + first + ",");
  }
  EXPECT_EQ(Predict(Join(lines)), before);
}

TEST(Replay, WhatComesLaterChangesNothing) {
  std::vector<std::string> lines = MakeLines();
  const std::string whole = Predict(Join(lines));
  lines.resize(lines.size() - 40);
  const std::string part = Predict(Join(lines));
  EXPECT_EQ(whole.substr(0, part.size()), part);
}

TEST(Replay, TooFewTestsAreAnError) {
  const auto corpus = ParseCorpus(MakeLines().front());
  const auto run = RunBacktest(*corpus, {}, {});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, ErrorCode::kInvalidInput);
}

TEST(ConditionalLogit, FindsTheLogOddsOfOneFeature) {
  // Two alternatives that differ in one feature; right 3 of 4 times: the weight is ln 3, up to a tiny penalty.
  std::vector<Choice> choices;
  for (int i = 0; i < 4; ++i)
    choices.push_back({.features = 1, .rows = {1, 0}, .right = i == 0 ? 1u : 0u, .weight = 1});
  EXPECT_NEAR(FitConditionalLogit(choices, {{.penalty = 1e-9}})[0], std::log(3.0), 1e-6);
  // Wanted below zero and not allowed: it rests at zero.
  for (Choice& choice : choices) choice.right = 1;
  EXPECT_EQ(FitConditionalLogit(choices, {{.penalty = 1}})[0], 0);
  EXPECT_LT(FitConditionalLogit(choices, {{.penalty = 1, .non_negative = false}})[0], -0.5);
}

fs::path Shared() { return fs::path(ASCRIBE_SOURCE_DIR) / "../shared"; }

// The value of `"key": number` in the scorer's JSON.
double Value(const std::string& json, const std::string& key) {
  const std::size_t at = json.find("\"" + key + "\": ");
  return at == std::string::npos ? NAN : std::strtod(json.c_str() + at + key.size() + 4, nullptr);
}

// Our numbers and those of the scorer for one replay.
void Compare(const Backtest& run, const std::string& options) {
  const TestFolder folder;
  const fs::path predictions = folder.path() / "p.jsonl", out = folder.path() / "out.json";
  ASSERT_TRUE(WriteFileAtomic(predictions, PredictionsJsonl(run.answers)));
  const std::string command = "python3 '" + (Shared() / "tools/score_backtest.py").string() + "' '" +
                              predictions.string() + "' --json " + options + " > '" + out.string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const std::string json = *ReadTextFile(out, 1 << 20);
  const Scores& s = run.methods[0].scores;
  EXPECT_EQ(Value(json, "tests"), static_cast<double>(s.tests)) << options;
  EXPECT_EQ(Value(json, "known"), static_cast<double>(s.known)) << options;
  const std::array<std::pair<const char*, double>, 10> numbers = {{{"top1", s.top1},
                                                                   {"top3", s.top3},
                                                                   {"macro_top1", s.macro},
                                                                   {"named_right", s.right_when_named},
                                                                   {"auroc_unknown", s.auroc},
                                                                   {"ece", s.ece},
                                                                   {"brier", s.brier},
                                                                   {"log_loss", s.log_loss},
                                                                   {"cllr", s.cllr},
                                                                   {"cllr_min", s.cllr_min}}};
  for (const auto& [key, ours] : numbers) EXPECT_NEAR(Value(json, key), ours, 1e-6) << key << ", " << options;
  EXPECT_EQ(Value(json, "gate_named"), static_cast<double>(s.gate.named)) << options;
  EXPECT_EQ(Value(json, "gate_right"), static_cast<double>(s.gate.right)) << options;
  EXPECT_EQ(Value(json, "gate_novel_named"), static_cast<double>(s.gate.novel_named)) << options;
  EXPECT_NEAR(Value(json, "share_nameable_at_90"), s.nameable90, 1e-9) << options;
}

TEST(SharedScorer, AgreesWithOurScores) {
  const fs::path data = Shared() / "data/backtest";
  if (!fs::exists(Shared() / "tools/score_backtest.py") || !fs::exists(data / "reports-dev.jsonl.xz"))
    GTEST_SKIP() << "no shared scorer or corpus: NOT compared";
  if (std::system("python3 --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no python3: NOT compared";
  const auto reports = ReadCorpus(data / "reports-dev.jsonl.xz");
  ASSERT_TRUE(reports) << reports.error().message;
  for (const int gap : {0, 180}) {
    BacktestSettings settings;
    settings.replay.gap_days = gap;
    const auto run = RunBacktest(*reports, {}, settings);
    ASSERT_TRUE(run) << run.error().message;
    Compare(*run, "--gap " + std::to_string(gap));
    const Scores& s = run->methods[0].scores;
    // Far below what is measured: these catch a broken model, not a worse one.
    EXPECT_GT(s.top1, gap == 0 ? 0.5 : 0.35);
    EXPECT_GT(s.auroc, 0.6);
    EXPECT_LT(s.ece, 0.15);
    EXPECT_GT(s.gate.named, s.tests / 6);
    EXPECT_GE(s.gate.right * 10, s.gate.named * 8);
    EXPECT_LT(s.cllr, run->methods[1].scores.cllr) << "worse than the reference";
  }
  const auto citations = ReadCorpus(data / "attack_refs-dev.jsonl.xz");
  ASSERT_TRUE(citations) << citations.error().message;
  BacktestSettings settings;
  settings.replay.track = Track::kAttack;
  const auto run = RunBacktest(*citations, {}, settings);
  ASSERT_TRUE(run) << run.error().message;
  Compare(*run, "--track attack");
}

}  // namespace
}  // namespace ascribe::backtest
