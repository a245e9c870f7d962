#pragma once

#include <string>

#include "respond/plan.h"

namespace ascribe {

/// The plan as JSON by docs/formats/response.schema.json (`ascribe-response-plan/1`): ASCII, keys in a fixed order,
/// numbers rounded to six decimals, a line feed at the end. The same plan gives the same bytes.
[[nodiscard]] std::string ResponseToJson(const ResponsePlan& plan);

}  // namespace ascribe
