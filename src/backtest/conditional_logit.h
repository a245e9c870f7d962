#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ascribe::backtest {

/// One choice situation: a row of features per alternative, the right one known.
struct Choice {
  std::size_t features = 0;
  std::vector<double> rows;  ///< alternatives x features, row after row; the last alternative is UNKNOWN
  std::size_t right = 0;     ///< index of the right alternative
  double weight = 1;         ///< of this situation in the fit
  [[nodiscard]] std::size_t alternatives() const { return features == 0 ? 0 : rows.size() / features; }
  [[nodiscard]] const double* Row(std::size_t alternative) const { return rows.data() + alternative * features; }
};

/// What the fit may do with one weight.
struct WeightRule {
  double penalty = 1;        ///< L2: penalty / 2 x (weight - start)^2 is added to the negative log-likelihood
  double start = 0;          ///< where the penalty pulls to
  bool non_negative = true;  ///< evidence for an actor never counts against it
};

/// Maximum a posteriori weights of P(alternative) ~ exp(row . w), by Newton's method with an active set for the
/// non-negative weights. Deterministic; convex, so the start does not matter. `rules` has one entry per feature.
[[nodiscard]] std::vector<double> FitConditionalLogit(const std::vector<Choice>& choices,
                                                      const std::vector<WeightRule>& rules);

/// exp(row . w) normalised over the alternatives.
[[nodiscard]] std::vector<double> Probabilities(const Choice& choice, const std::vector<double>& weights);

}  // namespace ascribe::backtest
