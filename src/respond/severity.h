#pragma once

#include "model/assessment.h"
#include "respond/case_evidence.h"
#include "respond/response_table.h"

namespace ascribe {

/// Severity as an interval: each category takes the first option of the table with evidence; one without evidence keeps
/// 0 to 100 and widens the outcome. The score is NCISS's weighted arithmetic mean,
///     100 * (sum(w * s) - min) / (max - min)  =  sum(w * s) / sum(w)   for scores s of 0..100,
/// once over the low and once over the high ends. Pure.
[[nodiscard]] Severity ComputeSeverity(const ResponseTable& table, const CaseEvidence& evidence,
                                       const Assessment& assessment);

/// The strongest claims for the name in the verdict, at its own level or, for a sponsor reached through its actor, at
/// operator level; empty without a name. At most kMaxBacking.
[[nodiscard]] std::vector<const Claim*> ClaimsForVerdict(const Assessment& assessment);

/// What kind of actor the verdict names: "actor:state", "actor:non-state", "actor:insider" or "actor:other"; empty
/// below gate `likely`, where no name may be used.
[[nodiscard]] std::string_view ActorKind(const ResponseTable& table, const Assessment& assessment);

}  // namespace ascribe
