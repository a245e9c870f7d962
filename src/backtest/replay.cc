#include "backtest/replay.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace ascribe::backtest {
namespace {

Choice MakeChoice(const FeatureRows& rows, const Model& model, std::size_t right) {
  Choice choice;
  choice.features = model.terms.size();
  choice.right = right;
  choice.rows.reserve((rows.actors + 1) * choice.features);
  for (std::size_t a = 0; a <= rows.actors; ++a)
    for (const Model::Term& term : model.terms) choice.rows.push_back(rows.At(a, term.feature));
  return choice;
}

}  // namespace

Answer MakeAnswer(const Stage& stage, std::size_t t, const std::vector<std::string>& actors, const std::vector<double>& p) {
  const Test& test = stage.timeline.tests[t];
  const Report& report = stage.corpus->reports[test.report];
  Answer answer;
  answer.id = report.id;
  answer.day = test.day;
  answer.truth = report.actor;
  answer.known = test.known;
  answer.actors = test.actors;
  answer.p_unknown = p.back();
  std::vector<std::size_t> order(p.size() - 1);
  std::iota(order.begin(), order.end(), std::size_t{0});
  // Equal probabilities are ordered by name, not by the order of first sight.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return p[a] != p[b] ? p[a] > p[b] : actors[a] < actors[b];
  });
  for (const std::size_t a : order) answer.ranked.push_back({actors[a], p[a]});
  return answer;
}

Stage SetStage(const Corpus& corpus, const PublicSuffixes& suffixes, const ReplaySettings& settings) {
  Stage stage;
  stage.corpus = &corpus;
  stage.settings = settings;
  stage.table = std::make_unique<ItemTable>(settings.track, suffixes);
  stage.items.resize(corpus.reports.size());
  for (std::size_t i = 0; i < corpus.reports.size(); ++i)
    if (InTrack(corpus.reports[i], settings.track)) stage.items[i] = stage.table->Take(corpus.reports[i]);
  stage.timeline = MakeTimeline(corpus, stage.items, settings);
  return stage;
}

void Replay(const Stage& stage, const std::function<void(std::size_t, const KnowledgeState&)>& visit) {
  KnowledgeState state;
  std::size_t at = 0;
  for (std::size_t t = 0; t < stage.timeline.tests.size(); ++t) {
    const std::int32_t end = stage.timeline.tests[t].day.days - stage.settings.gap_days;
    for (; at < stage.timeline.by_known_day.size(); ++at) {
      const std::size_t index = stage.timeline.by_known_day[at];
      const Report& report = stage.corpus->reports[index];
      if (KnownDay(report).days >= end) break;
      state.Add(report.actor, stage.items[index], KnownDay(report));
    }
    visit(t, state);
  }
}

TestTable Tabulate(const Stage& stage) {
  TestTable table;
  Replay(stage, [&](std::size_t t, const KnowledgeState& state) {
    const Test& test = stage.timeline.tests[t];
    table.rows.push_back(ComputeFeatures(stage.items[test.report], state, test.day));
    const std::uint32_t index = state.IndexOf(stage.corpus->reports[test.report].actor);
    table.right.push_back(index == kBackground ? state.actors().size() : index);
    for (std::size_t a = table.actors.size(); a < state.actors().size(); ++a)
      table.actors.push_back(state.actors()[a].name);
  });
  return table;
}

Model StandardModel() {
  Model model;
  for (const Feature feature :
       {kFeatureIndicators, kFeaturePath, kFeatureFamilies, kFeatureExclusive, kFeatureNearest, kFeatureLineage,
        kFeatureTechniques, kFeatureNaming, kFeatureEnding, kFeatureActivity, kFeatureRecent})
    model.terms.push_back({feature, {.penalty = 0.1, .start = 0, .non_negative = true}});
  for (const Feature feature : {kFeatureUnknown, kFeatureActors, kFeatureOffered, kFeatureOfferedIndicators})
    model.terms.push_back({feature, {.penalty = 0.1, .start = 0, .non_negative = false}});
  return model;
}

Model ReferenceModel() {
  Model model;
  for (const Feature feature : {kReferenceHash, kReferenceHost, kReferenceDomain, kReferenceAddress, kReferenceNetwork,
                                kFeaturePath, kReferenceFamilies, kFeatureTechniques, kReferenceReports,
                                kReferenceRecent, kFeatureUnknown, kFeatureActors, kFeatureOffered})
    model.terms.push_back({feature, {.penalty = 1, .start = 0, .non_negative = false}});
  return model;
}

YearlyWeights FitYearly(const Stage& stage, const TestTable& table, const Model& model) {
  std::vector<WeightRule> rules;
  for (const Model::Term& term : model.terms) rules.push_back(term.rule);
  YearlyWeights out;
  std::vector<Choice> earlier;
  int year = 0;
  for (std::size_t t = 0; t < stage.timeline.tests.size(); ++t) {
    const int now = YearOf(stage.timeline.tests[t].day);
    if (now != year && now >= stage.timeline.first_year && stage.timeline.first_year > 0)
      out.weights[now] = FitConditionalLogit(earlier, rules);
    year = now;
    earlier.push_back(MakeChoice(table.rows[t], model, table.right[t]));
  }
  return out;
}

std::vector<double> Posterior(const FeatureRows& rows, const Model& model, const std::vector<double>& weights) {
  return Probabilities(MakeChoice(rows, model, 0), weights);
}

std::vector<double> Contributions(const FeatureRows& rows, std::size_t actor, const Model& model,
                                  const std::vector<double>& weights) {
  std::vector<double> nats;
  for (std::size_t j = 0; j < model.terms.size(); ++j)
    nats.push_back(weights[j] *
                   (rows.At(actor, model.terms[j].feature) - rows.At(rows.actors, model.terms[j].feature)));
  return nats;
}

std::vector<Answer> AnswerAll(const Stage& stage, const TestTable& table, const Model& model,
                              const YearlyWeights& weights) {
  std::vector<Answer> answers;
  for (std::size_t t = 0; t < stage.timeline.tests.size(); ++t) {
    const auto fitted = weights.weights.find(YearOf(stage.timeline.tests[t].day));
    if (fitted == weights.weights.end()) continue;
    answers.push_back(MakeAnswer(stage, t, table.actors, Posterior(table.rows[t], model, fitted->second)));
  }
  return answers;
}

std::vector<Answer> AnswerMostFrequent(const Stage& stage, const TestTable& table) {
  std::vector<Answer> answers;
  for (std::size_t t = 0; t < stage.timeline.tests.size(); ++t) {
    if (stage.timeline.first_year == 0 || YearOf(stage.timeline.tests[t].day) < stage.timeline.first_year) continue;
    const FeatureRows& rows = table.rows[t];
    std::vector<double> p(rows.actors + 1, 1);  // one report for whoever comes next
    double sum = 1;
    for (std::size_t a = 0; a < rows.actors; ++a) sum += p[a] = std::exp(rows.At(a, kReferenceReports));
    for (double& value : p) value /= sum;
    answers.push_back(MakeAnswer(stage, t, table.actors, p));
  }
  return answers;
}

}  // namespace ascribe::backtest
