#include "route/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "base/text.h"

namespace ascribe {
namespace {

constexpr std::size_t kMaxHops = 1000;  // a report shows tens; more is a capture and belongs to the flow reader
constexpr int kMaxDepth = 16;

bool IsNode(EntityType type) {
  switch (type) {
    case EntityType::kIncident: case EntityType::kHost: case EntityType::kIpv4: case EntityType::kIpv6:
    case EntityType::kDomain: case EntityType::kAsn: case EntityType::kCidr: case EntityType::kHolder: return true;
    default: return false;
  }
}

bool IsEdge(const Fact& fact) {
  switch (fact.relation) {
    case Relation::kConnectsTo: case Relation::kCommunicatesWith: case Relation::kResolvesTo: case Relation::kAnnouncedBy:
    case Relation::kOperatedDirectlyFrom: break;
    default: return false;
  }
  return IsNode(fact.object.type) && (IsNode(fact.subject.type) || fact.subject.type == EntityType::kSample);
}

std::string StatusOf(const Fact& fact) {
  if (fact.relation == Relation::kOperatedDirectlyFrom || fact.statement != StatementKind::kNone) return "asserted";
  return fact.relation == Relation::kAnnouncedBy ? "inferred" : "observed";
}

// A sample runs inside the victim: its traffic starts at the incident.
std::string NodeOf(const Entity& entity) {
  return entity.type == EntityType::kSample ? std::string("incident:self") : entity.ToString();
}

}  // namespace

Route TraceRoute(const LinkContext& context) {
  struct Edge {
    const Fact* fact;
    std::string id;
    double q;
  };
  std::map<std::string, std::vector<Edge>> edges;
  std::map<std::string, std::pair<std::string, std::string>> places;  // node -> country, fact id
  const auto add_edge = [&](const Fact& fact, const std::string& id, double q) {
    if (IsEdge(fact)) edges[NodeOf(fact.subject)].push_back({&fact, id, q});
  };
  for (const VisibleFact& visible : context.seen.facts) {
    add_edge(*visible.fact, visible.id, visible.q);
    if (visible.fact->relation == Relation::kLocatedIn)
      places.emplace(visible.fact->subject.ToString(), std::make_pair(visible.fact->object.value, visible.id));
  }
  // Knowledge adds what lies behind a range, never where this case's traffic went.
  for (Relation relation : {Relation::kAnnouncedBy, Relation::kConnectsTo})
    for (const KnownFact* known : context.knowledge.OfRelation(relation))
      if (known->fact.subject.type == EntityType::kCidr || known->fact.subject.type == EntityType::kAsn)
        add_edge(known->fact, known->id, context.parameters.Reliability(known->source->grade).value_or(0));

  Route route;
  std::map<std::string, int> depth = {{"incident:self", 0}};
  std::map<std::pair<std::string, std::string>, std::size_t> seen_hops;
  std::deque<std::string> queue = {"incident:self"};
  std::set<std::string> leads_on;
  while (!queue.empty() && route.hops.size() < kMaxHops) {
    const std::string node = queue.front();
    queue.pop_front();
    const auto it = edges.find(node);
    if (it == edges.end() || depth[node] >= kMaxDepth) continue;
    for (const Edge& edge : it->second) {
      const std::string to = edge.fact->object.ToString();
      if (to == node) continue;
      const auto [known, fresh] = seen_hops.emplace(std::make_pair(node, to), route.hops.size());
      if (!fresh) {
        Hop& hop = route.hops[known->second];
        hop.facts.push_back(edge.id);
        hop.q = std::max(hop.q, edge.q);
        continue;
      }
      if (route.hops.size() >= kMaxHops) break;
      Hop hop;
      hop.from = node;
      hop.to = to;
      hop.status = StatusOf(*edge.fact);
      hop.q = edge.q;
      hop.facts.push_back(edge.id);
      if (const auto place = places.find(to); place != places.end()) {
        hop.place = place->second.first;
        hop.facts.push_back(place->second.second);
      }
      std::vector<std::string> used;
      const std::string country = ControllingCountry(context, edge.fact->object, used);
      if (!country.empty()) {
        hop.control = country.substr(country.find(':') + 1);
        hop.facts.insert(hop.facts.end(), used.begin(), used.end());
      }
      leads_on.insert(node);
      route.hops.push_back(std::move(hop));
      if (depth.emplace(to, depth[node] + 1).second) queue.push_back(to);
    }
  }
  std::set<std::string> ends;
  for (Hop& hop : route.hops) {
    std::sort(hop.facts.begin(), hop.facts.end());
    hop.facts.erase(std::unique(hop.facts.begin(), hop.facts.end()), hop.facts.end());
    if (leads_on.count(hop.to) == 0) ends.insert(hop.to);
  }
  route.ends.assign(ends.begin(), ends.end());
  const Hop* slip = nullptr;
  for (const Hop& hop : route.hops)
    if (hop.status == "asserted" && !hop.control.empty() && (slip == nullptr || hop.q > slip->q)) slip = &hop;
  const auto value = [](const std::string& text) { return Ellipsize(Defang(text.substr(text.find(':') + 1)), 80); };
  if (route.hops.empty()) {
    route.end_of_trail = "No hop is known: the trail ends at the victim.";
  } else if (slip != nullptr) {
    route.end_of_trail = fmt::format("The observed trail ends at {} relay{}; beyond them a source asserts {}, controlled from {} ({:.0f} % that it is as stated).",
                                     ends.size(), ends.size() == 1 ? "" : "s", value(slip->to), slip->control, 100 * slip->q);
  } else {
    route.end_of_trail = fmt::format("The trail ends at {}: what lies behind {} is not in the evidence.",
                                     ends.size() == 1 ? value(*ends.begin()) : fmt::format("{} addresses", ends.size()),
                                     ends.size() == 1 ? "it" : "them");
  }
  route.notes.push_back("The country of a relay is not the country of an actor.");
  if (route.hops.size() >= kMaxHops) route.notes.push_back("Only the first 1,000 hops are shown.");
  return route;
}

}  // namespace ascribe
