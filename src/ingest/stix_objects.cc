#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "ingest/country_names.h"
#include "ingest/stix_observable.h"
#include "ingest/stix_pattern.h"
#include "ingest/stix_reading.h"

namespace ascribe {
namespace {

using simdjson::SUCCESS;

// Types that say nothing about who did it, or that others refer to: no diagnostic.
constexpr std::array<std::string_view, 11> kQuiet = {
    "identity", "location",           "report",           "grouping",         "relationship",        "sighting",
    "incident", "marking-definition", "course-of-action", "language-content", "extension-definition"};

struct ClassRow {
  std::string_view stix, ours;
};
// threat-actor-type-ov of STIX 2.1 and labels of 2.0; what is not here (spy, sensationalist, unknown) fixes no class.
constexpr std::array<ClassRow, 7> kClasses = {{{"nation-state", "state"},
                                               {"crime-syndicate", "criminal"},
                                               {"criminal", "criminal"},
                                               {"activist", "hacktivist"},
                                               {"insider-accidental", "insider"},
                                               {"insider-disgruntled", "insider"},
                                               {"terrorist", "non-state"}}};

bool IsTrue(simdjson::dom::element object, std::string_view key) {
  bool value = false;
  return object[key].get(value) == SUCCESS && value;
}

bool HasText(simdjson::dom::element object, std::string_view key, std::string_view wanted) {
  bool found = false;
  ForEachText(object, key, [&](std::string_view text, std::size_t) { found = found || text == wanted; });
  return found;
}

bool IsCommandAndControl(simdjson::dom::element indicator) {
  simdjson::dom::array phases;
  if (indicator["kill_chain_phases"].get(phases) != SUCCESS) return false;
  for (simdjson::dom::element phase : phases) {
    const std::string name = AsciiLower(JsonText(phase, "phase_name"));
    if (name == "command-and-control" || name == "command & control" || name == "c2") return true;
  }
  return false;
}

bool IsHostLike(EntityType type) {
  return type == EntityType::kIpv4 || type == EntityType::kIpv6 || type == EntityType::kDomain ||
         type == EntityType::kUrl;
}

}  // namespace

Fact StixReading::Draft(const StixObject& object, bool dated) const {
  Fact fact;
  fact.known_on = graph_.PublishedOf(object.id);
  if (!fact.known_on && dated) fact.known_on = StixTime(object.json, "created");
  if (IsTrue(object.json, "revoked")) fact.retracted_on = StixTime(object.json, "modified");
  return fact;
}

void StixReading::ReadObjects() {
  for (const StixObject& object : graph_.objects()) ReadObject(object);
}

void StixReading::ReadObject(const StixObject& object) {
  const std::string_view type = object.type;
  if (IsTrue(object.json, "revoked") && !StixTime(object.json, "modified")) {
    sink_.Info("revoked", graph_.Pointer(object), fmt::format("{} is revoked, without a date: left out", object.id));
    return;
  }
  if (type == "indicator") return Indicator(object);
  if (type == "observed-data") return OldObservedData(object);
  if (type == "malware" || type == "tool") return Software(object);
  if (type == "attack-pattern") return AttackPattern(object);
  if (type == "intrusion-set" || type == "threat-actor") return Actor(object);
  if (type == "campaign") return Campaign(object);
  if (type == "infrastructure") return Infrastructure(object);
  if (type == "opinion" || type == "note") return Opinion(object);
  if (type == "marking-definition") return Marking(object);
  if (type == "vulnerability")
    return sink_.Info("vulnerability", graph_.Pointer(object),
                      fmt::format("{}: anybody can exploit it, so it weighs nothing", JsonText(object.json, "name")));
  if (type == "malware-analysis")
    return sink_.Info("malware-analysis", graph_.Pointer(object), "only the observables it refers to are read");
  if (IsObservableType(type)) return Observable(object);
  if (std::find(kQuiet.begin(), kQuiet.end(), type) != kQuiet.end()) return;
  sink_.Info("unknown-object", graph_.Pointer(object),
             fmt::format("{} of type \"{}\" is not read", Ellipsize(object.id, 100), Ellipsize(type, 60)));
}

void StixReading::Indicator(const StixObject& object) {
  const std::string_view pattern_type = JsonText(object.json, "pattern_type");  // absent in 2.0: STIX patterns only
  if (!pattern_type.empty() && pattern_type != "stix")
    return sink_.Info(
        "foreign-pattern", graph_.Pointer(object, "/pattern"),
        fmt::format("pattern of type \"{}\" is a rule, not a value: not read", Ellipsize(pattern_type, 40)));
  if (HasText(object.json, "indicator_types", "benign") || HasText(object.json, "labels", "benign"))
    return sink_.Info("benign", graph_.Pointer(object), "indicator of harmless activity: not read");
  const std::string pointer = graph_.Pointer(object, "/pattern");
  const auto pattern = ParseStixPattern(JsonText(object.json, "pattern"));
  if (!pattern) {
    const bool limit = pattern.error().code == ErrorCode::kLimitExceeded;
    return sink_.Warn(limit ? "limit-pattern" : "pattern-syntax", pointer, pattern.error().message);
  }
  for (const std::string& refused : pattern->refused) sink_.Info("pattern-operator", pointer, refused);

  Fact draft = Draft(object, true);
  draft.valid_from = StixTime(object.json, "valid_from");
  draft.valid_to = StixTime(object.json, "valid_until");
  const bool c2 = IsCommandAndControl(object.json);
  const std::size_t first = sink_.fact_count();
  for (const StixTerm& term : pattern->terms) {
    auto observable = ObservableOf(term.object_type, term.path, term.value);
    if (!observable) {
      sink_.Info("pattern-property", pointer, fmt::format("{}:{} is not used", term.object_type, term.path));
    } else if (!*observable) {
      sink_.Warn("bad-value", pointer, observable->error().message);
    } else {
      Fact fact = draft;
      fact.relation = (*observable)->relation;
      fact.object = std::move((*observable)->entity);
      if (c2 && IsHostLike(fact.object.type)) fact.relation = Relation::kCommunicatesWith;
      if (!sink_.Add(std::move(fact), pointer)) return;
    }
  }
  if (sink_.fact_count() > first) indicator_facts_[object.id] = {first, sink_.fact_count()};
}

void StixReading::ObservableValues(std::string_view type, simdjson::dom::element json, const Fact& draft,
                                   const std::string& pointer) {
  for (const StixProperty& property : PropertiesOf(json)) {
    auto observable = ObservableOf(type, property.path, property.value);
    if (!observable) continue;
    if (!*observable) {
      sink_.Warn("bad-value", pointer + property.pointer, observable->error().message);
      continue;
    }
    Fact fact = draft;
    fact.relation = (*observable)->relation;
    fact.object = std::move((*observable)->entity);
    sink_.Add(std::move(fact), pointer + property.pointer);
  }
  std::uint64_t number = 0;
  if (type != "autonomous-system" || json["number"].get(number) != SUCCESS) return;
  sink_.AddValue(draft, EntityType::kAsn, std::to_string(number), pointer + "/number");
}

void StixReading::NetworkPeer(std::string_view key, simdjson::dom::element json, const StixObject& peer, Fact draft,
                              std::string pointer) {
  auto host = ObservableOf("network-traffic", fmt::format("{}.value", key), JsonText(peer.json, "value"));
  if (!host || !*host || JsonText(json, key).empty()) return;
  draft.relation = (*host)->relation;
  draft.object = std::move((*host)->entity);
  sink_.Add(std::move(draft), std::move(pointer));
}

void StixReading::Observable(const StixObject& object) {
  Fact draft = Draft(object, false);
  const StixSpan span = graph_.SpanOf(object.id);
  draft.valid_from = span.from;
  draft.valid_to = span.to;
  ObservableValues(object.type, object.json, draft, graph_.Pointer(object));
  for (std::string_view key : {"dst_ref", "src_ref"})
    if (const StixObject* peer = graph_.Find(JsonText(object.json, key)); peer != nullptr)
      NetworkPeer(key, object.json, *peer, draft, graph_.Pointer(object, fmt::format("/{}", key)));

  const std::optional<Entity> self = graph_.EntityOf(object);
  if (!self) return;
  draft.subject = *self;
  const auto link = [&](std::string_view key, Relation relation) {
    ForEachText(object.json, key, [&](std::string_view ref, std::size_t at) {
      const StixObject* target = graph_.Find(ref);
      std::optional<Entity> entity = target == nullptr ? std::nullopt : graph_.EntityOf(*target);
      if (!entity || (relation == Relation::kAnnouncedBy && entity->type != EntityType::kAsn)) return;
      Fact fact = draft;
      fact.relation = relation;
      fact.object = std::move(*entity);
      sink_.Add(std::move(fact), graph_.Pointer(object, fmt::format("/{}/{}", key, at)));
    });
  };
  if (self->type == EntityType::kDomain) link("resolves_to_refs", Relation::kResolvesTo);
  if (self->type == EntityType::kIpv4 || self->type == EntityType::kIpv6)
    link("belongs_to_refs", Relation::kAnnouncedBy);
}

// STIX 2.0: the observables stand inside, in a dictionary, and refer to each other by its keys.
void StixReading::OldObservedData(const StixObject& object) {
  simdjson::dom::object inner;
  if (object.json["objects"].get(inner) != SUCCESS) return;
  Fact draft = Draft(object, true);
  draft.valid_from = StixTime(object.json, "first_observed");
  draft.valid_to = StixTime(object.json, "last_observed");
  for (const auto& [key, json] : inner) {
    const std::string_view type = JsonText(json, "type");
    const std::string pointer = graph_.Pointer(object, "/objects") + JsonPointerStep(key);
    if (!IsObservableType(type)) {
      sink_.Info("unknown-object", pointer, fmt::format("observable of type \"{}\" is not read", Ellipsize(type, 60)));
      continue;
    }
    ObservableValues(type, json, draft, pointer);
    for (std::string_view role : {"dst_ref", "src_ref"}) {
      simdjson::dom::element peer;
      // An absent reference must not be looked up: simdjson would compare a null pointer with the key "".
      const std::string_view ref = JsonText(json, role);
      if (!ref.empty() && inner[ref].get(peer) == SUCCESS)
        NetworkPeer(role, json, StixObject{peer, "", JsonText(peer, "type"), 0}, draft,
                    fmt::format("{}/{}", pointer, role));
    }
    if (type != "domain-name") continue;
    const auto domain = MakeEntity(EntityType::kDomain, JsonText(json, "value"));
    if (!domain) continue;
    ForEachText(json, "resolves_to_refs", [&](std::string_view ref, std::size_t at) {
      simdjson::dom::element peer;
      if (inner[ref].get(peer) != SUCCESS) return;
      auto address = ObservableOf(JsonText(peer, "type"), "value", JsonText(peer, "value"));
      if (!address || !*address) return;
      Fact fact = draft;
      fact.subject = *domain;
      fact.relation = Relation::kResolvesTo;
      fact.object = std::move((*address)->entity);
      sink_.Add(std::move(fact), fmt::format("{}/resolves_to_refs/{}", pointer, at));
    });
  }
}

void StixReading::Names(const Entity& entity, const StixObject& object) {
  Fact draft = Draft(object, false);
  draft.subject = entity;
  draft.relation = Relation::kNamed;
  const std::string_view name = JsonText(object.json, "name");
  if (!name.empty()) sink_.AddValue(draft, EntityType::kText, name, graph_.Pointer(object, "/name"));
  ForEachText(object.json, "aliases", [&](std::string_view alias, std::size_t at) {
    if (alias != name)
      sink_.AddValue(draft, EntityType::kText, alias, graph_.Pointer(object, fmt::format("/aliases/{}", at)));
  });
}

void StixReading::Software(const StixObject& object) {
  const std::optional<Entity> entity = graph_.EntityOf(object);
  if (!entity) return sink_.Warn("no-name", graph_.Pointer(object), fmt::format("{} without a name", object.type));
  Fact fact = Draft(object, false);
  fact.relation = Relation::kUses;
  fact.object = *entity;
  sink_.Add(std::move(fact), graph_.Pointer(object));
  if (entity->type == EntityType::kMalware) Names(*entity, object);
}

void StixReading::AttackPattern(const StixObject& object) {
  const std::optional<Entity> technique = graph_.EntityOf(object);
  if (!technique)
    return sink_.Info("no-technique-id", graph_.Pointer(object),
                      fmt::format("\"{}\" has no ATT&CK id", Ellipsize(JsonText(object.json, "name"), 80)));
  Fact fact = Draft(object, false);
  fact.relation = Relation::kUses;
  fact.object = *technique;
  sink_.Add(std::move(fact), graph_.Pointer(object));
}

// An actor in the bundle is no attribution yet: that takes an attributed-to, an indicates or a sighting.
void StixReading::Actor(const StixObject& object) {
  const std::optional<Entity> actor = graph_.EntityOf(object);
  if (!actor) return;
  Names(*actor, object);
  Fact draft = Draft(object, false);
  draft.subject = *actor;
  draft.relation = Relation::kIsA;
  for (std::string_view key : {"threat_actor_types", "labels"})
    ForEachText(object.json, key, [&](std::string_view type, std::size_t at) {
      const auto* row =
          std::find_if(kClasses.begin(), kClasses.end(), [&](const ClassRow& r) { return r.stix == type; });
      if (row != kClasses.end())
        sink_.AddValue(draft, EntityType::kClass, row->ours, graph_.Pointer(object, fmt::format("/{}/{}", key, at)));
    });
}

void StixReading::Campaign(const StixObject& object) {
  const std::optional<Entity> entity = graph_.EntityOf(object);
  if (entity && entity->type == EntityType::kAttack)
    sink_.Info("other-campaign", graph_.Pointer(object),
               fmt::format("\"{}\" is read as an attack of its own, not as the incident",
                           Ellipsize(JsonText(object.json, "name"), 80)));
}

void StixReading::Infrastructure(const StixObject& object) {
  sink_.Info(
      "infrastructure", graph_.Pointer(object),
      fmt::format("\"{}\": read through the addresses it is related to", Ellipsize(JsonText(object.json, "name"), 80)));
}

void StixReading::Opinion(const StixObject& object) {
  const bool opinion = object.type == "opinion";
  const std::string_view said = JsonText(object.json, opinion ? "opinion" : "content");
  std::string about;
  ForEachText(object.json, "object_refs", [&](std::string_view ref, std::size_t at) {
    if (at < 5) about += (about.empty() ? "" : ", ") + Ellipsize(ref, 100);
  });
  sink_.Info(opinion ? "opinion" : "note", graph_.Pointer(object),
             fmt::format("{} on {}: {}", graph_.CreatorOf(object).empty() ? "somebody" : graph_.CreatorOf(object),
                         about, Ellipsize(said, 300)));
}

// A reader cannot restrict the evidence it reads; it says what the bundle asks for.
void StixReading::Marking(const StixObject& object) {
  std::string_view name = JsonText(object.json, "name");
  simdjson::dom::element definition;
  if (JsonText(object.json, "definition_type") == "tlp" && object.json["definition"].get(definition) == SUCCESS)
    name = JsonText(definition, "tlp");
  if (!name.empty())
    sink_.Info(
        "marking", graph_.Pointer(object),
        fmt::format("the bundle uses the marking {}; set tlp in case.toml if it is stricter", Ellipsize(name, 80)));
}

}  // namespace ascribe
