#include "weigh/contradictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace ascribe {
namespace {

struct Pair {
  const VisibleFact* a = nullptr;
  const VisibleFact* b = nullptr;
  std::set<Entity> undermined;  ///< things whose claims fall
  std::string text;
};

using Facts = std::vector<VisibleFact>;

// Visible facts with this relation (and subject, when given).
template <typename Fn>
void Each(const Facts& facts, Relation relation, Fn fn) {
  for (const VisibleFact& visible : facts)
    if (visible.fact->relation == relation) fn(visible);
}

bool IsContent(Relation relation) { return relation == Relation::kContains || relation == Relation::kObserved; }

int YearOf(const std::map<std::string, int>& years, const std::string& name) {
  const auto it = years.find(name);
  return it == years.end() ? 0 : it->second;
}

std::vector<Pair> BuildMetadata(const LinkContext& context) {
  std::vector<Pair> pairs;
  const Facts& facts = context.seen.facts;
  for (const VisibleFact& has_header : facts) {
    if (!IsContent(has_header.fact->relation) || has_header.fact->object.type != EntityType::kRichHeader) continue;
    for (const VisibleFact& claimed : facts) {
      if (claimed.fact->subject != has_header.fact->object || claimed.fact->object.type != EntityType::kToolset) continue;
      const int claimed_year = YearOf(context.parameters.toolset_year, claimed.fact->object.value);
      if (claimed_year == 0) continue;
      for (const VisibleFact& other : facts) {
        if (other.fact->subject != has_header.fact->subject || !IsContent(other.fact->relation)) continue;
        const auto& years = other.fact->object.type == EntityType::kToolset            ? context.parameters.toolset_year
                            : other.fact->object.type == EntityType::kRuntimeReference ? context.parameters.runtime_since
                                                                                       : std::map<std::string, int>{};
        const int needed = YearOf(years, other.fact->object.value);
        if (needed <= claimed_year) continue;
        pairs.push_back({&claimed, &other, {has_header.fact->object},
                         fmt::format("the header of {} names {} ({}), but the file holds {}, which exists since {}",
                                     has_header.fact->subject.value, claimed.fact->object.value, claimed_year,
                                     other.fact->object.value, needed)});
      }
    }
  }
  return pairs;
}

std::vector<Pair> StampAfterFirstSeen(const LinkContext& context) {
  std::vector<Pair> pairs;
  for (const VisibleFact& stamp : context.seen.facts) {
    if (stamp.fact->object.type != EntityType::kCompileTime || !IsContent(stamp.fact->relation)) continue;
    const auto built = ParseTime(stamp.fact->object.value);
    for (const VisibleFact& sighting : context.seen.facts) {
      const Fact& fact = *sighting.fact;
      if (&sighting == &stamp || fact.subject != stamp.fact->subject || fact.subject.type != EntityType::kSample || !fact.valid_from) continue;
      if (!built || built->FirstDay().days <= fact.valid_from->LastDay().days + 1) continue;  // a day for time zones
      std::set<Entity> things = {stamp.fact->object};
      for (const VisibleFact& meta : context.seen.facts)
        if (meta.fact->subject == stamp.fact->subject && meta.fact->object.type == EntityType::kRichHeader) things.insert(meta.fact->object);
      pairs.push_back({&stamp, &sighting, things,
                       fmt::format("{} carries the build time {} but was seen on {}", fact.subject.value, built->ToString(),
                                   fact.valid_from->ToString())});
      break;
    }
  }
  return pairs;
}

std::vector<Pair> SignedAfterPublic(const LinkContext& context) {
  std::vector<Pair> pairs;
  Each(context.seen.facts, Relation::kSignedOn, [&](const VisibleFact& signing) {
    Each(context.seen.facts, Relation::kPublicSince, [&](const VisibleFact& leak) {
      if (leak.fact->subject != signing.fact->subject) return;
      const auto signed_on = ParseTime(signing.fact->object.value), since = ParseTime(leak.fact->object.value);
      if (!signed_on || !since || signed_on->LastDay() < since->FirstDay()) return;
      pairs.push_back({&signing, &leak, {signing.fact->subject},
                       fmt::format("{} was used on {}, its key was public from {}", signing.fact->subject.value,
                                   signed_on->ToString(), since->ToString())});
    });
  });
  return pairs;
}

std::vector<Pair> InternalAddress(const LinkContext& context) {
  std::vector<Pair> pairs;
  Each(context.seen.facts, Relation::kUsedInternallyBy, [&](const VisibleFact& internal) {
    Each(context.seen.facts, Relation::kLocatedIn, [&](const VisibleFact& located) {
      if (located.fact->subject != internal.fact->subject) return;
      pairs.push_back({&located, &internal, {located.fact->object, located.fact->subject},
                       fmt::format("{} was placed in {}, but it is in use inside {}", located.fact->subject.value,
                                   located.fact->object.value, internal.fact->object.value)});
    });
  });
  return pairs;
}

std::vector<Pair> PersonaLanguage(const LinkContext& context) {
  constexpr std::string_view kClaims = "claims-", kNot = "not-native-";
  std::vector<Pair> pairs;
  Each(context.seen.facts, Relation::kExhibits, [&](const VisibleFact& claimed) {
    if (claimed.fact->object.type != EntityType::kLanguage || !claimed.fact->object.value.starts_with(kClaims)) return;
    const std::string language = claimed.fact->object.value.substr(kClaims.size());
    Each(context.seen.facts, Relation::kExhibits, [&](const VisibleFact& tested) {
      if (tested.fact->subject != claimed.fact->subject || tested.fact->object.value != std::string(kNot) + language) return;
      pairs.push_back({&claimed, &tested, {claimed.fact->subject, claimed.fact->object, tested.fact->object},
                       fmt::format("{} claims the language {} and does not speak it natively", claimed.fact->subject.value, language)});
    });
  });
  return pairs;
}

std::vector<Pair> DemandWithoutMeans(const LinkContext& context) {
  std::vector<Pair> pairs;
  for (const VisibleFact& demand : context.seen.facts) {
    const Entity& object = demand.fact->object;
    if (object.type != EntityType::kDemand || (object.value != "ransom" && object.value != "money")) continue;
    for (const VisibleFact& means : context.seen.facts) {
      if (means.fact->object.type != EntityType::kCapability || means.fact->object.value != "no-working-payment-path") continue;
      pairs.push_back({&demand, &means, {object}, fmt::format("demands {} with no working way to pay or decrypt", object.value)});
    }
  }
  return pairs;
}

// Only when every report of that link is about a sample that holds public code: a link found elsewhere stands.
std::vector<Pair> PublicCode(const LinkContext& context) {
  std::map<Entity, std::vector<Pair>> by_target;
  std::set<Entity> elsewhere;
  Each(context.seen.facts, Relation::kSharesCodeWith, [&](const VisibleFact& link) {
    const Entity& target = link.fact->object;
    bool explained = false;
    for (const VisibleFact& content : context.seen.facts) {
      if (content.fact->subject != link.fact->subject || content.fact->subject.type != EntityType::kSample) continue;
      if (content.fact->object.type != EntityType::kTool || WeightlessReason(context, content.fact->object).empty()) continue;
      by_target[target].push_back({&link, &content, {target},
                                   fmt::format("{} is said to share code with {}, but it is built on {}, which is public",
                                               link.fact->subject.value, target.value, content.fact->object.value)});
      explained = true;
    }
    if (!explained) elsewhere.insert(target);
  });
  std::vector<Pair> pairs;
  for (auto& [target, found] : by_target)
    if (elsewhere.count(target) == 0) std::move(found.begin(), found.end(), std::back_inserter(pairs));
  return pairs;
}

bool Falls(const Claim& claim, const ContradictionRule& rule, const std::set<Entity>& undermined) {
  const auto colon = claim.thing.find(':');
  const std::string type = claim.thing.substr(0, colon);
  const bool listed = std::any_of(rule.cancels.begin(), rule.cancels.end(),
                                  [&](const std::string& what) { return what == claim.kind || what == type; });
  return listed && std::any_of(undermined.begin(), undermined.end(), [&](const Entity& e) { return e.ToString() == claim.thing; });
}

}  // namespace

std::vector<Contradiction> FindContradictions(const LinkContext& context, std::vector<Claim>& claims) {
  struct Finder {
    std::string_view rule;
    std::vector<Pair> (*find)(const LinkContext&);
  };
  constexpr Finder kFinders[] = {
      {"build-metadata-against-code", BuildMetadata}, {"stamp-after-first-seen", StampAfterFirstSeen},
      {"signed-after-key-was-public", SignedAfterPublic}, {"internal-address", InternalAddress},
      {"persona-language", PersonaLanguage}, {"demand-without-means", DemandWithoutMeans},
      {"public-code-explains-link", PublicCode}};
  std::vector<Contradiction> found;
  for (const Finder& finder : kFinders) {
    const ContradictionRule* rule = context.parameters.RuleById(finder.rule);
    if (rule == nullptr) continue;
    // One contradiction a rule and undermined thing: five libraries against one header are one forgery, not five.
    std::map<std::set<Entity>, Contradiction> by_thing;
    for (const Pair& pair : finder.find(context)) {
      Contradiction& c = by_thing[pair.undermined];
      if (c.rule.empty()) c.rule = rule->id, c.label = rule->label, c.text = pair.text;
      c.side_a.push_back(pair.a->id);
      c.side_b.push_back(pair.b->id);
      for (Claim& claim : claims) {
        if (!Falls(claim, *rule, pair.undermined)) continue;
        if (!claim.cancelled) {
          claim.cancelled = true;
          claim.cancelled_by = rule->id;
        }
        c.cancelled.push_back(claim.id);
        for (const Contribution& contribution : claim.contributions)
          if (contribution.nats > 0 && rule->deception > 0) c.deception[contribution.hypothesis] = rule->deception;
        // Metadata speaks only for code bases; the actors behind the earlier attacks are the ones posed as.
        const auto thing = ParseEntity(claim.thing);
        if (rule->deception > 0 && thing) {
          const Holders holders = context.knowledge.HoldersOf(*thing);
          for (const auto& [actor, p] : holders.actors) c.deception[actor] = rule->deception;
        }
      }
    }
    for (auto& [things, c] : by_thing) {
      for (auto* ids : {&c.side_a, &c.side_b, &c.cancelled}) {
        std::sort(ids->begin(), ids->end());
        ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
      }
      found.push_back(std::move(c));
    }
  }
  return found;
}

}  // namespace ascribe
