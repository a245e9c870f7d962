#pragma once

#include "model/assessment.h"
#include "store/link.h"

namespace ascribe {

/// The way back from the victim outwards, from hops and addresses given as facts: connects-to and communicates-with edges
/// from the incident (or a host of it) are followed breadth-first, DNS names are resolved, ranges and their single
/// upstreams joined, slips ("operated-directly-from") added as asserted last steps. The trail ends where no fact leads on,
/// and the sentence says so. At most 1,000 hops, 16 deep.
[[nodiscard]] Route TraceRoute(const LinkContext& context);

}  // namespace ascribe
