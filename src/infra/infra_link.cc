#include "infra/infra_link.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace ascribe {
namespace {

constexpr std::string_view kStep = "infra-link@1";

bool Has(const LinkKind& kind, Relation relation) {
  return std::find(kind.relations.begin(), kind.relations.end(), relation) != kind.relations.end();
}

// A range or holder from which operators worked, or to which a trail led: speaks for the state that controls it, and for
// actors whose earlier attacks came from the same place.
std::optional<Claim> LinkPlace(const LinkContext& context, const CaseThing& item) {
  Claim claim;
  claim.kind = item.kind->id;
  claim.group = item.kind->group;
  claim.forge = item.kind->forge;
  claim.thing = item.thing.ToString();
  claim.step = kStep;
  claim.asserted = std::all_of(item.facts.begin(), item.facts.end(), [](const VisibleFact* visible) {
    return visible->fact->statement != StatementKind::kNone || !visible->fact->inspectable;
  });
  TakeCaseFacts(context, item.facts, claim);
  std::vector<std::string> used;
  const std::string country = ControllingCountry(context, item.thing, used);
  const Holders holders = item.kind->SpeaksFor(Level::kOperator) ? context.knowledge.HoldersOf(item.thing) : Holders{};
  if (country.empty() && holders.actors.empty()) return std::nullopt;
  claim.statement = fmt::format("{}: {}", item.kind->label, Ellipsize(item.thing.value, 120));
  if (!country.empty()) claim.statement += fmt::format(", controlled from {}", country.substr(country.find(':') + 1));
  Contribute(context, *item.kind, holders, country, true, claim);
  for (std::string& id : used) {
    const bool ours = std::any_of(context.seen.facts.begin(), context.seen.facts.end(),
                                  [&](const VisibleFact& visible) { return visible.id == id; });
    (ours ? claim.case_facts : claim.knowledge_facts).push_back(std::move(id));
  }
  FinishClaim(claim);
  return claim;
}

}  // namespace

std::vector<Claim> LinkInfrastructure(const LinkContext& context) {
  std::vector<Claim> claims;
  for (const CaseThing& item : CollectThings(context, Group::kInfrastructure)) {
    std::optional<Claim> claim;
    if (Has(*item.kind, Relation::kOperatedDirectlyFrom) || Has(*item.kind, Relation::kTracedTo))
      claim = LinkPlace(context, item);
    else if (Has(*item.kind, Relation::kSharesInfrastructureWith))
      claim = LinkPointedAt(context, item, kStep);
    else
      claim = LinkThing(context, item, kStep);
    if (claim) claims.push_back(std::move(*claim));
  }
  std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) { return a.id < b.id; });
  return claims;
}

}  // namespace ascribe
