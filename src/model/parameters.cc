#include "model/parameters.h"

#include <algorithm>
#include <cmath>

namespace ascribe {

std::string_view LevelName(Level level) {
  constexpr std::string_view kNames[] = {"lineage", "operator", "sponsor"};
  return kNames[static_cast<std::size_t>(level)];
}

std::string_view GroupName(Group group) {
  constexpr std::string_view kNames[] = {"code", "infrastructure", "behaviour", "victim", "human"};
  return kNames[static_cast<std::size_t>(group)];
}

bool LinkKind::SpeaksFor(Level level) const { return std::find(levels.begin(), levels.end(), level) != levels.end(); }

double LinkKind::Nats(std::size_t k, bool fresh) const {
  if (k == 0) return 0;
  if (!by_k.empty()) {
    const std::vector<double>& table = !fresh && !by_k_old.empty() ? by_k_old : by_k;
    return table[std::min(RarityOf(k), table.size() - 1)];
  }
  const double one = !fresh && nats_old > 0 ? nats_old : nats;
  return std::max(0.0, one - std::log(static_cast<double>(k)));
}

double LinkKind::NatsHigh(std::size_t k) const {
  if (k == 0) return 0;
  if (!by_k_high.empty()) return by_k_high[std::min(RarityOf(k), by_k_high.size() - 1)];
  if (!by_k.empty()) return Nats(k, true) + 0.7;  // the widest measured family interval, [8, 11] around 9, doubled
  return std::max(0.0, std::max(nats, nats_high) - std::log(static_cast<double>(k)));
}

const LinkKind* Parameters::KindOf(const Fact& fact) const {
  for (const LinkKind& kind : kinds) {
    if (kind.statement != StatementKind::kNone && kind.statement != fact.statement) continue;
    if (!kind.types.empty() && std::find(kind.types.begin(), kind.types.end(), fact.object.type) == kind.types.end()) continue;
    const bool relation_fits = kind.relations.empty()
                                   ? IsObservation(fact.relation)
                                   : std::find(kind.relations.begin(), kind.relations.end(), fact.relation) != kind.relations.end();
    if (relation_fits) return &kind;
  }
  return nullptr;
}

const LinkKind* Parameters::KindById(std::string_view id) const {
  const auto it = std::find_if(kinds.begin(), kinds.end(), [&](const LinkKind& k) { return k.id == id; });
  return it == kinds.end() ? nullptr : &*it;
}

double Parameters::WeightOf(Group group) const {
  switch (group) {
    case Group::kCode: return weight_code;
    case Group::kInfrastructure: return weight_infrastructure;
    case Group::kBehaviour: return weight_behaviour;
    case Group::kVictim:
    case Group::kHuman: break;
  }
  return 1;
}

const ContradictionRule* Parameters::RuleById(std::string_view id) const {
  const auto it = std::find_if(rules.begin(), rules.end(), [&](const ContradictionRule& r) { return r.id == id; });
  return it == rules.end() ? nullptr : &*it;
}

std::optional<double> Parameters::Reliability(const AdmiraltyGrade& grade) const {
  const auto letter = letters.find(grade.reliability);
  const auto digit = digits.find(grade.credibility);
  if (letter == letters.end() || digit == digits.end()) return std::nullopt;
  return letter->second * digit->second;
}

double Parameters::Attenuate(double nats, double q) const {
  if (nats == 0) return 0;
  const double lr = std::exp(nats);
  return std::log((q * lr + (1 - q) * kappa) / (q + (1 - q) * kappa));
}

double Parameters::Doubt(double nats, double p) { return std::log(p * std::exp(nats) + (1 - p)); }

}  // namespace ascribe
