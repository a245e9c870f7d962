#pragma once

#include <string>

#include "model/assessment.h"

namespace ascribe {

/// The verdict on one page of 80 columns, readable without colour: verdict, rivals at each level, what it rests on, what
/// speaks against it, what would flip it, where the trail ends, the best next evidence. Evidence text is made safe for
/// terminals and defanged. Ends with a line feed.
[[nodiscard]] std::string AssessmentToText(const Assessment& assessment);

}  // namespace ascribe
