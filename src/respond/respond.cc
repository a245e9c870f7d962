#include "respond/respond.h"

#include "respond/block_list.h"
#include "respond/case_evidence.h"
#include "respond/ladder.h"
#include "respond/severity.h"

namespace ascribe {

ResponsePlan PlanResponse(const ResponseInput& in) {
  const VisibleCase seen = SeeCase(in.data, in.assessment.as_of, in.parameters);
  const CaseEvidence evidence(seen, in.attack);
  BlockList list = MakeBlockList(seen, in.hygiene, in.knowledge, in.table);
  ResponsePlan plan;
  plan.case_id = in.data.info.id;
  plan.as_of = in.assessment.as_of;
  plan.table_version = in.table.version;
  plan.table_sha256 = in.table.sha256;
  plan.attack_release = in.attack.newest_release();
  plan.gate = in.assessment.verdict.gate;
  plan.severity = ComputeSeverity(in.table, evidence, in.assessment);
  for (PlannedStep& step : MakeLadder({in.table, evidence, in.attack, in.assessment, plan.severity, list}))
    (step.withheld.empty() ? plan.steps : plan.withheld).push_back(std::move(step));
  plan.notes.push_back(
      "No step reaches outside the defender's own systems; measures towards anybody are for the competent authorities, "
      "by law.");
  if (!plan.as_of)
    plan.notes.push_back("No as-of date was given: compare each day of expiry with today's before blocking.");
  if (!in.assessment.contradictions.empty())
    plan.notes.push_back(
        "Some observations contradict each other, as planted evidence would: be slow with every step that uses a "
        "name.");
  std::size_t unknown = 0;
  for (const SeverityCategory& category : plan.severity.categories) unknown += category.option.empty();
  if (unknown > 0)
    plan.notes.push_back("Categories of the severity that are not known: " + std::to_string(unknown) + " of " +
                         std::to_string(plan.severity.categories.size()) + "; facts from the victim narrow it.");
  plan.block = std::move(list.block);
  plan.not_blocked = std::move(list.not_blocked);
  plan.block_left_off = list.block_left_off;
  plan.not_blocked_left_off = list.not_blocked_left_off;
  return plan;
}

}  // namespace ascribe
