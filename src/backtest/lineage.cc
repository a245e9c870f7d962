#include "backtest/lineage.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "base/stable_sum.h"
#include "weigh/posterior.h"

namespace ascribe::backtest {
namespace {

constexpr std::array kNames = {kFamily, kOwnFamily, kPublicTool};
// What a report can be recognised by without a name of software.
constexpr std::array kClues = {kHash, kHost, kAddress, kPath, kTechnique};

std::vector<Items> HideNames(const std::vector<Items>& items) {
  std::vector<Items> hidden = items;
  for (Items& of_report : hidden)
    for (const Facet facet : kNames) of_report.of[facet].clear();
  return hidden;
}

std::set<std::string> FamiliesOf(const Stage& stage, std::size_t report) {
  std::set<std::string> names;
  for (const std::uint32_t item : stage.items[report].of[kOwnFamily]) names.insert(stage.table->Text(kOwnFamily, item));
  return names;
}

using Evidence = std::map<Group, std::vector<double>>;

// As Contribute: at lineage level k counts code bases only, and no tool is anybody's alone.
void AddSightings(const Items& items, const KnowledgeState& state, Date day, const Parameters& parameters, bool everything,
                  std::vector<Evidence>& evidence) {
  for (const MeasuredKind& measured : kMeasuredKinds) {
    const auto kind = std::find_if(parameters.kinds.begin(), parameters.kinds.end(), [&](const LinkKind& k) { return k.measured == measured.name; });
    if (kind == parameters.kinds.end() || (!everything && !kind->SpeaksFor(Level::kLineage))) continue;
    if (kind->whole_set) {
      std::vector<double> offered;
      std::vector<std::vector<double>> shared(evidence.size());
      for (const std::uint32_t item : items.of[measured.facet]) {
        offered.push_back(state.Rarity(measured.facet, item));
        if (const Holders* holders = state.Find(measured.facet, item); holders != nullptr)
          for (const std::uint32_t family : holders->actors) shared[family].push_back(offered.back());
      }
      const double total = StableSum(std::move(offered));
      for (std::size_t f = 0; f < shared.size(); ++f)
        if (!shared[f].empty()) evidence[f][kind->group].push_back(kind->nats * StableSum(std::move(shared[f])) / total);
      continue;
    }
    for (const Sighting& s : SightingsOf(items, state, measured.facet, day))
      evidence[s.actor][kind->group].push_back(kind->Nats(state.Find(measured.facet, s.item)->actors.size(), s.age == ItemAge::kFresh));
  }
}

// P of each family, then of UNKNOWN: as the open set of weigh/posterior.h, without imitations.
std::vector<double> JudgeLineage(const Items& items, const KnowledgeState& state, Date day, const Parameters& parameters, bool everything) {
  const std::size_t families = state.actors().size();
  std::vector<Evidence> evidence(families);
  AddSightings(items, state, day, parameters, everything, evidence);
  const double prior = std::min((1 - parameters.unknown_prior) / static_cast<double>(families), parameters.known_max);
  std::vector<double> weights;
  for (const Evidence& mine : evidence) {
    std::vector<double> groups;
    for (const auto& [group, nats] : mine) groups.push_back(GroupValue(group, nats, parameters));
    weights.push_back(prior * std::exp(StableSum(std::move(groups))));
  }
  weights.push_back(1 - prior * static_cast<double>(families));
  const double sum = StableSum(weights);
  for (double& weight : weights) weight /= sum;
  for (std::size_t f = 0; f < families; ++f)
    if (const double excess = weights[f] - parameters.posterior_cap; excess > 0) weights[f] -= excess, weights.back() += excess;
  return weights;
}

// One report for whoever comes next, as in AnswerMostFrequent.
std::vector<double> ByFrequency(const KnowledgeState& state) {
  std::vector<double> p;
  for (const ActorState& family : state.actors()) p.push_back(static_cast<double>(family.reports.size()));
  p.push_back(1);
  const double sum = StableSum(p);
  for (double& value : p) value /= sum;
  return p;
}

Answer MakeLineageAnswer(const Report& report, Date day, const std::set<std::string>& truth, const KnowledgeState& state, const std::vector<double>& p) {
  Answer answer;
  answer.id = report.id;
  answer.day = day;
  answer.truth = *truth.begin();
  answer.p_unknown = p.back();
  std::vector<RankedActor> all;
  for (std::size_t f = 0; f + 1 < p.size(); ++f) all.push_back({state.actors()[f].name, p[f]});
  std::sort(all.begin(), all.end(), [](const RankedActor& a, const RankedActor& b) { return a.p != b.p ? a.p > b.p : a.actor < b.actor; });
  for (RankedActor& ranked : all) {
    if (truth.count(ranked.actor) > 0) {
      if (answer.known) continue;
      answer.known = true;
      answer.truth = ranked.actor;
    }
    answer.ranked.push_back(std::move(ranked));
  }
  answer.actors = answer.ranked.size();
  return answer;
}

}  // namespace

std::vector<Answer> AnswerLineages(const Stage& stage, const std::map<int, CaseEngine>& engines, LineageEvidence evidence,
                                   const TestFilter& counts) {
  const std::vector<Items> hidden = HideNames(stage.items);
  std::vector<std::pair<Date, std::size_t>> tests;  // by day, then in the order of the corpus
  for (const std::size_t report : stage.timeline.reports) {
    const Report& r = stage.corpus->reports[report];
    const auto day = TestDay(r);
    const bool clues = std::any_of(kClues.begin(), kClues.end(), [&](Facet facet) { return !hidden[report].of[facet].empty(); });
    if (day && r.rereport_of.empty() && clues && !stage.items[report].of[kOwnFamily].empty() && counts(r.actor) && engines.count(YearOf(*day)) > 0)
      tests.emplace_back(*day, report);
  }
  std::sort(tests.begin(), tests.end(), [](const auto& a, const auto& b) { return a.first != b.first ? a.first < b.first : a.second < b.second; });
  std::vector<Answer> answers;
  KnowledgeState state;  // its "actors" are the families
  std::size_t at = 0;
  for (const auto& [day, report] : tests) {
    for (; at < stage.timeline.by_known_day.size(); ++at) {
      const std::size_t earlier = stage.timeline.by_known_day[at];
      const Date known = KnownDay(stage.corpus->reports[earlier]);
      if (known.days >= day.days - stage.settings.gap_days) break;
      const std::set<std::string> families = FamiliesOf(stage, earlier);
      if (families.empty()) state.Add("", hidden[earlier], known);
      for (const std::string& family : families) state.Add(family, hidden[earlier], known);
    }
    if (state.actors().size() < stage.settings.least_actors) continue;
    const std::vector<double> p =
        evidence == LineageEvidence::kNothing
            ? ByFrequency(state)
            : JudgeLineage(hidden[report], state, day, engines.at(YearOf(day)).parameters, evidence == LineageEvidence::kEverything);
    answers.push_back(MakeLineageAnswer(stage.corpus->reports[report], day, FamiliesOf(stage, report), state, p));
  }
  return answers;
}

}  // namespace ascribe::backtest
