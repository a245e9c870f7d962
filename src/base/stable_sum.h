#pragma once

#include <algorithm>
#include <vector>

namespace ascribe {

/// Sum that does not depend on the order of the terms: they are added in ascending order. Floating-point addition is
/// not associative, and a verdict must not change because an actor was renamed or a file came first.
[[nodiscard]] inline double StableSum(std::vector<double> terms) {
  std::sort(terms.begin(), terms.end());
  double sum = 0;
  for (double term : terms) sum += term;
  return sum;
}

}  // namespace ascribe
