#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/assessment.h"
#include "store/link.h"

namespace ascribe {

/// Links, contradictions and posteriors of one view of a case. Claims by id.
struct Weighed {
  std::vector<Claim> claims;
  std::vector<Contradiction> contradictions;
  std::vector<LevelResult> levels;
};

/// Claims that a scenario leaves out are found by what they say (kind and thing), because the id of a claim also names the
/// facts under it, and the same scenario may leave out some of those.
using Saying = std::pair<std::string, std::string>;
struct LeftOut {
  std::set<Saying> sayings;
  std::set<Group> groups;
  std::map<Saying, double> trusted;  ///< chance that such a link holds; with the rest of the chance it says nothing
};

/// All claims that the linkers make, by id.
[[nodiscard]] std::vector<Claim> LinkAll(const LinkContext& context);

/// From facts to posteriors, once. Pure; safe to call from several threads on one context.
[[nodiscard]] Weighed Weigh(const LinkContext& context, const LeftOut& left_out);

}  // namespace ascribe
