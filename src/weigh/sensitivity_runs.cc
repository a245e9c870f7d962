#include "weigh/sensitivity_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "base/pool.h"
#include "base/text.h"
#include "weigh/posterior.h"

namespace ascribe {
namespace {

// Steps of the sweeps. By hand: the ageing of the backtest (docs/backtest.md), and prior odds of imitation as reported
// by nobody, so from "hardly ever" to "every tenth".
constexpr int kAges[] = {30, 180};                     // days
constexpr double kReliabilities[] = {0.9, 0.75, 0.5};  // times the chance that a source is right
constexpr double kFalseFlagOdds[] = {200, 50, 10};     // to one
// A case may hold thousands of links and sources, and each run weighs them all: beyond these the ones that carry least
// get no run of their own.
constexpr std::size_t kMaxClaims = 1000, kMaxSources = 400;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct Job {
  std::string kind, id, label;
  std::size_t same_as = kNone;  ///< index of the job with the same outcome, instead of `run`
  std::function<std::vector<LevelResult>()> run;
};

class Jobs {
 public:
  explicit Jobs(const SensitivityInput& input) : input_(input), texts_(TextsOf(*input.context.seen.data)) {}

  std::vector<Job> All() {
    Claims();
    Groups();
    CaseSources();
    KnowledgeSources();
    Publishers();
    Sweeps();
    return std::move(jobs_);
  }

 private:
  using Levels = std::vector<LevelResult>;
  [[nodiscard]] const LinkContext& context() const { return input_.context; }

  void Add(std::string kind, std::string id, std::string label, std::function<Levels()> run) {
    jobs_.push_back({std::move(kind), std::move(id), std::move(label), kNone, std::move(run)});
  }

  // Posteriors alone: the links stay as they are.
  Levels Again(const Parameters& parameters, std::set<std::string> without, std::set<Group> without_groups) const {
    return ComputeLevels({input_.base.claims, input_.base.contradictions, context().knowledge, parameters,
                          std::move(without), std::move(without_groups)});
  }
  // Everything anew: without some sources of the case, with another view of the knowledge, with other parameters.
  Levels Anew(const std::set<std::string>& without_sources, const Knowledge::Options* options,
              const Parameters& parameters) const {
    Scenario scenario;
    if (context().seen.scenario != nullptr) scenario = *context().seen.scenario;
    scenario.sources.insert(without_sources.begin(), without_sources.end());
    std::optional<VisibleCase> seen;
    if (!without_sources.empty() || &parameters != &context().parameters)
      seen = SeeCase(*context().seen.data, input_.as_of, parameters, &scenario, &texts_);
    std::optional<Knowledge> view;
    if (options != nullptr) view = context().knowledge.View(*options, parameters);
    return Weigh({seen ? *seen : context().seen, view ? *view : context().knowledge, parameters, context().hygiene},
                 input_.left_out)
        .levels;
  }

  void Claims() {
    std::vector<std::pair<double, const Claim*>> order;
    for (const Claim& claim : input_.base.claims) {
      if (claim.cancelled || claim.contributions.empty()) continue;
      double most = 0;
      for (const Contribution& c : claim.contributions) most = std::max(most, std::abs(c.nats));
      order.emplace_back(most, &claim);
    }
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    if (order.size() > kMaxClaims) order.resize(kMaxClaims);
    for (const auto& [most, claim] : order)
      Add("claim", claim->id, claim->statement,
          [this, claim = claim] { return Again(context().parameters, {claim->id}, {}); });
  }
  void Groups() {
    for (const Group group : kGroups) {
      const bool present = std::any_of(input_.base.claims.begin(), input_.base.claims.end(),
                                       [&](const Claim& c) { return c.group == group && !c.contributions.empty(); });
      if (present)
        Add("group", std::string(GroupName(group)), fmt::format("all {} evidence", GroupName(group)),
            [this, group] { return Again(context().parameters, {}, {group}); });
    }
  }

  static std::string Title(const Source& source) { return source.title.empty() ? source.id : source.title; }

  void CaseSources() {
    std::map<std::string, std::size_t> facts;
    for (const VisibleFact& visible : context().seen.facts) ++facts[visible.fact->source];
    std::vector<std::pair<std::size_t, std::string>> order;
    for (const auto& [id, n] : facts) order.emplace_back(n, id);
    std::sort(order.begin(), order.end(),
              [](const auto& a, const auto& b) { return std::tie(b.first, a.second) < std::tie(a.first, b.second); });
    if (order.size() > kMaxSources) order.resize(kMaxSources);
    for (const auto& [n, id] : order) {
      const Source* source = context().seen.data->FindSource(id);
      if (source == nullptr) continue;
      if (!source->publisher.empty()) case_publishers_[source->publisher].insert(id);
      of_source_.emplace(id, jobs_.size());
      Add("source", id, Title(*source), [this, id = id] { return Anew({id}, nullptr, context().parameters); });
    }
  }
  void KnowledgeSources() {
    std::map<std::string, const KnownFact*> used;
    for (const Claim& claim : input_.base.claims) {
      if (claim.cancelled || claim.contributions.empty()) continue;
      for (const std::string& id : claim.knowledge_facts)
        if (const KnownFact* known = context().knowledge.FindFact(id); known != nullptr)
          used.emplace(Knowledge::SourceKey(*known), known);
    }
    std::size_t n = 0;
    for (const auto& [key, known] : used) {
      if (++n > kMaxSources) break;
      if (!known->source->publisher.empty()) case_publishers_[known->source->publisher];
      of_key_.emplace(key, jobs_.size());
      Add("knowledge-source", key, Title(*known->source), [this, key = key] {
        Knowledge::Options options = context().knowledge.options();
        options.without_sources.insert(key);
        return Anew({}, &options, context().parameters);
      });
    }
  }
  void Publishers() {
    const std::map<std::string, std::set<std::string>> known = context().knowledge.SourcesByPublisher();
    for (const auto& [publisher, sources] : case_publishers_) {
      // Who published one thing only has been left out with it already.
      std::size_t same_as = kNone;
      if (const auto keys = known.find(publisher); keys == known.end()) {
        if (sources.size() == 1) same_as = of_source_.at(*sources.begin());
      } else if (sources.empty() && keys->second.size() == 1) {
        if (const auto job = of_key_.find(*keys->second.begin()); job != of_key_.end()) same_as = job->second;
      }
      Add("publisher", publisher, "everything published by " + publisher,
          [this, publisher = publisher, sources = sources] {
            Knowledge::Options options = context().knowledge.options();
            options.without_publishers.insert(publisher);
            return Anew(sources, &options, context().parameters);
          });
      jobs_.back().same_as = same_as;
    }
  }
  void Sweeps() {
    Add("flat-prior", "flat", "every known actor as likely beforehand", [this] {
      Parameters parameters = context().parameters;
      parameters.flat_prior = true;
      return Again(parameters, {}, {});
    });
    const std::optional<Date> newest = input_.as_of ? input_.as_of : context().seen.incident;
    for (const int days : kAges) {
      if (!newest) break;
      Add("knowledge-age", std::to_string(days),
          fmt::format("knowledge of {} days before {}", days, newest->ToString()), [this, newest, days] {
            Knowledge::Options options = context().knowledge.options();
            options.as_of = Date{newest->days - days};
            return Anew({}, &options, context().parameters);
          });
    }
    for (const double factor : kReliabilities)
      Add("reliability", fmt::format("{:.2f}", factor), fmt::format("every source right {:.2f} times as often", factor),
          [this, factor] {
            Parameters parameters = context().parameters;
            for (auto& [letter, q] : parameters.letters) q *= factor;
            const Knowledge::Options options = context().knowledge.options();
            return Anew({}, &options, parameters);
          });
    for (const double odds : kFalseFlagOdds)
      Add("false-flag-prior", fmt::format("{:.0f}", odds), fmt::format("imitation at odds of 1 to {:.0f}", odds),
          [this, odds] {
            Parameters parameters = context().parameters;
            parameters.false_flag_odds = odds;
            return Again(parameters, {}, {});
          });
    Add("no-aliases", "off", "no two ids taken for one", [this] {
      Knowledge::Options options = context().knowledge.options();
      options.aliases = false;
      return Anew({}, &options, context().parameters);
    });
  }

  const SensitivityInput& input_;
  const std::vector<FactText> texts_;
  std::vector<Job> jobs_;
  std::map<std::string, std::set<std::string>> case_publishers_;  // -> source ids of the case
  std::map<std::string, std::size_t> of_source_, of_key_;         // -> job
};

SensitivityRun Outcome(const Job& job, const std::vector<LevelResult>& base, const std::vector<LevelResult>& then) {
  SensitivityRun run{job.kind, job.id, job.label, {}, 0, false};
  for (std::size_t i = 0; i < base.size(); ++i) {
    const Hypothesis& leader = base[i].ranked.front();
    const Hypothesis& first = then[i].ranked.front();
    SensitivityRun::Outcome outcome{base[i].level, first.id, first.posterior, 0};
    for (const Hypothesis& h : then[i].ranked)
      if (h.id == leader.id) outcome.posterior = h.posterior;
    run.effect = std::max(run.effect, std::abs(outcome.posterior - leader.posterior));
    run.changes_leader = run.changes_leader || first.id != leader.id;
    run.outcomes.push_back(std::move(outcome));
  }
  return run;
}

}  // namespace

std::vector<SensitivityRun> RunSensitivity(const SensitivityInput& input) {
  Jobs builder(input);
  const std::vector<Job> jobs = builder.All();
  std::vector<SensitivityRun> runs(jobs.size());
  ParallelFor(jobs.size(), input.threads, [&](std::size_t i) {
    if (jobs[i].same_as == kNone) runs[i] = Outcome(jobs[i], input.base.levels, jobs[i].run());
  });
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (jobs[i].same_as == kNone) continue;
    runs[i] = runs[jobs[i].same_as];
    runs[i].kind = jobs[i].kind;
    runs[i].id = jobs[i].id;
    runs[i].label = jobs[i].label;
  }
  std::sort(runs.begin(), runs.end(), [](const SensitivityRun& a, const SensitivityRun& b) {
    if (a.effect != b.effect) return a.effect > b.effect;
    return std::tie(a.kind, a.id) < std::tie(b.kind, b.id);
  });
  return runs;
}

}  // namespace ascribe
