#include "backtest/features.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ascribe::backtest {
namespace {

constexpr double kDaysPerYear = 365.25;

struct Sheet {
  FeatureRows rows;
  double& Cell(std::size_t alternative, Feature feature) { return rows.values[alternative * kFeatures + feature]; }
};

void SharedItems(const Items& items, const KnowledgeState& state, Facet facet, Feature feature, Sheet& sheet) {
  for (const std::uint32_t item : items.of[facet]) {
    const Holders* holders = state.Find(facet, item);
    if (holders == nullptr) continue;
    const double rarity = state.Rarity(facet, item);
    for (const std::uint32_t actor : holders->actors) sheet.Cell(actor, feature) += rarity;
  }
  for (std::size_t a = 0; a < sheet.rows.actors; ++a) sheet.Cell(a, feature) = std::log1p(sheet.Cell(a, feature));
}

void Cosine(const Items& items, const KnowledgeState& state, Facet facet, Feature feature, Sheet& sheet) {
  double own = 0;
  for (const std::uint32_t item : items.of[facet]) {
    const double rarity = state.Rarity(facet, item);
    own += rarity * rarity;
    const Holders* holders = state.Find(facet, item);
    if (holders == nullptr) continue;
    for (const std::uint32_t actor : holders->actors)
      sheet.Cell(actor, feature) += rarity * rarity * state.actors()[actor].counts[facet].at(item);
  }
  if (own == 0) return;
  for (std::size_t a = 0; a < sheet.rows.actors; ++a) {
    double& cell = sheet.Cell(a, feature);
    if (cell == 0) continue;
    double norm = 0;
    for (const auto& [item, count] : state.actors()[a].counts[facet]) {
      const double weight = count * state.Rarity(facet, item);
      norm += weight * weight;
    }
    cell /= std::sqrt(own * norm);
  }
}

}  // namespace

std::string_view FeatureName(Feature feature) {
  static constexpr std::array<std::string_view, kFeatures> kNames = {
      "hash",      "host",    "domain", "address", "network", "path",   "family",
      "technique", "reports", "fresh",  "unknown", "actors",  "offered"};
  return kNames[feature];
}

FeatureRows ComputeFeatures(const Items& items, const KnowledgeState& state, Date day) {
  Sheet sheet;
  sheet.rows.actors = state.actors().size();
  sheet.rows.values.assign((sheet.rows.actors + 1) * kFeatures, 0);
  SharedItems(items, state, kHash, kFeatureHash, sheet);
  SharedItems(items, state, kHost, kFeatureHost, sheet);
  SharedItems(items, state, kDomain, kFeatureDomain, sheet);
  SharedItems(items, state, kAddress, kFeatureAddress, sheet);
  SharedItems(items, state, kNetwork, kFeatureNetwork, sheet);
  SharedItems(items, state, kPath, kFeaturePath, sheet);
  Cosine(items, state, kFamily, kFeatureFamily, sheet);
  Cosine(items, state, kTechnique, kFeatureTechnique, sheet);
  for (std::size_t a = 0; a < sheet.rows.actors; ++a) {
    const ActorState& actor = state.actors()[a];
    const Date last = state.reports()[actor.reports.back()].day;
    sheet.Cell(a, kFeatureReports) = std::log(static_cast<double>(actor.reports.size()));
    sheet.Cell(a, kFeatureFresh) = std::exp(-(day.days - last.days) / kDaysPerYear);
  }
  double offered = 0;
  for (std::size_t facet = 0; facet < kFacets; ++facet)
    for (const std::uint32_t item : items.of[facet]) offered += state.Rarity(static_cast<Facet>(facet), item);
  sheet.Cell(sheet.rows.actors, kFeatureUnknown) = 1;
  sheet.Cell(sheet.rows.actors, kFeatureActors) =
      std::log(static_cast<double>(std::max<std::size_t>(1, sheet.rows.actors)));
  sheet.Cell(sheet.rows.actors, kFeatureOffered) = std::log1p(offered);
  return sheet.rows;
}

}  // namespace ascribe::backtest
