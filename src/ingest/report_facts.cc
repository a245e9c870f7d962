#include "ingest/report_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "ingest/indicators.h"

namespace ascribe {
namespace {

Relation RelationOf(EntityType type) {
  switch (type) {
    case EntityType::kMutex:
    case EntityType::kPdbPath:
    case EntityType::kRegistryKey:
      return Relation::kContains;
    case EntityType::kTechnique:
      return Relation::kUses;
    default:
      return Relation::kObserved;
  }
}

// "3 values: a, b, c", at most five of them.
std::string List(const std::vector<std::string>& values) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(values.size(), kShown); ++i) text += (i == 0 ? "" : ", ") + values[i];
  if (values.size() > kShown) text += fmt::format(" and {} more", values.size() - kShown);
  return text;
}

}  // namespace

void AppendReportFacts(const ReportLayout& layout, std::string_view extractor, const LocateText& locate, Reading& out) {
  const IndicatorScan scan = FindIndicators(layout.text);
  const BoilerplateJudgement judgement = JudgeBoilerplate(layout, scan.hits);
  std::set<Entity> seen;
  std::vector<std::string> reserved, cves;
  for (std::size_t i = 0; i < scan.hits.size(); ++i) {
    const IndicatorHit& hit = scan.hits[i];
    if (judgement.hits[i] != Boilerplate::kNone || !seen.insert(hit.entity).second) continue;
    if (hit.reserved) {
      reserved.push_back(hit.entity.value);
      continue;
    }
    Fact fact;
    fact.relation = RelationOf(hit.entity.type);
    fact.object = hit.entity;
    fact.locator = locate(hit.offset, hit.length);
    fact.extractor = std::string(extractor);
    out.facts.push_back(std::move(fact));
  }
  std::set<std::string_view> seen_cves;
  for (const CveMention& cve : scan.cves)
    if (seen_cves.insert(cve.id).second) cves.push_back(cve.id);

  const auto info = [&](std::string code, std::string text) {
    out.diagnostics.push_back({Diagnostic::Severity::kInfo, {}, {}, std::move(code), std::move(text)});
  };
  for (Diagnostic& d : DescribeBoilerplate(judgement, scan.hits)) out.diagnostics.push_back(std::move(d));
  if (!reserved.empty())
    info("reserved-address",
         fmt::format("{} left out, used inside networks everywhere: {}", reserved.size(), List(reserved)));
  if (!cves.empty())
    info("cve-mentioned", fmt::format("names {} (what was attacked, not by whom: no facts)", List(cves)));
  if (scan.cut)
    out.diagnostics.push_back(
        {Diagnostic::Severity::kWarning,
         {},
         {},
         "limit-indicators",
         fmt::format("more than {} indicators, the rest is left out: import such a list as CSV, STIX or MISP",
                     kMaxIndicatorHits)});
}

}  // namespace ascribe
