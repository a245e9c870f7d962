#include "respond/case_evidence.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace ascribe {
namespace {

bool SpeaksOfTheCase(const Fact& fact) {
  switch (fact.subject.type) {
    case EntityType::kIncident:
    case EntityType::kSample:
    case EntityType::kMalware:
    case EntityType::kHost:
    case EntityType::kPersona:
      break;
    default:
      return false;
  }
  if (fact.statement == StatementKind::kClaimOfResponsibility || fact.statement == StatementKind::kDenial) return false;
  return IsObservation(fact.relation) || fact.relation == Relation::kTargets;
}

void SortUnique(std::vector<std::string>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

CaseEvidence::CaseEvidence(const VisibleCase& seen, const AttackTables& attack) : attack_(attack) {
  for (const VisibleFact& visible : seen.facts) {
    if (!SpeaksOfTheCase(*visible.fact)) continue;
    const Entity& thing = visible.fact->object;
    things_[thing].push_back(visible.id);
    if (thing.type == EntityType::kTechnique)
      techniques_[std::string(attack.CurrentId(thing.value))].push_back(visible.id);
    if (visible.fact->subject.type == EntityType::kIncident) incident_facts_.push_back(visible.id);
  }
  for (auto& [thing, facts] : things_) SortUnique(facts);
  for (auto& [technique, facts] : techniques_) SortUnique(facts);
  SortUnique(incident_facts_);
}

bool CaseEvidence::Matches(const Entity& thing, std::string_view pattern) const {
  const std::size_t colon = pattern.find(':');
  const std::string_view type = pattern.substr(0, colon), value = pattern.substr(colon + 1);
  if (type == "tactic") {
    if (thing.type != EntityType::kTechnique) return false;
    const std::vector<std::string_view> tactics = Split(attack_.TacticsOf(attack_.CurrentId(thing.value)), ',');
    return std::find(tactics.begin(), tactics.end(), value) != tactics.end();
  }
  if (EntityTypeName(thing.type) != type) return false;
  if (value == "*" || thing.value == value) return true;
  if (thing.type != EntityType::kTechnique) return false;
  const std::string_view current = attack_.CurrentId(thing.value);
  return current == value ||
         (current.size() > value.size() && current.starts_with(value) && current[value.size()] == '.');
}

CaseEvidence::Match CaseEvidence::Find(std::span<const std::string> patterns) const {
  Match match;
  for (const auto& [thing, facts] : things_) {
    if (std::none_of(patterns.begin(), patterns.end(), [&, &seen = thing](const std::string& p) { return Matches(seen, p); }))
      continue;
    match.things.push_back(thing.ToString());
    match.facts.insert(match.facts.end(), facts.begin(), facts.end());
  }
  SortUnique(match.things);
  SortUnique(match.facts);
  return match;
}

Backing MakeBacking(std::vector<std::string> facts, std::vector<std::string> claims) {
  SortUnique(facts);
  SortUnique(claims);
  Backing backing;
  backing.facts_total = facts.size();
  if (facts.size() > kMaxBacking) {
    const std::size_t end = std::min(facts.size(), kMaxBacking + kMaxRest);
    backing.rest.assign(std::make_move_iterator(facts.begin() + kMaxBacking), std::make_move_iterator(facts.begin() + static_cast<std::ptrdiff_t>(end)));
    facts.resize(kMaxBacking);
  }
  if (claims.size() > kMaxBacking) claims.resize(kMaxBacking);
  backing.facts = std::move(facts);
  backing.claims = std::move(claims);
  return backing;
}

}  // namespace ascribe
