#pragma once

#include <string>
#include <vector>

#include "app/case_excerpts.h"
#include "app/case_intake.h"
#include "code/code_base.h"
#include "model/assessment.h"
#include "model/code_comparison.h"

namespace ascribe {

/// Known samples whose code the base has not kept may be files of the case: then their code is read from there.
void ShowFilesOfCase(Intake& intake);

/// What of the code goes with an assessment: comparisons of links that it makes, with their fact and claim, in a fixed order and
/// at most kShownRowsOfCase rows. A known sample that became known after the as-of date is left out.
[[nodiscard]] std::vector<CodeComparison> ShownCode(std::vector<CodeComparison> all, const CaseData& data, const Assessment& assessment);

/// Makes the rows anew from the bytes of both sides. One line each for rows that the bytes do not give; `unread` counts
/// comparisons whose files are not here.
[[nodiscard]] std::vector<std::string> CheckCode(const std::vector<CodeComparison>& code, const BytesOf& bytes_of, const CodeBase& base,
                                                 std::size_t& unread);

}  // namespace ascribe
