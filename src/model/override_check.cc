#include "model/override_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/text.h"
#include "model/entity.h"

namespace ascribe {
namespace {

bool IsClaimId(std::string_view id) {
  return id.size() == 14 && id.starts_with("c-") && id.substr(2).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool AreInitials(std::string_view text) {
  return text.size() >= 2 && text.size() <= 4 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::string OverrideFault(const Override& o) {
  if (!IsClaimId(o.claim)) return "claim: write the id of a claim, c- and 12 hex digits; explain CASE ach lists them";
  if (!ParseEntity(o.hypothesis)) return "hypothesis: write its id, as actor:NAME; unknown and imitations follow from the others";
  if (!std::isfinite(o.nats) || std::abs(o.nats) > kMaxOverrideNats)
    return fmt::format("nats: write a number from -{0} to {0}, the logarithm of how many times likelier", kMaxOverrideNats);
  if (Trim(o.reason).empty() || o.reason.size() > kMaxOverrideReason) return fmt::format("reason: say why, in 1 to {} bytes", kMaxOverrideReason);
  if (!AreInitials(o.initials)) return "initials: write two to four capitals";
  return {};
}

std::optional<Level> ParseOverrideLevel(std::string_view name) {
  for (const Level level : kLevels)
    if (LevelName(level) == name) return level;
  return std::nullopt;
}

bool OverrideLess(const Override& a, const Override& b) {
  return std::tie(a.claim, a.level, a.hypothesis) < std::tie(b.claim, b.level, b.hypothesis);
}

}  // namespace ascribe
