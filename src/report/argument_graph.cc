#include "report/argument_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/text.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kColumnWidth = 250, kRowHeight = 26, kMargin = 20;
enum Column { kEvidence, kFact, kClaim, kHypothesis };

struct Node {
  std::string id, label, title;
  int column = kEvidence;
  std::size_t count = 1;
  double order = 0;  // barycentre of its neighbours to the right, then to the left
  int row = 0;
};
struct Edge {
  std::size_t from = 0, to = 0;
  double weight = 0;
};

struct Graph {
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  std::map<std::string, std::size_t> place;

  std::size_t Add(int column, const std::string& id, const std::string& label, const std::string& title) {
    const auto [at, added] = place.emplace(id, nodes.size());
    if (added) nodes.push_back({id, SanitizeUtf8(Ellipsize(label, 60)), SanitizeUtf8(Ellipsize(title, 300)), column});
    return at->second;
  }
};

double Weight(const Claim& claim) {
  double most = 0;
  for (const Contribution& c : claim.contributions) most = std::max(most, std::abs(c.nats));
  return most;
}

// The leaders and their rivals: what a claim may speak for.
std::map<std::string, std::string> ShownHypotheses(const Assessment& a) {
  constexpr std::size_t kEach = 4;
  std::map<std::string, std::string> shown;
  for (const LevelResult& level : a.levels)
    for (std::size_t i = 0; i < std::min(kEach, level.ranked.size()); ++i)
      shown.emplace(fmt::format("{}/{}", LevelName(level.level), level.ranked[i].id), level.ranked[i].name);
  return shown;
}

// Two sweeps of the barycentre heuristic (Sugiyama, Tagawa, Toda 1981): few crossings, and always the same ones.
void Arrange(Graph& graph) {
  const auto rank = [&](int column) {
    std::vector<std::size_t> list;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i)
      if (graph.nodes[i].column == column) list.push_back(i);
    std::sort(list.begin(), list.end(), [&](std::size_t a, std::size_t b) {
      const Node &x = graph.nodes[a], &y = graph.nodes[b];
      if (x.order != y.order) return x.order < y.order;
      return x.id < y.id;
    });
    for (std::size_t i = 0; i < list.size(); ++i) graph.nodes[list[i]].row = static_cast<int>(i);
  };
  const auto pull = [&](int column, int towards) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      if (graph.nodes[i].column != column) continue;
      double sum = 0;
      int n = 0;
      for (const Edge& e : graph.edges) {
        const std::size_t other = e.from == i ? e.to : e.to == i ? e.from : i;
        if (other == i || graph.nodes[other].column != towards) continue;
        sum += graph.nodes[other].row;
        ++n;
      }
      if (n > 0) graph.nodes[i].order = sum / n;
    }
    rank(column);
  };
  for (int column = kEvidence; column <= kHypothesis; ++column) rank(column);
  for (int sweep = 0; sweep < 2; ++sweep) {
    for (int column = kHypothesis - 1; column >= kEvidence; --column) pull(column, column + 1);
    for (int column = kFact; column <= kHypothesis; ++column) pull(column, column - 1);
  }
}

}  // namespace

std::string ArgumentGraphJson(const CaseData& data, const Assessment& assessment) {
  const std::map<std::string, std::string> hypotheses = ShownHypotheses(assessment);
  std::unordered_map<std::string, const Fact*> own;
  for (const Fact& fact : data.facts) own.emplace(fact.Id(), &fact);
  std::vector<const Claim*> claims;
  for (const Claim& claim : assessment.claims)
    if (!claim.cancelled && Weight(claim) > 0) claims.push_back(&claim);
  std::stable_sort(claims.begin(), claims.end(), [](const Claim* a, const Claim* b) { return Weight(*a) > Weight(*b); });

  Graph graph;
  std::size_t folded = 0;
  for (const Claim* claim : claims) {
    std::vector<std::pair<std::string, double>> speaks;
    for (const Contribution& c : claim->contributions)
      if (const std::string id = fmt::format("{}/{}", LevelName(c.level), c.hypothesis); c.nats != 0 && hypotheses.count(id) > 0) speaks.emplace_back(id, c.nats);
    std::map<std::string, std::vector<std::string>> by_evidence;
    for (const std::string& id : claim->case_facts)
      if (const auto fact = own.find(id); fact != own.end()) by_evidence[fact->second->evidence].push_back(id);
    // What this claim would add at most; a claim that no shown hypothesis hears of stays folded.
    const std::size_t needed = 1 + 2 * by_evidence.size() + speaks.size();
    if (speaks.empty() || graph.nodes.size() + needed > kMaxGraphNodes) {
      ++folded;
      continue;
    }
    const std::size_t to = graph.Add(kClaim, claim->id, claim->statement, claim->statement);
    for (const auto& [id, nats] : speaks) graph.edges.push_back({to, graph.Add(kHypothesis, id, hypotheses.at(id), id), nats});
    for (const auto& [sha256, facts] : by_evidence) {
      const Evidence* file = data.FindEvidence(sha256);
      const std::string name = file == nullptr ? sha256.substr(0, 12) : file->name;
      const std::size_t from = graph.Add(kEvidence, sha256, name, name + " sha256 " + sha256);
      const Fact& first = *own.at(facts.front());
      const std::string label = facts.size() == 1 ? Defang(first.object.value) : fmt::format("{} facts", facts.size());
      // Claims that rest on the same facts share the node.
      std::string key = sha256;
      for (const std::string& fact : facts) key += ' ' + fact;
      const std::size_t middle = graph.Add(kFact, key, label, fmt::format("{} {} in {}", facts.size() == 1 ? RelationName(first.relation) : "", label, name));
      graph.nodes[middle].count = facts.size();
      graph.edges.push_back({middle, to, Weight(*claim)});
      const auto known = std::find_if(graph.edges.begin(), graph.edges.end(), [&](const Edge& e) { return e.from == from && e.to == middle; });
      if (known == graph.edges.end()) graph.edges.push_back({from, middle, Weight(*claim)});
    }
  }
  Arrange(graph);
  std::array<int, 4> rows{};
  for (const Node& node : graph.nodes) rows[static_cast<std::size_t>(node.column)] = std::max(rows[static_cast<std::size_t>(node.column)], node.row + 1);
  const int most = *std::max_element(rows.begin(), rows.end());
  Json nodes = Json::array(), edges = Json::array();
  for (const Node& node : graph.nodes) {
    const int height = rows[static_cast<std::size_t>(node.column)];
    // Every column is spread over the whole height.
    const int y = kMargin + (2 * node.row + 1) * most * kRowHeight / (2 * height);
    Json n = {{"id", node.column == kFact ? node.id.substr(node.id.find(' ') + 1) : node.id},
              {"column", node.column}, {"x", kMargin + node.column * kColumnWidth}, {"y", y}, {"label", node.label}, {"title", node.title}};
    if (node.count > 1) n["count"] = node.count;
    nodes.push_back(std::move(n));
  }
  for (const Edge& e : graph.edges) edges.push_back({e.from, e.to, std::round(e.weight * 1000) / 1000 + 0.0});
  return Json{{"width", 2 * kMargin + 4 * kColumnWidth}, {"height", 2 * kMargin + most * kRowHeight}, {"nodes", nodes}, {"edges", edges}, {"folded", folded}}
      .dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace ascribe
