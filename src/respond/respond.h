#pragma once

#include "model/assessment.h"
#include "model/case.h"
#include "respond/plan.h"
#include "respond/response_table.h"
#include "store/knowledge.h"
#include "store/tables.h"

namespace ascribe {

struct ResponseInput {
  const CaseData& data;
  const Assessment& assessment;  ///< of the case as it is, not of a scenario
  const Parameters& parameters;  ///< says which facts may be relied on
  const Knowledge& knowledge;    ///< for what the user's own lists hold
  const AttackTables& attack;
  const Hygiene& hygiene;
  const ResponseTable& table;
};

/// The proportional response to a case (docs/response.md). Facts count as they do for the assessment: known by its
/// as-of date, not withdrawn, from a graded source. Pure and deterministic; nothing is done, only said.
[[nodiscard]] ResponsePlan PlanResponse(const ResponseInput& input);

}  // namespace ascribe
