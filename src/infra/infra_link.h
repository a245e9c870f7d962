#pragma once

#include <vector>

#include "store/link.h"

namespace ascribe {

/// Claims from addresses, hosts, certificates, directly operated ranges and reported overlaps (group "infrastructure").
/// The country of a hop is never one of them. Pure; sorted by claim id. Step "infra-link@1".
[[nodiscard]] std::vector<Claim> LinkInfrastructure(const LinkContext& context);

}  // namespace ascribe
