#include "model/attack_facts.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "model/software_name.h"

namespace ascribe {
namespace {

Fact Draft(const Entity& subject, Relation relation, std::optional<Time> known_on) {
  Fact fact;
  fact.subject = subject;
  fact.relation = relation;
  fact.known_on = known_on;
  fact.source = kAttackSource;
  return fact;
}

}  // namespace

Source AttackSource(std::string_view release, std::optional<Time> published) {
  Source source;
  source.id = kAttackSource;
  source.title = fmt::format("MITRE ATT&CK Enterprise {}", release);
  source.publisher = "The MITRE Corporation";
  source.url = "https://attack.mitre.org/";
  source.published = published;
  source.grade = {'B', 2};  // curated and cited, but a digest of other people's reports
  source.origin = kAttackSource;
  return source;
}

std::optional<Entity> AttackEntity(std::string_view kind, std::string_view id, std::string_view name) {
  Result<Entity> entity = Fail(ErrorCode::kUnsupported, "");
  if (kind == "group") entity = MakeEntity(EntityType::kActor, fmt::format("mitre.{}", id));
  if (kind == "campaign") entity = MakeEntity(EntityType::kAttack, fmt::format("mitre.{}", id));
  if (kind == "malware") entity = MakeEntity(EntityType::kMalware, SoftwareSlug(name));
  if (kind == "tool") entity = MakeEntity(EntityType::kTool, SoftwareSlug(name));
  if (kind == "technique") entity = MakeEntity(EntityType::kTechnique, id);
  if (!entity) return std::nullopt;
  return std::move(*entity);
}

void AddAttackName(const Entity& entity, std::string_view name, std::optional<Time> known_on, std::vector<Fact>& out) {
  Result<Entity> text = MakeEntity(EntityType::kText, name);
  if (!text) return;
  Fact fact = Draft(entity, Relation::kNamed, known_on);
  fact.object = std::move(*text);
  out.push_back(std::move(fact));
}

bool AddAttackRelation(const Entity& source, std::string_view relation, const Entity& target, const Fact& dates,
                       std::vector<Fact>& out) {
  const bool uses = relation == "uses" && (target.type == EntityType::kMalware || target.type == EntityType::kTool ||
                                           target.type == EntityType::kTechnique);
  const bool attributed =
      relation == "attributed-to" && source.type == EntityType::kAttack && target.type == EntityType::kActor;
  // The vocabulary lets malware use things, not tools: what a dual-use tool can do says nothing about who used it.
  if (!attributed && (!uses || source.type == EntityType::kTool)) return false;
  Fact fact = Draft(source, uses ? Relation::kUses : Relation::kAttributedTo, dates.known_on);
  fact.object = target;
  fact.valid_from = dates.valid_from;
  fact.valid_to = dates.valid_to;
  fact.retracted_on = dates.retracted_on;
  if (attributed) fact.statement = StatementKind::kVendorAssessment;
  out.push_back(std::move(fact));
  return true;
}

void AddDualUse(const Entity& tool, std::optional<Time> known_on, std::vector<Fact>& out) {
  Fact fact = Draft(tool, Relation::kListedAs, known_on);
  fact.object = Entity{EntityType::kHygiene, "dual-use-tool"};
  out.push_back(std::move(fact));
}

}  // namespace ascribe
