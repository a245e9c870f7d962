#include "ingest/attack_stix.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/json.h"
#include "ingest/fact_sink.h"
#include "ingest/reader.h"
#include "ingest/stix_graph.h"
#include "model/attack_facts.h"

namespace ascribe {
namespace {

using simdjson::SUCCESS;

std::string_view KindOf(std::string_view type) {
  if (type == "intrusion-set") return "group";
  if (type == "campaign" || type == "malware" || type == "tool") return type;
  if (type == "attack-pattern") return "technique";
  return {};
}

bool IsTrue(simdjson::dom::element object, std::string_view key) {
  bool value = false;
  return object[key].get(value) == SUCCESS && value;
}
bool IsDead(simdjson::dom::element object) { return IsTrue(object, "revoked") || IsTrue(object, "x_mitre_deprecated"); }

std::optional<Time> Day(simdjson::dom::element object, std::string_view key) {
  const std::string_view text = JsonText(object, key);
  return text.empty() ? std::nullopt : ParseTime(text.substr(0, 10));
}

class Import {
 public:
  explicit Import(simdjson::dom::array objects) : objects_(objects) {}

  Result<KnowledgeImport> Run() {
    std::size_t index = 0;
    for (simdjson::dom::element object : objects_) Object(object, index++);
    if (entities_.empty()) return Fail(ErrorCode::kInvalidInput, "no ATT&CK objects: groups, software or techniques");
    index = 0;
    for (simdjson::dom::element object : objects_) {
      if (JsonText(object, "type") == "relationship") Relationship(object, index);
      if (out_.facts.size() > kMaxFactsPerFile) return Fail(ErrorCode::kLimitExceeded, "more than 5,000,000 facts");
      ++index;
    }
    for (Fact& fact : out_.facts) fact.extractor = "attack-stix@1";
    out_.id = kAttackKnowledgeId;
    if (out_.version.empty()) out_.version = newest_ ? newest_->ToString() : "0";
    out_.title = fmt::format("MITRE ATT&CK Enterprise {}", out_.version);
    out_.sources.push_back(AttackSource(out_.version, newest_));
    if (dead_ > 0) Info("revoked", fmt::format("{} revoked or deprecated objects and relationships left out", dead_));
    if (not_kept_ > 0)
      Info("relation-not-kept", fmt::format("{} relationships say nothing that is weighed", not_kept_));
    return std::move(out_);
  }

 private:
  struct Known {
    Entity entity;
    std::optional<Time> from, to;
  };

  void Info(std::string code, std::string text) {
    out_.diagnostics.push_back({Diagnostic::Severity::kInfo, "", {}, std::move(code), std::move(text)});
  }
  void Locate(std::size_t first, std::size_t index, std::string_view below) {
    for (std::size_t i = first; i < out_.facts.size(); ++i) {
      out_.facts[i].locator.kind = Locator::Kind::kJsonPointer;
      out_.facts[i].locator.path = fmt::format("/objects/{}{}", index, below);
    }
  }

  void Object(simdjson::dom::element object, std::size_t index) {
    const std::string_view type = JsonText(object, "type");
    if (type == "x-mitre-collection") out_.version = JsonText(object, "x_mitre_version").substr(0, 32);
    if (const auto modified = Day(object, "modified"); modified && (!newest_ || *newest_ < *modified))
      newest_ = modified;
    const std::string_view kind = KindOf(type);
    if (kind.empty()) return;
    if (IsDead(object)) {
      ++dead_;
      return;
    }
    const std::string_view name = JsonText(object, "name");
    const std::string_view id = AttackId(object);
    std::optional<Entity> entity = id.empty() ? std::nullopt : AttackEntity(kind, id, name);
    if (!entity) return;
    const std::optional<Time> created = Day(object, "created");
    std::size_t first = out_.facts.size();
    AddAttackName(*entity, name, created, out_.facts);
    if (kind == "tool") AddDualUse(*entity, created, out_.facts);
    Locate(first, index, "/name");
    const std::optional<Time> modified = Day(object, "modified");
    for (std::string_view key : {"aliases", "x_mitre_aliases"})
      ForEachText(object, key, [&](std::string_view alias, std::size_t at) {
        if (alias == name) return;
        first = out_.facts.size();
        AddAttackName(*entity, alias, modified ? modified : created, out_.facts);
        Locate(first, index, fmt::format("/{}/{}", key, at));
      });
    entities_.insert_or_assign(JsonText(object, "id"),
                               Known{std::move(*entity), Day(object, "first_seen"), Day(object, "last_seen")});
  }

  void Relationship(simdjson::dom::element relation, std::size_t index) {
    const std::string_view type = JsonText(relation, "relationship_type");
    if (type != "uses" && type != "attributed-to") {
      ++not_kept_;
      return;
    }
    const auto source = entities_.find(JsonText(relation, "source_ref"));
    const auto target = entities_.find(JsonText(relation, "target_ref"));
    if (IsDead(relation) || source == entities_.end() || target == entities_.end()) {
      ++dead_;
      return;
    }
    Fact dates;
    dates.known_on = Day(relation, "created");
    dates.valid_from = source->second.from;
    dates.valid_to = source->second.to;
    const std::size_t first = out_.facts.size();
    if (!AddAttackRelation(source->second.entity, type, target->second.entity, dates, out_.facts)) ++not_kept_;
    Locate(first, index, "");
  }

  simdjson::dom::array objects_;
  KnowledgeImport out_;
  std::unordered_map<std::string_view, Known> entities_;
  std::optional<Time> newest_;
  std::size_t dead_ = 0, not_kept_ = 0;
};

}  // namespace

bool SniffAttackStix(ByteView head) {
  const std::string_view text = head.text();
  return LooksLikeJson(text) && HeadHasMember(text, "type", "bundle") && text.find("mitre") != std::string_view::npos &&
         (text.find("x_mitre_") != std::string_view::npos || text.find("x-mitre-") != std::string_view::npos);
}

Result<KnowledgeImport> ImportAttackStix(ByteView bytes) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::Parse(bytes));
  simdjson::dom::array objects;
  if (document.root()["objects"].get(objects) != SUCCESS) return Fail(ErrorCode::kInvalidInput, "no list \"objects\"");
  return Import(objects).Run();
}

}  // namespace ascribe
