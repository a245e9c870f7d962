#pragma once

#include <vector>

#include "model/assessment.h"
#include "respond/block_list.h"
#include "respond/case_evidence.h"
#include "respond/response_table.h"

namespace ascribe {

struct LadderInput {
  const ResponseTable& table;
  const CaseEvidence& evidence;
  const AttackTables& attack;
  const Assessment& assessment;
  const Severity& severity;
  const BlockList& list;
};

/// The steps of the table that have something to answer in this case, in its order; `withheld` says why one is not
/// justified by the severity or the verdict. A step that interrupts work needs the low end of the severity interval,
/// another the high end. A step without facts behind it is not made. kApplyMitigation becomes one step a mitigation,
/// the one that answers most techniques first. Pure.
[[nodiscard]] std::vector<PlannedStep> MakeLadder(const LadderInput& input);

}  // namespace ascribe
