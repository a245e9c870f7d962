#pragma once

#include <vector>

#include "store/link.h"

namespace ascribe {

/// Claims from behaviour: all techniques together as one weak factor per actor, habits, language, reported likeness
/// (group "behaviour"). Absent techniques say nothing. Pure; sorted by claim id. Step "technique-link@1".
[[nodiscard]] std::vector<Claim> LinkTechniques(const LinkContext& context);

}  // namespace ascribe
