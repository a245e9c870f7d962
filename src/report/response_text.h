#pragma once

#include <string>

#include "respond/plan.h"

namespace ascribe {

/// At most four lines of 80 columns for the end of the page: severity, the first steps, what is listed and where the
/// rest is. Ends with a line feed.
[[nodiscard]] std::string ResponseSummary(const ResponsePlan& plan);

/// The whole plan for a terminal of 80 columns: severity by category with its evidence, the ladder, what is withheld
/// and why, what to block until when, what not to block. Evidence text is made safe and defanged. Ends with a line
/// feed.
[[nodiscard]] std::string ResponseToText(const ResponsePlan& plan);

}  // namespace ascribe
