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
/// The same for pieces of names; a piece nobody has used yet counts as a fifth of a name.
constexpr double kPseudoNames = 10, kUnseenPiece = 0.2;
/// What anybody can get never says more than this, in nats before the weight.
constexpr double kMostOfTools = 1.5;
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

double Count(std::size_t number) { return static_cast<double>(number); }

// ln P(item | report of the actor) / P(item | any report), at least 0. `held` of `reports` reports of the actor have
// it.
double LogRatio(double held, double reports, double usual) {
  return std::max(0.0, std::log((held + kPseudoReports * usual) / (reports + kPseudoReports) / usual));
}

// Sum of the log ratios over the root of the number of items: those of one report do not come independently.
void ShareRatio(const Items& items, const KnowledgeState& state, Facet facet, Feature feature, Sheet& sheet) {
  for (const std::uint32_t item : items.of[facet]) {
    const Holders* holders = state.Find(facet, item);
    if (holders == nullptr) continue;
    const double usual = (Count(holders->reports.size()) + 0.5) / (Count(state.ReportsWith(facet)) + 1);
    for (const std::uint32_t a : holders->actors) {
      const ActorState& actor = state.actors()[a];
      sheet.Cell(a, feature) += LogRatio(actor.counts[facet].at(item), Count(actor.reports_with[facet]), usual) /
                                std::sqrt(Count(items.of[facet].size()));
    }
  }
}

// How much of the reports with one family the other one has, too: 1 for families that always come together.
double Overlap(const Holders& one, const Holders& other) {
  std::size_t both = 0;
  auto a = one.reports.begin(), b = other.reports.begin();  // both ascend
  while (a != one.reports.end() && b != other.reports.end()) {
    const std::uint32_t left = *a, right = *b;
    both += left == right;
    if (left <= right) ++a;
    if (right <= left) ++b;
  }
  return Count(both) / Count(one.reports.size() + other.reports.size() - both);
}

void Families(const Items& items, const KnowledgeState& state, Facet facet, Feature feature, Sheet& sheet) {
  std::vector<std::pair<std::uint32_t, const Holders*>> known;
  for (const std::uint32_t family : items.of[facet])
    if (const Holders* holders = state.Find(facet, family)) known.emplace_back(family, holders);
  for (const auto& [family, holders] : known) {
    double together = 1;
    for (const auto& [other, others] : known)
      if (other != family) together += Overlap(*holders, *others);
    const double usual = (Count(holders->reports.size()) + 0.5) / (Count(state.reports().size()) + 1);
    for (const std::uint32_t a : holders->actors) {
      const ActorState& actor = state.actors()[a];
      sheet.Cell(a, feature) += LogRatio(actor.counts[facet].at(family), Count(actor.reports.size()), usual) / together;
    }
  }
}

void Exclusive(const Items& items, const KnowledgeState& state, Sheet& sheet) {
  for (const std::uint32_t family : items.of[kOwnFamily]) {
    const Holders* holders = state.Find(kOwnFamily, family);
    if (holders == nullptr || holders->actors.size() != 1 || holders->in_background) continue;
    const double times = Count(holders->reports.size());
    sheet.Cell(holders->actors.front(), kFeatureExclusive) += times / (times + 1);
  }
  sheet.LogOnePlus(kFeatureExclusive);
}

// Shared indicators, what implies each other counted once: per registered domain the rarest of the domain and its
// hosts, per /24 the rarest of the network and its addresses.
void Indicators(const Items& items, const KnowledgeState& state, Sheet& sheet) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, double> names, places;  // actor and domain, or network
  const auto take = [&](Facet facet, std::uint32_t item, std::uint32_t whole, double share, auto& into) {
    const Holders* holders = state.Find(facet, item);
    if (holders == nullptr) return;
    for (const std::uint32_t actor : holders->actors) {
      double& rarity = into[{actor, whole}];
      rarity = std::max(rarity, share * state.Rarity(facet, item));
    }
  };
  AddShared(items, state, kHash, 1, kFeatureIndicators, sheet);
  Items alone;  // hosts without a registered domain: addresses of mail, suffixes themselves
  for (std::size_t i = 0; i < items.of[kHost].size(); ++i) {
    if (items.host_domain[i] == kNoItem)
      alone.of[kHost].push_back(items.of[kHost][i]);
    else
      take(kHost, items.of[kHost][i], items.host_domain[i], 1, names);
  }
  AddShared(alone, state, kHost, 1, kFeatureIndicators, sheet);
  for (const std::uint32_t domain : items.of[kDomain]) take(kDomain, domain, domain, 1, names);
  for (std::size_t i = 0; i < items.of[kAddress].size(); ++i)
    take(kAddress, items.of[kAddress][i], items.address_network[i], 1, places);
  for (const std::uint32_t network : items.of[kNetwork]) take(kNetwork, network, network, kNetworkShare, places);
  for (const auto* events : {&names, &places})
    for (const auto& [key, rarity] : *events) sheet.Cell(key.first, kFeatureIndicators) += rarity;
  sheet.LogOnePlus(kFeatureIndicators);
}

void Naming(const Items& items, const KnowledgeState& state, Sheet& sheet) {
  double names = 0;
  for (std::size_t i = 0; i < items.of[kDomain].size(); ++i) {
    const std::vector<std::uint32_t>& pieces = items.name_pieces[i];
    const Holders* holders = state.Find(kDomain, items.of[kDomain][i]);
    if (pieces.empty() || (holders != nullptr && !holders->actors.empty())) continue;
    ++names;
    const double root = std::sqrt(Count(pieces.size()));
    for (std::size_t a = 0; a < sheet.rows.actors; ++a) {
      const NameCounts& theirs = state.actors()[a].names;
      if (theirs.names == 0) continue;
      double likeness = 0, in_favour = 0;
      for (const std::uint32_t piece : pieces) {
        const double usual = (state.names().WithPiece(piece) + kUnseenPiece) / (state.names().names + 1);
        const double share = (theirs.WithPiece(piece) + kPseudoNames * usual) / (theirs.names + kPseudoNames);
        const double nats = std::log(share / usual);
        likeness += nats;
        in_favour += std::max(0.0, nats);
      }
      sheet.Cell(a, kFeatureNaming) += std::max(0.0, likeness / root);
      double& best = sheet.Cell(a, kFeatureBestName);
      best = std::max(best, in_favour / root);
    }
  }
  for (std::size_t a = 0; a < sheet.rows.actors && names > 0; ++a) sheet.Cell(a, kFeatureNaming) /= names;
}

void NearestReport(const Items& items, const KnowledgeState& state, Sheet& sheet) {
  double own = 0;
  std::map<std::uint32_t, double> dots;  // per labelled report
  for (const std::uint32_t item : items.of[kOwnFamily]) {
    const double rarity = state.Rarity(kOwnFamily, item);
    own += rarity * rarity;
    const Holders* holders = state.Find(kOwnFamily, item);
    if (holders == nullptr) continue;
    for (const std::uint32_t report : holders->reports)
      if (state.reports()[report].actor != kBackground) dots[report] += rarity * rarity;
  }
  for (const auto& [number, dot] : dots) {
    const KnownReport& report = state.reports()[number];
    double norm = 0;
    for (const std::uint32_t item : report.items->of[kOwnFamily]) {
      const double rarity = state.Rarity(kOwnFamily, item);
      norm += rarity * rarity;
    }
    double& cell = sheet.Cell(report.actor, kFeatureNearest);
    cell = std::max(cell, dot / std::sqrt(own * norm));
  }
}

// Two steps: a family of the report was named together with another one, and that is a family of the actor.
void Lineage(const Items& items, const KnowledgeState& state, Sheet& sheet) {
  for (const std::uint32_t family : items.of[kOwnFamily]) {
    const Holders* holders = state.Find(kOwnFamily, family);
    if (holders == nullptr) continue;
    std::map<std::uint32_t, double> companions;
    for (const std::uint32_t report : holders->reports) {
      const auto& list = state.reports()[report].items->of[kOwnFamily];
      if (list.size() < 2 || list.size() > kLongestFamilyList) continue;
      for (const std::uint32_t other : list)
        if (other != family) companions[other] += 1 / static_cast<double>(list.size());
    }
    const double scale = state.Rarity(kOwnFamily, family) / static_cast<double>(holders->reports.size()) / 4;
    for (const auto& [other, together] : companions) {
      const Holders* theirs = state.Find(kOwnFamily, other);
      for (const std::uint32_t a : theirs->actors) {
        const auto& counts = state.actors()[a].counts[kOwnFamily];
        if (counts.count(family) > 0) continue;  // counted directly
        const double share = counts.at(other) / (static_cast<double>(theirs->reports.size()) + 1);
        sheet.Cell(a, kFeatureLineage) += scale * together * share * state.Rarity(kOwnFamily, other);
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
    {"tools", FeatureGroup::kCode},
    {"exclusive", FeatureGroup::kCode},
    {"nearest", FeatureGroup::kCode},
    {"lineage", FeatureGroup::kCode},
    {"techniques", FeatureGroup::kBehaviour},
    {"technique-use", FeatureGroup::kBehaviour},
    {"naming", FeatureGroup::kInfrastructure},
    {"best-name", FeatureGroup::kInfrastructure},
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
  Indicators(items, state, sheet);
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
  Families(items, state, kOwnFamily, kFeatureFamilies, sheet);
  Families(items, state, kPublicTool, kFeatureTools, sheet);
  for (std::size_t a = 0; a < sheet.rows.actors; ++a)
    sheet.Cell(a, kFeatureTools) = std::min(sheet.Cell(a, kFeatureTools), kMostOfTools);
  Exclusive(items, state, sheet);
  Naming(items, state, sheet);
  ShareRatio(items, state, kNameEnding, kFeatureEnding, sheet);
  ShareRatio(items, state, kTechnique, kFeatureTechniqueUse, sheet);
  NearestReport(items, state, sheet);
  Lineage(items, state, sheet);
  Profile(items, state, kTechnique, kFeatureTechniques, sheet);
  Profile(items, state, kFamily, kReferenceFamilies, sheet);
  Prior(state, day, sheet);
  Unknown(items, state, sheet);
  return sheet.rows;
}

}  // namespace ascribe::backtest
