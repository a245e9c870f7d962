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
  unsigned threads = 1;                ///< for the sensitivity runs; 0: one per core
  bool sensitivity = true;             ///< false: no runs with one thing otherwise, for those who ask for the verdict alone
};
[[nodiscard]] Assessment Assess(const AssessInput& input);

}  // namespace ascribe
