#include "interchange/evidence_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace ascribe {
namespace {

void AppendRow(const std::vector<std::string>& cells, std::string& out) {
  for (std::size_t i = 0; i < cells.size(); ++i) out += (i == 0 ? "" : ",") + CsvCell(cells[i]);
  out += "\r\n";
}

std::vector<std::string> ClaimCells(const ExportView& view, const Claim& claim) {
  const auto best = std::max_element(claim.contributions.begin(), claim.contributions.end(),
                                     [](const Contribution& x, const Contribution& y) { return x.nats < y.nats; });
  const bool any = best != claim.contributions.end();
  std::string remark = claim.cancelled ? "cancelled by " + claim.cancelled_by : claim.weightless_reason;
  if (remark.empty() && claim.copyable) remark = "could be copied: " + claim.copyable_reason;
  return {claim.id,
          claim.kind,
          std::string(GroupName(claim.group)),
          claim.statement,
          any && view.verdict ? std::string(LevelName(best->level)) : "",
          any && view.verdict ? best->hypothesis : "",
          any ? fmt::format("{:.6f}", best->nats) : "0",
          remark};
}

void AppendFact(const SharedFact& shared, std::vector<std::string> cells, std::string& out) {
  const Fact& f = *shared.fact;
  cells.insert(cells.end(),
               {shared.id, f.subject.ToString(), std::string(RelationName(f.relation)), f.object.ToString(),
                f.known_on ? f.known_on->ToString() : "", f.source,
                shared.source != nullptr ? shared.source->grade.ToString() : "", std::string(TlpName(shared.tlp)),
                f.evidence, shared.evidence != nullptr ? shared.evidence->name : "", f.locator.ToString()});
  AppendRow(cells, out);
}

}  // namespace

std::string ExportEvidenceCsv(const ExportView& view) {
  std::string out =
      "claim,kind,group,statement,level,hypothesis,nats,remark,fact,subject,relation,object,known_on,source,grade,tlp,"
      "evidence,file,locator\r\n";
  std::set<std::string> cited;
  for (const SharedClaim& shared : view.claims)
    for (const std::string& id : shared.claim->case_facts) {
      const SharedFact* fact = view.FindFact(id);
      if (fact == nullptr) continue;
      cited.insert(id);
      AppendFact(*fact, ClaimCells(view, *shared.claim), out);
    }
  for (const SharedFact& fact : view.facts)
    if (cited.count(fact.id) == 0) AppendFact(fact, std::vector<std::string>(8), out);
  return out;
}

}  // namespace ascribe
