#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/io.h"
#include "model/attack_facts.h"
#include "store/tables.h"
#include "store/tsv.h"

namespace ascribe {
namespace {

constexpr std::uint64_t kMaxTableBytes = std::uint64_t{64} << 20;  // 30 times the shipped ones

Result<std::string_view> ReadInto(std::vector<std::unique_ptr<std::string>>& texts, const std::filesystem::path& path) {
  TRY_ASSIGN(std::string text, ReadTextFile(path, kMaxTableBytes));
  texts.push_back(std::make_unique<std::string>(std::move(text)));
  return std::string_view(*texts.back());
}

std::optional<Time> AsTime(std::optional<Date> date) {
  if (!date) return std::nullopt;
  return Time{std::int64_t{date->days} * 86'400, Time::Precision::kDay};
}

std::string_view ParentOf(std::string_view technique) { return technique.substr(0, technique.find('.')); }

}  // namespace

Result<AttackTables> AttackTables::Load(const std::filesystem::path& folder) {
  AttackTables tables;
  TRY(tables.Read(folder));
  return tables;
}

Status AttackTables::Read(const std::filesystem::path& folder) {
  TRY_ASSIGN(const std::string_view releases, ReadInto(texts_, folder / "attack-releases.tsv"));
  TRY(ForEachTsvRow<2>(releases, "attack-releases.tsv", [&](const auto& c) {
    const auto date = TsvDate(c[1]);
    if (date) releases_.push_back({c[0], *date});
    return date.has_value();
  }));
  if (releases_.empty()) return Fail(ErrorCode::kInvalidInput, "attack-releases.tsv: no releases");
  std::sort(releases_.begin(), releases_.end(), [](const Release& a, const Release& b) { return a.date < b.date; });

  TRY_ASSIGN(const std::string_view objects, ReadInto(texts_, folder / "attack-objects.tsv"));
  TRY(ForEachTsvRow<10>(objects, "attack-objects.tsv", [&](const auto& c) {
    objects_.push_back({c[0], c[1], c[2], TsvDate(c[3]), c[4], c[5], c[6], c[7], c[8], c[9]});
    return !c[0].empty();
  }));
  std::sort(objects_.begin(), objects_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });

  TRY_ASSIGN(const std::string_view names, ReadInto(texts_, folder / "attack-names.tsv"));
  TRY(ForEachTsvRow<4>(names, "attack-names.tsv", [&](const auto& c) {
    names_.push_back({c[0], c[1], TsvDate(c[2])});
    return true;
  }));
  TRY_ASSIGN(const std::string_view tactics, ReadInto(texts_, folder / "attack-tactics.tsv"));
  TRY(ForEachTsvRow<2>(tactics, "attack-tactics.tsv",
                       [&](const auto& c) { return tactics_.emplace(c[0], c[1]).second; }));
  TRY_ASSIGN(const std::string_view relations, ReadInto(texts_, folder / "attack-relations.tsv"));
  TRY(ForEachTsvRow<6>(relations, "attack-relations.tsv", [&](const auto& c) {
    relations_.push_back({c[0], c[1], c[2], TsvDate(c[3]), c[4], c[5]});
    return true;
  }));
  TRY_ASSIGN(const std::string_view mitigations, ReadInto(texts_, folder / "attack-mitigations.tsv"));
  TRY(ForEachTsvRow<5>(mitigations, "attack-mitigations.tsv", [&](const auto& c) {
    mitigations_.push_back({c[0], "mitigates", c[1], TsvDate(c[2]), c[3], c[4]});
    return true;
  }));
  const auto by_target = [](const AttackRelation& a, const AttackRelation& b) {
    return std::tie(a.target, a.source) < std::tie(b.target, b.source);
  };
  std::sort(mitigations_.begin(), mitigations_.end(), by_target);
  return {};
}

const AttackObject* AttackTables::Find(std::string_view id) const {
  const auto found = std::lower_bound(objects_.begin(), objects_.end(), id,
                                      [](const AttackObject& o, std::string_view key) { return o.id < key; });
  return found == objects_.end() || found->id != id ? nullptr : &*found;
}

std::string_view AttackTables::CurrentId(std::string_view id) const {
  constexpr int kMaxSteps = 8;  // revocations of revocations; a loop in the table must end
  for (int step = 0; step < kMaxSteps; ++step) {
    const AttackObject* object = Find(id);
    if (object == nullptr || object->revoked_by.empty()) break;
    id = object->revoked_by;
  }
  return id;
}

std::string_view AttackTables::TacticsOf(std::string_view technique) const {
  const auto found = tactics_.find(technique);
  return found == tactics_.end() ? std::string_view() : found->second;
}

std::vector<const AttackObject*> AttackTables::MitigationsOf(std::string_view technique) const {
  std::vector<const AttackObject*> out;
  auto at = std::lower_bound(mitigations_.begin(), mitigations_.end(), technique,
                             [](const AttackRelation& r, std::string_view key) { return r.target < key; });
  for (; at != mitigations_.end() && at->target == technique; ++at) {
    const AttackObject* object = Find(at->source);
    if (object != nullptr && object->status == "active" && at->last == newest_release()) out.push_back(object);
  }
  if (out.empty() && ParentOf(technique) != technique) return MitigationsOf(ParentOf(technique));
  return out;
}

std::optional<Date> AttackTables::Dropped(std::string_view last) const {
  for (std::size_t i = 0; i + 1 < releases_.size(); ++i)
    if (releases_[i].label == last) return releases_[i + 1].date;
  return std::nullopt;
}

KnowledgeImport AttackTables::AsFacts(Date as_of) const {
  KnowledgeImport out;
  std::string_view release = releases_.front().label;
  std::optional<Date> published;
  for (const Release& r : releases_) {
    if (as_of < r.date) break;
    release = r.label;
    published = r.date;
  }
  out.id = kAttackKnowledgeId;
  out.version = release;
  out.title = fmt::format("MITRE ATT&CK Enterprise {}", release);
  out.sources.push_back(AttackSource(release, AsTime(published)));

  struct Known {
    Entity entity;
    const AttackObject* object;
  };
  std::unordered_map<std::string_view, Known> known;
  known.reserve(objects_.size());
  out.facts.reserve(2 * objects_.size() + names_.size() + relations_.size());  // a fact is large: growing would move them all
  for (const AttackObject& object : objects_) {
    if (!object.known_on || as_of < *object.known_on) continue;
    auto entity = AttackEntity(object.kind, object.id, object.name);
    if (!entity) continue;
    if (object.kind == "technique") AddAttackName(*entity, object.name, AsTime(object.known_on), out.facts);
    if (object.kind == "tool") AddDualUse(*entity, AsTime(object.known_on), out.facts);
    known.emplace(object.id, Known{std::move(*entity), &object});
  }
  for (const Name& name : names_) {
    const auto found = known.find(name.id);
    if (found != known.end() && name.known_on && !(as_of < *name.known_on))
      AddAttackName(found->second.entity, name.name, AsTime(name.known_on), out.facts);
  }
  for (const AttackRelation& relation : relations_) {
    if (!relation.known_on || as_of < *relation.known_on) continue;
    const auto source = known.find(relation.source);
    const auto target = known.find(relation.target);
    if (source == known.end() || target == known.end()) continue;
    Fact dates;
    dates.known_on = AsTime(relation.known_on);
    dates.retracted_on = AsTime(Dropped(relation.last));
    dates.valid_from = ParseTime(source->second.object->seen_from);
    dates.valid_to = ParseTime(source->second.object->seen_to);
    AddAttackRelation(source->second.entity, relation.relation, target->second.entity, dates, out.facts);
  }
  for (Fact& fact : out.facts) fact.extractor = "attack-tables@1";
  return out;
}

}  // namespace ascribe
