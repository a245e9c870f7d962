#include "store/knowledge.h"

#include <algorithm>

namespace ascribe {
namespace {

// Two holders of the same thing are one actor's with the larger of the two probabilities.
void Raise(std::map<std::string, double>& into, const std::string& who, double p) {
  double& value = into[who];
  value = std::max(value, std::min(p, 1.0));
}

}  // namespace

std::string Knowledge::SubjectKey(const Entity& subject, Relation relation) {
  return subject.ToString() + '\n' + std::string(RelationName(relation));
}

std::span<const KnownFact* const> Knowledge::At(const Table& table, const std::string& text) const {
  const auto it = stock_->keys.find(text);
  if (it == stock_->keys.end() || it->second >= table.ends.size()) return {};
  const std::uint32_t begin = it->second == 0 ? 0 : table.ends[it->second - 1];
  return std::span(table.facts).subspan(begin, table.ends[it->second] - begin);
}

const KnownActor* Knowledge::FindActor(std::string_view id) const {
  const std::string resolved = Resolve(std::string(id));
  const auto it = std::lower_bound(actors_.begin(), actors_.end(), resolved,
                                   [](const KnownActor& a, const std::string& key) { return a.id < key; });
  return it != actors_.end() && it->id == resolved ? &*it : nullptr;
}

std::string Knowledge::Resolve(const std::string& id) const {
  std::string at = id;
  // Chains are short; the bound stops circles.
  for (int hops = 0; hops < 8; ++hops) {
    const auto it = same_as_.find(at);
    if (it == same_as_.end()) break;
    at = it->second;
  }
  return at;
}

bool Knowledge::BeforeIncident(const KnownFact& fact) const {
  return !options_.incident || (fact.fact.known_on && fact.fact.known_on->LastDay() < *options_.incident);
}

void Knowledge::AddAttack(const std::string& attack, Holders& holders, double scale) const {
  const auto it = std::lower_bound(attacks_.begin(), attacks_.end(), attack,
                                   [](const KnownAttack& a, const std::string& key) { return a.id < key; });
  if (it == attacks_.end() || it->id != attack) {
    holders.circular = holders.circular || all_attacks_.count(attack) > 0;
    return;
  }
  holders.attacks.insert(attack);
  for (const Judgement& j : it->actors) {
    Raise(holders.actors, j.to, scale * j.p);
    holders.support.insert(j.facts.begin(), j.facts.end());
  }
  for (const Judgement& j : it->lineages) {
    Raise(holders.lineages, j.to, scale * j.p);
    holders.support.insert(j.facts.begin(), j.facts.end());
  }
}

void Knowledge::AddHolder(const KnownFact& known, Holders& holders) const {
  const Fact& fact = known.fact;
  const std::string who = Resolve(fact.subject.ToString());
  const std::size_t before = holders.attacks.size() + holders.actors.size() + holders.lineages.size();
  Holders found;
  switch (fact.subject.type) {
    case EntityType::kAttack: AddAttack(who, found, 1); break;
    case EntityType::kMalware:
    case EntityType::kActor:
    case EntityType::kLineage:
      // Bound to no attack of its own: it may only be used when it cannot stem from this incident.
      if (fact.subject.type == EntityType::kMalware || BeforeIncident(known)) found = Behind(fact.subject);
      else found.circular = true;
      break;
    default: return;  // a sample or host of some attack: found through the attack's own facts
  }
  for (const auto& [actor, p] : found.actors) Raise(holders.actors, actor, p);
  for (const auto& [lineage, p] : found.lineages) Raise(holders.lineages, lineage, p);
  holders.attacks.insert(found.attacks.begin(), found.attacks.end());
  holders.support.insert(found.support.begin(), found.support.end());
  holders.circular = holders.circular || found.circular;
  const bool useful = !found.actors.empty() || !found.lineages.empty();
  if (useful || holders.attacks.size() + holders.actors.size() + holders.lineages.size() > before) {
    holders.facts.push_back(&known);
    holders.public_before_incident = holders.public_before_incident || (options_.incident && BeforeIncident(known));
  }
}

Holders Knowledge::HoldersOf(const Entity& thing) const {
  Holders holders;
  Entity canonical = thing;
  if (thing.type == EntityType::kMalware || thing.type == EntityType::kActor) {
    const std::string resolved = Resolve(thing.ToString());
    canonical.value = resolved.substr(resolved.find(':') + 1);
  }
  for (const KnownFact* known : At(by_thing_, MatchKey(canonical))) AddHolder(*known, holders);
  if (!holders.actors.empty() || !holders.lineages.empty()) holders.circular = false;
  for (const std::string& id : holders.attacks) {
    const auto attack = std::lower_bound(attacks_.begin(), attacks_.end(), id, [](const KnownAttack& a, const std::string& key) { return a.id < key; });
    holders.background += attack != attacks_.end() && attack->id == id && attack->actors.empty();
  }
  return holders;
}

Holders Knowledge::Behind(const Entity& pointed_at) const {
  Holders holders;
  const std::string who = Resolve(pointed_at.ToString());
  switch (pointed_at.type) {
    case EntityType::kActor:
      if (FindActor(who) != nullptr) Raise(holders.actors, who, 1);
      break;
    case EntityType::kAttack: AddAttack(who, holders, 1); break;
    case EntityType::kLineage: {
      if (lineage_names_.count(who) > 0) Raise(holders.lineages, who, 1);
      for (const KnownAttack& attack : attacks_)
        for (const Judgement& j : attack.lineages)
          if (j.to == who)
            for (const Judgement& a : attack.actors) Raise(holders.actors, a.to, a.p * j.p);
      break;
    }
    case EntityType::kMalware: {
      if (const auto it = attacks_using_.find(who); it != attacks_using_.end())
        for (const std::string& attack : it->second) AddAttack(attack, holders, 1);
      for (const KnownFact* known : At(by_thing_, who)) {
        if (known->fact.subject.type == EntityType::kActor && known->fact.relation == Relation::kUses) {
          if (BeforeIncident(*known)) {
            Raise(holders.actors, Resolve(known->fact.subject.ToString()), 1);
            holders.support.insert(known->id);
          } else {
            holders.circular = true;
          }
        } else if (known->fact.subject.type == EntityType::kAttack) {
          if (holders.attacks.count(known->fact.subject.ToString()) > 0) holders.support.insert(known->id);
          holders.circular = holders.circular || !holders.attacks.count(known->fact.subject.ToString());
        }
      }
      Entity subject = pointed_at;
      subject.value = who.substr(who.find(':') + 1);
      // The code base of the malware itself; that of its attacks' other tools would be hearsay.
      const auto built = Facts(subject, Relation::kBuiltFrom);
      if (!built.empty()) holders.lineages.clear();
      for (const KnownFact* known : built)
        if (!holders.attacks.empty() || BeforeIncident(*known)) {
          Raise(holders.lineages, known->fact.object.ToString(), known->fact.confidence.value_or(1));
          holders.support.insert(known->id);
        }
      break;
    }
    case EntityType::kCountry:
    case EntityType::kClass:
      for (const KnownActor& actor : actors_) {
        for (const Judgement& j : actor.sponsors)
          if (j.to == who && actor.attacks > 0) {
            Raise(holders.actors, actor.id, j.p);
            holders.support.insert(j.facts.begin(), j.facts.end());
          }
        if (actor.classes.count(pointed_at.value) > 0 && actor.attacks > 0) Raise(holders.actors, actor.id, 1);
      }
      break;
    case EntityType::kUnit:
      for (const KnownFact* known : OfRelation(Relation::kOperatedBy))
        if (known->fact.object == pointed_at) {
          Raise(holders.actors, Resolve(known->fact.subject.ToString()), known->fact.confidence.value_or(1));
          holders.support.insert(known->id);
        }
      break;
    default: break;
  }
  return holders;
}

std::vector<const Entity*> Knowledge::ThingsOfType(EntityType type) const {
  constexpr std::size_t kMaxThings = 10'000;  // near matching is quadratic; a larger base needs an index
  std::vector<const Entity*> things;
  for (const KnownFact* known : facts_) {
    if (known->fact.object.type != type || !IsObservation(known->fact.relation)) continue;
    if (!things.empty() && *things.back() == known->fact.object) continue;
    things.push_back(&known->fact.object);
    if (things.size() >= kMaxThings) break;
  }
  std::sort(things.begin(), things.end(), [](const Entity* a, const Entity* b) { return *a < *b; });
  things.erase(std::unique(things.begin(), things.end(), [](const Entity* a, const Entity* b) { return *a == *b; }), things.end());
  return things;
}

std::optional<Date> Knowledge::PublicSince(const Entity& thing) const {
  std::optional<Date> since;
  for (const KnownFact* known : Facts(thing, Relation::kPublicSince)) {
    const auto time = ParseTime(known->fact.object.value);
    if (!time) continue;
    const Date day = time->FirstDay();
    if (!since || day < *since) since = day;
  }
  return since;
}

std::string_view Knowledge::ListedAs(const Entity& thing) const {
  const auto facts = Facts(thing, Relation::kListedAs);
  return facts.empty() ? std::string_view{} : std::string_view(facts.front()->fact.object.value);
}

const std::set<std::string>& Knowledge::TechniquesOf(std::string_view actor) const {
  static const std::set<std::string> kNone;
  const auto it = techniques_.find(std::string(actor));
  return it == techniques_.end() ? kNone : it->second;
}

std::size_t Knowledge::TechniqueActors(std::string_view technique) const {
  const auto it = technique_actors_.find(std::string(technique));
  return it == technique_actors_.end() ? 0 : it->second;
}

std::vector<const KnownFact*> Knowledge::Facts(const Entity& subject, Relation relation) const {
  const auto facts = At(by_subject_, SubjectKey(subject, relation));
  return {facts.begin(), facts.end()};
}

const std::vector<const KnownFact*>& Knowledge::OfRelation(Relation relation) const {
  static const std::vector<const KnownFact*> kNone;
  const auto it = by_relation_.find(relation);
  return it == by_relation_.end() ? kNone : it->second;
}

const KnownFact* Knowledge::FindFact(std::string_view id) const {
  const auto it = stock_->by_id.find(std::string(id));
  if (it == stock_->by_id.end()) return nullptr;
  const bool used = std::binary_search(facts_.begin(), facts_.end(), it->second);  // both in the order of the stock
  return used ? it->second : nullptr;
}

std::string Knowledge::NameOf(std::string_view text) const {
  if (const KnownActor* actor = FindActor(text); actor != nullptr) return actor->name;
  if (const auto it = lineage_names_.find(std::string(text)); it != lineage_names_.end()) return it->second;
  const std::size_t colon = text.find(':');
  const auto type = colon == std::string_view::npos ? std::nullopt : ParseEntityType(text.substr(0, colon));
  if (type == EntityType::kMalware || type == EntityType::kTechnique) {
    const auto named = Facts(Entity{*type, std::string(text.substr(colon + 1))}, Relation::kNamed);
    if (!named.empty()) return named.front()->fact.object.value;
  }
  return std::string(colon == std::string_view::npos ? text : text.substr(colon + 1));
}

}  // namespace ascribe
