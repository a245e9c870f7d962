#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/code_comparison.h"

namespace ascribe {

/// Member `code` of the assessment (docs/formats/assessment.schema.json): a JSON array.
[[nodiscard]] std::string CodeToJson(const std::vector<CodeComparison>& code);

/// Reads it back out of an assessment; empty when it has none. Held to the limits of what is shown, so that a forged file brings
/// in nothing longer. Errors: kCorrupt.
[[nodiscard]] Result<std::vector<CodeComparison>> CodeOfAssessment(ByteView assessment);

}  // namespace ascribe
