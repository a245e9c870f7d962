#include "ingest/stix_graph.h"

#include <array>
#include <utility>

#include "base/json.h"
#include "ingest/stix_observable.h"
#include "model/software_name.h"

namespace ascribe {
namespace {

// "malware--<uuid>" -> "<uuid>"; cut so that a hostile id cannot become a 1 MB entity.
std::string_view UuidOf(std::string_view id) {
  const std::size_t dashes = id.find("--");
  return (dashes == std::string_view::npos ? id : id.substr(dashes + 2)).substr(0, 64);
}

std::optional<Entity> Named(EntityType type, const std::string& value) {
  Result<Entity> entity = MakeEntity(type, value);
  if (!entity) return std::nullopt;
  return std::move(*entity);
}

std::optional<Entity> ObservableEntity(const StixObject& object) {
  static constexpr std::array<std::string_view, 9> kPaths = {
      "value", "name", "key", "hashes.SHA-256", "hashes.SHA-1", "hashes.MD5", "account_login", "user_id", "path"};
  for (std::string_view path : kPaths) {
    simdjson::dom::element value = object.json;
    const std::size_t dot = path.find('.');
    if (dot != std::string_view::npos && value[path.substr(0, dot)].get(value) != simdjson::SUCCESS) continue;
    const std::string_view text = JsonText(value, dot == std::string_view::npos ? path : path.substr(dot + 1));
    if (text.empty()) continue;
    auto made = ObservableOf(object.type, path, text);
    if (made && *made) return std::move((*made)->entity);
  }
  std::uint64_t number = 0;
  if (object.type == "autonomous-system" && object.json["number"].get(number) == simdjson::SUCCESS)
    return Named(EntityType::kAsn, std::to_string(number));
  return std::nullopt;
}

}  // namespace

std::optional<Time> StixTime(simdjson::dom::element object, std::string_view key) {
  const std::string_view text = JsonText(object, key);
  return text.empty() ? std::nullopt : ParseTime(text);
}

std::string_view AttackId(simdjson::dom::element object) {
  simdjson::dom::array references;
  if (object["external_references"].get(references) != simdjson::SUCCESS) return {};
  for (simdjson::dom::element reference : references) {
    const std::string_view source = JsonText(reference, "source_name");
    if (source == "mitre-attack" || source == "mitre-mobile-attack" || source == "mitre-ics-attack")
      return JsonText(reference, "external_id");
  }
  return {};
}

StixGraph::StixGraph(simdjson::dom::array objects, std::string pointer) : pointer_(std::move(pointer)) {
  std::size_t index = 0;
  for (simdjson::dom::element json : objects) {
    StixObject object{json, JsonText(json, "id"), JsonText(json, "type"), index++};
    if (object.type == "x-mitre-matrix" || object.type == "x-mitre-collection") knowledge_ = true;
    if (!object.id.empty()) by_id_[object.id] = objects_.size();
    objects_.push_back(object);
  }
  FindIncident();
  FindSpans();
}

void StixGraph::FindIncident() {
  std::size_t campaigns = 0;
  for (const StixObject& object : objects_) {
    if (object.type == "incident") has_incident_ = true;
    if (object.type != "campaign") continue;
    ++campaigns;
    incident_ = object.id;
  }
  if (has_incident_ || campaigns != 1) incident_ = {};
}

void StixGraph::FindSpans() {
  for (const StixObject& object : objects_) {
    if (object.type == "report") {
      const std::optional<Time> published = StixTime(object.json, "published");
      if (!published) continue;
      ForEachText(object.json, "object_refs", [&](std::string_view ref, std::size_t) {
        const auto [at, added] = published_.emplace(ref, *published);
        if (!added && *published < at->second) at->second = *published;
      });
    } else if (object.type == "observed-data") {
      const StixSpan span{StixTime(object.json, "first_observed"), StixTime(object.json, "last_observed")};
      ForEachText(object.json, "object_refs", [&](std::string_view ref, std::size_t) {
        StixSpan& known = spans_[ref];
        if (span.from && (!known.from || *span.from < *known.from)) known.from = span.from;
        if (span.to && (!known.to || *known.to < *span.to)) known.to = span.to;
      });
    }
  }
}

const StixObject* StixGraph::Find(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &objects_[found->second];
}

std::string StixGraph::Pointer(const StixObject& object, std::string_view below) const {
  std::string pointer = pointer_ + "/" + std::to_string(object.index);
  pointer += below;
  return pointer;
}

std::optional<Entity> StixGraph::EntityOf(const StixObject& object) const {
  const std::string_view name = JsonText(object.json, "name");
  const std::string_view attack_id = AttackId(object.json);
  if (object.type == "incident") return Entity{EntityType::kIncident, "self"};
  if (object.type == "campaign") {
    if (!has_incident_ && object.id == incident_) return Entity{EntityType::kIncident, "self"};
    return Named(EntityType::kAttack,
                 attack_id.empty() ? "stix." + std::string(UuidOf(object.id)) : "mitre." + std::string(attack_id));
  }
  if (object.type == "intrusion-set" || object.type == "threat-actor")
    return Named(EntityType::kActor,
                 attack_id.empty() ? "stix." + std::string(UuidOf(object.id)) : "mitre." + std::string(attack_id));
  if (object.type == "malware" || object.type == "tool") {
    const std::string slug = SoftwareSlug(name);
    if (slug.empty()) return std::nullopt;
    return Named(object.type == "tool" ? EntityType::kTool : EntityType::kMalware, slug);
  }
  if (object.type == "attack-pattern") return Named(EntityType::kTechnique, std::string(attack_id));
  if (IsObservableType(object.type)) return ObservableEntity(object);
  return std::nullopt;
}

std::optional<Time> StixGraph::PublishedOf(std::string_view id) const {
  const auto found = published_.find(id);
  if (found == published_.end()) return std::nullopt;
  return found->second;
}

StixSpan StixGraph::SpanOf(std::string_view id) const {
  const auto found = spans_.find(id);
  return found == spans_.end() ? StixSpan{} : found->second;
}

std::string_view StixGraph::CreatorOf(const StixObject& object) const {
  const StixObject* creator = Find(JsonText(object.json, "created_by_ref"));
  return creator == nullptr ? std::string_view() : JsonText(creator->json, "name");
}

}  // namespace ascribe
