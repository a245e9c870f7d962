#include "weigh/contradictions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"
#include "code/code_facts.h"
#include "ingest/pe.h"

namespace ascribe {
namespace {

struct Pair {
  const VisibleFact* a = nullptr;
  const VisibleFact* b = nullptr;
  std::set<Entity> undermined;  ///< things whose claims fall
  std::string text;
  std::set<Entity> posed_as = {};  ///< whose holders somebody may be posing as, whether or not a claim falls
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

// The language of a trace, "ru" of "ru-keyboard"; empty when its places are not known ("claims-xx" is a persona's word and
// has a rule of its own).
std::string KnownLanguage(const LinkContext& context, const Entity& trace) {
  if (trace.type != EntityType::kLanguage && trace.type != EntityType::kResourceLanguage) return {};
  const std::string language = trace.value.substr(0, trace.value.find('-'));
  return context.parameters.language_offsets.count(language) > 0 ? language : std::string();
}

bool IsSetting(const Entity& trace) {
  return trace.type == EntityType::kLanguage && (trace.value.ends_with("-keyboard") || trace.value.ends_with("-system"));
}

// What is said of the incident holds for all its samples; what is said of one sample holds for that one.
bool SameScope(const Fact& a, const Fact& b) {
  return a.subject == b.subject || a.subject.type == EntityType::kIncident || b.subject.type == EntityType::kIncident;
}

// The language is undermined, never the hours or the settings: those are months of work, a resource language is one
// menu entry.
std::vector<Pair> LanguageAgainstHours(const LinkContext& context) {
  constexpr int kTolerance = 60;  // minutes: daylight saving, and hours are read off a histogram
  std::vector<Pair> pairs;
  for (const VisibleFact& trace : context.seen.facts) {
    const std::string language = KnownLanguage(context, trace.fact->object);
    if (language.empty() || IsSetting(trace.fact->object)) continue;
    const std::vector<int>& usual = context.parameters.language_offsets.at(language);
    std::vector<Pair> against;
    bool fits = false;
    for (const VisibleFact& other : context.seen.facts) {
      const Entity& object = other.fact->object;
      if (!SameScope(*trace.fact, *other.fact)) continue;
      if (object.type == EntityType::kUtcOffset) {
        const auto observed = ParseUtcOffset(object.value);
        if (!observed) continue;
        // Hours that fit several zones are several facts: one that fits is enough.
        if (std::any_of(usual.begin(), usual.end(), [&](int u) { return std::abs(u - *observed) <= kTolerance; })) {
          fits = true;
          continue;
        }
        against.push_back({&trace, &other, {trace.fact->object},
                           fmt::format("{} holds traces of the language {}, but the working hours fit UTC{}",
                                       trace.fact->subject.value, language, object.value)});
      } else if (IsSetting(object)) {
        const std::string set = KnownLanguage(context, object);
        if (set == language) fits = true;
        if (set.empty() || set == language) continue;
        against.push_back({&trace, &other, {trace.fact->object},
                           fmt::format("{} holds traces of the language {}, but keyboard or system were set to {}",
                                       trace.fact->subject.value, language, set)});
      }
    }
    if (!fits) std::move(against.begin(), against.end(), std::back_inserter(pairs));
  }
  return pairs;
}

// Whom a claim speaks for as to code and its user; a state says nothing about code.
std::set<std::string> PointsAt(const Claim& claim) {
  std::set<std::string> ids;
  for (const Contribution& c : claim.contributions)
    if (c.level != Level::kSponsor && c.nats > 0) ids.insert(c.hypothesis);
  return ids;
}

// A name (a family somebody recognised, a reported link) points at A, the measured code of the same sample at B and at
// nobody behind A. Only within one sample: two tools in one incident are two tools. A name that was itself measured is no
// mere name, and a name that is also given elsewhere stands.
std::vector<Pair> ClaimedToolAgainstCode(const LinkContext& context, const std::vector<Claim>& claims) {
  std::map<std::string, const VisibleFact*> by_id;
  for (const VisibleFact& visible : context.seen.facts) by_id[visible.id] = &visible;
  const auto facts_of = [&](const Claim& claim) {
    std::vector<const VisibleFact*> facts;
    for (const std::string& id : claim.case_facts)
      if (const auto it = by_id.find(id); it != by_id.end()) facts.push_back(it->second);
    return facts;
  };
  struct Measured {
    const VisibleFact* fact;
    std::set<std::string> points_at;
  };
  std::map<Entity, std::vector<Measured>> measured;  // by sample
  for (const Claim& claim : claims) {
    if (claim.kind != "code-function" && claim.kind != "code-template" && claim.kind != "data-table") continue;
    if (claim.cancelled || claim.asserted) continue;
    const std::set<std::string> points_at = PointsAt(claim);
    if (points_at.empty()) continue;
    for (const VisibleFact* fact : facts_of(claim))
      if (fact->fact->subject.type == EntityType::kSample) measured[fact->fact->subject].push_back({fact, points_at});
  }
  std::vector<Pair> pairs;
  for (const Claim& claim : claims) {
    if (claim.cancelled || (claim.kind != "malware-family" && claim.kind != "reported-code-link")) continue;
    const std::set<std::string> named = PointsAt(claim);
    const auto thing = ParseEntity(claim.thing);
    if (named.empty() || !thing) continue;
    std::vector<Pair> against;
    bool stands = false;
    for (const VisibleFact* fact : facts_of(claim)) {
      const auto code = measured.find(fact->fact->subject);
      stands = stands || fact->fact->verification == Verification::kMeasured || code == measured.end();
      if (stands) break;
      for (const Measured& m : code->second) {
        stands = stands || std::any_of(named.begin(), named.end(), [&](const std::string& id) { return m.points_at.count(id) > 0; });
        against.push_back({fact, m.fact, {*thing},
                           fmt::format("{} is said to be or share {}, but its code ({}) is known from others only",
                                       fact->fact->subject.value, thing->value, m.fact->fact->object.value)});
      }
    }
    if (!stands) std::move(against.begin(), against.end(), std::back_inserter(pairs));
  }
  return pairs;
}

// A header that says by itself, or by the file it stands in, that it was put there.
std::vector<Pair> ForeignHeader(const LinkContext& context) {
  std::vector<Pair> pairs;
  for (const VisibleFact& reason : context.seen.facts) {
    const Fact& fact = *reason.fact;
    if (fact.subject.type != EntityType::kRichHeader || fact.object.type != EntityType::kText || !fact.object.value.starts_with(kForeignHeader)) continue;
    for (const VisibleFact& holds : context.seen.facts) {
      if (holds.fact->object != fact.subject || holds.fact->subject.type != EntityType::kSample || holds.fact->evidence != fact.evidence) continue;
      pairs.push_back({&holds, &reason, {fact.subject},
                       fmt::format("the Rich header of {} was made for another file: {}", holds.fact->subject.value,
                                   fact.object.value.substr(kForeignHeader.size()))});
    }
  }
  return pairs;
}

// Tiers that are cheap to forge point at a family whose code was looked for and is not there. The other side is what the code
// points at or, when that is unknown, the sample itself.
std::vector<Pair> MetadataAgainstCode(const LinkContext& context) {
  const auto is_pointer = [](const Fact& fact) { return fact.extractor == kCodeTiersExtractor && fact.relation == Relation::kResembles; };
  // Header, stamp and texts of one family on one file are one forgery, not three.
  std::map<std::pair<std::string, Entity>, std::set<Entity>> things;  // by file and family
  for (const VisibleFact& pointer : context.seen.facts)
    if (is_pointer(*pointer.fact)) things[{pointer.fact->evidence, pointer.fact->object}].insert({pointer.fact->subject, pointer.fact->object});
  std::vector<Pair> pairs;
  for (const VisibleFact& pointer : context.seen.facts) {
    const Fact& fact = *pointer.fact;
    if (!is_pointer(fact)) continue;
    const VisibleFact* other = nullptr;
    for (const VisibleFact& code : context.seen.facts) {
      if (code.fact->evidence != fact.evidence || code.fact->subject.type != EntityType::kSample) continue;
      const bool link = code.fact->extractor == kCodeMatchExtractor && code.fact->object != fact.object;
      const bool self = code.fact->object.type == EntityType::kFileSha256;
      if (link || (self && other == nullptr)) other = &code;
      if (link) break;
    }
    if (other == nullptr) continue;
    pairs.push_back({&pointer, other, things[{fact.evidence, fact.object}],
                     fmt::format("{} of {}: {}", EntityTypeName(fact.subject.type), fact.evidence, fact.note), {fact.object}});
  }
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
    std::function<std::vector<Pair>(const LinkContext&)> find;
  };
  // In this order: a name is held only against code claims that stand.
  const Finder kFinders[] = {
      {"build-metadata-against-code", BuildMetadata}, {"stamp-after-first-seen", StampAfterFirstSeen},
      {"signed-after-key-was-public", SignedAfterPublic}, {"internal-address", InternalAddress},
      {"persona-language", PersonaLanguage}, {"demand-without-means", DemandWithoutMeans},
      {"foreign-header", ForeignHeader}, {"metadata-against-code", MetadataAgainstCode},
      {"public-code-explains-link", PublicCode}, {"language-against-hours", LanguageAgainstHours},
      {"claimed-tool-against-code", [&](const LinkContext& c) { return ClaimedToolAgainstCode(c, claims); }}};
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
      for (const Entity& thing : pair.posed_as) {
        const Holders holders = context.knowledge.HoldersOf(thing);
        for (const auto& [actor, p] : holders.actors) c.deception[actor] = rule->deception;
        for (const auto& [lineage, p] : holders.lineages) c.deception[lineage] = rule->deception;
      }
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
