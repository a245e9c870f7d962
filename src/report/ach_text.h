#pragma once

#include <string>

#include "model/assessment.h"

namespace ascribe {

/// The matrices of competing hypotheses for a terminal, 80 columns: hypotheses in rows, evidence in blocks of columns,
/// the most diagnostic first, what is not diagnostic folded into one line.
[[nodiscard]] std::string AchToText(const Assessment& assessment);

/// An analyst's overrides: both numbers, reason, initials, day, and what the posteriors would be. Empty without any.
[[nodiscard]] std::string OverridesToText(const Assessment& assessment);

}  // namespace ascribe
