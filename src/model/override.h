#pragma once

#include <string>

#include "base/time.h"
#include "model/parameters.h"

namespace ascribe {

/// An analyst's own number for one cell of the matrix of competing hypotheses: what this claim says for this hypothesis.
/// It never replaces the engine's; both are shown (docs/formats/overrides.md).
struct Override {
  std::string claim;       ///< "c-" and 12 hex digits
  Level level = Level::kOperator;
  std::string hypothesis;  ///< entity text: "actor:x"
  double nats = 0;         ///< ln LR against somebody unknown, -7 to 7
  std::string reason;
  std::string initials;    ///< two to four capitals
  Date date;
  bool operator==(const Override&) const = default;
};

/// e^7 is a thousand: more than any single weight of the table, so that no hand outweighs all that was measured.
inline constexpr double kMaxOverrideNats = 7;
inline constexpr std::size_t kMaxOverrides = 500, kMaxOverrideReason = 1000;

}  // namespace ascribe
