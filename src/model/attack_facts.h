#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/fact.h"
#include "model/source.h"

namespace ascribe {

/// Facts from ATT&CK have one shape, whether they come from the shipped tables or from a release that a user adds.

/// Id of the knowledge batch and of its source.
inline constexpr std::string_view kAttackKnowledgeId = "mitre-attack-enterprise";
inline constexpr std::string_view kAttackSource = "mitre-attack";

/// The source that all of these facts cite. `published`: the date of the release.
[[nodiscard]] Source AttackSource(std::string_view release, std::optional<Time> published);

/// actor:mitre.G0032, attack:mitre.C0022, malware:blackenergy, tool:psexec, technique:T1059.001. `kind` is that of
/// data/tables (group, campaign, malware, tool, technique); others have no entity. The name serves software only:
/// packs and cases write software by name, and equality is all that joins them.
[[nodiscard]] std::optional<Entity> AttackEntity(std::string_view kind, std::string_view id, std::string_view name);

/// `entity named text`; a name that is no valid text adds nothing.
void AddAttackName(const Entity& entity, std::string_view name, std::optional<Time> known_on, std::vector<Fact>& out);

/// `uses` or `attributed-to` between two entities; anything else the vocabulary has no place for adds nothing and
/// returns false.
bool AddAttackRelation(const Entity& source, std::string_view relation, const Entity& target, const Fact& dates,
                       std::vector<Fact>& out);

/// An ATT&CK "tool" is software that is not malicious by itself: `tool listed-as hygiene:dual-use-tool`.
void AddDualUse(const Entity& tool, std::optional<Time> known_on, std::vector<Fact>& out);

}  // namespace ascribe
