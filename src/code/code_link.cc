#include "code/code_link.h"

#include <algorithm>

namespace ascribe {

std::vector<Claim> LinkCode(const LinkContext& context) {
  constexpr std::string_view kStep = "code-link@1";
  std::vector<Claim> claims;
  for (const CaseThing& item : CollectThings(context, Group::kCode)) {
    const bool reported = !item.kind->relations.empty() && !IsObservation(item.kind->relations.front());
    std::optional<Claim> claim = reported ? LinkPointedAt(context, item, kStep) : LinkThing(context, item, kStep);
    if (claim) claims.push_back(std::move(*claim));
  }
  std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) { return a.id < b.id; });
  return claims;
}

}  // namespace ascribe
