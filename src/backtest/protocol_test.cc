// The replay protocol on corpora small enough to lay out by hand.

#include "backtest/protocol.h"

#include <gtest/gtest.h>

#include <string>

#include "backtest/replay.h"

namespace ascribe::backtest {
namespace {

Corpus Parse(const std::string& lines) {
  auto corpus = ParseCorpus(lines);
  EXPECT_TRUE(corpus) << (corpus ? "" : corpus.error().message);
  return corpus ? *corpus : Corpus{};
}

std::string Line(const std::string& id, const std::string& date, const std::string& actor,
                 const std::string& more = "") {
  return R"({"id":")" + id + R"(","date":")" + date + R"(","actor":)" + (actor.empty() ? "null" : "\"" + actor + "\"") +
         R"(,"families":["f"])" + more + "}\n";
}

TEST(Protocol, MonthsAreTestedOnTheFirstAndKnownFromTheLastDay) {
  const Corpus corpus = Parse(Line("m", "2016-02-01", "A", R"(,"date_prec":"month")") +
                              Line("y", "2016-01-01", "A", R"(,"date_prec":"year")") +
                              Line("d", "2016-02-03", "A", R"(,"date_prec":"commit")") +
                              Line("z", "2016-12-01", "A", R"(,"date_prec":"month")"));
  ASSERT_EQ(corpus.reports.size(), 4u);
  const Report &year = corpus.reports[0], &month = corpus.reports[1], &day = corpus.reports[2],
               &last = corpus.reports[3];
  EXPECT_EQ(TestDay(month)->ToString(), "2016-02-01");
  EXPECT_EQ(KnownDay(month).ToString(), "2016-02-29");
  EXPECT_FALSE(TestDay(year));
  EXPECT_EQ(KnownDay(year).ToString(), "2016-12-31");
  EXPECT_EQ(TestDay(day), KnownDay(day));
  EXPECT_EQ(KnownDay(last).ToString(), "2016-12-31");
}

// Five actors on five days; then two reports of one day, a re-report, one without items and one of a sixth actor.
std::string SixActors() {
  std::string text;
  for (int i = 0; i < 5; ++i)
    text +=
        Line("a" + std::to_string(i), "2015-01-0" + std::to_string(i + 1), std::string(1, static_cast<char>('A' + i)));
  text += Line("p", "2015-02-10", "A") + Line("q", "2015-02-10", "F") + Line("r", "2015-02-11", "F");
  text += Line("s", "2015-02-12", "B", R"(,"rereport_of":"a1")");
  text += R"({"id":"t","date":"2015-02-12","actor":"B"})"
          "\n";
  text += Line("u", "2015-02-13", "");
  return text;
}

Stage Make(const Corpus& corpus, int gap) {
  static const PublicSuffixes none;
  ReplaySettings settings;
  settings.gap_days = gap;
  settings.least_earlier = 0;
  return SetStage(corpus, none, settings);
}

TEST(Protocol, SelectsTests) {
  const Corpus corpus = Parse(SixActors());
  const Stage stage = Make(corpus, 0);
  const auto& tests = stage.timeline.tests;
  ASSERT_EQ(tests.size(), 3u);  // p, q, r: the rest is too early, a re-report, empty or unlabelled
  EXPECT_EQ(corpus.reports[tests[0].report].id, "p");
  EXPECT_TRUE(tests[0].known);
  EXPECT_EQ(tests[0].actors, 5u);
  EXPECT_FALSE(tests[1].known);  // q: F is new, and r of the next day is not known
  EXPECT_EQ(tests[1].actors, 5u);
  EXPECT_TRUE(tests[2].known);
  EXPECT_EQ(tests[2].actors, 6u);
}

TEST(Protocol, ReportsOfADayDoNotKnowEachOtherAndTheGapHidesTheNewest) {
  const Corpus corpus = Parse(SixActors());
  std::vector<std::size_t> known;
  Replay(Make(corpus, 0), [&](std::size_t, const KnowledgeState& state) { known.push_back(state.reports().size()); });
  EXPECT_EQ(known, (std::vector<std::size_t>{5, 5, 7}));
  known.clear();
  const Stage aged = Make(corpus, 1);  // knowledge before the day minus one
  Replay(aged, [&](std::size_t, const KnowledgeState& state) { known.push_back(state.reports().size()); });
  EXPECT_EQ(known, (std::vector<std::size_t>{5, 5, 5}));
  EXPECT_FALSE(aged.timeline.tests[2].known);
  EXPECT_EQ(aged.timeline.tests[2].actors, 6u) << "the number of known actors is that of gap 0";
}

TEST(Protocol, MaltrailIsItsOwnTrack) {
  const Corpus corpus = Parse(Line("a", "2015-01-01", "A", R"(,"source":"maltrail")") + Line("b", "2015-01-01", "A"));
  EXPECT_FALSE(InTrack(corpus.reports[0], Track::kCore));
  EXPECT_TRUE(InTrack(corpus.reports[0], Track::kMaltrail));
  EXPECT_TRUE(InTrack(corpus.reports[1], Track::kCore));
}

TEST(Facets, RegisteredNames) {
  const PublicSuffixes suffixes = {"dyn.example", "example"};
  EXPECT_EQ(RegisteredName("a.b.dyn.example", suffixes), "b.dyn.example");
  EXPECT_EQ(RegisteredName("dyn.example", suffixes), "");
  EXPECT_EQ(RegisteredName("a.b.c.org", suffixes), "c.org");
}

TEST(Facets, SplitsUrlsIntoHostAddressAndPath) {
  const PublicSuffixes none;
  ItemTable table(Track::kCore, none);
  const Corpus corpus = Parse(
      R"({"id":"a","date":"2015-01-01","ioc":{"url":["1.2.3.4/x/y.php","www.c.org:80/","c.org/x/y.php"],"ip":["1.2.3.9"]}})");
  const Items items = table.Take(corpus.reports[0]);
  EXPECT_EQ(items.of[kAddress].size(), 2u);
  EXPECT_EQ(items.of[kNetwork].size(), 1u);
  EXPECT_EQ(items.of[kHost].size(), 2u);
  EXPECT_EQ(items.of[kDomain].size(), 1u);
  EXPECT_EQ(items.of[kPath].size(), 1u);
}

TEST(Corpus, RefusesWhatIsNoCorpus) {
  EXPECT_FALSE(ParseCorpus("[1]\n"));
  EXPECT_FALSE(ParseCorpus("{\"id\":\"a\"}\n"));
  EXPECT_FALSE(ParseCorpus("{\"id\":\"a\",\"date\":\"soon\"}\n"));
  EXPECT_FALSE(ParseCorpus(Line("a", "2015-01-01", "A") + Line("a", "2015-01-02", "A")));
  EXPECT_FALSE(ParseCorpus("{\"id\":\"a\",\"date\":\"2015-01-01\",\n"));
  const auto empty = ParseCorpus("\n\n");
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->reports.empty());
}

}  // namespace
}  // namespace ascribe::backtest
