#include "weigh/gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/stable_sum.h"

namespace ascribe {
namespace {

struct Standing {
  const Hypothesis* leader = nullptr;  ///< best nameable hypothesis
  bool leads = false;                  ///< it is ahead of unknown and imitation too
  double strongest_group = 0;          ///< best of code and infrastructure, nats
  std::vector<Group> top_groups;
  std::set<std::string> origins;
  std::set<Group> groups;
  double least_reliable = 1, most_reliable = 0;  ///< q of those items
  bool rare_item = false;              ///< an uncancelled item with few holders
  double runner_up = 0;
  double without_worst_group = 1;      ///< posterior when the best group is left out
  bool leads_without_worst_group = true;
};

// At sponsor level the evidence is that of the actor through which the state is reached, plus its own.
std::vector<std::pair<Level, std::string>> Carriers(const WeighInput& input, Level level, const std::vector<LevelResult>& levels,
                                                    const Hypothesis& h) {
  std::vector<std::pair<Level, std::string>> carriers = {{level, h.id}};
  if (level != Level::kSponsor) return carriers;
  for (const Hypothesis& op : levels[static_cast<std::size_t>(Level::kOperator)].ranked) {
    const KnownActor* actor = IsNameable(op) ? input.knowledge.FindActor(op.id) : nullptr;
    if (actor == nullptr) continue;
    if (std::any_of(actor->sponsors.begin(), actor->sponsors.end(), [&](const Judgement& j) { return j.to == h.id; })) {
      carriers.emplace_back(Level::kOperator, op.id);
      break;
    }
  }
  return carriers;
}

Standing Stand(const WeighInput& input, Level level, const std::vector<LevelResult>& levels) {
  Standing s;
  const std::vector<Hypothesis>& ranked = levels[static_cast<std::size_t>(level)].ranked;
  for (const Hypothesis& h : ranked)
    if (IsNameable(h)) {
      s.leader = &h;
      break;
    }
  if (s.leader == nullptr) return s;
  s.leads = &ranked.front() == s.leader;
  for (const Hypothesis& h : ranked)
    if (&h != s.leader) s.runner_up = std::max(s.runner_up, h.posterior);
  std::map<Group, double> groups;
  for (const auto& [carrier_level, id] : Carriers(input, level, levels, *s.leader)) {
    std::map<Group, std::vector<double>> nats;
    for (const Share& share : SharesOf(input, carrier_level, id)) {
      const Claim& claim = *share.claim;
      if (share.nats <= 0) continue;
      nats[claim.group].push_back(share.nats);
      s.rare_item = s.rare_item || (claim.group != Group::kHuman && claim.holders <= input.parameters.gate_consistent_k);
      // A trifle is neither a kind of evidence nor a provenance.
      if (share.nats < input.parameters.gate_material) continue;
      s.groups.insert(claim.group);
      s.least_reliable = std::min(s.least_reliable, claim.reliability);
      s.most_reliable = std::max(s.most_reliable, claim.reliability);
      s.origins.insert(claim.origins.begin(), claim.origins.end());
    }
    for (const auto& [group, values] : nats) groups[group] = std::max(groups[group], GroupValue(group, values, input.parameters));
  }
  std::vector<std::pair<double, Group>> order;
  for (const auto& [group, value] : groups) {
    order.emplace_back(value, group);
    if (group == Group::kCode || group == Group::kInfrastructure) s.strongest_group = std::max(s.strongest_group, value);
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [value, group] : order) s.top_groups.push_back(group);
  for (Group group : s.top_groups) {
    WeighInput less = input;
    less.without_groups.insert(group);
    const std::vector<LevelResult> then = ComputeLevels(less);
    const std::vector<Hypothesis>& then_ranked = then[static_cast<std::size_t>(level)].ranked;
    for (const Hypothesis& h : then_ranked)
      if (h.id == s.leader->id && h.posterior < s.without_worst_group) {
        s.without_worst_group = h.posterior;
        s.leads_without_worst_group = then_ranked.front().id == h.id;
      }
  }
  return s;
}

// The highest gate that passes, and why none above it did.
std::string GateOf(const Parameters& p, const Standing& s, double copyable, std::vector<std::string>& notes) {
  const double post = s.leader->posterior;
  const bool provenances = s.origins.size() >= p.gate_few_provenances;
  if (s.leads && post >= p.gate_very_likely) {
    bool ok = true;
    const auto need = [&](bool holds, std::string why) {
      if (!holds) notes.push_back("not very likely: " + why);
      ok = ok && holds;
    };
    need(s.groups.size() >= 2, "only one kind of evidence at least doubles the odds");
    need(s.strongest_group >= p.gate_strong_group, fmt::format("no code or infrastructure group reaches {:.1f} nats", p.gate_strong_group));
    need(provenances, "all of it goes back to one origin");
    need(s.leads_without_worst_group && s.without_worst_group >= p.gate_leave_one_out,
         fmt::format("without its best group it stands at {:.0f} %", 100 * s.without_worst_group));
    need(copyable <= p.gate_copyable_max, fmt::format("{:.0f} % of its weight could have been copied", 100 * copyable));
    need(post >= p.gate_runner_up * s.runner_up, "the runner-up is too close");
    if (ok) return "very_likely";
  }
  if (s.leads && post >= p.gate_likely) {
    if (s.strongest_group >= p.gate_strong_group && provenances) return "likely";
    if (s.strongest_group < p.gate_strong_group)
      notes.push_back(fmt::format("not likely: code and infrastructure give {:.1f} nats, {:.1f} are needed", s.strongest_group, p.gate_strong_group));
    if (!provenances) notes.push_back("not likely: all of it goes back to one origin");
  } else {
    notes.push_back(fmt::format("not likely: the posterior is {:.0f} %, {:.0f} % are needed{}", 100 * post, 100 * p.gate_likely,
                                s.leads ? "" : " and another hypothesis leads"));
  }
  if (s.strongest_group > p.gate_activity_link) return "activity_link";
  if (s.rare_item) return "consistent_with";
  return "none";
}

std::string ConfidenceOf(const WeighInput& input, const Standing& s, double copyable, std::string& sentence) {
  std::size_t linked = 0;
  for (const Claim& claim : input.claims) linked += !claim.cancelled && !claim.contributions.empty();
  const std::size_t groups = s.groups.size(), origins = s.origins.size();
  std::string word = "low";
  if (groups >= 3 && origins >= 4 && copyable <= 0.5) word = "high";
  else if (groups >= 2 && origins >= 3) word = "moderate";
  sentence = fmt::format(
      "Confidence in the evidence base is {}: {} kind{} of evidence that at least double the odds, from {} independent origin{}; {:.0f} % of "
      "the weight could have been copied; {} links in all.",
      word, groups, groups == 1 ? "" : "s", origins, origins == 1 ? "" : "s", 100 * copyable, linked);
  if (groups > 0)
    sentence += fmt::format(" Going by the grades of the sources, each of these items is as stated with {:.0f} to {:.0f} %.",
                            100 * s.least_reliable, 100 * s.most_reliable);
  std::size_t actors = 0;
  for (const KnownActor& actor : input.knowledge.actors()) actors += actor.attacks > 0;
  const std::size_t attacks = input.knowledge.attacks().size();
  sentence += fmt::format(" It was compared with {} earlier attack{} of {} actor{}.", attacks, attacks == 1 ? "" : "s", actors,
                          actors == 1 ? "" : "s");
  return word;
}

// Posterior of "somebody poses as this one"; several leaders share one imitation.
double ImitationOf(const LevelResult& level, const std::string& id) {
  double shared = 0;
  for (const Hypothesis& h : level.ranked) {
    if (h.id == "false-flag:" + id) return h.posterior;
    if (h.id == "false-flag:several") shared = h.posterior;
  }
  return shared;
}

std::string_view LevelQuestion(Level level, std::string_view name) {
  switch (level) {
    case Level::kLineage: return name.find("code base") == name.npos ? "the tools stem from the code base" : "the tools stem from the";
    case Level::kOperator: return "the operator was";
    case Level::kSponsor: break;
  }
  return "the attack served";
}

}  // namespace

bool IsNameable(const Hypothesis& h) { return h.kind != HypothesisKind::kUnknown && h.kind != HypothesisKind::kFalseFlag; }

double CopyableShare(const WeighInput& input, Level level, const std::string& hypothesis) {
  std::vector<double> all, copyable;
  for (const Share& share : SharesOf(input, level, hypothesis)) {
    if (share.nats <= 0) continue;
    all.push_back(share.nats);
    if (share.claim->copyable) copyable.push_back(share.nats);
  }
  const double sum = StableSum(all);
  return sum <= 0 ? 0 : StableSum(copyable) / sum;
}

Verdict Judge(const WeighInput& input, const std::vector<LevelResult>& levels) {
  Verdict fallback;
  for (Level level : {Level::kOperator, Level::kSponsor, Level::kLineage}) {
    const Standing s = Stand(input, level, levels);
    Verdict verdict;
    verdict.level = level;
    verdict.gate = "none";
    if (s.leader != nullptr) {
      const double copyable = CopyableShare(input, level, s.leader->id);
      verdict.gate = GateOf(input.parameters, s, copyable, verdict.gate_notes);
      verdict.confidence = ConfidenceOf(input, s, copyable, verdict.confidence_sentence);
      const bool named = s.leads && verdict.gate != "none" && verdict.gate != "consistent_with";
      if (named) {
        verdict.hypothesis = s.leader->id;
        verdict.name = s.leader->name;
        // The gate bounds the word: a high number without independent support is not said aloud.
        double said = s.leader->posterior;
        if (verdict.gate != "very_likely") said = std::min(said, input.parameters.gate_very_likely - 0.01);
        verdict.likelihood = LikelihoodWord(said);
        if (verdict.gate == "activity_link") {
          verdict.sentence = fmt::format("The evidence links this activity to {}; whether {} {} is {} ({}).", s.leader->name,
                                         LevelQuestion(level, s.leader->name), s.leader->name, verdict.likelihood, LikelihoodRange(verdict.likelihood));
        } else {
          verdict.sentence = fmt::format("It is {} ({}) that {} {}.", verdict.likelihood, LikelihoodRange(verdict.likelihood),
                                         LevelQuestion(level, s.leader->name), s.leader->name);
        }
        if (copyable > input.parameters.gate_copyable_max) {
          // The name stands in the sentence only: notes do not depend on who is named.
          const double flag = ImitationOf(levels[static_cast<std::size_t>(level)], s.leader->id);
          const std::string share = fmt::format("{:.0f} % of the weight could have been copied", 100 * copyable);
          verdict.sentence += fmt::format(" But {}: that somebody poses as {} stands at {:.0f} %.", share, s.leader->name, 100 * flag);
          verdict.gate_notes.push_back(fmt::format("{}: the imitation of the leader stands at {:.0f} %", share, 100 * flag));
        }
        if (verdict.gate == "likely" || verdict.gate == "very_likely") return verdict;
        if (fallback.sentence.empty() || fallback.name.empty()) fallback = verdict;
        continue;
      }
    }
    if (verdict.confidence.empty()) {
      verdict.confidence = "low";
      verdict.confidence_sentence = "Confidence in the evidence base is low: nothing in it is shared with a known attack.";
    }
    const Hypothesis& first = levels[static_cast<std::size_t>(level)].ranked.front();
    verdict.sentence = fmt::format("No attribution: {} leads with {:.0f} %.",
                                   first.kind == HypothesisKind::kUnknown ? std::string("an unknown actor") : first.name, 100 * first.posterior);
    if (verdict.gate == "consistent_with" && s.leader != nullptr)
      verdict.sentence += fmt::format(" The evidence is consistent with {}, which is not a probability.", s.leader->name);
    // Without a name the level that says most speaks: "consistent with a code base" is more than nothing about operators.
    if (fallback.sentence.empty() || (fallback.gate == "none" && verdict.gate != "none")) fallback = verdict;
  }
  return fallback;
}

}  // namespace ascribe
