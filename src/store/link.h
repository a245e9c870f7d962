#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/claim.h"
#include "model/parameters.h"
#include "store/knowledge.h"
#include "store/visible.h"

namespace ascribe {

/// One thing seen in the case: all facts that show it.
struct CaseThing {
  const LinkKind* kind = nullptr;
  Entity thing;
  std::vector<const VisibleFact*> facts;
};

/// What every linker needs. All of it outlives the linker; nothing is changed.
struct LinkContext {
  const VisibleCase& seen;
  const Knowledge& knowledge;
  const Parameters& parameters;
  /// Hygiene class of an entity from the shipped lists ("sinkhole", "public-dns"), empty when it is none of them.
  std::function<std::string_view(const Entity&)> hygiene;
};

/// Things of the case whose kind belongs to `group`, grouped by MatchKey and sorted.
[[nodiscard]] std::vector<CaseThing> CollectThings(const LinkContext& context, Group group);

/// The claim that case and knowledge hold the same `thing`, or nothing when nobody we know holds it. Exact first, then the
/// best near match when the kind allows one. Weightless matches (hygiene, public tools) are claims too, with the reason.
[[nodiscard]] std::optional<Claim> LinkThing(const LinkContext& context, const CaseThing& thing, std::string_view step);

/// The claim from somebody's word that the incident shares something with a malware, attack, actor, unit, class or
/// country (relations shares-code-with, shares-infrastructure-with, resembles, attributed-to). Nothing when knowledge has
/// no earlier attack behind it and it names no country.
[[nodiscard]] std::optional<Claim> LinkPointedAt(const LinkContext& context, const CaseThing& thing, std::string_view step);

/// Who controls a range, address or holder: follows held-by (and located-in of a holder) through the facts of knowledge
/// and case to a country, at most three steps; the ids of the facts used are added to `used`. Geolocation of an address is
/// not control and is not followed.
[[nodiscard]] std::string ControllingCountry(const LinkContext& context, const Entity& start, std::vector<std::string>& used);

/// Why a thing links nobody although it matches (hygiene list, dual use, public or for sale before the incident); empty:
/// it may weigh.
[[nodiscard]] std::string WeightlessReason(const LinkContext& context, const Entity& thing);

/// Gives a claim its id once kind, thing and facts are set; sorts its lists.
void FinishClaim(Claim& claim);

/// Sets q and origins of a claim from the case facts that carry it.
void TakeCaseFacts(const LinkContext& context, const std::vector<const VisibleFact*>& facts, Claim& claim);

/// Adds the contributions for the holders of a thing at the levels its kind speaks for: table weight, lowered for
/// rarity, reliability of both sides and doubt about the earlier attribution; at operator level code also for the chance
/// that the tool is shared. `sponsor` (a country entity text, may be empty) gets the sponsor-level weight. `least_holders` raises
/// k above the holders given.
void Contribute(const LinkContext& context, const LinkKind& kind, const Holders& holders, std::string_view sponsor, bool fresh,
                Claim& claim, std::size_t least_holders = 1);

}  // namespace ascribe
