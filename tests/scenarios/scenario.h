#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/case.h"
#include "model/parameters.h"
#include "store/batch.h"
#include "weigh/assess.h"

namespace ascribe {

/// What a scenario says of the outcome: one line of its [expect] section.
struct Expectation {
  std::size_t line = 0;
  std::string text;
};

/// A made-up case with the knowledge it meets, and what must come out: docs/formats/scenarios.md.
struct ScenarioFile {
  std::string title;
  Batch knowledge;
  CaseData data;  ///< facts as written; sorted before they are weighed
  std::optional<Date> as_of;
  std::map<std::string, std::string> hygiene;  ///< entity text -> class
  std::vector<std::size_t> knowledge_lines;    ///< how many facts each line of [knowledge] gave
  std::vector<Expectation> expectations;
};

/// Errors: kInvalidInput names the line.
[[nodiscard]] Result<ScenarioFile> ParseScenario(std::string_view text);

/// The assessment of a scenario; `without_case`, `without_knowledge`: 1-based line of that section to leave out, 0:
/// none.
[[nodiscard]] Assessment RunScenario(const ScenarioFile& scenario, const Parameters& parameters,
                                     std::size_t without_case = 0, std::size_t without_knowledge = 0);

/// Empty: the expectation holds; else what was found instead.
[[nodiscard]] std::string Check(const ScenarioFile& scenario, const Parameters& parameters, const Assessment& assessment,
                                const Expectation& expectation);

}  // namespace ascribe
