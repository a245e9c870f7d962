#include "backtest/backtest.h"

#include <algorithm>
#include <array>
#include <map>

#include "backtest/case_engine.h"
#include "backtest/lineage.h"

namespace ascribe::backtest {
namespace {

bool Counts(const BacktestSettings& settings, const std::string& actor, Date day) {
  if (settings.from && day < *settings.from) return false;
  if (settings.to && !(day < *settings.to)) return false;
  return settings.left_out.count(actor) == 0;
}

std::vector<Answer> Selected(std::vector<Answer> answers, const BacktestSettings& settings) {
  std::erase_if(answers, [&](const Answer& answer) { return !Counts(settings, answer.truth, answer.day); });
  return answers;
}

// Knowledge ages differently from case to case: the weights are fitted on every test at each of these ages.
constexpr std::array<int, 3> kFittedGaps = {0, 30, 180};

struct Aged {
  Stage stage;
  TestTable table;
};

MethodScores Measure(std::string name, const std::vector<Answer>& answers) {
  return {std::move(name), Score(answers), Bootstrap(answers)};
}

// Case engine first: its reliability is what a case is told.
LevelBacktest MeasureSponsors(const std::vector<Answer>& model, const std::vector<Answer>& frequent, const std::vector<Answer>& engine,
                              const States& states) {
  LevelBacktest out;
  const SponsorAnswers of_engine = AsSponsors(engine, states);
  if (of_engine.stated.empty()) return out;
  out.methods.push_back(Measure("case engine", of_engine.stated));
  out.methods.push_back(Measure("this model", AsSponsors(model, states).stated));
  out.methods.push_back(Measure("most frequent state", AsSponsors(frequent, states).stated));
  out.answers = of_engine.stated;
  out.new_actor = of_engine.new_actor.size();
  for (const Answer& answer : of_engine.new_actor) out.new_actor_right += answer.right();
  out.apart = of_engine.apart.size();
  out.apart_named = GateAt(of_engine.apart, 0.8).named;
  return out;
}

LevelBacktest MeasureLineages(const Stage& stage, const std::map<int, CaseEngine>& engines, const BacktestSettings& settings) {
  const auto answers = [&](LineageEvidence evidence) {
    std::vector<Answer> all = AnswerLineages(stage, engines, evidence, [&](const std::string& actor) { return settings.left_out.count(actor) == 0; });
    std::erase_if(all, [&](const Answer& a) { return (settings.from && a.day < *settings.from) || (settings.to && !(a.day < *settings.to)); });
    return all;
  };
  LevelBacktest out;
  if (stage.settings.track != Track::kCore) return out;  // citations are lists of software, maltrail names none
  out.answers = answers(LineageEvidence::kAsTheEngine);
  if (out.answers.empty()) return out;
  out.methods.push_back(Measure("case engine", out.answers));
  out.methods.push_back(Measure("with hosts, techniques", answers(LineageEvidence::kEverything)));
  out.methods.push_back(Measure("most frequent family", answers(LineageEvidence::kNothing)));
  return out;
}

}  // namespace

Result<Backtest> RunBacktest(const Corpus& corpus, const PublicSuffixes& suffixes, const BacktestSettings& settings) {
  const Model standard = StandardModel(settings.replay.track), reference = ReferenceModel();
  Stage stage = SetStage(corpus, suffixes, settings.replay);
  if (stage.timeline.first_year == 0)
    return Fail(ErrorCode::kInvalidInput, "too few tests: " + std::to_string(stage.timeline.tests.size()) +
                                              " in all, and no year has " +
                                              std::to_string(settings.replay.least_earlier) + " before it");
  const TestTable table = Tabulate(stage);
  std::map<int, Aged> aged;
  for (const int gap : {0, 30, 180, 365}) {
    ReplaySettings other = settings.replay;
    other.gap_days = gap;
    Aged& at = aged[gap];
    at.stage = SetStage(corpus, suffixes, other);
    at.table = Tabulate(at.stage);
  }
  std::vector<Tabled> fitted_on;
  for (const int gap : kFittedGaps) fitted_on.push_back({&aged[gap].stage, &aged[gap].table});
  Backtest out;
  out.track = settings.replay.track;
  out.gap_days = settings.replay.gap_days;
  out.weights = FitYearly(fitted_on, standard);
  for (const Model::Term& term : standard.terms) out.terms.emplace_back(FeatureName(term.feature));
  out.answers = Selected(AnswerAll(stage, table, standard, out.weights), settings);
  if (out.answers.empty()) return Fail(ErrorCode::kInvalidInput, "no test is left by the choice of dates and actors");
  out.first = out.answers.front().day;
  out.last = out.answers.back().day;
  out.methods.push_back(Measure("this model", out.answers));
  out.methods.push_back(Measure(
      "reference logit", Selected(AnswerAll(stage, table, reference, FitYearly(stage, table, reference)), settings)));
  const std::vector<Answer> frequent = Selected(AnswerMostFrequent(stage, table), settings);
  out.methods.push_back(Measure("most frequent actor", frequent));
  if (settings.parameters != nullptr) {
    const auto scored = [&](const std::string& actor) { return settings.left_out.count(actor) == 0; };
    const std::map<int, CaseEngine> engines = EnginesByYear(stage, scored, *settings.parameters);
    const std::vector<Answer> engine = Selected(AnswerAsCase(stage, engines), settings);
    out.methods.push_back(Measure("case engine", engine));
    out.sponsor = MeasureSponsors(out.answers, frequent, engine, settings.states);
    out.lineage = MeasureLineages(stage, engines, settings);
  }
  for (const auto& [gap, at] : aged) {
    const YearlyWeights weights = FitYearly(at.stage, at.table, reference);
    out.ageing.push_back({gap, Score(Selected(AnswerAll(at.stage, at.table, standard, out.weights), settings)),
                          Score(Selected(AnswerAll(at.stage, at.table, reference, weights), settings))});
  }
  out.planted = PlantEvidence(stage, table, standard, out.weights,
                              [&](const Report& report, Date day) { return Counts(settings, report.actor, day); });
  return out;
}

}  // namespace ascribe::backtest
