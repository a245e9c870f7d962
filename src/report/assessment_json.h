#pragma once

#include <string>
#include <vector>

#include "model/assessment.h"
#include "model/code_comparison.h"

namespace ascribe {

/// The assessment as JSON by docs/formats/assessment.schema.json: ASCII (other characters as \\u escapes), keys in a fixed order, numbers rounded to six
/// decimals, a line feed at the end. The same assessment gives the same bytes. `code`: what its code links are shown with; the member
/// is left out when there is none.
[[nodiscard]] std::string AssessmentToJson(const Assessment& assessment, const std::vector<CodeComparison>& code = {});

/// Version of the program, printed in reports.
inline constexpr const char* kEngineVersion = "0.1.0";

}  // namespace ascribe
