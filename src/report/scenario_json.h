#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/assessment.h"

namespace ascribe {

/// The scenario that an assessment (as AssessmentToJson writes it) was made under; the file may be anybody's. Errors:
/// kInvalidInput (no JSON, no scenario, wrong members).
[[nodiscard]] Result<Scenario> ScenarioFromJson(ByteView json);

/// The case as it is and scenarios beside it, for a terminal: leader and posterior per level, the words of the verdict,
/// what differs. At most 80 columns.
[[nodiscard]] std::string CompareScenarios(const Assessment& baseline, const std::vector<Assessment>& scenarios);

}  // namespace ascribe
