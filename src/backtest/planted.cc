#include "backtest/planted.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/dice.h"

namespace ascribe::backtest {
namespace {

struct Frame {
  const char* name;
  std::vector<Facet> kinds;
};
const std::vector<Frame>& Frames() {
  static const std::vector<Frame> frames = {{"technique", {kTechnique}},
                                            {"family", {kFamily}},
                                            {"hash", {kHash}},
                                            {"address", {kAddress}},
                                            {"host", {kHost}},
                                            {"family + host", {kFamily, kHost}},
                                            {"hash + host", {kHash, kHost}},
                                            {"family + host + hash", {kFamily, kHost, kHash}},
                                            {"2 families", {kFamily, kFamily}},
                                            {"2 hosts", {kHost, kHost}},
                                            {"2 families + 2 hosts", {kFamily, kFamily, kHost, kHost}}};
  return frames;
}

// Items of the facet that only this actor holds; for techniques, which are never that rare, those that fewest hold.
std::vector<std::uint32_t> RareItems(const KnowledgeState& state, std::size_t actor, Facet facet) {
  std::vector<std::uint32_t> items;
  std::size_t least = facet == kTechnique ? SIZE_MAX : 1;
  for (const auto& [item, count] : state.actors()[actor].counts[facet]) {
    const std::size_t holders = state.Find(facet, item)->count();
    if (facet == kTechnique && holders < least) {
      least = holders;
      items.clear();
    }
    if (holders == least) items.push_back(item);
  }
  std::sort(items.begin(), items.end());
  return items;
}

void Plant(Facet facet, const std::string& text, Report& report) {
  switch (facet) {
    case kHash:
      report.hashes.push_back(text);
      break;
    case kHost:
      (text.find('@') == text.npos ? report.domains : report.emails).push_back(text);
      break;
    case kAddress:
      report.ips.push_back(text);
      break;
    case kFamily:
      report.families.push_back(text);
      break;
    case kTechnique:
      report.techniques.push_back(text);
      break;
    default:
      break;
  }
}

// Groups of evidence, each left out as a whole.
const std::vector<std::vector<Facet>>& Groups() {
  static const std::vector<std::vector<Facet>> groups = {{kHash, kFamily, kOwnFamily, kPublicTool},
                                                         {kHost, kDomain, kAddress, kNetwork, kPath, kNameEnding},
                                                         {kTechnique}};
  return groups;
}

// The items without those of one facet that `gone` says, and without what is kept beside them.
template <typename Gone>
void Erase(Items& items, Facet facet, const Gone& gone) {
  Items kept;
  for (std::size_t i = 0; i < items.of[facet].size(); ++i) {
    if (gone(i)) continue;
    kept.of[facet].push_back(items.of[facet][i]);
    if (facet == kHost) kept.host_domain.push_back(items.host_domain[i]);
    if (facet == kAddress) kept.address_network.push_back(items.address_network[i]);
    if (facet == kDomain) kept.name_pieces.push_back(items.name_pieces[i]);
  }
  items.of[facet] = std::move(kept.of[facet]);
  if (facet == kHost) items.host_domain = std::move(kept.host_domain);
  if (facet == kAddress) items.address_network = std::move(kept.address_network);
  if (facet == kDomain) items.name_pieces = std::move(kept.name_pieces);
}

void EraseItem(Items& items, Facet facet, std::uint32_t item) {
  Erase(items, facet, [&](std::size_t i) { return items.of[facet][i] == item; });
}

// The rarest item of a facet that the actor holds, the first of equals; kNoItem: none.
std::uint32_t Rarest(const Items& items, const KnowledgeState& state, Facet facet, std::size_t actor) {
  std::uint32_t rarest = kNoItem;
  for (const std::uint32_t item : items.of[facet]) {
    if (state.actors()[actor].counts[facet].count(item) == 0) continue;
    if (rarest == kNoItem || state.Rarity(facet, item) > state.Rarity(facet, rarest)) rarest = item;
  }
  return rarest;
}

// The report without the rarest thing of each kind that it shares with the actor. A name goes with its hosts, a network
// with its addresses.
Items WithoutRarest(Items items, const KnowledgeState& state, std::size_t actor) {
  for (const Facet facet : {kHash, kPath, kOwnFamily, kPublicTool, kTechnique})
    EraseItem(items, facet, Rarest(items, state, facet, actor));
  const std::uint32_t domain = Rarest(items, state, kDomain, actor), host = Rarest(items, state, kHost, actor);
  if (domain != kNoItem) {
    Erase(items, kHost, [&](std::size_t i) { return items.host_domain[i] == domain; });
    EraseItem(items, kDomain, domain);
  } else {
    EraseItem(items, kHost, host);
  }
  const std::uint32_t network = Rarest(items, state, kNetwork, actor);
  Erase(items, kAddress, [&](std::size_t i) { return items.address_network[i] == network; });
  EraseItem(items, kNetwork, network);
  return items;
}

struct Verdict {
  std::size_t actor = 0;
  double p = 0;
};

// One test of the replay, with what was known at its time.
class Trial {
 public:
  Trial(Stage& stage, const KnowledgeState& state, Date day, const Model& model, const std::vector<double>& weights)
      : stage_(stage), state_(state), day_(day), model_(model), weights_(weights) {}

  [[nodiscard]] Items Take(const Report& report) const { return stage_.table->Take(report); }
  [[nodiscard]] Verdict Judge(const Items& items) const {
    const std::vector<double> p = Posterior(ComputeFeatures(items, state_, day_), model_, weights_);
    const auto best = std::max_element(p.begin(), p.end() - 1);
    return {static_cast<std::size_t>(best - p.begin()), *best};
  }
  // The lowest P of the actor when one group is left out; 0 when another one is first then.
  [[nodiscard]] double WithoutAGroup(const Items& items, std::size_t actor) const {
    double least = 1;
    for (const std::vector<Facet>& group : Groups()) {
      Items left = items;
      for (const Facet facet : group) Erase(left, facet, [](std::size_t) { return true; });
      least = std::min(least, Left(left, actor));
    }
    return least;
  }
  // The same when the rarest thing of each kind is left out, all at once.
  [[nodiscard]] double WithoutTheRarest(const Items& items, std::size_t actor) const {
    return Left(WithoutRarest(items, state_, actor), actor);
  }
  // Another actor with rare items of all kinds, and the report with one of each added.
  [[nodiscard]] std::optional<std::pair<std::size_t, Report>> MakeFrame(const Frame& frame, const Report& report,
                                                                        std::size_t truth, Dice& dice) const {
    std::vector<std::size_t> able;
    for (std::size_t a = 0; a < state_.actors().size(); ++a) {
      const auto has = [&](Facet kind) {
        const auto wanted = std::count(frame.kinds.begin(), frame.kinds.end(), kind);
        return RareItems(state_, a, kind).size() >= static_cast<std::size_t>(wanted);
      };
      if (a != truth && std::all_of(frame.kinds.begin(), frame.kinds.end(), has)) able.push_back(a);
    }
    if (able.empty()) return std::nullopt;
    const std::size_t framed = able[dice.Below(able.size())];
    Report planted = report;
    std::map<Facet, std::vector<std::uint32_t>> left;
    for (const Facet kind : frame.kinds) {
      std::vector<std::uint32_t>& items = left.try_emplace(kind, RareItems(state_, framed, kind)).first->second;
      const std::size_t drawn = dice.Below(items.size());
      Plant(kind, stage_.table->Text(kind, items[drawn]), planted);
      items.erase(items.begin() + static_cast<std::ptrdiff_t>(drawn));
    }
    return std::pair{framed, std::move(planted)};
  }

 private:
  [[nodiscard]] double Left(const Items& items, std::size_t actor) const {
    const Verdict verdict = Judge(items);
    return verdict.actor == actor ? verdict.p : 0;
  }
  Stage& stage_;
  const KnowledgeState& state_;
  Date day_;
  const Model& model_;
  const std::vector<double>& weights_;
};

constexpr double kSure = 0.8;  // the gate
// Without a group the answer should pass the gate still; without the rarest things it should lead still.
constexpr double kGroupFloor = kSure, kThinFloor = 0.5;

}  // namespace

PlantedTable PlantEvidence(Stage& stage, const TestTable& table, const Model& model, const YearlyWeights& weights,
                           const std::function<bool(const Report&, Date)>& counts) {
  PlantedTable out;
  for (const Frame& frame : Frames()) out.rows.push_back({.kinds = frame.name});
  Replay(stage, [&](std::size_t t, const KnowledgeState& state) {
    const Test& test = stage.timeline.tests[t];
    const Report& report = stage.corpus->reports[test.report];
    const auto fitted = weights.weights.find(YearOf(test.day));
    if (fitted == weights.weights.end() || !counts(report, test.day)) return;
    const Trial trial(stage, state, test.day, model, fitted->second);
    const Items own = trial.Take(report);
    const Verdict honest = trial.Judge(own);
    if (honest.actor != table.right[t]) return;
    const bool sure = honest.p >= kSure;
    const bool one_group = trial.WithoutAGroup(own, honest.actor) < kGroupFloor;
    const bool thin = trial.WithoutTheRarest(own, honest.actor) < kThinFloor;
    ++out.honest;
    out.honest_sure += sure;
    out.one_group += one_group;
    out.thin += thin;
    out.sure_one_group += sure && one_group;
    out.sure_thin += sure && thin;
    Dice dice(t);
    for (std::size_t i = 0; i < Frames().size(); ++i) {
      const auto frame = trial.MakeFrame(Frames()[i], report, honest.actor, dice);
      if (!frame) continue;
      const auto& [framed, planted] = *frame;
      PlantedRow& row = out.rows[i];
      const Items items = trial.Take(planted);
      const Verdict after = trial.Judge(items);
      const bool flipped = after.actor == framed;
      const bool group_speaks = flipped && trial.WithoutAGroup(items, framed) < kGroupFloor;
      const bool thin_speaks = flipped && trial.WithoutTheRarest(items, framed) < kThinFloor;
      const bool framed_sure = flipped && after.p >= kSure;
      ++row.tried;
      row.flipped += flipped;
      row.flipped_sure += framed_sure;
      row.caught_by_group += group_speaks;
      row.caught_thin += thin_speaks;
      row.sure += sure;
      row.sure_flipped += sure && flipped;
      row.gated += sure && !thin;
      row.gated_flipped += sure && !thin && flipped;
      row.strict += sure && !thin && !one_group;
      row.strict_flipped += sure && !thin && !one_group && flipped;
      row.framed_strict += framed_sure && !thin_speaks && !group_speaks;
      row.framed_gated += framed_sure && !thin_speaks;
    }
  });
  return out;
}

}  // namespace ascribe::backtest
