#include "respond/block_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "ingest/addresses.h"
#include "respond/case_evidence.h"

namespace ascribe {
namespace {

struct Candidate {
  std::vector<std::string> facts;       // that may be relied on
  std::vector<std::string> weak_facts;  // withdrawn or unverified
  std::string weak_reason;
  bool inside_only = true;  // nothing but "a file contains it"
  bool named_only = true;   // nothing shows that it was contacted
  bool traced_only = true;  // nothing but "the trail led there"
  std::optional<Date> seen, published;
};

bool IsAddress(const Entity& thing) { return thing.type == EntityType::kIpv4 || thing.type == EntityType::kIpv6; }
bool IsHash(const Entity& thing) {
  return thing.type == EntityType::kFileMd5 || thing.type == EntityType::kFileSha1 ||
         thing.type == EntityType::kFileSha256;
}

// What a fact shows to be part of the attack.
std::vector<const Entity*> Things(const Fact& fact) {
  switch (fact.relation) {
    case Relation::kObserved:
    case Relation::kContains:
    case Relation::kUses:
    case Relation::kCommunicatesWith:
    case Relation::kOperatedDirectlyFrom:
    case Relation::kTracedTo:
      switch (fact.subject.type) {
        case EntityType::kIncident:
        case EntityType::kSample:
        case EntityType::kMalware:
        case EntityType::kHost:
        case EntityType::kPersona:
          return {&fact.object};
        default:
          return {};  // what somebody says of other attacks
      }
    case Relation::kConnectsTo:  // outwards: its near end may be the victim itself
      return {&fact.object};
    default:
      return {};
  }
}

// Host of a URL; empty when there is none.
std::string HostOf(const Entity& url) {
  std::string_view text = url.value;
  const std::size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return {};
  text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find_first_of("/?#"));
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  if (text.starts_with('[')) return std::string(text.substr(1, text.find(']') - 1));
  return std::string(text.substr(0, text.find(':')));
}

// The address or name that a block of this thing would meet; a hash meets none.
std::optional<Entity> Met(const Entity& thing) {
  if (IsAddress(thing) || thing.type == EntityType::kDomain) return thing;
  if (thing.type != EntityType::kUrl) return std::nullopt;
  const std::string host = HostOf(thing);
  for (const EntityType type : {EntityType::kIpv4, EntityType::kIpv6, EntityType::kDomain})
    if (auto entity = MakeEntity(type, host)) return *entity;
  return std::nullopt;
}

bool IsRented(std::string_view hygiene) { return hygiene == "cloud" || hygiene == "datacenter"; }

class Sorter {
 public:
  Sorter(const VisibleCase& seen, const Hygiene& hygiene, const Knowledge& knowledge, const ResponseTable& table)
      : seen_(seen), hygiene_(hygiene), knowledge_(knowledge), table_(table) {
    for (const VisibleFact& visible : seen.facts) {
      const Fact& fact = *visible.fact;
      if (fact.relation == Relation::kListedAs) listed_.emplace(fact.subject, fact.object.value);
      if (fact.relation == Relation::kUsedInternallyBy) internal_.emplace(fact.subject, visible.id);
      for (const Entity* thing : Things(fact)) Take(*thing, fact, visible.id);
    }
    // Where a name of the attack led; what other names resolve to is no matter of this case.
    for (const VisibleFact& visible : seen.facts)
      if (visible.fact->relation == Relation::kResolvesTo && candidates_.count(visible.fact->subject) > 0)
        Take(visible.fact->object, *visible.fact, visible.id);
    for (const Fact* fact : seen.unverified) TakeWeak(*fact, "the fact is unverified or its source ungraded");
    for (const Fact* fact : seen.retracted) TakeWeak(*fact, "its publisher withdrew it");
  }

  BlockList Sort() const {
    BlockList list;
    for (const auto& [thing, candidate] : candidates_) {
      const std::vector<std::string>& facts = candidate.facts.empty() ? candidate.weak_facts : candidate.facts;
      BlockEntry entry;
      entry.thing = thing;
      std::string reason = WhyNot(thing, candidate);
      if (reason.empty()) reason = SetExpiry(candidate, entry);
      if (reason.empty()) {
        if (list.block.size() >= kMaxIndicators) {
          ++list.block_left_off;
          continue;
        }
        entry.collateral = Collateral(thing);
        if (candidate.named_only && !IsHash(thing))
          entry.collateral += "; no source says that it was contacted: look into own logs first";
        entry.backing = MakeBacking(facts);
        list.block.push_back(std::move(entry));
      } else if (list.not_blocked.size() >= kMaxIndicators) {
        ++list.not_blocked_left_off;
      } else {
        list.not_blocked.push_back({thing, std::move(reason), MakeBacking(facts)});
      }
    }
    return list;
  }

 private:
  bool IsIndicator(const Entity& thing) const {
    return table_.HalfLife(thing.type) > 0 || thing.type == EntityType::kCidr;
  }

  void Take(const Entity& thing, const Fact& fact, const std::string& id) {
    if (!IsIndicator(thing)) return;
    Candidate& c = candidates_[thing];
    c.facts.push_back(id);
    c.traced_only = c.traced_only && fact.relation == Relation::kTracedTo;
    c.inside_only = c.inside_only && fact.relation == Relation::kContains;
    c.named_only = c.named_only && (fact.relation == Relation::kContains || fact.relation == Relation::kObserved);
    const auto latest = [](std::optional<Date>& best, const std::optional<Time>& time) {
      if (time && (!best || *best < time->LastDay())) best = time->LastDay();
    };
    latest(c.seen, fact.valid_to ? fact.valid_to : fact.valid_from);
    latest(c.published, fact.known_on);
  }

  void TakeWeak(const Fact& fact, std::string_view reason) {
    for (const Entity* thing : Things(fact)) {
      if (!IsIndicator(*thing)) continue;
      Candidate& c = candidates_[*thing];
      c.weak_facts.push_back(fact.Id());
      c.weak_reason = reason;
    }
  }

  // Hygiene class by the shipped lists, by what the user added, or by a source of the case.
  std::string SharedAs(const Entity& thing) const {
    if (hygiene_.IsShared(thing)) return std::string(hygiene_.ClassOf(thing).value_or("shared"));
    if (const std::string_view listed = knowledge_.ListedAs(thing); !listed.empty() && !IsRented(listed))
      return std::string(listed);
    const auto own = listed_.find(thing);
    return own == listed_.end() || IsRented(own->second) ? std::string() : own->second;
  }

  std::string WhyNot(const Entity& thing, const Candidate& c) const {
    if (thing.type == EntityType::kCidr) return "a whole range: block the single addresses that were seen";
    const std::optional<Entity> met = Met(thing);
    if (!met && thing.type == EntityType::kUrl) return "its host cannot be read: a block could hit anything";
    if (met) {
      if (IsAddress(*met) && IsReservedAddress(met->value))
        return "a private or reserved address: it names no machine on the internet";
      if (met->type == EntityType::kDomain || met->type == EntityType::kHost)
        if (const std::string_view local = NoPublicName(met->value); !local.empty()) return std::string(local);
      if (met->type == EntityType::kIpv6 && (met->value.starts_with("2002:") || met->value.starts_with("2001:0:") || met->value.starts_with("2001::")))
        return "an address of a transition mechanism (6to4, Teredo): it stands for another one";
      if (const std::string_view never = NeverBecause(*met); !never.empty()) return std::string(never);
      if (internal_.count(*met) > 0) return "in use inside the victim's own network";
      const auto listed = hygiene_.ClassOf(*met).value_or(std::string_view{});
      if (listed == "reserved-range" || listed == "reserved-domain")
        return fmt::format("on the hygiene list \"{}\": it names no machine on the internet", listed);
    }
    if (const auto own = listed_.find(met.value_or(thing)); own != listed_.end() && own->second == "kill-switch")
      return "listed as a kill switch: the malware stops where it answers, so a block would let it go on";
    if (const std::string shared = SharedAs(thing); !shared.empty())
      return fmt::format("listed as \"{}\": a block would hit many unrelated people", shared);
    if (const std::string shared = met && *met != thing ? SharedAs(*met) : std::string(); !shared.empty())
      return fmt::format(
          "its host is listed as \"{}\": a block would hit many unrelated people; watch for the whole URL", shared);
    if (c.facts.empty()) return c.weak_reason;
    if (c.traced_only) return "only said to be where the trail led; nothing was seen to come from it";
    if (c.inside_only && !IsHash(thing))
      return "only found inside a file: it may be a kill switch or a harmless service, so see in logs whether it was "
             "contacted";
    return {};
  }

  // Names that mean nothing, or something else, outside of one network (RFC 6761, RFC 6762, RFC 8375, RFC 9476), numbers that
  // some programs read as addresses, and whole registries.
  static std::string_view NoPublicName(std::string_view name) {
    for (std::string_view end : {".arpa", ".local", ".localhost", ".localdomain", ".internal", ".intranet", ".lan", ".home", ".corp", ".private", ".test", ".invalid", ".example", ".alt"})
      if (name.ends_with(end)) return "a name that only means something inside one network: it names no machine on the internet";
    const std::size_t dot = name.rfind('.');
    const std::string_view last = dot == name.npos ? name : name.substr(dot + 1);
    if (!last.empty() && last.front() >= '0' && last.front() <= '9') return "a number that some programs read as an address: which one is not certain";
    if (dot == name.npos) return "a name without a domain: it names no machine on the internet";
    // Two labels such as co.uk or com.br: a registry under which anybody may have a name.
    const std::string_view first = name.substr(0, dot);
    if (last.size() == 2 && first.find('.') == first.npos)
      for (std::string_view registry : {"ac", "co", "com", "edu", "gob", "gov", "go", "gv", "ltd", "me", "mil", "ne", "net", "nom", "or", "org", "sch"})
        if (first == registry) return "a registry under which anybody may have a name: a block would hit a whole country";
    return {};
  }

  std::string_view NeverBecause(const Entity& met) const {
    for (const ResponseTable::Never& never : table_.never) {
      if (met == never.thing) return never.reason;
      if (met.type == EntityType::kDomain && never.thing.type == EntityType::kDomain &&
          met.value.ends_with("." + never.thing.value))
        return never.reason;
    }
    return {};
  }

  // Sets the dates; gives the reason when there is none to count from, or the day has passed.
  std::string SetExpiry(const Candidate& c, BlockEntry& entry) const {
    const CaseInfo& info = seen_.data->info;
    const std::optional<Time>& incident = info.detected ? info.detected : info.incident;
    if (c.seen) {
      entry.last_seen = *c.seen;
      entry.last_seen_basis = "seen";
    } else if (incident) {
      entry.last_seen = incident->LastDay();
      entry.last_seen_basis = "incident";
    } else if (c.published) {
      entry.last_seen = *c.published;
      entry.last_seen_basis = "published";
    } else {
      return "no date says when it was seen, so no day could end the block";
    }
    entry.expires.days = entry.last_seen.days + table_.half_lives * table_.HalfLife(entry.thing.type);
    if (seen_.as_of && entry.expires < *seen_.as_of)
      return fmt::format("expired on {}: look for it in old logs, do not block it", entry.expires.ToString());
    return {};
  }

  std::string Collateral(const Entity& thing) const {
    if (IsHash(thing))
      return thing.type == EntityType::kFileMd5
                 ? "this exact file only (MD5 can be made to collide); make sure that it is no legitimate program"
                 : "this exact file only; make sure that it is no legitimate program";
    const std::optional<Entity> met = Met(thing);
    const std::string listed = met ? std::string(hygiene_.ClassOf(*met).value_or(std::string_view{})) : std::string();
    if (thing.type == EntityType::kUrl)
      return listed.empty()
                 ? "block the whole URL, not its host"
                 : fmt::format("block the whole URL, not its host, which is in space listed as \"{}\"", listed);
    if (IsRented(listed))
      return fmt::format("rented space (\"{}\"): its next tenant is somebody else, so let the block expire", listed);
    if (!listed.empty())
      return fmt::format("below a name listed as \"{}\": block this name only, never its parent", listed);
    if (thing.type == EntityType::kDomain)
      return "may be the site of a third party that was broken into, or a kill switch: see what it answers before "
             "blocking";
    return "may be a third party's machine that was broken into, or have another holder by now: check own traffic to "
           "it first";
  }

  const VisibleCase& seen_;
  const Hygiene& hygiene_;
  const Knowledge& knowledge_;
  const ResponseTable& table_;
  std::map<Entity, Candidate> candidates_;
  std::map<Entity, std::string> listed_, internal_;
};

}  // namespace

BlockList MakeBlockList(const VisibleCase& seen, const Hygiene& hygiene, const Knowledge& knowledge,
                        const ResponseTable& table) {
  return Sorter(seen, hygiene, knowledge, table).Sort();
}

}  // namespace ascribe
