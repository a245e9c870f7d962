#include "weigh/weigh.h"

#include <algorithm>
#include <iterator>

#include "code/code_link.h"
#include "infra/infra_link.h"
#include "technique/technique_link.h"
#include "weigh/context_link.h"
#include "weigh/contradictions.h"
#include "weigh/posterior.h"

namespace ascribe {
namespace {

// A link that is left out stays listed and weighs nothing, as if it had not been made: it tells nobody from anybody,
// contradicts nothing, and its kind is evidence still to be found.
void LeaveOut(const LeftOut& left_out, std::vector<Claim>& claims) {
  for (Claim& claim : claims) {
    if (left_out.groups.count(claim.group) == 0 && left_out.sayings.count({claim.kind, claim.thing}) == 0) continue;
    claim.contributions.clear();
    claim.weightless_reason = "left out in this scenario";
  }
}

// After the contradictions: what two observations say of each other does not depend on how far a link is trusted.
void Trust(const LeftOut& left_out, std::vector<Claim>& claims) {
  if (left_out.trusted.empty()) return;
  for (Claim& claim : claims) {
    const auto trusted = left_out.trusted.find({claim.kind, claim.thing});
    if (trusted == left_out.trusted.end()) continue;
    for (Contribution& c : claim.contributions)
      for (double* nats : {&c.nats, &c.low, &c.high}) *nats = Parameters::Doubt(*nats, trusted->second);
  }
}

}  // namespace

std::vector<Claim> LinkAll(const LinkContext& context) {
  std::vector<Claim> claims;
  std::vector<Claim> code = LinkCode(context);
  if (auto absence = AbsenceOfTools(context, code)) claims.push_back(std::move(*absence));
  std::move(code.begin(), code.end(), std::back_inserter(claims));
  for (auto link : {LinkInfrastructure, LinkTechniques, LinkContextual}) {
    std::vector<Claim> linked = link(context);
    std::move(linked.begin(), linked.end(), std::back_inserter(claims));
  }
  std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) { return a.id < b.id; });
  return claims;
}

Weighed Weigh(const LinkContext& context, const LeftOut& left_out) {
  Weighed result;
  result.claims = LinkAll(context);
  LeaveOut(left_out, result.claims);
  result.contradictions = FindContradictions(context, result.claims);
  Trust(left_out, result.claims);
  result.levels = ComputeLevels({result.claims, result.contradictions, context.knowledge, context.parameters, {}, {}});
  return result;
}

}  // namespace ascribe
