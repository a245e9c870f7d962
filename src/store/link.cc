#include "store/link.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "base/sha256.h"
#include "base/text.h"
#include "model/similarity.h"

namespace ascribe {
namespace {

struct NearMatch {
  const Entity* thing = nullptr;
  double similarity = 0;
};

double Similarity(EntityType type, const std::string& a, const std::string& b) {
  return type == EntityType::kPdbPath ? PathPartSimilarity(a, b) : RatcliffObershelp(a, b);
}

NearMatch BestNear(const LinkContext& context, const CaseThing& item) {
  NearMatch best;
  for (const Entity* known : context.knowledge.ThingsOfType(item.thing.type)) {
    const double similarity = Similarity(item.thing.type, item.thing.value, known->value);
    if (similarity < item.kind->near || similarity <= best.similarity) continue;
    const Holders holders = context.knowledge.HoldersOf(*known);
    if (holders.actors.empty() && holders.lineages.empty()) continue;
    best = {known, similarity};
  }
  return best;
}

std::string AttackList(const LinkContext& context, const Holders& holders) {
  std::string text;
  std::size_t n = 0;
  for (const std::string& attack : holders.attacks) {
    if (++n > 3) return fmt::format("{} and {} more", text, holders.attacks.size() - 3);
    text += (text.empty() ? "" : ", ") + context.knowledge.NameOf(attack);
  }
  return text;
}

// Whether the holder's last sighting lies close to the case's. A sighting without a date of its own is as old as the
// attack it belongs to; without either it is old.
bool IsFresh(const LinkContext& context, const CaseThing& item, const Holders& holders) {
  if (!context.seen.incident) return false;
  Date ours = *context.seen.incident;
  for (const VisibleFact* visible : item.facts)
    if (visible->fact->valid_from) ours = visible->fact->valid_from->FirstDay();
  for (const KnownFact* known : holders.facts) {
    const auto& when = known->fact.valid_to ? known->fact.valid_to : known->fact.valid_from;
    if (when && std::abs(ours.days - when->LastDay().days) <= context.parameters.fresh_days) return true;
  }
  return std::any_of(context.knowledge.attacks().begin(), context.knowledge.attacks().end(),
                     [&](const KnownAttack& attack) {
                       return attack.begin && holders.attacks.count(attack.id) > 0 &&
                              std::abs(ours.days - attack.begin->days) <= context.parameters.fresh_days;
                     });
}

// What a fact of the knowledge base goes back to.
const std::string& OriginOf(const KnownFact& known) {
  if (!known.fact.origin.empty()) return known.fact.origin;
  return !known.source->origin.empty() ? known.source->origin : known.source->id;
}

// Reliability of the knowledge side: independent origins corroborate each other.
double KnowledgeReliability(const LinkContext& context, const Holders& holders) {
  if (holders.facts.empty()) return 1;  // somebody pointed at it; the judgement already carries its own doubt
  std::map<std::string, double> by_origin;
  for (const KnownFact* known : holders.facts) {
    const Source& source = *known->source;
    double q = context.parameters.Reliability(source.grade).value_or(0);
    if (!known->fact.inspectable || !source.inspectable) q *= context.parameters.asserted;
    double& best = by_origin[OriginOf(*known)];
    best = std::max(best, q);
  }
  return Corroborate(by_origin, context.parameters);
}

// True when case and knowledge both rest on one document: then the match is that document's word, not two sightings.
bool OneDocument(const LinkContext& context, const CaseThing& item, const Holders& holders) {
  const auto document = [](const Source* source, const std::string& origin) {
    return source != nullptr && !source->url.empty() ? source->url : origin;
  };
  std::set<std::string> ours, theirs;
  for (const VisibleFact* visible : item.facts)
    ours.insert(document(context.seen.data->FindSource(visible->fact->source), visible->origin));
  for (const KnownFact* known : holders.facts) theirs.insert(document(known->source, OriginOf(*known)));
  return ours.size() == 1 && ours == theirs;
}

}  // namespace

std::string WeightlessReason(const LinkContext& context, const Entity& thing) {
  if (const std::string_view listed = context.hygiene(thing); !listed.empty())
    return fmt::format("on the hygiene list \"{}\": many unrelated people share it", listed);
  if (const std::string_view listed = context.knowledge.ListedAs(thing); !listed.empty())
    return fmt::format("listed as {}: anybody may use it", listed);
  const std::optional<Date> since = context.knowledge.PublicSince(thing);
  if (since && (!context.seen.incident || *since <= *context.seen.incident))
    return fmt::format("public or for sale since {}: anybody could have it", since->ToString());
  for (const VisibleFact& visible : context.seen.facts) {
    const Fact& fact = *visible.fact;
    if (fact.subject != thing || (fact.relation != Relation::kPublicSince && fact.relation != Relation::kListedAs))
      continue;
    if (fact.relation == Relation::kListedAs) return fmt::format("listed as {}: anybody may use it", fact.object.value);
    const auto when = ParseTime(fact.object.value);
    if (when && (!context.seen.incident || when->FirstDay() <= *context.seen.incident))
      return fmt::format("public or for sale since {}: anybody could have it", when->ToString());
  }
  return {};
}

std::vector<CaseThing> CollectThings(const LinkContext& context, Group group) {
  std::map<std::pair<std::string, std::string>, CaseThing> things;
  // Facts are in order, so that many of one kind follow each other.
  const Fact* before = nullptr;
  const LinkKind* kind = nullptr;
  for (const VisibleFact& visible : context.seen.facts) {
    const Fact& fact = *visible.fact;
    if (before == nullptr || before->statement != fact.statement || before->relation != fact.relation ||
        before->object.type != fact.object.type)
      kind = context.parameters.KindOf(fact);
    before = &fact;
    if (kind == nullptr || kind->group != group) continue;
    // What a publisher says about other entities (a route, a key's history) is context; the incident, its samples and
    // its hosts are the case.
    const EntityType subject = visible.fact->subject.type;
    if (subject != EntityType::kIncident && subject != EntityType::kSample && subject != EntityType::kMalware &&
        subject != EntityType::kHost && subject != EntityType::kPersona)
      continue;
    CaseThing& item = things[{kind->id, MatchKey(visible.fact->object)}];
    if (item.kind == nullptr) item = {kind, visible.fact->object, {}};
    item.facts.push_back(&visible);
  }
  std::vector<CaseThing> list;
  for (auto& [key, item] : things) list.push_back(std::move(item));
  return list;
}

void TakeCaseFacts(const LinkContext& context, const std::vector<const VisibleFact*>& facts, Claim& claim) {
  std::map<std::string, double> by_origin;
  for (const VisibleFact* visible : facts) {
    double& best = by_origin[visible->origin];
    best = std::max(best, visible->q);
    claim.case_facts.push_back(visible->id);
  }
  for (const auto& [origin, q] : by_origin) claim.origins.push_back(origin);
  claim.reliability = Corroborate(by_origin, context.parameters);
}

void Contribute(const LinkContext& context, const LinkKind& kind, const Holders& holders, std::string_view sponsor,
                bool fresh, Claim& claim, std::size_t least_holders) {
  const Parameters& parameters = context.parameters;
  // Unattributed attacks that hold it count as one more holder, as in the backtest that measured the table.
  const std::size_t background = holders.background > 0 ? 1 : 0;
  const std::size_t k = std::max({holders.actors.size() + background, least_holders, std::size_t{1}});
  const double q = claim.reliability * KnowledgeReliability(context, holders);
  // Similarity below 1 weakens in the square: 0.9 alike is no longer nine tenths of a proof.
  const double scale = claim.similarity * claim.similarity;
  const auto weigh = [&](double nats, double p, bool shared_tool) {
    double value = Parameters::Doubt(parameters.Attenuate(nats * scale, q), p);
    if (shared_tool) value = Parameters::Doubt(value, parameters.tool_exclusive);
    return value;
  };
  const double low = kind.Nats(k, fresh), high = kind.NatsHigh(k);
  const bool code = kind.group == Group::kCode;
  claim.background = holders.background;
  claim.holders = std::max(holders.actors.size(), holders.actors.empty() ? 0 : least_holders);
  if (kind.SpeaksFor(Level::kLineage))
    for (const auto& [lineage, p] : holders.lineages) {
      const std::size_t kl = holders.lineages.size();
      const double nats = weigh(kind.Nats(kl, fresh), p, false);
      claim.contributions.push_back({Level::kLineage, lineage, nats, nats, weigh(kind.NatsHigh(kl), p, false)});
    }
  if (kind.SpeaksFor(Level::kOperator))
    for (const auto& [actor, p] : holders.actors) {
      const double nats = weigh(low, p, code);
      claim.contributions.push_back({Level::kOperator, actor, nats, nats, weigh(high, p, code)});
    }
  if (kind.SpeaksFor(Level::kSponsor) && !sponsor.empty()) {
    const double nats = weigh(kind.Nats(1, fresh), 1, false);
    claim.contributions.push_back(
        {Level::kSponsor, std::string(sponsor), nats, nats, weigh(kind.NatsHigh(1), 1, false)});
  }
  const auto published = [&](const KnownFact& known) {
    const Date day = known.fact.known_on->LastDay();
    if (!claim.public_since || day < *claim.public_since) claim.public_since = day;
  };
  for (const KnownFact* known : holders.facts) {
    claim.knowledge_facts.push_back(known->id);
    published(*known);
  }
  // Somebody pointed at it: then it could be copied since what it points at was described.
  if (holders.facts.empty())
    for (const std::string& id : holders.support)
      if (const KnownFact* known = context.knowledge.FindFact(id); known != nullptr) published(*known);
  claim.knowledge_facts.insert(claim.knowledge_facts.end(), holders.support.begin(), holders.support.end());
  claim.copyable = !kind.control && holders.public_before_incident;
  if (claim.copyable)
    claim.copyable_reason = "public before the incident: an imitator could have it";
  else if (!kind.control && kind.forge <= 1 && context.seen.incident)
    claim.copyable = true, claim.copyable_reason = "trivial to forge from any sample";
}

std::optional<Claim> LinkThing(const LinkContext& context, const CaseThing& item, std::string_view step) {
  Claim claim;
  claim.kind = item.kind->id;
  claim.group = item.kind->group;
  claim.forge = item.kind->forge;
  claim.thing = item.thing.ToString();
  claim.step = step;
  TakeCaseFacts(context, item.facts, claim);
  Holders holders = context.knowledge.HoldersOf(item.thing);
  std::string matched = item.thing.ToString();
  if (holders.actors.empty() && holders.lineages.empty() && item.kind->near > 0) {
    const NearMatch near = BestNear(context, item);
    if (near.thing != nullptr) {
      holders = context.knowledge.HoldersOf(*near.thing);
      claim.similarity = near.similarity;
      claim.measure = item.kind->near_measure;
      matched = near.thing->ToString();
    }
  }
  if (holders.actors.empty() && holders.lineages.empty()) return std::nullopt;
  const std::string shown = item.thing.type == EntityType::kProtocolLiteral ? ReadableLiteral(item.thing.value)
                            : item.kind->group == Group::kInfrastructure    ? Defang(item.thing.value)
                                                                            : item.thing.value;
  claim.statement =
      fmt::format("{}: {} is also held by {}", item.kind->label, Ellipsize(shown, 120),
                  holders.attacks.empty() ? std::string("knowledge about an actor") : AttackList(context, holders));
  if (!claim.measure.empty())
    claim.statement += fmt::format(" as {} ({:.2f} by {})", Ellipsize(matched, 120), claim.similarity, claim.measure);
  claim.weightless_reason = WeightlessReason(context, item.thing);
  claim.asserted = OneDocument(context, item, holders);
  const bool fresh = item.kind->nats_old == 0 || IsFresh(context, item, holders);
  Contribute(context, *item.kind, holders, {}, fresh, claim);
  if (!claim.weightless_reason.empty()) claim.contributions.clear();
  FinishClaim(claim);
  return claim;
}

void FinishClaim(Claim& claim) {
  std::sort(claim.case_facts.begin(), claim.case_facts.end());
  std::sort(claim.knowledge_facts.begin(), claim.knowledge_facts.end());
  claim.knowledge_facts.erase(std::unique(claim.knowledge_facts.begin(), claim.knowledge_facts.end()),
                              claim.knowledge_facts.end());
  std::sort(claim.origins.begin(), claim.origins.end());
  std::sort(claim.contributions.begin(), claim.contributions.end(), [](const Contribution& a, const Contribution& b) {
    return std::tie(a.level, a.hypothesis) < std::tie(b.level, b.hypothesis);
  });
  std::string content = claim.kind + '\n' + claim.thing + '\n';
  for (const auto* ids : {&claim.case_facts, &claim.knowledge_facts})
    for (const std::string& id : *ids) content += id + '\n';
  claim.id = "c-" + Sha256Hex(content).substr(0, 12);
}

}  // namespace ascribe
