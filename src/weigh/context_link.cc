#include "weigh/context_link.h"

#include <algorithm>
#include <set>

namespace ascribe {
namespace {
constexpr std::string_view kStep = "context-link@1";

// What a reader lists of a file (strings, imports, hashes) does not say that the file is the attacker's tool: any harmless
// program beside the evidence would speak against everybody.
bool IsReadFromProgram(const Fact& fact) {
  for (std::string_view reader : {"pe@", "executable@", "code-literals@", "carved@"})
    if (fact.extractor.starts_with(reader)) return true;
  return false;
}

}  // namespace

std::vector<Claim> LinkContextual(const LinkContext& context) {
  std::vector<Claim> claims;
  for (Group group : {Group::kVictim, Group::kHuman}) {
    for (const CaseThing& item : CollectThings(context, group)) {
      const bool statement = !item.kind->relations.empty() && item.kind->relations.front() == Relation::kAttributedTo;
      std::optional<Claim> claim = statement ? LinkPointedAt(context, item, kStep) : LinkThing(context, item, kStep);
      if (claim) claims.push_back(std::move(*claim));
    }
  }
  std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) { return a.id < b.id; });
  return claims;
}

std::optional<Claim> AbsenceOfTools(const LinkContext& context, const std::vector<Claim>& code) {
  const std::vector<CaseThing> things = CollectThings(context, Group::kCode);
  Claim claim;
  for (const CaseThing& item : things)
    if (item.kind->SpeaksFor(Level::kOperator))
      for (const VisibleFact* visible : item.facts)
        if (!IsReadFromProgram(*visible->fact)) claim.case_facts.push_back(visible->id);
  if (claim.case_facts.empty()) return std::nullopt;
  std::set<std::string> sharing;
  for (const Claim& c : code)
    for (const Contribution& contribution : c.contributions)
      if (contribution.level == Level::kOperator && contribution.nats > 0) sharing.insert(contribution.hypothesis);
  for (const KnownActor& actor : context.knowledge.actors()) {
    if (actor.attacks == 0 || sharing.count(actor.id) > 0 || !context.knowledge.HasTools(actor.id)) continue;
    const double nats = context.parameters.absence_code;
    claim.contributions.push_back({Level::kOperator, actor.id, nats, 2 * nats, 0});
  }
  if (claim.contributions.empty()) return std::nullopt;
  // The case facts are the whole tool side; naming each would only bury the claim.
  constexpr std::size_t kShown = 20;
  std::sort(claim.case_facts.begin(), claim.case_facts.end());
  if (claim.case_facts.size() > kShown) claim.case_facts.resize(kShown);
  claim.kind = "absence";
  claim.thing = "no shared tool";
  claim.group = Group::kCode;
  claim.forge = 3;
  claim.step = kStep;
  claim.statement = "tools are known on both sides and none is shared";
  FinishClaim(claim);
  return claim;
}

}  // namespace ascribe
