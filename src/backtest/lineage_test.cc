// Families of reports whose names are hidden, on a corpus small enough to weigh by hand.

#include "backtest/lineage.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace ascribe::backtest {
namespace {

std::string Line(const std::string& id, const std::string& date, const std::string& families, const std::string& hash) {
  return R"({"id":")" + id + R"(","date":")" + date + R"(","actor":null,"families":[)" + families + R"(],"ioc":{"md5":[")" + std::string(32 - hash.size(), '0') +
         hash + "\"]}}\n";
}

class LineageTest : public testing::Test {
 protected:
  // Five families, each with a hash of its own; then the report that is asked about.
  std::vector<Answer> Ask(const std::string& families, const std::string& hash, LineageEvidence evidence = LineageEvidence::kAsTheEngine) {
    std::string text;
    for (const char* f : {"a", "b", "c", "d", "e"}) text += Line(f, "2015-01-0" + std::to_string(1 + f[0] - 'a'), "\"Tool" + std::string(f) + "\"", "1" + std::string(f));
    text += Line("again", "2015-02-01", "\"Toolb\"", "2b");
    text += Line("asked", "2016-01-01", families, hash);
    const auto read = ParseCorpus(text);
    EXPECT_TRUE(read);
    corpus_ = *read;
    const Stage stage = SetStage(corpus_, {}, {});
    Parameters parameters;
    parameters.unknown_prior = 0.5;
    parameters.known_max = 0.05;
    LinkKind kind;
    kind.id = "file-hash";
    kind.measured = "hash";
    kind.group = Group::kCode;
    kind.nats = std::log(38.0);
    kind.levels = {Level::kLineage, Level::kOperator};
    parameters.kinds = {kind};
    return AnswerLineages(stage, {{2016, {parameters, 0, 0}}}, evidence, [](const std::string&) { return true; });
  }
  Corpus corpus_;
};

TEST_F(LineageTest, ASharedHashByHand) {
  const auto answers = Ask("\"Toolb\"", "1b");
  ASSERT_EQ(answers.size(), 1u);
  // Five at 0.05, one of them times 38; unknown keeps 0.75.
  const double sum = 0.2 + 0.05 * 38 + 0.75;
  EXPECT_EQ(answers[0].ranked.size(), 5u);
  EXPECT_NEAR(answers[0].named_p(), 1.9 / sum, 1e-9);
  EXPECT_NEAR(answers[0].p_unknown, 0.75 / sum, 1e-9);
  EXPECT_TRUE(answers[0].known);
  EXPECT_TRUE(answers[0].right());
}

TEST_F(LineageTest, TheNameItselfSaysNothing) {
  const auto answers = Ask("\"Toolb\"", "99");
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_NEAR(answers[0].named_p(), 0.05, 1e-9) << "hidden";
  EXPECT_NEAR(answers[0].p_unknown, 0.75, 1e-9);
}

TEST_F(LineageTest, ANewFamilyIsUnknown) {
  const auto answers = Ask("\"Brandnew\"", "1b");
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_FALSE(answers[0].known);
  EXPECT_FALSE(answers[0].right());
}

TEST_F(LineageTest, OfSeveralNamedFamiliesTheLikeliestCounts) {
  const auto answers = Ask("\"Toola\",\"Toolb\"", "1b");
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(answers[0].right());
  EXPECT_EQ(answers[0].ranked.size(), 4u) << "the other is neither right nor wrong";
}

TEST_F(LineageTest, TheControlCountsReports) {
  const auto answers = Ask("\"Toola\"", "1a", LineageEvidence::kNothing);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_NEAR(answers[0].named_p(), 2.0 / 7, 1e-9) << "two of six reports and one for whoever comes next";
  EXPECT_FALSE(answers[0].right());
}

}  // namespace
}  // namespace ascribe::backtest
