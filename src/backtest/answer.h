#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/time.h"

namespace ascribe::backtest {

struct RankedActor {
  std::string actor;
  double p = 0;  ///< probability that this actor is the author
};

/// What was said about one test, and what would have been right.
struct Answer {
  std::string id;
  Date day;
  std::string truth;                ///< label of the report
  bool known = false;               ///< the label was known then; else the right answer is "unknown"
  std::size_t actors = 0;           ///< actors known then at gap 0
  std::vector<RankedActor> ranked;  ///< best first
  double p_unknown = 1;
  std::string drawn_with;  ///< tests that are alike are drawn together in the bootstrap; empty: those of one truth
  [[nodiscard]] double named_p() const { return ranked.empty() ? 0 : ranked.front().p; }
  [[nodiscard]] bool right() const { return known && !ranked.empty() && ranked.front().actor == truth; }
};

/// One line of JSON per answer: {"id", "ranked": [{"actor", "p"}...], "p_unknown"}.
[[nodiscard]] std::string PredictionsJsonl(const std::vector<Answer>& answers);

}  // namespace ascribe::backtest
