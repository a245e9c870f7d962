#include "code/code_link.h"

#include <algorithm>

namespace ascribe {

namespace {

// A link that the engine has measured on bytes is nobody's word; what was measured stands in the fact's note.
void TellMeasurement(const CaseThing& item, Claim& claim) {
  for (const VisibleFact* visible : item.facts) {
    const Relation relation = visible->fact->relation;
    if (relation != Relation::kSameToolAs && relation != Relation::kSharesFunctionsWith) return;
  }
  claim.asserted = false;
  const Fact& fact = *item.facts.front()->fact;
  claim.measure = fact.note;
  if (fact.confidence) claim.similarity = *fact.confidence;
}

}  // namespace

std::vector<Claim> LinkCode(const LinkContext& context) {
  constexpr std::string_view kStep = "code-link@1";
  std::vector<Claim> claims;
  for (const CaseThing& item : CollectThings(context, Group::kCode)) {
    const bool reported = !item.kind->relations.empty() && !IsObservation(item.kind->relations.front());
    std::optional<Claim> claim = reported ? LinkPointedAt(context, item, kStep) : LinkThing(context, item, kStep);
    if (claim && claim->asserted) TellMeasurement(item, *claim);
    if (claim) claims.push_back(std::move(*claim));
  }
  std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) { return a.id < b.id; });
  return claims;
}

}  // namespace ascribe
