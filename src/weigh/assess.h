#pragma once

#include <functional>
#include <string_view>

#include "model/assessment.h"
#include "store/knowledge.h"

namespace ascribe {

/// Everything from facts to verdict. Deterministic; independent of the order of facts, of the spelling of ids, and of the
/// number of threads. `hygiene` as in LinkContext.
struct AssessInput {
  const CaseData& data;
  const Knowledge& knowledge;
  const Parameters& parameters;
  std::optional<Date> as_of;
  std::function<std::string_view(const Entity&)> hygiene;
  const Scenario* scenario = nullptr;  ///< nothing, or empty: the case as it is
};
[[nodiscard]] Assessment Assess(const AssessInput& input);

}  // namespace ascribe
