#include "weigh/posterior.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/stable_sum.h"
#include "weigh/operator_prior.h"

namespace ascribe {
namespace {

constexpr std::string_view kUnknown = "unknown";
constexpr std::string_view kFalseFlag = "false-flag:";

// Contributions of one hypothesis at one level, by group; and the part of them that an imitator could have.
struct Tally {
  std::map<Group, std::vector<double>> all, copyable;
  std::string best;
  double best_nats = 0;
};

// What one origin merely asserts is scaled together to its best item plus the headroom.
void CapOrigins(std::vector<Share>& shares, const Parameters& parameters) {
  const auto origin_of = [](const Share& share) -> const std::string* {
    const bool single = share.claim->asserted && share.claim->origins.size() == 1 && share.nats > 0;
    return single ? &share.claim->origins.front() : nullptr;
  };
  std::map<std::string, std::vector<double>> asserted;
  for (const Share& share : shares)
    if (const std::string* origin = origin_of(share)) asserted[*origin].push_back(share.nats);
  for (Share& share : shares) {
    const std::string* origin = origin_of(share);
    if (origin == nullptr) continue;
    const std::vector<double>& nats = asserted[*origin];
    const double sum = StableSum(nats), most = *std::max_element(nats.begin(), nats.end()) + parameters.origin_headroom;
    if (sum > most) share.nats *= most / sum;
  }
}

// Tools of many hands together say no more for one operator than the cap. Which code base it is, they do say.
void CapSharedTools(std::vector<Share>& shares, Level level, const Parameters& parameters) {
  if (level != Level::kOperator) return;
  const auto shared = [&](const Share& share) { return share.nats > 0 && IsSharedTool(*share.claim, parameters); };
  std::vector<double> nats;
  for (const Share& share : shares)
    if (shared(share)) nats.push_back(share.nats);
  const double scale = SharedToolsScale(StableSum(std::move(nats)), parameters);
  if (scale == 1) return;
  for (Share& share : shares)
    if (shared(share)) share.nats *= scale;
}

bool TakesPart(const WeighInput& input, const Claim& claim) {
  return !claim.cancelled && input.without.count(claim.id) == 0 && input.without_groups.count(claim.group) == 0;
}

// An analyst's cells in the place of the engine's, once what one origin asserts and what shared tools say was capped.
void Replace(const WeighInput& input, Level level, const std::string& hypothesis, std::vector<Share>& shares) {
  if (input.overrides == nullptr) return;
  for (const Override& o : *input.overrides) {
    if (o.level != level || o.hypothesis != hypothesis) continue;
    const auto claim = std::find_if(input.claims.begin(), input.claims.end(), [&](const Claim& c) { return c.id == o.claim; });
    if (claim == input.claims.end() || !TakesPart(input, *claim)) continue;
    std::erase_if(shares, [&](const Share& s) { return s.claim == &*claim; });
    shares.push_back({&*claim, o.nats});
  }
}

std::map<std::string, Tally> TallyUp(const WeighInput& input, Level level) {
  std::map<std::string, std::vector<Share>> shares;
  for (const Claim& claim : input.claims) {
    if (!TakesPart(input, claim)) continue;
    for (const Contribution& c : claim.contributions)
      if (c.level == level) shares[c.hypothesis].push_back({&claim, c.nats});
  }
  if (input.overrides != nullptr)
    for (const Override& o : *input.overrides)
      if (o.level == level) shares.try_emplace(o.hypothesis);
  std::map<std::string, Tally> tallies;
  for (auto& [hypothesis, list] : shares) {
    CapOrigins(list, input.parameters);
    CapSharedTools(list, level, input.parameters);
    Replace(input, level, hypothesis, list);
    Tally& tally = tallies[hypothesis];
    for (const Share& share : list) {
      tally.all[share.claim->group].push_back(share.nats);
      if (share.claim->copyable) tally.copyable[share.claim->group].push_back(share.nats);
      if (share.nats > tally.best_nats) tally.best_nats = share.nats, tally.best = share.claim->id;
    }
  }
  return tallies;
}

// Fitted weights exist for operators only: no backtest measures lineages or states.
double WeightAt(Level level, Group group, const Parameters& parameters) {
  return level == Level::kOperator ? parameters.WeightOf(group) : 1;
}

double Total(Level level, const std::map<Group, std::vector<double>>& groups, const Parameters& parameters, std::map<Group, double>* by_group) {
  std::vector<double> values;
  for (const auto& [group, nats] : groups) {
    values.push_back(WeightAt(level, group, parameters) * GroupValue(group, nats, parameters));
    if (by_group != nullptr) (*by_group)[group] = values.back();
  }
  return StableSum(values);
}

// For an imitation only positive, copyable evidence was planted; what speaks against the imitated does not bind it.
double CopyableTotal(Level level, const Tally& tally, const Parameters& parameters) {
  std::map<Group, std::vector<double>> positive;
  for (const auto& [group, nats] : tally.copyable)
    for (double n : nats)
      if (n > 0) positive[group].push_back(n);
  return Total(level, positive, parameters, nullptr);
}

double DeceptionFor(const WeighInput& input, const std::string& hypothesis) {
  std::vector<double> nats;
  for (const Contradiction& c : input.contradictions)
    if (const auto it = c.deception.find(hypothesis); it != c.deception.end()) nats.push_back(it->second);
  return std::min(StableSum(nats), input.parameters.deception_cap);
}

// The planted items themselves are what the imitation predicts: they count for it although they are cancelled for the actor.
double PlantedFor(const WeighInput& input, Level level, const std::string& hypothesis) {
  std::vector<double> nats;
  for (const Claim& claim : input.claims)
    if (claim.cancelled && input.without.count(claim.id) == 0)
      for (const Contribution& c : claim.contributions)
        if (c.level == level && c.hypothesis == hypothesis && c.nats > 0)
          nats.push_back(WeightAt(level, claim.group, input.parameters) * c.nats);
  return nats.empty() ? 0 : *std::max_element(nats.begin(), nats.end());
}

// Turns log weights (prior x evidence, in nats) into posteriors; `score` of a hypothesis is in Hypothesis::posterior.
void Softmax(std::vector<Hypothesis>& hypotheses, double cap) {
  double top = -std::numeric_limits<double>::infinity();
  for (const Hypothesis& h : hypotheses) top = std::max(top, h.posterior);
  std::vector<double> weights;
  for (Hypothesis& h : hypotheses) {
    h.posterior = std::exp(h.posterior - top);
    weights.push_back(h.posterior);
  }
  const double sum = StableSum(weights);
  for (Hypothesis& h : hypotheses) h.posterior /= sum;
  // Nothing is ever certain: what the leader has above the cap goes to "unknown" (or, if that leads, to the others).
  for (Hypothesis& h : hypotheses) {
    if (h.posterior <= cap) continue;
    const double excess = h.posterior - cap;
    h.posterior = cap;
    std::vector<Hypothesis*> others;
    for (Hypothesis& other : hypotheses)
      if (&other != &h && (h.kind == HypothesisKind::kUnknown || other.kind == HypothesisKind::kUnknown)) others.push_back(&other);
    for (Hypothesis* other : others) other->posterior += excess / static_cast<double>(others.size());
  }
}

void Rank(std::vector<Hypothesis>& hypotheses) {
  std::sort(hypotheses.begin(), hypotheses.end(), [](const Hypothesis& a, const Hypothesis& b) {
    if (a.posterior != b.posterior) return a.posterior > b.posterior;
    return a.id < b.id;
  });
}

// Adds UNKNOWN and the imitations to a list of candidates with prior mass 1 - unknown, and ranks.
LevelResult Open(const WeighInput& input, Level level, std::vector<Hypothesis> candidates, const std::map<std::string, Tally>& tallies) {
  const Parameters& parameters = input.parameters;
  static const Tally kNothing;
  const auto tally_of = [&](const std::string& id) -> const Tally& {
    const auto it = tallies.find(id);
    return it == tallies.end() ? kNothing : it->second;
  };
  std::vector<double> weights;  // the candidates come with relative ones
  for (const Hypothesis& h : candidates) weights.push_back(h.prior);
  const double all = StableSum(weights);
  double best = -std::numeric_limits<double>::infinity();
  for (Hypothesis& h : candidates) {
    const Tally& tally = tally_of(h.id);
    h.prior = std::min((1 - parameters.unknown_prior) * h.prior / all, parameters.known_max);
    h.nats = Total(level, tally.all, parameters, &h.groups);
    h.best_evidence = tally.best;
    h.posterior = std::log(h.prior) + h.nats;
    best = std::max(best, h.posterior);
  }
  // Several may lead together, above all when nothing is known yet. Which of them sorts first must not decide who is
  // imitated: they share one imitation, that of whoever could be copied best.
  const auto leads = [&](const Hypothesis& h) { return h.posterior == best; };
  const bool alone = std::count_if(candidates.begin(), candidates.end(), leads) == 1;
  std::vector<Hypothesis> imitations;
  Hypothesis of_several;
  for (const Hypothesis& h : candidates) {
    const double deception = DeceptionFor(input, h.id);
    if (!leads(h) && deception <= 0) continue;
    Hypothesis f;
    f.id = std::string(kFalseFlag) + h.id;
    f.name = "somebody posing as " + h.name;
    f.kind = HypothesisKind::kFalseFlag;
    f.prior = h.prior / parameters.false_flag_odds;
    const Tally& tally = tally_of(h.id);
    f.nats = CopyableTotal(level, tally, parameters) + deception + PlantedFor(input, level, h.id);
    f.posterior = std::log(f.prior) + f.nats;
    if (alone || deception > 0) imitations.push_back(std::move(f));
    else if (of_several.id.empty() || f.nats > of_several.nats) of_several = std::move(f);
  }
  if (!of_several.id.empty()) {
    of_several.id = std::string(kFalseFlag) + "several";
    of_several.name = "somebody posing as one of several";
    imitations.push_back(std::move(of_several));
  }
  Hypothesis unknown;
  unknown.id = unknown.name = std::string(kUnknown);
  unknown.kind = HypothesisKind::kUnknown;
  std::vector<double> known;
  for (const Hypothesis& h : candidates) known.push_back(h.prior);
  unknown.prior = 1 - StableSum(std::move(known));
  unknown.posterior = std::log(unknown.prior);
  LevelResult result;
  result.level = level;
  result.ranked = std::move(candidates);
  for (Hypothesis& f : imitations) result.ranked.push_back(std::move(f));
  result.ranked.push_back(std::move(unknown));
  if (result.ranked.size() == 1) result.ranked.front().posterior = parameters.posterior_cap;
  else Softmax(result.ranked, parameters.posterior_cap);
  return result;
}

std::vector<Hypothesis> LineageCandidates(const WeighInput& input) {
  // Code bases of earlier attacks, and those that some evidence points at; a base first seen in this very incident is none.
  std::set<std::string> linked;
  for (const KnownAttack& attack : input.knowledge.attacks())
    for (const Judgement& j : attack.lineages) linked.insert(j.to);
  for (const Claim& claim : input.claims)
    for (const Contribution& c : claim.contributions)
      if (c.level == Level::kLineage) linked.insert(c.hypothesis);
  std::vector<Hypothesis> candidates;
  for (const auto& [id, name] : input.knowledge.lineages()) {
    if (linked.count(id) == 0) continue;
    Hypothesis h;
    h.id = id;
    h.name = name;
    h.kind = HypothesisKind::kLineage;
    h.prior = 1;
    candidates.push_back(std::move(h));
  }
  return candidates;
}

// The earlier attacks laid at an actor's door; none when the incident has no date to count back from.
std::vector<PastAttack> PastOf(const Knowledge& knowledge, const std::string& actor) {
  std::vector<PastAttack> past;
  const std::optional<Date>& incident = knowledge.options().incident;
  if (!incident) return past;
  for (const KnownAttack& attack : knowledge.attacks())
    for (const Judgement& j : attack.actors)
      if (j.to == actor && attack.begin) past.push_back({incident->days - attack.begin->days, j.p});
  return past;
}

std::vector<Hypothesis> OperatorCandidates(const WeighInput& input) {
  // Candidates do not depend on what is left out, so that a sensitivity run compares the same hypotheses.
  std::set<std::string> linked;
  for (const Claim& claim : input.claims)
    for (const Contribution& c : claim.contributions)
      if (c.level == Level::kOperator) linked.insert(c.hypothesis);
  std::vector<Hypothesis> candidates;
  for (const KnownActor& actor : input.knowledge.actors()) {
    if (actor.attacks == 0 && linked.count(actor.id) == 0) continue;
    Hypothesis h;
    h.id = actor.id;
    h.name = actor.name;
    const bool state = actor.classes.empty() || actor.classes.count("state") > 0;
    h.kind = state ? HypothesisKind::kActor : HypothesisKind::kClass;
    h.prior = PriorWeight(RhythmOf(PastOf(input.knowledge, actor.id)), input.parameters);
    candidates.push_back(std::move(h));
  }
  return candidates;
}

// P(sponsor) = sum over operators, then direct evidence.
LevelResult Sponsor(const WeighInput& input, const LevelResult& operators) {
  const Parameters& parameters = input.parameters;
  const std::map<std::string, Tally> tallies = TallyUp(input, Level::kSponsor);
  std::map<std::string, std::vector<double>> mass, prior;
  std::vector<double> unknown_mass, unknown_prior, flag_mass;
  for (const Hypothesis& h : operators.ranked) {
    if (h.kind == HypothesisKind::kUnknown) {
      unknown_mass.push_back(h.posterior);
      unknown_prior.push_back(h.prior);
    } else if (h.kind == HypothesisKind::kFalseFlag) {
      flag_mass.push_back(h.posterior);
    } else if (const KnownActor* actor = input.knowledge.FindActor(h.id); actor != nullptr) {
      std::vector<double> named;
      for (const Judgement& j : actor->sponsors) {
        mass[j.to].push_back(h.posterior * j.p);
        prior[j.to].push_back(h.prior * j.p);
        named.push_back(j.p);
      }
      const double rest = std::max(0.0, 1 - StableSum(named));
      unknown_mass.push_back(h.posterior * rest);
      unknown_prior.push_back(h.prior * rest);
    }
  }
  const double unknown = StableSum(unknown_mass);
  // A state that evidence names directly may also be served by somebody unknown; added once, however many claims name it.
  std::set<std::string> named_directly;
  for (const Claim& claim : input.claims)
    for (const Contribution& c : claim.contributions)
      if (c.level == Level::kSponsor) named_directly.insert(c.hypothesis);
  for (const std::string& id : named_directly) mass[id].push_back(unknown * parameters.unknown_sponsor);
  LevelResult result;
  result.level = Level::kSponsor;
  std::string leader;
  double best = -1;
  for (const auto& [id, parts] : mass) {
    Hypothesis h;
    h.id = id;
    h.name = id.substr(id.find(':') + 1);
    h.kind = id.starts_with("country:") ? HypothesisKind::kState : HypothesisKind::kNonState;
    h.prior = StableSum(prior[id]);
    const auto tally = tallies.find(id);
    if (tally != tallies.end()) {
      h.nats = Total(Level::kSponsor, tally->second.all, parameters, &h.groups);
      h.best_evidence = tally->second.best;
    }
    h.posterior = StableSum(parts) * std::exp(h.nats);
    if (h.posterior > best) best = h.posterior, leader = id;
    result.ranked.push_back(std::move(h));
  }
  Hypothesis flag;
  flag.kind = HypothesisKind::kFalseFlag;
  flag.id = std::string(kFalseFlag) + (leader.empty() ? "nobody" : leader);
  flag.name = leader.empty() ? "somebody posing as another" : "somebody posing as " + leader.substr(leader.find(':') + 1);
  flag.posterior = StableSum(flag_mass);
  if (const auto tally = tallies.find(leader); tally != tallies.end()) {
    // Direct evidence can be planted as well: the copyable part of it does not tell the state from its imitator.
    flag.nats = CopyableTotal(Level::kSponsor, tally->second, parameters);
    flag.posterior *= std::exp(flag.nats);
  }
  result.ranked.push_back(std::move(flag));
  Hypothesis nobody;
  nobody.id = nobody.name = std::string(kUnknown);
  nobody.kind = HypothesisKind::kUnknown;
  nobody.prior = StableSum(unknown_prior);
  nobody.posterior = unknown;
  result.ranked.push_back(std::move(nobody));
  for (Hypothesis& h : result.ranked) h.posterior = std::log(std::max(h.posterior, 1e-12));
  Softmax(result.ranked, parameters.posterior_cap);
  return result;
}

}  // namespace

std::vector<Share> SharesOf(const WeighInput& input, Level level, const std::string& hypothesis) {
  std::vector<Share> shares;
  for (const Claim& claim : input.claims) {
    if (!TakesPart(input, claim)) continue;
    for (const Contribution& c : claim.contributions)
      if (c.level == level && c.hypothesis == hypothesis) shares.push_back({&claim, c.nats});
  }
  CapOrigins(shares, input.parameters);
  CapSharedTools(shares, level, input.parameters);
  Replace(input, level, hypothesis, shares);
  return shares;
}

OpenModel ModelOf(const WeighInput& input) {
  const Parameters& p = input.parameters;
  OpenModel model;
  for (const Hypothesis& h : LineageCandidates(input)) model.lineages.push_back({h.id, h.name, h.kind, h.prior});
  for (const Hypothesis& h : OperatorCandidates(input)) {
    model.operators.push_back({h.id, h.name, h.kind, h.prior});
    if (const KnownActor* actor = input.knowledge.FindActor(h.id); actor != nullptr)
      for (const Judgement& j : actor->sponsors) model.sponsors[h.id].emplace_back(j.to, j.p);
  }
  for (const Contradiction& c : input.contradictions)
    for (const auto& [hypothesis, nats] : c.deception) model.deception[hypothesis] = DeceptionFor(input, hypothesis);
  model.unknown_prior = p.unknown_prior;
  model.known_max = p.known_max;
  model.unknown_sponsor = p.unknown_sponsor;
  model.false_flag_odds = p.false_flag_odds;
  model.posterior_cap = p.posterior_cap;
  model.group_headroom = p.group_headroom;
  model.origin_headroom = p.origin_headroom;
  model.shared_tools_cap = p.shared_tools_cap;
  model.shared_tool_holders = p.shared_tool_holders;
  model.caps = {{Group::kBehaviour, p.behaviour_cap}, {Group::kVictim, p.victim_cap}, {Group::kHuman, p.human_cap}};
  for (Group group : kGroups) model.weights[group] = p.WeightOf(group);
  model.calibration = p.calibration;
  return model;
}

bool IsSharedTool(const Claim& claim, const Parameters& parameters) {
  return claim.group == Group::kCode && claim.holders + (claim.background > 0 ? 1 : 0) >= parameters.shared_tool_holders;
}

double SharedToolsScale(double nats, const Parameters& parameters) {
  return nats > parameters.shared_tools_cap ? parameters.shared_tools_cap / nats : 1;
}

double GroupValue(Group group, std::vector<double> nats, const Parameters& parameters) {
  std::vector<double> positive, negative;
  for (double n : nats) (n > 0 ? positive : negative).push_back(n);
  double value = StableSum(positive);
  if (!positive.empty()) value = std::min(value, *std::max_element(positive.begin(), positive.end()) + parameters.group_headroom);
  switch (group) {
    case Group::kBehaviour: value = std::min(value, parameters.behaviour_cap); break;
    case Group::kVictim: value = std::min(value, parameters.victim_cap); break;
    case Group::kHuman: value = std::min(value, parameters.human_cap); break;
    case Group::kCode:
    case Group::kInfrastructure: break;
  }
  return value + StableSum(negative);
}

std::vector<LevelResult> ComputeLevels(const WeighInput& input) {
  std::vector<LevelResult> levels;
  levels.push_back(Open(input, Level::kLineage, LineageCandidates(input), TallyUp(input, Level::kLineage)));
  levels.push_back(Open(input, Level::kOperator, OperatorCandidates(input), TallyUp(input, Level::kOperator)));
  levels.push_back(Sponsor(input, levels.back()));
  for (LevelResult& level : levels) Rank(level.ranked);
  return levels;
}

}  // namespace ascribe
