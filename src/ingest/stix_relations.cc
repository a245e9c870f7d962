#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "ingest/country_names.h"
#include "ingest/stix.h"
#include "ingest/stix_reading.h"

namespace ascribe {
namespace {

bool IsHost(EntityType type) {
  return type == EntityType::kIpv4 || type == EntityType::kIpv6 || type == EntityType::kDomain ||
         type == EntityType::kUrl || type == EntityType::kHost;
}
bool IsAddress(EntityType type) {
  return type == EntityType::kIpv4 || type == EntityType::kIpv6 || type == EntityType::kCidr;
}
bool IsVictim(EntityType type) { return type == EntityType::kIncident || type == EntityType::kAttack; }
bool IsUser(EntityType type) { return IsVictim(type) || type == EntityType::kActor || type == EntityType::kMalware; }
bool IsUsable(EntityType type) {
  return type == EntityType::kMalware || type == EntityType::kTool || type == EntityType::kTechnique;
}
const Entity kSelf{EntityType::kIncident, "self"};

// Facts that one relationship or sighting may copy from an indicator. It may point at one of 20,000 values: without a
// bound a small bundle would become gigabytes of facts. Real indicators name below 100 values.
constexpr std::size_t kMaxDerived = 200;

// An indicator, an observation, a report or a piece of infrastructure stands for the incident it was seen in.
bool StandsForIncident(std::string_view type) {
  return type == "indicator" || type == "observed-data" || type == "infrastructure" || type == "report" ||
         type == "grouping";
}

std::optional<double> ConfidenceOf(simdjson::dom::element object) {
  std::int64_t value = 0;
  if (object["confidence"].get(value) != simdjson::SUCCESS || value < 0 || value > 100) return std::nullopt;
  return static_cast<double>(value) / 100;
}

std::optional<Entity> CountryOf(const StixObject& location) {
  for (std::string_view key : {"country", "name"})
    if (const auto code = CountryCode(JsonText(location.json, key))) return Entity{EntityType::kCountry, *code};
  return std::nullopt;
}

}  // namespace

void StixReading::ReadRelations() {
  for (const StixObject& object : graph_.objects()) {
    if (object.type == "relationship") Relationship(object);
    if (object.type == "sighting") Sighting(object);
  }
  for (const auto& [type, count] : not_kept_)
    sink_.Info("relation-not-kept", "",
               fmt::format("{} relationships \"{}\" say nothing that is weighed", count, type));
}

void StixReading::NotKept(const StixObject& /*relation*/, std::string_view type) {
  constexpr std::size_t kMaxKinds = 50;  // relationship types are an open vocabulary: an attacker may invent a million
  const auto found = not_kept_.find(type);
  if (found != not_kept_.end()) {
    ++found->second;
  } else if (not_kept_.size() < kMaxKinds) {
    not_kept_.emplace(Ellipsize(type, 60), 1);
  }
}

void StixReading::Attribute(const StixObject& relation, const Entity& subject, const Entity& actor,
                            std::string_view below) {
  std::string key = subject.ToString() + " " + actor.ToString();
  // Explicit attributions carry a confidence and all stay; those read out of indicators are one.
  if (JsonText(relation.json, "relationship_type") != "attributed-to" &&
      !attributed_.emplace(std::move(key), true).second)
    return;
  Fact fact = Draft(relation, true);
  fact.subject = subject;
  fact.relation = Relation::kAttributedTo;
  fact.object = actor;
  fact.statement = StatementKind::kVendorAssessment;
  fact.confidence = ConfidenceOf(relation.json);
  if (const std::string_view by = graph_.CreatorOf(relation); !by.empty())
    fact.note = fmt::format("stated by {}", SanitizeUtf8(Ellipsize(by, 200)));
  sink_.Add(std::move(fact), graph_.Pointer(relation, below));
}

void StixReading::Targets(const Entity& subject, const StixObject& target, const StixObject& relation,
                          std::string_view below) {
  Fact draft = Draft(relation, true);
  draft.subject = subject;
  draft.relation = Relation::kTargets;
  draft.valid_from = StixTime(relation.json, target.type == "identity" ? "start_time" : "first_seen");
  const std::string pointer = graph_.Pointer(relation, below);
  if (target.type == "location") {
    if (auto country = CountryOf(target)) {
      draft.object = std::move(*country);
      sink_.Add(std::move(draft), pointer);
    }
    return;
  }
  ForEachText(target.json, "sectors", [&](std::string_view sector, std::size_t) {
    sink_.AddValue(draft, EntityType::kSector, sector, pointer);
  });
  if (JsonText(target.json, "identity_class") == "class" && !JsonText(target.json, "name").empty())
    sink_.AddValue(draft, EntityType::kSector, JsonText(target.json, "name"), pointer);
}

// The values of an indicator belong to the malware it indicates.
void StixReading::Indicates(const StixObject& relation, const StixObject& source, const Entity& target) {
  const auto range = indicator_facts_.find(source.id);
  if (range == indicator_facts_.end() || target.type != EntityType::kMalware) return;
  for (std::size_t i = range->second.first; i < std::min(range->second.second, range->second.first + kMaxDerived);
       ++i) {
    const Entity value = sink_.fact(i).object;
    const bool host = IsHost(value.type);
    if (!host && SeenRelation(value.type) != Relation::kContains) continue;
    Fact fact = Draft(relation, true);
    fact.subject = target;
    fact.relation = host ? Relation::kCommunicatesWith : Relation::kContains;
    fact.object = value;
    if (!sink_.Add(std::move(fact), graph_.Pointer(relation))) return;
  }
}

void StixReading::Relationship(const StixObject& object) {
  const std::string_view type = JsonText(object.json, "relationship_type");
  if (simdjson::dom::element own; object.json["extensions"][kOwnStixExtension].get(own) == simdjson::SUCCESS)
    return sink_.Info("own-verdict", graph_.Pointer(object), "a verdict of this program is no evidence: not read");
  const StixObject* source = graph_.Find(JsonText(object.json, "source_ref"));
  const StixObject* target = graph_.Find(JsonText(object.json, "target_ref"));
  if (source == nullptr || target == nullptr)
    return sink_.Info("dangling-ref", graph_.Pointer(object),
                      fmt::format("\"{}\" refers to an object outside the bundle", Ellipsize(type, 60)));
  std::optional<Entity> subject = graph_.EntityOf(*source);
  const bool stands_for = !subject && StandsForIncident(source->type);
  if (stands_for) subject = kSelf;
  const std::optional<Entity> entity = graph_.EntityOf(*target);
  if (!subject) return NotKept(object, type);

  const auto keep = [&](Relation relation, const Entity& value) {
    Fact fact = Draft(object, true);
    fact.subject = *subject;
    fact.relation = relation;
    fact.object = value;
    fact.valid_from = StixTime(object.json, "start_time");
    fact.valid_to = StixTime(object.json, "stop_time");
    if (relation == Relation::kSameAs) fact.confidence = ConfidenceOf(object.json);
    sink_.Add(std::move(fact), graph_.Pointer(object));
  };
  if (type == "targets") {
    // What an actor or a malware targets in general is no fact about this incident.
    if (IsVictim(subject->type) && !stands_for) return Targets(*subject, *target, object, "/target_ref");
    return NotKept(object, type);
  }
  if ((type == "located-at" || type == "originates-from") && target->type == "location") {
    const auto country = CountryOf(*target);
    if (country && type == "located-at" && IsAddress(subject->type)) return keep(Relation::kLocatedIn, *country);
    if (country && type == "originates-from" && IsVictim(subject->type))
      return Attribute(object, *subject, *country, "/target_ref");
    return NotKept(object, type);
  }
  if (!entity) return NotKept(object, type);
  if (type == "attributed-to" || type == "indicates") {
    if (entity->type == EntityType::kActor && IsVictim(subject->type))
      return Attribute(object, *subject, *entity, "/target_ref");
    if (type == "indicates") return Indicates(object, *source, *entity);
    if (entity->type == EntityType::kActor && subject->type == EntityType::kActor)
      return keep(Relation::kSameAs, *entity);
    return NotKept(object, type);
  }
  if (type == "uses" && IsUser(subject->type) && IsUsable(entity->type)) return keep(Relation::kUses, *entity);
  const bool contacts = type == "communicates-with" || type == "beacons-to" || type == "exfiltrates-to" ||
                        type == "downloads-from" || (type == "consists-of" && source->type == "infrastructure");
  if (contacts && IsHost(entity->type) && (IsVictim(subject->type) || subject->type == EntityType::kMalware))
    return keep(Relation::kCommunicatesWith, *entity);
  if (type == "resolves-to" && subject->type == EntityType::kDomain &&
      (IsAddress(entity->type) || entity->type == EntityType::kDomain))
    return keep(Relation::kResolvesTo, *entity);
  if (type == "belongs-to" && IsAddress(subject->type) && entity->type == EntityType::kAsn)
    return keep(Relation::kAnnouncedBy, *entity);
  const bool same_kind =
      subject->type == entity->type && (subject->type == EntityType::kActor || subject->type == EntityType::kMalware);
  if (type == "duplicate-of" && same_kind) return keep(Relation::kSameAs, *entity);
  NotKept(object, type);
}

void StixReading::Sighting(const StixObject& object) {
  const StixObject* seen = graph_.Find(JsonText(object.json, "sighting_of_ref"));
  ForEachText(object.json, "where_sighted_refs", [&](std::string_view ref, std::size_t at) {
    if (const StixObject* where = graph_.Find(ref); where != nullptr)
      Targets(kSelf, *where, object, fmt::format("/where_sighted_refs/{}", at));
  });
  if (seen == nullptr)
    return sink_.Info("dangling-ref", graph_.Pointer(object), "sighting of an object outside the bundle");
  Fact draft = Draft(object, true);
  draft.valid_from = StixTime(object.json, "first_seen");
  draft.valid_to = StixTime(object.json, "last_seen");
  const std::optional<Entity> entity = graph_.EntityOf(*seen);
  if (entity && entity->type == EntityType::kActor) return Attribute(object, kSelf, *entity, "/sighting_of_ref");
  if (entity && IsUsable(entity->type)) {
    draft.relation = Relation::kUses;
    draft.object = *entity;
    sink_.Add(std::move(draft), graph_.Pointer(object));
    return;
  }
  const auto range = indicator_facts_.find(seen->id);
  if (range == indicator_facts_.end()) return;
  for (std::size_t i = range->second.first; i < std::min(range->second.second, range->second.first + kMaxDerived);
       ++i) {
    Fact fact = draft;
    fact.relation = sink_.fact(i).relation;
    fact.object = sink_.fact(i).object;
    if (!sink_.Add(std::move(fact), graph_.Pointer(object))) return;
  }
}

}  // namespace ascribe
