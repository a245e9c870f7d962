#pragma once

#include <string>

#include "model/assessment.h"

namespace ascribe {

/// The head of the page and its verdict as HTML, in the elements and words that web/src/App.svelte and Verdict.svelte draw:
/// what a reader sees before the scripts have read the data, and without scripts at all. A browser test compares both.
[[nodiscard]] std::string PageShell(const Assessment& assessment);

}  // namespace ascribe
