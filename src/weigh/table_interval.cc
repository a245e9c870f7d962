#include "weigh/table_interval.h"

#include <algorithm>
#include <map>

#include "base/pool.h"

namespace ascribe {
namespace {

constexpr std::uint64_t kSeed = 0x61736372696265;  // "ascribe"; any fixed number
constexpr std::size_t kChunks = 16;                // one copy of the claims each

std::uint64_t SplitMix64(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// FNV-1a: the name of a kind as a number, on every machine the same.
std::uint64_t HashOf(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

using Posteriors = std::vector<std::map<std::string, double>>;  // one a level

}  // namespace

double DrawFor(std::string_view kind, std::uint64_t draw) {
  const std::uint64_t bits = SplitMix64(SplitMix64(kSeed ^ HashOf(kind)) + draw * 0x9e3779b97f4a7c15);
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

void RangeOverTable(const WeighInput& input, unsigned threads, std::vector<LevelResult>& levels) {
  for (LevelResult& level : levels)
    for (Hypothesis& h : level.ranked) h.table_low = h.table_high = h.posterior;
  const bool uncertain = std::any_of(input.claims.begin(), input.claims.end(), [](const Claim& claim) {
    return std::any_of(claim.contributions.begin(), claim.contributions.end(), [](const Contribution& c) { return c.low < c.high; });
  });
  if (!uncertain) return;
  std::vector<Posteriors> draws(kTableDraws, Posteriors(levels.size()));
  ParallelFor(kChunks, threads, [&](std::size_t chunk) {
    std::vector<Claim> claims = input.claims;
    const WeighInput drawn{claims, input.contradictions, input.knowledge, input.parameters, input.without, input.without_groups};
    for (std::size_t draw = chunk; draw < kTableDraws; draw += kChunks) {
      for (std::size_t i = 0; i < claims.size(); ++i) {
        const double u = DrawFor(claims[i].kind, draw);
        for (Contribution& c : claims[i].contributions) c.nats = c.low + u * (c.high - c.low);
      }
      for (const LevelResult& level : ComputeLevels(drawn))
        for (const Hypothesis& h : level.ranked) draws[draw][static_cast<std::size_t>(level.level)][h.id] = h.posterior;
    }
  });
  for (std::size_t l = 0; l < levels.size(); ++l)
    for (Hypothesis& h : levels[l].ranked) {
      std::vector<double> values;
      for (const Posteriors& draw : draws) {
        const auto it = draw[l].find(h.id);
        values.push_back(it == draw[l].end() ? 0 : it->second);  // an imitation that is not considered stands at nothing
      }
      std::sort(values.begin(), values.end());
      h.table_low = std::min(h.posterior, values[kTableDraws / 20]);
      h.table_high = std::max(h.posterior, values[kTableDraws - 1 - kTableDraws / 20]);
    }
}

}  // namespace ascribe
