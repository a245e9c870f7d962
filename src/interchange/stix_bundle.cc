#include "interchange/stix_bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/json_stream.h"
#include "base/sha256_stream.h"
#include "ingest/stix.h"
#include "interchange/export_view.h"
#include "interchange/uuid5.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

// When this extension, and with it the identity of the producer, was defined.
constexpr const char* kDefined = "2026-11-27T00:00:00.000Z";

struct Marking {
  const char *id, *level;
};
// TLP 2.0 as STIX extension, published by OASIS on 2022-10-01.
constexpr const char* kTlpExtension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";
constexpr std::array<Marking, 5> kMarkings = {
    {{"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "clear"},
     {"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green"},
     {"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber"},
     {"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict"},
     {"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "red"}}};

// The order of a bundle: what a person looks for first.
int RankOf(std::string_view type) {
  static constexpr std::array<std::string_view, 14> kOrder = {"extension-definition",
                                                              "marking-definition",
                                                              "identity",
                                                              "report",
                                                              "incident",
                                                              "campaign",
                                                              "intrusion-set",
                                                              "threat-actor",
                                                              "malware",
                                                              "tool",
                                                              "location",
                                                              "attack-pattern",
                                                              "note",
                                                              "indicator"};
  const auto* found = std::find(kOrder.begin(), kOrder.end(), type);
  if (found != kOrder.end()) return static_cast<int>(found - kOrder.begin());
  return type == "relationship" ? 102 : type == "observed-data" ? 101 : 100;
}

Json MarkingDefinition(Tlp tlp) {
  const Marking& marking = kMarkings[static_cast<std::size_t>(tlp)];
  Json out = {{"type", "marking-definition"},
              {"spec_version", "2.1"},
              {"id", marking.id},
              {"created", "2022-10-01T00:00:00.000Z"},
              {"name", "TLP:" + std::string(TlpName(tlp))}};
  out["extensions"][kTlpExtension] = {{"extension_type", "property-extension"}, {"tlp_2_0", marking.level}};
  return out;
}

Json ExtensionDefinition(const std::string& producer) {
  return {{"type", "extension-definition"},
          {"spec_version", "2.1"},
          {"id", kOwnStixExtension},
          {"created_by_ref", producer},
          {"created", kDefined},
          {"modified", kDefined},
          {"name", "ascribe: weighed rival hypotheses"},
          {"description",
           "Rival hypotheses with prior, posterior and interval, what each claim says for each of them, and the "
           "evidence behind it. "
           "Property confidence is analytic confidence, never the posterior."},
          {"schema", "docs/formats/stix-export.md"},
          {"version", "1.0.0"},
          {"extension_types", Json::array({"toplevel-property-extension"})},
          {"extension_properties", Json::array({"ascribe_assessment", "ascribe_evidence", "ascribe_judgement"})}};
}

std::string Dump(const Json& json) { return json.dump(1, ' ', true, Json::error_handler_t::replace); }
std::string DumpCompact(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

// Whether it is written member by member rather than as one text.
bool IsLarge(const Json& json) {
  constexpr std::size_t kMany = 1000;
  return json.is_structured() && (json.size() > kMany || std::any_of(json.begin(), json.end(), IsLarge));
}

// As DumpCompact. `marking` (null: none) is added to an object as its last member.
void Compact(const Json& json, const char* marking, Sha256Stream& out) {
  if (!IsLarge(json)) {
    std::string text = DumpCompact(json);
    if (marking != nullptr) {
      text.pop_back();
      text += fmt::format(",\"object_marking_refs\":[\"{}\"]}}", marking);
    }
    return out.Add(text);
  }
  std::string_view before = json.is_array() ? "[" : "{";
  for (const auto& [key, value] : json.items()) {
    out.Add(before);
    before = ",";
    if (json.is_object()) {
      out.Add(DumpCompact(key));
      out.Add(":");
    }
    Compact(value, nullptr, out);
  }
  if (marking != nullptr) out.Add(fmt::format(",\"object_marking_refs\":[\"{}\"]", marking));
  out.Add(json.is_array() ? "]" : "}");
}

// The same, indented.
void WriteLarge(std::string_view name, const Json& json, const char* marking, JsonStream& out) {
  json.is_array() ? out.OpenArray(name) : out.OpenObject(name);
  for (const auto& [key, value] : json.items()) {
    const std::string_view member = json.is_array() ? std::string_view() : std::string_view(key);
    if (IsLarge(value))
      WriteLarge(member, value, nullptr, out);
    else
      out.Member(member, Dump(value));
  }
  if (marking != nullptr) out.Member("object_marking_refs", Dump(Json::array({marking})));
  out.Close();
}

}  // namespace

struct StixBundle::Item {
  Json json;
  Tlp tlp = Tlp::kClear;
};

StixBundle::StixBundle() : producer_(IdOf("identity", "ascribe")) {}
StixBundle::~StixBundle() = default;

std::string StixBundle::IdOf(std::string_view type, std::string_view key) {
  std::string name(type);
  name += '\n';
  name += key;
  return std::string(type) + "--" + Uuid5(kOwnNamespace, name);
}

std::string StixBundle::Add(std::string_view type, std::string_view key, const Time& created, Tlp tlp,
                            Json properties) {
  std::string id = IdOf(type, key);
  const auto [at, fresh] = items_.try_emplace(id);
  at->second.tlp = std::max(at->second.tlp, tlp);
  if (!fresh) return id;
  const std::string when = StixTimestamp(created);
  Json& json = at->second.json;
  json = {{"type", type},    {"spec_version", "2.1"}, {"id", id}, {"created_by_ref", producer_},
          {"created", when}, {"modified", when}};
  for (auto& [name, value] : properties.items()) json[name] = std::move(value);
  return id;
}

std::string StixBundle::AddObservable(Json object, Tlp tlp) {
  const auto id = object.at("id").get<std::string>();
  const auto [at, fresh] = items_.try_emplace(id);
  at->second.tlp = std::max(at->second.tlp, tlp);
  if (fresh) {
    at->second.json = std::move(object);
  } else if (object.contains("hashes")) {  // the same file, of which this one knows more hashes
    for (const auto& [algorithm, hash] : object["hashes"].items())
      if (!at->second.json["hashes"].contains(algorithm)) at->second.json["hashes"][algorithm] = hash;
  }
  return id;
}

std::string StixBundle::Relate(const std::string& source, std::string_view type, const std::string& target,
                               const Time& created, Tlp tlp, const std::string& fact, Json properties) {
  std::string key = source + '\n';
  key += type;
  key += '\n' + target;
  const std::string id = IdOf("relationship", key);
  const bool fresh = !Has(id);
  Json own = {{"relationship_type", type}, {"source_ref", source}, {"target_ref", target}};
  for (auto& [name, value] : properties.items()) own[name] = std::move(value);
  Add("relationship", key, created, tlp, std::move(own));
  Json& json = items_.at(id).json;
  const std::string when = StixTimestamp(created);
  if (!fresh && when < json["created"].get<std::string>())
    json["created"] = json["modified"] = when;  // first stated then
  if (!fact.empty()) json["external_references"].push_back({{"source_name", "ascribe"}, {"external_id", fact}});
  return id;
}

bool StixBundle::Has(const std::string& id) const { return items_.count(id) > 0; }

std::vector<std::string> StixBundle::Ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, item] : items_) ids.push_back(id);
  return ids;
}

Json& StixBundle::At(const std::string& id) { return items_.at(id).json; }

void StixBundle::Write(const TextSink& sink) {
  std::vector<Json> own = {ExtensionDefinition(producer_),
                           {{"type", "identity"},
                            {"spec_version", "2.1"},
                            {"id", producer_},
                            {"created", kDefined},
                            {"modified", kDefined},
                            {"name", "ascribe"},
                            {"identity_class", "system"}}};
  std::set<Tlp> used = {Tlp::kClear};
  for (const auto& [id, item] : items_) used.insert(item.tlp);
  for (Tlp tlp : used) own.push_back(MarkingDefinition(tlp));
  struct Object {
    Json* json;
    const char* marking;  // null: none
  };
  std::vector<Object> objects;
  for (Json& object : own) objects.push_back({&object, object.at("type") == "marking-definition" ? nullptr : kMarkings[0].id});
  // The marking is put in as text: as a member of each object it would cost more memory than most of them.
  for (auto& [id, item] : items_) objects.push_back({&item.json, kMarkings[static_cast<std::size_t>(item.tlp)].id});
  const auto text = [](const Json& object, const char* key) { return std::string_view(object.at(key).get_ref<const std::string&>()); };
  std::stable_sort(objects.begin(), objects.end(), [&](const Object& a, const Object& b) {
    return std::make_tuple(RankOf(text(*a.json, "type")), text(*a.json, "type"), text(*a.json, "id")) <
           std::make_tuple(RankOf(text(*b.json, "type")), text(*b.json, "type"), text(*b.json, "id"));
  });
  // The id of the bundle is that of its objects as one compact list; it stands before them.
  Sha256Stream digest;
  std::string_view before = "[";
  for (const Object& object : objects) {
    digest.Add(before);
    Compact(*object.json, object.marking, digest);
    before = ",";
  }
  digest.Add("]");
  JsonStream out(sink);
  out.OpenObject();
  out.Member("type", Dump("bundle"));
  out.Member("id", Dump("bundle--" + Uuid5(kOwnNamespace, "bundle\n" + digest.Hex())));
  out.OpenArray("objects");
  for (const Object& object : objects) {
    if (IsLarge(*object.json)) {
      WriteLarge({}, *object.json, object.marking, out);
    } else {
      std::string dumped = Dump(*object.json);
      if (object.marking != nullptr) {
        dumped.resize(dumped.size() - 2);  // "\n}"
        dumped += fmt::format(",\n \"object_marking_refs\": [\n  \"{}\"\n ]\n}}", object.marking);
      }
      out.Element(dumped);
    }
    *object.json = nullptr;
  }
  out.Close();
  out.Close();
}

}  // namespace ascribe
