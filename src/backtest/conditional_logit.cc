#include "backtest/conditional_logit.h"

#include <algorithm>
#include <cmath>

namespace ascribe::backtest {
namespace {

constexpr int kMaxSteps = 200;
constexpr double kConverged = 1e-9;

double Dot(const double* row, const std::vector<double>& weights) {
  double sum = 0;
  for (std::size_t j = 0; j < weights.size(); ++j) sum += row[j] * weights[j];
  return sum;
}

struct Objective {
  double value = 0;              ///< negative log posterior
  std::vector<double> gradient;  ///< per feature
  std::vector<double> hessian;   ///< features x features
};

Objective Evaluate(const std::vector<Choice>& choices, const std::vector<WeightRule>& rules,
                   const std::vector<double>& weights, bool derivatives) {
  const std::size_t n = weights.size();
  Objective out;
  out.gradient.assign(n, 0);
  if (derivatives) out.hessian.assign(n * n, 0);
  for (std::size_t j = 0; j < n; ++j) {
    const double away = weights[j] - rules[j].start;
    out.value += rules[j].penalty / 2 * away * away;
    out.gradient[j] += rules[j].penalty * away;
    if (derivatives) out.hessian[j * n + j] += rules[j].penalty;
  }
  std::vector<double> mean(n);
  for (const Choice& choice : choices) {
    const std::vector<double> p = Probabilities(choice, weights);
    out.value -= choice.weight * std::log(std::max(p[choice.right], 1e-300));
    if (!derivatives) continue;
    std::fill(mean.begin(), mean.end(), 0);
    for (std::size_t a = 0; a < p.size(); ++a)
      for (std::size_t j = 0; j < n; ++j) mean[j] += p[a] * choice.Row(a)[j];
    for (std::size_t j = 0; j < n; ++j) out.gradient[j] += choice.weight * (mean[j] - choice.Row(choice.right)[j]);
    for (std::size_t a = 0; a < p.size(); ++a) {
      const double* row = choice.Row(a);
      const double scale = choice.weight * p[a];
      if (scale < 1e-15) continue;
      for (std::size_t j = 0; j < n; ++j) {
        const double left = scale * (row[j] - mean[j]);
        if (left == 0) continue;
        for (std::size_t k = 0; k <= j; ++k) out.hessian[j * n + k] += left * (row[k] - mean[k]);
      }
    }
  }
  return out;
}

// Solves H d = g over the free features by Cholesky (H is positive definite: every penalty is positive).
std::vector<double> NewtonStep(const Objective& at, const std::vector<bool>& free) {
  const std::size_t n = free.size();
  std::vector<std::size_t> on;
  for (std::size_t j = 0; j < n; ++j)
    if (free[j]) on.push_back(j);
  const std::size_t m = on.size();
  std::vector<double> low(m * m, 0), step(m);
  for (std::size_t j = 0; j < m; ++j) {
    for (std::size_t k = 0; k <= j; ++k) {
      double sum = at.hessian[on[j] * n + on[k]];
      for (std::size_t i = 0; i < k; ++i) sum -= low[j * m + i] * low[k * m + i];
      low[j * m + k] = j == k ? std::sqrt(std::max(sum, 1e-12)) : sum / low[k * m + k];
    }
  }
  for (std::size_t j = 0; j < m; ++j) {
    double sum = at.gradient[on[j]];
    for (std::size_t i = 0; i < j; ++i) sum -= low[j * m + i] * step[i];
    step[j] = sum / low[j * m + j];
  }
  for (std::size_t j = m; j-- > 0;) {
    for (std::size_t i = j + 1; i < m; ++i) step[j] -= low[i * m + j] * step[i];
    step[j] /= low[j * m + j];
  }
  std::vector<double> full(n, 0);
  for (std::size_t j = 0; j < m; ++j) full[on[j]] = step[j];
  return full;
}

}  // namespace

std::vector<double> Probabilities(const Choice& choice, const std::vector<double>& weights) {
  std::vector<double> p(choice.alternatives());
  double top = -INFINITY;
  for (std::size_t a = 0; a < p.size(); ++a) top = std::max(top, p[a] = Dot(choice.Row(a), weights));
  double sum = 0;
  for (double& value : p) sum += value = std::exp(value - top);
  for (double& value : p) value /= sum;
  return p;
}

std::vector<double> FitConditionalLogit(const std::vector<Choice>& choices, const std::vector<WeightRule>& rules) {
  const std::size_t n = rules.size();
  std::vector<double> weights(n);
  for (std::size_t j = 0; j < n; ++j)
    weights[j] = rules[j].non_negative ? std::max(0.0, rules[j].start) : rules[j].start;
  for (int step = 0; step < kMaxSteps; ++step) {
    const Objective at = Evaluate(choices, rules, weights, true);
    // A weight at its bound that wants below it rests.
    std::vector<bool> free(n);
    double unrest = 0;
    for (std::size_t j = 0; j < n; ++j) {
      free[j] = !(rules[j].non_negative && weights[j] <= 0 && at.gradient[j] > 0);
      if (free[j]) unrest = std::max(unrest, std::abs(at.gradient[j]));
    }
    if (unrest < kConverged) break;
    const std::vector<double> direction = NewtonStep(at, free);
    double length = 1;
    std::vector<double> next(n);
    bool better = false;
    for (int halving = 0; halving < 50 && !better; ++halving, length /= 2) {
      for (std::size_t j = 0; j < n; ++j) {
        next[j] = weights[j] - length * direction[j];
        if (rules[j].non_negative) next[j] = std::max(0.0, next[j]);
      }
      better = Evaluate(choices, rules, next, false).value < at.value - 1e-14 * std::abs(at.value);
    }
    if (!better) break;
    weights = next;
  }
  return weights;
}

}  // namespace ascribe::backtest
