// The table of likelihood ratios on a corpus small enough to count by hand, and what a fit may see.

#include "backtest/likelihood.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "backtest/case_engine.h"
#include "store/fit_file.h"
#include "store/parameters_file.h"

namespace ascribe::backtest {
namespace {

std::string Line(const std::string& id, const std::string& date, const std::string& actor, const std::string& family) {
  return R"({"id":")" + id + R"(","date":")" + date + R"(","actor":")" + actor + R"(","families":[")" + family + "\"]}\n";
}

// Two actors with a tool each; a third one once used the tool of the first.
std::string Text() {
  return Line("1", "2015-01-01", "a", "axe") + Line("2", "2015-01-02", "b", "bow") + Line("3", "2015-02-01", "a", "axe") +
         Line("4", "2016-01-01", "b", "bow") + Line("5", "2016-02-01", "c", "axe");
}

ReplaySettings Settings(std::size_t least_actors, std::size_t least_earlier) {
  ReplaySettings settings;
  settings.least_actors = least_actors;
  settings.least_earlier = least_earlier;
  return settings;
}

Fit Measure(const std::string& text, Date end) {
  const auto corpus = ParseCorpus(text);
  EXPECT_TRUE(corpus);
  const Stage stage = SetStage(*corpus, {}, Settings(1, 120));
  return MeasureLikelihoods(stage, end, [](const std::string&) { return true; });
}

TEST(Likelihood, CountsPairsByRarityAndAge) {
  const Fit fit = Measure(Text(), Date{1'000'000});
  // Tests: 2 (b new, knows a), 3 (a; knows a, b), 4 (b; knows a, b), 5 (c new; knows a, b).
  EXPECT_EQ(fit.tests, 4u);
  EXPECT_EQ(fit.same_pairs, 2u);
  EXPECT_EQ(fit.other_pairs, 5u);
  const LikelihoodCell* one = fit.Find("family", 0, -1);
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(one->same_hits, 2u);   // axe with a, bow with b
  EXPECT_EQ(one->other_hits, 1u);  // the axe in the hands of c
  EXPECT_EQ(fit.Find("family", 0, static_cast<int>(ItemAge::kFresh))->same_hits, 1u) << "31 days";
  EXPECT_EQ(fit.Find("family", 0, static_cast<int>(ItemAge::kOld))->same_hits, 1u) << "364 days";
  EXPECT_NEAR(one->nats, std::log(2.5 / 3) - std::log(1.5 / 6), 1e-12);
  EXPECT_LT(one->low, one->nats);
  EXPECT_GT(one->high, one->nats);
  EXPECT_EQ(fit.Best("family", 0, 0), fit.Find("family", -1, -1)) << "below five hits the parent is used";
}

TEST(Likelihood, TheFutureIsNotSeen) {
  const Date end = Date::FromCivil(2016, 1, 15);
  const Fit fit = Measure(Text(), end);
  EXPECT_EQ(fit.tests, 3u);
  EXPECT_EQ(fit.Find("family", 0, -1)->other_hits, 0u);
  const std::string later = Text() + Line("6", "2017-01-01", "a", "bow") + Line("7", "2018-01-01", "b", "axe");
  Fit with = Measure(later, end);
  with.reports = fit.reports;
  EXPECT_EQ(FitToToml(with), FitToToml(fit));
}

TEST(CaseEngine, KnowsAnActorByItsToolAndSumsToOne) {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    const std::string actor(1, static_cast<char>('a' + i % 6));
    text += Line("r" + std::to_string(100 + i), Date{Date::FromCivil(2015, 1, 1).days + 20 * i}.ToString(), actor, "tool-" + actor);
  }
  const auto corpus = ParseCorpus(text);
  ASSERT_TRUE(corpus);
  const auto by_hand = LoadParameters(ASCRIBE_SOURCE_DIR "/data/parameters.toml");
  ASSERT_TRUE(by_hand);
  const Stage stage = SetStage(*corpus, {}, Settings(5, 20));
  const auto all = [](const std::string&) { return true; };
  const std::vector<Answer> answers = AnswerAsCase(stage, EnginesByYear(stage, all, *by_hand));
  ASSERT_FALSE(answers.empty());
  for (const Answer& answer : answers) {
    EXPECT_TRUE(answer.right()) << answer.id;
    double sum = answer.p_unknown;
    for (const RankedActor& actor : answer.ranked) sum += actor.p;
    EXPECT_NEAR(sum, 1, 1e-9);
  }
  const Fit fit = FitForUse(stage, Date{1'000'000}, all, *by_hand, {});
  EXPECT_EQ(FitToToml(fit), FitToToml(FitForUse(stage, Date{1'000'000}, all, *by_hand, {}))) << "the same every time";
  EXPECT_EQ(fit.calibration[1].tests, answers.size());
  EXPECT_EQ(fit.calibration[2].tests, 0u) << "without a table of states no sponsor is measured";
}

// The order in which a report names its techniques decides how they are numbered, and must decide nothing else.
TEST(CaseEngine, TheOrderWithinAReportChangesNothing) {
  const auto text = [](bool backwards) {
    std::string out;
    for (int i = 0; i < 80; ++i) {
      const std::string actor(1, static_cast<char>('a' + i % 6));
      std::vector<std::string> ids;
      for (int j = 0; j < 7; ++j) ids.push_back("T1" + std::to_string(100 + (i % 6) * 3 + j * (1 + i % 4)));
      if (backwards) std::reverse(ids.begin(), ids.end());
      std::string list;
      for (const std::string& id : ids) list += (list.empty() ? "\"" : ",\"") + id + "\"";
      out += R"({"id":"r)" + std::to_string(100 + i) + R"(","date":")" + Date{Date::FromCivil(2015, 1, 1).days + 20 * i}.ToString() +
             R"(","actor":")" + actor + R"(","attack":[)" + list + "]}\n";
    }
    return out;
  };
  const auto by_hand = LoadParameters(ASCRIBE_SOURCE_DIR "/data/parameters.toml");
  ASSERT_TRUE(by_hand);
  const auto answers = [&](bool backwards) {
    const auto corpus = ParseCorpus(text(backwards));
    EXPECT_TRUE(corpus);
    const Stage stage = SetStage(*corpus, {}, Settings(5, 20));
    return PredictionsJsonl(AnswerAsCase(stage, EnginesByYear(stage, [](const std::string&) { return true; }, *by_hand)));
  };
  const std::string forwards = answers(false);
  EXPECT_FALSE(forwards.empty());
  EXPECT_EQ(forwards, answers(true));
}

}  // namespace
}  // namespace ascribe::backtest
