#pragma once

#include <optional>

#include "base/time.h"
#include "model/fact.h"

namespace ascribe {

/// Whether a fact became known after the day that an assessment looks back to: it is listed then, and weighs nothing. A fact
/// without a date is not; without such a day none is. A month or year counts as its last day.
[[nodiscard]] inline bool KnownAfter(const Fact& fact, const std::optional<Date>& as_of) {
  return as_of && fact.known_on && fact.known_on->LastDay() > *as_of;
}

}  // namespace ascribe
