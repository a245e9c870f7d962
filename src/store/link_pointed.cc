// Links that somebody reports: the thing is not bytes but a name that a source points at.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "store/link.h"

namespace ascribe {
namespace {

bool Covers(std::string_view cidr, std::string_view address);

// An origin that points at several rivals with the same kind of link tells them apart less: what it saw is held by all of
// them. k is the number of actors behind everything it points at.
std::size_t PointedAtBySameOrigins(const LinkContext& context, const CaseThing& item, const std::vector<std::string>& origins) {
  std::set<std::string> actors;
  for (const VisibleFact& visible : context.seen.facts) {
    if (visible.fact->relation != item.facts.front()->fact->relation || visible.fact->statement != item.facts.front()->fact->statement ||
        visible.fact->object.type != item.thing.type)  // a state and one of its units are no rivals
      continue;
    if (!std::binary_search(origins.begin(), origins.end(), visible.origin)) continue;
    for (const auto& [actor, p] : context.knowledge.Behind(visible.fact->object).actors) actors.insert(actor);
  }
  return actors.size();
}

}  // namespace

std::optional<Claim> LinkPointedAt(const LinkContext& context, const CaseThing& item, std::string_view step) {
  Claim claim;
  claim.kind = item.kind->id;
  claim.group = item.kind->group;
  claim.forge = item.kind->forge;
  claim.thing = item.thing.ToString();
  claim.step = step;
  claim.asserted = true;
  TakeCaseFacts(context, item.facts, claim);
  const Holders holders = context.knowledge.Behind(item.thing);
  const std::string sponsor = item.thing.type == EntityType::kCountry ? item.thing.ToString() : std::string();
  if (holders.actors.empty() && holders.lineages.empty() && sponsor.empty()) return std::nullopt;
  std::set<std::string> publishers;
  for (const VisibleFact* visible : item.facts) {
    const Source* source = context.seen.data->FindSource(visible->fact->source);
    if (source != nullptr && !source->publisher.empty()) publishers.insert(source->publisher);
  }
  std::string who;
  for (const std::string& publisher : publishers) who += (who.empty() ? "" : ", ") + publisher;
  claim.statement = fmt::format("{}: {} ({})", item.kind->label, Ellipsize(context.knowledge.NameOf(claim.thing), 120),
                                who.empty() ? std::string("source as listed") : Ellipsize(who, 120));
  Contribute(context, *item.kind, holders, sponsor, true, claim, PointedAtBySameOrigins(context, item, claim.origins));
  // A statement made after the incident was not there to be copied; what it points at may still be an imitation.
  if (item.kind->control) claim.copyable = false, claim.copyable_reason.clear();
  claim.weightless_reason = WeightlessReason(context, item.thing);
  if (!claim.weightless_reason.empty()) claim.contributions.clear();
  FinishClaim(claim);
  return claim;
}

std::string ControllingCountry(const LinkContext& context, const Entity& start, std::vector<std::string>& used) {
  Entity at = start;
  for (int step = 0; step < 3; ++step) {
    if (at.type == EntityType::kCountry) return at.ToString();
    const Entity* next = nullptr;
    const auto consider = [&](const Fact& fact, const std::string& id) {
      const bool control = fact.relation == Relation::kHeldBy ||
                           (fact.relation == Relation::kLocatedIn && fact.subject.type == EntityType::kHolder);
      if (next != nullptr || !control) return;
      const bool covers = at.type == EntityType::kIpv4 && fact.subject.type == EntityType::kCidr && Covers(fact.subject.value, at.value);
      if (fact.subject != at && !covers) return;
      next = &fact.object;
      used.push_back(id);
    };
    for (const VisibleFact& visible : context.seen.facts) consider(*visible.fact, visible.id);
    if (next == nullptr)
      for (const KnownFact* known : context.knowledge.OfRelation(Relation::kHeldBy)) consider(known->fact, known->id);
    if (next == nullptr)
      for (const KnownFact* known : context.knowledge.OfRelation(Relation::kLocatedIn)) consider(known->fact, known->id);
    if (next == nullptr) return {};
    at = *next;
  }
  return at.type == EntityType::kCountry ? at.ToString() : std::string();
}

namespace {

// Canonical IPv4 texts only; anything else is not covered.
bool ParseV4(std::string_view text, std::uint32_t& out) {
  out = 0;
  int parts = 0;
  for (std::string_view part : Split(text, '.')) {
    if (part.empty() || part.size() > 3 || ++parts > 4) return false;
    std::uint32_t value = 0;
    for (char c : part) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (value > 255) return false;
    out = (out << 8) | value;
  }
  return parts == 4;
}

bool Covers(std::string_view cidr, std::string_view address) {
  const std::size_t slash = cidr.find('/');
  std::uint32_t base = 0, ip = 0;
  if (slash == std::string_view::npos || !ParseV4(cidr.substr(0, slash), base) || !ParseV4(address, ip)) return false;
  int length = 0;
  for (char c : cidr.substr(slash + 1)) length = length * 10 + (c - '0');
  if (length < 0 || length > 32) return false;
  const std::uint32_t mask = length == 0 ? 0 : ~std::uint32_t{0} << (32 - length);
  return (base & mask) == (ip & mask);
}

}  // namespace
}  // namespace ascribe
