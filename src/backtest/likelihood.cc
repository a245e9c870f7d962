#include "backtest/likelihood.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>

#include "base/dice.h"

namespace ascribe::backtest {
namespace {

constexpr std::size_t kKinds = kMeasuredKinds.size(), kAges = 2;
constexpr std::size_t kRounds = 400;
constexpr double kZ = 1.959964;  // 97.5th percentile of the normal distribution

// Hits and pairs of the tests of one actor: the unit that is drawn in the bootstrap, as tests of one actor are alike.
struct Counts {
  std::array<std::array<std::array<double, kAges>, kRarities>, kKinds> same{}, other{};
  double same_pairs = 0, other_pairs = 0;
  void Add(const Counts& more) {
    for (std::size_t kind = 0; kind < kKinds; ++kind)
      for (std::size_t r = 0; r < kRarities; ++r)
        for (std::size_t a = 0; a < kAges; ++a) {
          same[kind][r][a] += more.same[kind][r][a];
          other[kind][r][a] += more.other[kind][r][a];
        }
    same_pairs += more.same_pairs;
    other_pairs += more.other_pairs;
  }
};

struct Hits {
  double same = 0, other = 0;
};
Hits HitsOf(const Counts& counts, std::size_t kind, int rarity, int age) {
  Hits hits;
  for (std::size_t r = 0; r < kRarities; ++r)
    for (std::size_t a = 0; a < kAges; ++a) {
      if ((rarity >= 0 && static_cast<std::size_t>(rarity) != r) || (age >= 0 && static_cast<std::size_t>(age) != a)) continue;
      hits.same += counts.same[kind][r][a];
      hits.other += counts.other[kind][r][a];
    }
  return hits;
}

// Half a hit on each side keeps the ratio finite (Haldane 1956, Anscombe 1956).
double LogRatio(const Hits& hits, const Counts& counts) {
  return std::log((hits.same + 0.5) / (counts.same_pairs + 1)) - std::log((hits.other + 0.5) / (counts.other_pairs + 1));
}

// Wald interval of a log risk ratio (Katz et al. 1978).
double StandardError(const Hits& hits, const Counts& counts) {
  return std::sqrt(1 / (hits.same + 0.5) - 1 / (counts.same_pairs + 1) + 1 / (hits.other + 0.5) - 1 / (counts.other_pairs + 1));
}

LikelihoodCell MakeCell(const Counts& all, const std::vector<Counts>& drawn, std::size_t kind, int rarity, int age) {
  LikelihoodCell cell;
  cell.kind = kMeasuredKinds[kind].name;
  cell.rarity = rarity;
  cell.age = age;
  const Hits hits = HitsOf(all, kind, rarity, age);
  cell.same_hits = static_cast<std::size_t>(hits.same);
  cell.other_hits = static_cast<std::size_t>(hits.other);
  cell.nats = LogRatio(hits, all);
  const double error = StandardError(hits, all);
  std::vector<double> ratios;
  for (const Counts& counts : drawn) ratios.push_back(LogRatio(HitsOf(counts, kind, rarity, age), counts));
  std::sort(ratios.begin(), ratios.end());
  const std::size_t tail = ratios.size() / 40;
  cell.low = std::min(cell.nats - kZ * error, ratios[tail]);
  cell.high = std::max(cell.nats + kZ * error, ratios[ratios.size() - 1 - tail]);
  return cell;
}

}  // namespace

std::vector<Sighting> SightingsOf(const Items& items, const KnowledgeState& state, Facet facet, Date day) {
  std::vector<Sighting> sightings;
  std::map<std::uint32_t, Date> last;  // of each actor with the item
  for (const std::uint32_t item : items.of[facet]) {
    const Holders* holders = state.Find(facet, item);
    if (holders == nullptr) continue;
    last.clear();
    for (const std::uint32_t number : holders->reports) {
      const KnownReport& report = state.reports()[number];
      if (report.actor == kBackground) continue;
      const auto [at, is_new] = last.try_emplace(report.actor, report.day);
      if (!is_new) at->second = std::max(at->second, report.day);
    }
    for (const std::uint32_t actor : holders->actors) {
      const bool fresh = day.days - last.at(actor).days <= kFreshDays;
      sightings.push_back({actor, item, holders->count(), fresh ? ItemAge::kFresh : ItemAge::kOld});
    }
  }
  return sightings;
}

Fit MeasureLikelihoods(const Stage& stage, Date end, const TestFilter& counts) {
  std::map<std::string, Counts> by_actor;  // actor of the test
  Fit fit;
  fit.reports = stage.timeline.reports.size();
  Replay(stage, [&](std::size_t t, const KnowledgeState& state) {
    const Test& test = stage.timeline.tests[t];
    const Report& report = stage.corpus->reports[test.report];
    if (!(test.day < end) || !counts(report.actor)) return;
    if (fit.tests++ == 0) fit.first_day = test.day.ToString();
    fit.last_day = test.day.ToString();
    Counts& mine = by_actor[report.actor];
    const std::uint32_t truth = state.IndexOf(report.actor);
    const bool known = truth != kBackground;
    mine.same_pairs += known;
    mine.other_pairs += static_cast<double>(state.actors().size()) - known;
    const Items& items = stage.items[test.report];
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      std::map<std::uint32_t, std::pair<std::size_t, std::size_t>> best;  // actor -> smallest (rarity class, age)
      for (const Sighting& s : SightingsOf(items, state, kMeasuredKinds[kind].facet, test.day)) {
        const std::pair cell(s.rarity(), static_cast<std::size_t>(s.age));
        const auto [at, is_new] = best.try_emplace(s.actor, cell);
        if (!is_new) at->second = std::min(at->second, cell);
      }
      for (const auto& [actor, cell] : best) (actor == truth ? mine.same : mine.other)[kind][cell.first][cell.second] += 1;
    }
  });
  Counts all;
  std::vector<const Counts*> actors;
  for (const auto& [name, mine] : by_actor) {
    all.Add(mine);
    actors.push_back(&mine);
  }
  fit.actors = actors.size();
  fit.same_pairs = static_cast<std::size_t>(all.same_pairs);
  fit.other_pairs = static_cast<std::size_t>(all.other_pairs);
  if (actors.empty()) return fit;
  Dice dice(0);
  std::vector<Counts> drawn(kRounds);
  for (Counts& round : drawn)
    for (std::size_t i = 0; i < actors.size(); ++i) round.Add(*actors[dice.Below(actors.size())]);
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    fit.cells.push_back(MakeCell(all, drawn, kind, -1, -1));
    for (int rarity = 0; rarity < static_cast<int>(kRarities); ++rarity) {
      fit.cells.push_back(MakeCell(all, drawn, kind, rarity, -1));
      for (int age = 0; age < static_cast<int>(kAges); ++age) fit.cells.push_back(MakeCell(all, drawn, kind, rarity, age));
    }
  }
  return fit;
}

}  // namespace ascribe::backtest
