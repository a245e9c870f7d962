#include "backtest/planted.h"

#include <algorithm>
#include <array>
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
                                            {"family + host + hash", {kFamily, kHost, kHash}}};
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

constexpr std::size_t kGroupsLeftOut = 4;
Report WithoutGroup(Report report, std::size_t group) {
  switch (group) {
    case 0:
      report.hashes.clear();
      break;
    case 1:
      for (auto* texts : {&report.ips, &report.domains, &report.urls, &report.emails, &report.paths}) texts->clear();
      break;
    case 2:
      report.families.clear();
      break;
    default:
      report.techniques.clear();
      break;
  }
  return report;
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

  [[nodiscard]] Verdict Judge(const Report& report) const {
    const std::vector<double> p =
        Posterior(ComputeFeatures(stage_.table->Take(report), state_, day_), model_, weights_);
    const auto best = std::max_element(p.begin(), p.end() - 1);
    return {static_cast<std::size_t>(best - p.begin()), *best};
  }
  // The lowest P of the actor when one group is left out; 0 when another one is first then.
  [[nodiscard]] double Floor(const Report& report, std::size_t actor) const {
    double least = 1;
    for (std::size_t group = 0; group < kGroupsLeftOut; ++group) {
      const Verdict verdict = Judge(WithoutGroup(report, group));
      least = std::min(least, verdict.actor == actor ? verdict.p : 0);
    }
    return least;
  }
  // Another actor with rare items of all kinds, and the report with one of each added.
  [[nodiscard]] std::optional<std::pair<std::size_t, Report>> MakeFrame(const Frame& frame, const Report& report,
                                                                        std::size_t truth, Dice& dice) const {
    std::vector<std::size_t> able;
    for (std::size_t a = 0; a < state_.actors().size(); ++a) {
      const auto has = [&](Facet kind) { return !RareItems(state_, a, kind).empty(); };
      if (a != truth && std::all_of(frame.kinds.begin(), frame.kinds.end(), has)) able.push_back(a);
    }
    if (able.empty()) return std::nullopt;
    const std::size_t framed = able[dice.Below(able.size())];
    Report planted = report;
    for (const Facet kind : frame.kinds) {
      const std::vector<std::uint32_t> items = RareItems(state_, framed, kind);
      Plant(kind, stage_.table->Text(kind, items[dice.Below(items.size())]), planted);
    }
    return std::pair{framed, std::move(planted)};
  }

 private:
  Stage& stage_;
  const KnowledgeState& state_;
  Date day_;
  const Model& model_;
  const std::vector<double>& weights_;
};

// The gate: named with this much, and with this much still when one group is left out.
constexpr double kSure = 0.8, kFloor = 0.5;

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
    const Verdict honest = trial.Judge(report);
    if (honest.actor != table.right[t]) return;
    const bool warned = trial.Floor(report, honest.actor) < kFloor;
    const bool sure = honest.p >= kSure;
    ++out.honest;
    out.honest_sure += sure;
    out.honest_warned += warned;
    out.sure_warned += sure && warned;
    Dice dice(t);
    for (std::size_t i = 0; i < Frames().size(); ++i) {
      const auto frame = trial.MakeFrame(Frames()[i], report, honest.actor, dice);
      if (!frame) continue;
      const auto& [framed, planted] = *frame;
      PlantedRow& row = out.rows[i];
      const Verdict after = trial.Judge(planted);
      const bool flipped = after.actor == framed;
      const double floor = flipped ? trial.Floor(planted, framed) : 0;
      ++row.tried;
      row.flipped += flipped;
      row.flipped_sure += flipped && after.p >= kSure;
      row.kept_first += floor > 0;
      row.uncaught += floor >= kFloor;
      row.framed_gated += floor >= kFloor && after.p >= kSure;
      row.gated += sure && !warned;
      row.gated_flipped += sure && !warned && flipped;
    }
  });
  return out;
}

}  // namespace ascribe::backtest
