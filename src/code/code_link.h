#pragma once

#include <vector>

#include "store/link.h"

namespace ascribe {

/// Claims from things inside files and from tools (group "code"). Pure; sorted by claim id. Step "code-link@1".
[[nodiscard]] std::vector<Claim> LinkCode(const LinkContext& context);

}  // namespace ascribe
