#include "code/function_match.h"

#include <algorithm>
#include <cmath>

namespace ascribe {
namespace {

// By coordinate search for the mean share of right first answers on zlib, lz4 and expat (six pairs of builds, pool
// 10,000), then rounded, with some weight left on exact code, which those pairs have little of; docs/bench-code.md has
// the scores on the other three projects.
constexpr std::array<double, kFunctionViews> kWeights = {1, .3, .2, .4, 2.8, 3, 4, 1.5, 1.4, 1.4, .5, .3};
constexpr double kSizeWeight = .2;
// A cosine over little evidence is chance: it counts mass / (mass + h). Natural logarithms; a feature that one function
// in 10,000 has is worth 9.
constexpr std::array<double, kFunctionViews> kConfidence = {0, 0, 0, 0, 8, 8, 8, 8, 15, 12, 15, 15};

double SizeLikeness(const CodeFunction& a, const CodeFunction& b) {
  return std::exp(-std::abs(std::log((a.instructions + 1.0) / (b.instructions + 1.0))) -
                  std::abs(std::log((a.blocks + 1.0) / (b.blocks + 1.0))));
}

}  // namespace

double FunctionCorpus::Rarity(std::size_t holders) const {
  return std::log((static_cast<double>(places_.size()) + 1.0) / (static_cast<double>(holders) + .5));
}

FunctionCorpus::FunctionCorpus(std::span<const Program* const> programs) : programs_(programs.begin(), programs.end()) {
  for (std::uint32_t p = 0; p < programs_.size(); ++p) {
    first_.push_back(static_cast<std::uint32_t>(places_.size()));
    for (std::uint32_t f = 0; f < programs_[p]->functions.size(); ++f) places_.push_back({p, f});
  }
  // Lists of common keys cost the most and say the least.
  common_ = std::max<std::size_t>(500, places_.size() / 20);
  std::array<std::vector<std::pair<std::uint64_t, std::uint32_t>>, kFunctionViews> pairs;
  for (std::uint32_t id = 0; id < places_.size(); ++id) {
    const ViewKeys keys = KeysByView(*programs_[places_[id].program], places_[id].function);
    for (std::size_t v = 0; v < kFunctionViews; ++v)
      for (std::uint64_t key : keys[v]) pairs[v].emplace_back(key, id);
  }
  for (std::size_t v = 0; v < kFunctionViews; ++v) {
    Postings& view = views_[v];
    view.mass.assign(places_.size(), 0);
    std::sort(pairs[v].begin(), pairs[v].end());
    for (std::size_t i = 0; i < pairs[v].size();) {
      std::size_t k = i;
      while (k < pairs[v].size() && pairs[v][k].first == pairs[v][i].first) ++k;
      if (k - i <= common_) {
        view.keys.push_back(pairs[v][i].first);
        view.first.push_back(static_cast<std::uint32_t>(view.holders.size()));
        const auto rarity = static_cast<float>(Rarity(k - i));
        for (; i < k; ++i) {
          view.holders.push_back(pairs[v][i].second);
          view.mass[pairs[v][i].second] += rarity;
        }
      }
      i = k;
    }
    view.first.push_back(static_cast<std::uint32_t>(view.holders.size()));
    pairs[v] = {};
  }
}

std::vector<FunctionCandidate> FunctionCorpus::Rank(const ViewKeys& query, const CodeFunction& function, std::size_t top,
                                                    const std::vector<std::uint32_t>* pool,
                                                    std::optional<std::uint32_t> self) const {
  std::vector<FunctionCandidate> found;
  std::vector<std::uint32_t> slot(places_.size(), 0);  // index into `found`, from 1
  std::vector<bool> competes(pool != nullptr ? places_.size() : 0);
  if (pool != nullptr)
    for (std::uint32_t id : *pool) competes[id] = true;
  std::vector<double> shared;
  for (std::size_t v = 0; v < kFunctionViews; ++v) {
    const Postings& view = views_[v];
    shared.assign(found.size(), 0);
    double own = 0;
    auto at = view.keys.begin();
    for (std::uint64_t key : query[v]) {
      at = std::lower_bound(at, view.keys.end(), key);
      std::size_t holders = 0;
      const std::uint32_t* list = nullptr;
      if (at != view.keys.end() && *at == key) {
        const auto k = static_cast<std::size_t>(at - view.keys.begin());
        list = view.holders.data() + view.first[k];
        holders = view.first[k + 1] - view.first[k];
      }
      const double rarity = Rarity(self && holders > 0 ? holders - 1 : holders);
      own += rarity;
      for (std::size_t i = 0; i < holders; ++i) {
        const std::uint32_t id = list[i];
        if (id == self || (pool != nullptr && !competes[id])) continue;
        if (slot[id] == 0) {
          found.push_back({places_[id], 0, {}});
          shared.push_back(0);
          slot[id] = static_cast<std::uint32_t>(found.size());
        }
        shared[slot[id] - 1] += rarity;
      }
    }
    if (own <= 0) continue;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (shared[i] <= 0) continue;
      const double mass = view.mass[IdOf(found[i].place)], least = std::min(own, mass);
      const double likeness = shared[i] / std::sqrt(own * mass) * (least / (least + kConfidence[v]));
      found[i].by_view[v] = static_cast<float>(likeness);
      found[i].score += kWeights[v] * likeness;
    }
  }
  for (FunctionCandidate& c : found)
    c.score += kSizeWeight * SizeLikeness(function, programs_[c.place.program]->functions[c.place.function]);
  const auto better = [](const FunctionCandidate& a, const FunctionCandidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.place.program != b.place.program ? a.place.program < b.place.program : a.place.function < b.place.function;
  };
  top = std::min(top, found.size());
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(top), found.end(), better);
  found.resize(top);
  return found;
}

}  // namespace ascribe
