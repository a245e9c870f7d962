#include "report/report_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "model/fit.h"
#include "report/argument_graph.h"
#include "report/hostile_case.h"
#include "report/page_template.h"

namespace ascribe {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// What a page needs, kept alive.
struct Page {
  explicit Page(World world) : world_(std::move(world)), seen_(world_), assessment_(AssessWorld(world_)) {}
  [[nodiscard]] PageInput Input() const { return {world_.data, assessment_, scenarios_, seen_.knowledge, files_, excerpts_, response_ ? &*response_ : nullptr}; }
  World world_;
  Seen seen_;
  Assessment assessment_;
  std::vector<Assessment> scenarios_;
  std::map<std::string, std::string> files_;
  Excerpts excerpts_;
  std::optional<ResponsePlan> response_;
};

TEST(PageTemplate, HoldsEachMarkOnceAndAsksNobody) {
  const std::string page(PageTemplate());
  for (const char* mark : {"<script type=\"application/json\" id=\"case\"></script>", "<!--shell-->", "<!--plain-->", "<title>ascribe</title>"}) {
    const std::size_t at = page.find(mark);
    ASSERT_NE(at, std::string::npos) << mark;
    EXPECT_EQ(page.find(mark, at + 1), std::string::npos) << mark;
  }
  EXPECT_THAT(page, HasSubstr("default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(page, Not(HasSubstr("unsafe-inline")));
  for (const char* asks : {"<script src", "<link rel=\"stylesheet\"", "@import", "url(http"}) EXPECT_THAT(page, Not(HasSubstr(asks)));
}

TEST(ReportPage, HostileStringsAreInert) {
  const Page page(HostileWorld());
  const std::string html = ReportPage(page.Input());
  // Between the template's own elements nothing of the case may open one.
  EXPECT_THAT(std::string(JsonInPage(html)), Not(HasSubstr("<")));
  const std::size_t plain = html.find("<div id=\"app\">"), end = html.find("</noscript>");
  ASSERT_NE(plain, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::string_view visible = std::string_view(html).substr(plain, end - plain);
  EXPECT_EQ(visible.find("<b>"), std::string_view::npos);
  EXPECT_EQ(visible.find('\x1b'), std::string_view::npos);
  EXPECT_EQ(visible.find("\xe2\x80\xae"), std::string_view::npos) << "the direction of writing is turned";
  EXPECT_NE(visible.find("&lt;U+202E&gt;"), std::string_view::npos) << "and shown as what it is";
  EXPECT_TRUE(json::accept(JsonInPage(html)));
}

TEST(ReportPage, TheVerdictStandsInItBeforeAnyScript) {
  Page page(HostileWorld());
  page.assessment_.verdict.sentence = "It is likely that <x> did it.";
  page.assessment_.verdict.confidence_sentence = "Confidence is low: one origin.";
  Hypothesis& leader = page.assessment_.levels.at(1).ranked.front();
  leader.posterior = 0.6249;
  leader.low = 0.003;
  leader.high = 0.99;
  const std::string html = ReportPage(page.Input());
  const std::string shell = html.substr(0, html.find("<noscript>"));
  EXPECT_THAT(shell, HasSubstr("It is likely that &lt;x&gt; did it."));
  EXPECT_THAT(shell, HasSubstr("<strong>Confidence is low:</strong> one origin."));
  EXPECT_THAT(shell, HasSubstr(">62 %<"));
  EXPECT_THAT(shell, HasSubstr(">&lt;1–&gt;98 %<")) << "nothing is ever 0 % or 100 %";
  EXPECT_THAT(shell, HasSubstr("<td>unknown<svg")) << "somebody unknown always takes part";
}

TEST(ReportPage, TheSameCaseGivesTheSameBytes) {
  const Page first(HostileWorld()), second(HostileWorld());
  EXPECT_EQ(ReportPage(first.Input()), ReportPage(second.Input()));
}

TEST(ReportPage, HoldsTheAssessmentAndEachCitedFactWithItsPlace) {
  Page page(HostileWorld());
  ASSERT_FALSE(page.assessment_.claims.empty());
  const json data = json::parse(PageJson(page.Input()));
  EXPECT_EQ(data.at("schema"), "ascribe-page/1");
  EXPECT_EQ(data.at("assessment").at("claims").size(), page.assessment_.claims.size());
  std::set<std::string> ids;
  for (const json& row : data.at("facts")) {
    ids.insert(row.at(0));
    EXPECT_FALSE(row.at(6).get<std::string>().empty()) << "no place";
  }
  const auto unfold = [&](const json& steps) {
    std::set<std::string> out;
    std::size_t place = 0;
    for (const json& step : steps) out.insert(data.at("facts").at(place += step.get<std::size_t>()).at(0));
    return out;
  };
  const auto as_set = [](const std::vector<std::string>& list) { return std::set<std::string>(list.begin(), list.end()); };
  for (std::size_t i = 0; i < page.assessment_.claims.size(); ++i) {
    const Claim& claim = page.assessment_.claims[i];
    for (const std::string& id : claim.case_facts) EXPECT_EQ(ids.count(id), 1u) << id;
    for (const std::string& id : claim.knowledge_facts) EXPECT_EQ(ids.count(id), 1u) << id;
    EXPECT_EQ(unfold(data.at("assessment").at("claims").at(i).at("case_facts")), as_set(claim.case_facts));
    EXPECT_EQ(unfold(data.at("assessment").at("claims").at(i).at("knowledge_facts")), as_set(claim.knowledge_facts));
  }
}

TEST(ReportPage, HoldsAllFactsBehindAStepOfTheResponse) {
  Page page(HostileWorld());
  PlannedStep step;
  for (const Fact& fact : page.world_.data.facts) step.backing.rest.push_back(fact.Id());
  std::sort(step.backing.rest.begin(), step.backing.rest.end());
  step.backing.rest.push_back("f-ffffffffffffffff");  // one that the page does not hold
  step.backing.facts_total = step.backing.rest.size();
  step.backing.facts = {step.backing.rest.begin(), step.backing.rest.begin() + 2};
  step.backing.rest.erase(step.backing.rest.begin(), step.backing.rest.begin() + 2);
  page.response_.emplace();
  page.response_->steps = {step, step};
  const json data = json::parse(PageJson(page.Input()));
  ASSERT_EQ(data.at("fact_lists").size(), 1u) << "the same list is written once";
  EXPECT_EQ(data.at("fact_lists").at(0).size(), step.backing.facts_total);
  EXPECT_EQ(data.at("fact_lists").at(0).back(), "f-ffffffffffffffff");
  std::set<std::string> reached;
  std::size_t place = 0;
  for (const json& at : data.at("fact_lists").at(0))
    if (at.is_number()) reached.insert(data.at("facts").at(place += at.get<std::size_t>()).at(0));
  EXPECT_EQ(reached.size() + 1, step.backing.facts_total);
  EXPECT_EQ(data.at("response").at("steps").at(1).at("backing").at("facts"), 0);
}

TEST(ReportPage, ALevelThatOnlySaidNotKnownCountsAsNotMeasured) {
  Page page(HostileWorld());
  const auto at = [&](Level level) -> Calibration& { return page.assessment_.model.calibration[static_cast<std::size_t>(level)]; };
  at(Level::kLineage) = {{{0, 0.2, 0, 0.02, 212}, {0.2, 0.4, 0.3, 1, 1}}, 0.02, 213};
  at(Level::kOperator) = {{{0, 0.2, 0.1, 0.1, 100}, {0.8, 0.95, 0.9, 0.95, kLeastSaid}}, 0.09, 100 + kLeastSaid};
  at(Level::kSponsor) = {};
  const json calibration = json::parse(JsonInPage(ReportPage(page.Input())))["calibration"];
  EXPECT_FALSE(calibration["lineage"]["measured"]);
  EXPECT_EQ(calibration["lineage"]["said"], 1);
  EXPECT_TRUE(calibration["operator"]["measured"]);
  EXPECT_EQ(calibration["operator"]["said"], kLeastSaid);
  EXPECT_FALSE(calibration["sponsor"]["measured"]);
}

TEST(ReportPage, ExcerptsComeBack) {
  Page page(HostileWorld());
  const std::vector<std::string> cited = CitedFacts(page.assessment_, 3);
  ASSERT_EQ(cited.size(), 3u);
  page.excerpts_ = {{cited[0], "</script><b>"}, {cited[1], std::string(5000, 'x')}, {cited[2], "line"}};
  const std::string html = ReportPage(page.Input());
  const Excerpts back = ExcerptsInPage(html);
  ASSERT_EQ(back.size(), 3u);
  EXPECT_EQ(back.at(cited[0]), "</script><b>");
  // Cut once, they are cut no further: the page can be rendered again from its own excerpts.
  page.excerpts_ = back;
  EXPECT_EQ(ReportPage(page.Input()), html);
  EXPECT_TRUE(ExcerptsInPage("no page").empty());
  EXPECT_TRUE(ExcerptsInPage("<script type=\"application/json\" id=\"case\">{]</script>").empty());
}

TEST(CitedFacts, TheHeaviestFirstEachOnceAndNoMoreThanAsked) {
  Page page(HostileWorld());
  const std::vector<std::string> all = CitedFacts(page.assessment_, 100000);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  ASSERT_GT(all.size(), 2u);
  EXPECT_EQ(CitedFacts(page.assessment_, 2), std::vector<std::string>(all.begin(), all.begin() + 2));
}

TEST(ArgumentGraph, StaysReadableAndPointsFromLeftToRight) {
  World world;
  world.Attack("attack:a", "actor:x");
  for (int i = 0; i < 300; ++i) {
    const std::string thing = "mutex:mutex-number-" + std::to_string(i);
    world.Know("attack:a contains " + thing);
    world.See("sample:s contains " + thing).evidence = std::string(64, static_cast<char>('a' + i % 6));
  }
  for (int i = 0; i < 6; ++i) {
    Evidence evidence;
    evidence.sha256 = std::string(64, static_cast<char>('a' + i));
    evidence.name = "evidence/" + std::to_string(i);
    world.data.evidence.push_back(evidence);
  }
  std::sort(world.data.facts.begin(), world.data.facts.end(), FactLess);
  const Assessment a = AssessWorld(world);
  ASSERT_GT(a.claims.size(), kMaxGraphNodes);
  const json graph = json::parse(ArgumentGraphJson(world.data, a));
  EXPECT_LE(graph.at("nodes").size(), kMaxGraphNodes);
  EXPECT_GT(graph.at("nodes").size(), kMaxGraphNodes / 2);
  EXPECT_GT(graph.at("folded"), 0);
  std::set<std::pair<int, int>> places;
  for (const json& node : graph.at("nodes")) EXPECT_TRUE(places.emplace(node.at("x"), node.at("y")).second) << "two nodes in one place";
  for (const json& edge : graph.at("edges"))
    EXPECT_EQ(graph.at("nodes").at(edge.at(0).get<std::size_t>()).at("column").get<int>() + 1,
              graph.at("nodes").at(edge.at(1).get<std::size_t>()).at("column").get<int>());
}

}  // namespace
}  // namespace ascribe
