#include "backtest/features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace ascribe::backtest {
namespace {

constexpr double kDaysPerYear = 365.25;
/// A share of few reports is drawn towards the share in all reports, as if that many more had been seen.
constexpr double kPseudoReports = 4;
/// A /24 says about a third, in nats, of what an address says (likelihood ratios 21 and 975, docs/backtest.md).
constexpr double kNetworkShare = 0.3;
constexpr double kActivityDays = 1000, kActivityFloor = 0.1, kRecentDays = 60;
/// Longer lists of families are encyclopaedias, not attacks: they link everything with everything.
constexpr std::size_t kLongestFamilyList = 12;

struct Sheet {
  FeatureRows rows;
  double& Cell(std::size_t alternative, Feature feature) { return rows.values[alternative * kFeatures + feature]; }
  void LogOnePlus(Feature feature) {
    for (std::size_t a = 0; a < rows.actors; ++a) Cell(a, feature) = std::log1p(Cell(a, feature));
  }
};

void AddShared(const Items& items, const KnowledgeState& state, Facet facet, double share, Feature feature,
               Sheet& sheet) {
  for (const std::uint32_t item : items.of[facet]) {
    const Holders* holders = state.Find(facet, item);
    if (holders == nullptr) continue;
    const double rarity = share * state.Rarity(facet, item);
    for (const std::uint32_t actor : holders->actors) sheet.Cell(actor, feature) += rarity;
  }
}

// Cosine of the report's names with all names of the actor, both weighted by rarity.
void Profile(const Items& items, const KnowledgeState& state, Facet facet, Feature feature, Sheet& sheet) {
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

// Sum over the items of ln P(item | report of the actor) / P(item | any report), where the actor has used it before;
// over the square root of the number of items, because items of one report do not come independently.
void ShareRatio(const Items& items, const KnowledgeState& state, Facet facet, bool of_all_reports, bool known_only,
                Feature feature, Sheet& sheet) {
  const double all = static_cast<double>(of_all_reports ? state.reports().size() : state.ReportsWith(facet));
  std::size_t count = known_only ? 0 : items.of[facet].size();
  for (const std::uint32_t item : items.of[facet]) {
    const Holders* holders = state.Find(facet, item);
    if (holders == nullptr) continue;
    if (known_only) ++count;
    const double usual = (static_cast<double>(holders->reports.size()) + 0.5) / (all + 1);
    for (const std::uint32_t a : holders->actors) {
      const ActorState& actor = state.actors()[a];
      const double reports = static_cast<double>(of_all_reports ? actor.reports.size() : actor.reports_with[facet]);
      const double share = (actor.counts[facet].at(item) + kPseudoReports * usual) / (reports + kPseudoReports);
      sheet.Cell(a, feature) += std::max(0.0, std::log(share / usual));
    }
  }
  for (std::size_t a = 0; a < sheet.rows.actors && count > 0; ++a)
    sheet.Cell(a, feature) /= std::sqrt(static_cast<double>(count));
}

void NearestReport(const Items& items, const KnowledgeState& state, Sheet& sheet) {
  double own = 0;
  std::map<std::uint32_t, double> dots;  // per labelled report
  for (const std::uint32_t item : items.of[kFamily]) {
    const double rarity = state.Rarity(kFamily, item);
    own += rarity * rarity;
    const Holders* holders = state.Find(kFamily, item);
    if (holders == nullptr) continue;
    for (const std::uint32_t report : holders->reports)
      if (state.reports()[report].actor != kBackground) dots[report] += rarity * rarity;
  }
  for (const auto& [number, dot] : dots) {
    const KnownReport& report = state.reports()[number];
    double norm = 0;
    for (const std::uint32_t item : report.items->of[kFamily]) {
      const double rarity = state.Rarity(kFamily, item);
      norm += rarity * rarity;
    }
    double& cell = sheet.Cell(report.actor, kFeatureNearest);
    cell = std::max(cell, dot / std::sqrt(own * norm));
  }
}

// Two steps: a family of the report was named together with another one, and that is a family of the actor.
void Lineage(const Items& items, const KnowledgeState& state, Sheet& sheet) {
  for (const std::uint32_t family : items.of[kFamily]) {
    const Holders* holders = state.Find(kFamily, family);
    if (holders == nullptr) continue;
    std::map<std::uint32_t, double> companions;
    for (const std::uint32_t report : holders->reports) {
      const auto& list = state.reports()[report].items->of[kFamily];
      if (list.size() < 2 || list.size() > kLongestFamilyList) continue;
      for (const std::uint32_t other : list)
        if (other != family) companions[other] += 1 / static_cast<double>(list.size());
    }
    const double scale = state.Rarity(kFamily, family) / static_cast<double>(holders->reports.size()) / 4;
    for (const auto& [other, together] : companions) {
      const Holders* theirs = state.Find(kFamily, other);
      for (const std::uint32_t a : theirs->actors) {
        const auto& counts = state.actors()[a].counts[kFamily];
        if (counts.count(family) > 0) continue;  // counted directly
        const double share = counts.at(other) / (static_cast<double>(theirs->reports.size()) + 1);
        sheet.Cell(a, kFeatureLineage) += scale * together * share * state.Rarity(kFamily, other);
      }
    }
  }
  sheet.LogOnePlus(kFeatureLineage);
}

void Prior(const KnowledgeState& state, Date day, Sheet& sheet) {
  for (std::size_t a = 0; a < sheet.rows.actors; ++a) {
    const std::vector<std::uint32_t>& reports = state.actors()[a].reports;
    double activity = kActivityFloor;
    for (const std::uint32_t report : reports)
      activity += std::exp(-(day.days - state.reports()[report].day.days) / kActivityDays);
    const double idle = day.days - state.reports()[reports.back()].day.days;
    sheet.Cell(a, kFeatureActivity) = std::log(activity);
    sheet.Cell(a, kFeatureRecent) = std::exp(-idle / kRecentDays);
    sheet.Cell(a, kReferenceReports) = std::log(static_cast<double>(reports.size()));
    sheet.Cell(a, kReferenceRecent) = std::exp(-idle / kDaysPerYear);
  }
}

void Unknown(const Items& items, const KnowledgeState& state, Sheet& sheet) {
  const std::size_t unknown = sheet.rows.actors;
  double offered = 0;
  for (std::size_t facet = 0; facet < kSharedFacets; ++facet)
    for (const std::uint32_t item : items.of[facet]) offered += state.Rarity(static_cast<Facet>(facet), item);
  const std::size_t indicators = items.of[kHash].size() + items.of[kHost].size() + items.of[kAddress].size();
  sheet.Cell(unknown, kFeatureUnknown) = 1;
  sheet.Cell(unknown, kFeatureActors) = std::log(static_cast<double>(std::max<std::size_t>(1, unknown)));
  sheet.Cell(unknown, kFeatureOffered) = std::log1p(offered);
  sheet.Cell(unknown, kFeatureOfferedIndicators) = std::log1p(static_cast<double>(indicators));
}

struct Description {
  std::string_view name;
  FeatureGroup group;
};
constexpr std::array<Description, kFeatures> kDescriptions = {{
    {"indicators", FeatureGroup::kInfrastructure},
    {"path", FeatureGroup::kInfrastructure},
    {"families", FeatureGroup::kCode},
    {"exclusive", FeatureGroup::kCode},
    {"nearest", FeatureGroup::kCode},
    {"lineage", FeatureGroup::kCode},
    {"techniques", FeatureGroup::kBehaviour},
    {"naming", FeatureGroup::kInfrastructure},
    {"ending", FeatureGroup::kInfrastructure},
    {"activity", FeatureGroup::kPrior},
    {"recent", FeatureGroup::kPrior},
    {"unknown", FeatureGroup::kUnknown},
    {"actors", FeatureGroup::kUnknown},
    {"offered", FeatureGroup::kUnknown},
    {"offered-indicators", FeatureGroup::kUnknown},
    {"hash", FeatureGroup::kCode},
    {"host", FeatureGroup::kInfrastructure},
    {"domain", FeatureGroup::kInfrastructure},
    {"address", FeatureGroup::kInfrastructure},
    {"network", FeatureGroup::kInfrastructure},
    {"family-profile", FeatureGroup::kCode},
    {"reports", FeatureGroup::kPrior},
    {"recent-years", FeatureGroup::kPrior},
}};

}  // namespace

std::string_view FeatureName(Feature feature) { return kDescriptions[feature].name; }
FeatureGroup GroupOf(Feature feature) { return kDescriptions[feature].group; }

FeatureRows ComputeFeatures(const Items& items, const KnowledgeState& state, Date day) {
  Sheet sheet;
  sheet.rows.actors = state.actors().size();
  sheet.rows.values.assign((sheet.rows.actors + 1) * kFeatures, 0);
  for (const Facet facet : {kHash, kHost, kDomain, kAddress})
    AddShared(items, state, facet, 1, kFeatureIndicators, sheet);
  AddShared(items, state, kNetwork, kNetworkShare, kFeatureIndicators, sheet);
  sheet.LogOnePlus(kFeatureIndicators);
  static constexpr std::array<std::pair<Facet, Feature>, 6> kEach = {{{kHash, kReferenceHash},
                                                                      {kHost, kReferenceHost},
                                                                      {kDomain, kReferenceDomain},
                                                                      {kAddress, kReferenceAddress},
                                                                      {kNetwork, kReferenceNetwork},
                                                                      {kPath, kFeaturePath}}};
  for (const auto& [facet, feature] : kEach) {
    AddShared(items, state, facet, 1, feature, sheet);
    sheet.LogOnePlus(feature);
  }
  ShareRatio(items, state, kFamily, true, true, kFeatureFamilies, sheet);
  ShareRatio(items, state, kNameGram, false, false, kFeatureNaming, sheet);
  ShareRatio(items, state, kNameEnding, false, false, kFeatureEnding, sheet);
  for (const std::uint32_t family : items.of[kFamily]) {
    const Holders* holders = state.Find(kFamily, family);
    if (holders != nullptr && holders->actors.size() == 1 && !holders->in_background)
      sheet.Cell(holders->actors.front(), kFeatureExclusive) += 1;
  }
  sheet.LogOnePlus(kFeatureExclusive);
  NearestReport(items, state, sheet);
  Lineage(items, state, sheet);
  Profile(items, state, kTechnique, kFeatureTechniques, sheet);
  Profile(items, state, kFamily, kReferenceFamilies, sheet);
  Prior(state, day, sheet);
  Unknown(items, state, sheet);
  return sheet.rows;
}

}  // namespace ascribe::backtest
