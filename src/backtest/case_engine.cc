#include "backtest/case_engine.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "backtest/conditional_logit.h"
#include "backtest/lineage.h"
#include "backtest/metrics.h"
#include "base/stable_sum.h"
#include "weigh/operator_prior.h"
#include "weigh/posterior.h"

namespace ascribe::backtest {
namespace {

// Columns of the choice: the groups, the two parts of the prior, and what only UNKNOWN has.
enum Column : std::size_t { kCode, kInfrastructure, kBehaviour, kActivity, kRecent, kUnknown, kUnknownActors, kColumns };

// How strongly the weight of a group is held at 1: as if that many nats squared spoke for it. The table's lower bounds
// are already measured; the weights only say how far groups repeat each other.
constexpr double kHeld = 5, kLoose = 0.1;
constexpr double kFixed = 1e6;  // holds a weight where it starts

std::vector<WeightRule> Rules() {
  std::vector<WeightRule> rules(kColumns, WeightRule{.penalty = kLoose, .start = 0, .non_negative = false});
  for (const Column group : {kCode, kInfrastructure, kBehaviour}) rules[group] = {kHeld, 1, true};
  for (const Column prior : {kActivity, kRecent}) rules[prior].non_negative = true;
  return rules;
}

double NatsOf(const Parameters& parameters, const LinkKind& kind, std::size_t holders, ItemAge age) {
  const double nats = kind.Nats(holders, age == ItemAge::kFresh);
  return kind.group == Group::kCode ? Parameters::Doubt(nats, parameters.tool_exclusive) : nats;
}

const LinkKind* KindMeasuredBy(const Parameters& parameters, std::string_view name) {
  for (const LinkKind& kind : parameters.kinds)
    if (kind.measured == name) return &kind;
  return nullptr;
}

struct Evidence {
  std::array<std::vector<double>, 3> of;  // nats by group
  std::vector<double> many_hands;         // code that many hold: capped together before it joins the other code
};

void AddSightings(const Items& items, const KnowledgeState& state, Date day, const Parameters& parameters,
                  std::vector<Evidence>& evidence) {
  for (const MeasuredKind& measured : kMeasuredKinds) {
    const LinkKind* kind = KindMeasuredBy(parameters, measured.name);
    if (kind == nullptr || kind->whole_set) continue;
    const Column group = kind->group == Group::kCode ? kCode : kInfrastructure;
    for (const Sighting& s : SightingsOf(items, state, measured.facet, day)) {
      Evidence& mine = evidence[s.actor];
      const double nats = NatsOf(parameters, *kind, s.holders, s.age);
      const bool many = group == kCode && nats > 0 && s.holders >= parameters.shared_tool_holders;
      (many ? mine.many_hands : mine.of[group]).push_back(nats);
    }
  }
}

// As technique-link: the rarity-weighted share of the report's techniques that the actor has used before.
void AddTechniques(const Items& items, const KnowledgeState& state, const Parameters& parameters, std::vector<Evidence>& evidence) {
  const LinkKind* kind = KindMeasuredBy(parameters, "technique");
  if (kind == nullptr) return;
  // Items are numbered as they are met; a sum must not hang on that.
  std::vector<double> offered;
  std::vector<std::vector<double>> shared(evidence.size());
  for (const std::uint32_t item : items.of[kTechnique]) {
    const double rarity = state.Rarity(kTechnique, item);
    offered.push_back(rarity);
    if (const Holders* holders = state.Find(kTechnique, item); holders != nullptr)
      for (const std::uint32_t actor : holders->actors) shared[actor].push_back(rarity);
  }
  const double total = StableSum(std::move(offered));
  for (std::size_t a = 0; a < shared.size(); ++a)
    if (!shared[a].empty()) evidence[a].of[kBehaviour].push_back(kind->nats * StableSum(std::move(shared[a])) / total);
}

// As AbsenceOfTools: tools are known on both sides and none is shared.
void AddAbsence(const Items& items, const KnowledgeState& state, const Parameters& parameters, std::vector<Evidence>& evidence) {
  if (items.of[kOwnFamily].empty() && items.of[kHash].empty()) return;
  for (std::size_t a = 0; a < evidence.size(); ++a) {
    const ActorState& actor = state.actors()[a];
    if (evidence[a].of[kCode].empty() && evidence[a].many_hands.empty() && actor.reports_with[kOwnFamily] + actor.reports_with[kHash] > 0)
      evidence[a].of[kCode].push_back(parameters.absence_code);
  }
}

void CapManyHands(const Parameters& parameters, Evidence& evidence) {
  const double scale = SharedToolsScale(StableSum(evidence.many_hands), parameters);
  for (const double nats : evidence.many_hands) evidence.of[kCode].push_back(scale * nats);
}

Choice Lay(const Items& items, const KnowledgeState& state, Date day, const Parameters& parameters, std::size_t right) {
  const std::size_t actors = state.actors().size();
  std::vector<Evidence> evidence(actors);
  AddSightings(items, state, day, parameters, evidence);
  AddTechniques(items, state, parameters, evidence);
  AddAbsence(items, state, parameters, evidence);
  Choice choice;
  choice.features = kColumns;
  choice.right = right;
  choice.rows.assign((actors + 1) * kColumns, 0);
  for (std::size_t a = 0; a < actors; ++a) {
    double* row = choice.rows.data() + a * kColumns;
    CapManyHands(parameters, evidence[a]);
    row[kCode] = GroupValue(Group::kCode, evidence[a].of[kCode], parameters);
    row[kInfrastructure] = GroupValue(Group::kInfrastructure, evidence[a].of[kInfrastructure], parameters);
    row[kBehaviour] = GroupValue(Group::kBehaviour, evidence[a].of[kBehaviour], parameters);
    std::vector<PastAttack> past;
    for (const std::uint32_t number : state.actors()[a].reports) past.push_back({day.days - state.reports()[number].day.days, 1});
    const Rhythm rhythm = RhythmOf(past);
    row[kActivity] = rhythm.activity;
    row[kRecent] = rhythm.recent;
  }
  double* unknown = choice.rows.data() + actors * kColumns;
  unknown[kUnknown] = 1;
  unknown[kUnknownActors] = std::log(static_cast<double>(std::max<std::size_t>(1, actors)));
  return choice;
}

std::vector<double> WeightsOf(const CaseEngine& engine) {
  const Parameters& p = engine.parameters;
  return {p.weight_code, p.weight_infrastructure, p.weight_behaviour, p.prior_activity, p.prior_recent, engine.unknown, engine.unknown_actors};
}

// How the answers bear out what they say.
Calibration Calibrate(const std::vector<Answer>& answers) {
  Calibration out;
  if (answers.empty()) return out;
  for (const ReliabilityBin& bin : Reliability(answers)) out.bins.push_back({bin.from, bin.to, bin.said, bin.right, bin.count});
  const Scores scores = Score(answers);
  out.error = scores.ece;
  out.tests = scores.tests;
  return out;
}

}  // namespace

FittedEngine FitCaseEngine(const Stage& stage, Date end, const TestFilter& counts, const Parameters& by_hand) {
  FittedEngine out;
  out.fit = MeasureLikelihoods(stage, end, counts);
  out.engine.parameters = by_hand;
  ApplyFit(out.fit, out.engine.parameters);
  std::vector<Choice> choices;
  Replay(stage, [&](std::size_t t, const KnowledgeState& state) {
    const Test& test = stage.timeline.tests[t];
    const Report& report = stage.corpus->reports[test.report];
    if (!(test.day < end) || !counts(report.actor)) return;
    const std::uint32_t truth = state.IndexOf(report.actor);
    choices.push_back(Lay(stage.items[test.report], state, test.day, out.engine.parameters,
                          truth == kBackground ? state.actors().size() : truth));
  });
  // The table holds lower bounds; a weight may lower what a group says, never raise it.
  std::vector<WeightRule> rules = Rules();
  std::vector<double> w = FitConditionalLogit(choices, rules);
  bool raised = false;
  for (const Column group : {kCode, kInfrastructure, kBehaviour})
    if (w[group] > 1) {
      rules[group] = {kFixed, 1, true};
      raised = true;
    }
  if (raised) w = FitConditionalLogit(choices, rules);
  for (const Column group : {kCode, kInfrastructure, kBehaviour}) w[group] = std::min(1.0, w[group]);
  out.fit.weights = {w[kCode], w[kInfrastructure], w[kBehaviour]};
  out.fit.activity = w[kActivity];
  out.fit.recent = w[kRecent];
  ApplyFit(out.fit, out.engine.parameters);
  out.engine.unknown = w[kUnknown];
  out.engine.unknown_actors = w[kUnknownActors];
  return out;
}

std::vector<double> Judge(const Items& items, const KnowledgeState& state, Date day, const CaseEngine& engine) {
  return Probabilities(Lay(items, state, day, engine.parameters, 0), WeightsOf(engine));
}

std::map<int, CaseEngine> EnginesByYear(const Stage& stage, const TestFilter& counts, const Parameters& by_hand) {
  std::map<int, CaseEngine> engines;
  const int first = stage.timeline.first_year;
  if (first == 0) return engines;
  for (const Test& test : stage.timeline.tests)
    if (const int year = YearOf(test.day); year >= first && engines.count(year) == 0)
      engines.emplace(year, FitCaseEngine(stage, Date::FromCivil(year, 1, 1), counts, by_hand).engine);
  return engines;
}

std::vector<Answer> AnswerAsCase(const Stage& stage, const std::map<int, CaseEngine>& engines) {
  std::vector<Answer> answers;
  Replay(stage, [&](std::size_t t, const KnowledgeState& state) {
    const Test& test = stage.timeline.tests[t];
    const auto engine = engines.find(YearOf(test.day));
    if (engine == engines.end()) return;
    std::vector<std::string> names;
    for (const ActorState& actor : state.actors()) names.push_back(actor.name);
    answers.push_back(MakeAnswer(stage, t, names, Judge(stage.items[test.report], state, test.day, engine->second)));
  });
  return answers;
}

Fit FitForUse(const Stage& stage, Date end, const TestFilter& counts, const Parameters& by_hand, const States& states) {
  Fit fit = FitCaseEngine(stage, end, counts, by_hand).fit;
  const std::map<int, CaseEngine> engines = EnginesByYear(stage, counts, by_hand);
  std::vector<Answer> answers = AnswerAsCase(stage, engines);
  std::erase_if(answers, [&](const Answer& answer) { return !(answer.day < end) || !counts(answer.truth); });
  std::vector<Answer> lineages = AnswerLineages(stage, engines, LineageEvidence::kAsTheEngine, counts);
  std::erase_if(lineages, [&](const Answer& answer) { return !(answer.day < end); });
  const auto at = [&](Level level) -> Calibration& { return fit.calibration[static_cast<std::size_t>(level)]; };
  at(Level::kLineage) = Calibrate(lineages);
  at(Level::kOperator) = Calibrate(answers);
  at(Level::kSponsor) = Calibrate(AsSponsors(answers, states).stated);
  return fit;
}

}  // namespace ascribe::backtest
