#pragma once

#include <nlohmann/json_fwd.hpp>

#include "report/fact_lists.h"
#include "respond/plan.h"

namespace ascribe {

/// The plan as response.json has it, but behind each entry all facts, as the place of a list.
[[nodiscard]] nlohmann::ordered_json PageResponse(const ResponsePlan& plan, FactLists& lists);

}  // namespace ascribe
