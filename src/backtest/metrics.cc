#include "backtest/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>

#include "base/dice.h"

namespace ascribe::backtest {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double Share(double part, double whole) { return whole > 0 ? part / whole : kNan; }

// log2(1 + e^x), without overflow.
double Softplus2(double x) { return (std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)))) / std::log(2.0); }

double Logit(double p) {
  p = std::clamp(p, 1e-6, 1 - 1e-6);
  return std::log(p / (1 - p));
}

// Every candidate known at gap 0 is a pair; those that were not listed share what is left of 1.
void AddPairs(const Answer& answer, std::vector<LlrPair>& pairs) {
  const double prior = std::log(static_cast<double>(std::max<std::size_t>(1, answer.actors)));  // -logit(1 / (A + 1))
  double listed = 0;
  bool truth_listed = false;
  for (const RankedActor& ranked : answer.ranked) {
    const bool same = answer.known && ranked.actor == answer.truth;
    listed += ranked.p;
    truth_listed = truth_listed || ranked.actor == answer.truth;
    pairs.push_back({Logit(ranked.p) + prior, same, 1});
  }
  if (answer.actors <= answer.ranked.size()) return;
  const double rest = static_cast<double>(answer.actors - answer.ranked.size());
  const double llr = Logit(std::max(0.0, 1 - answer.p_unknown - listed) / rest) + prior;
  const bool hit = answer.known && !truth_listed;
  if (hit) pairs.push_back({llr, true, 1});
  if (rest > (hit ? 1 : 0)) pairs.push_back({llr, false, rest - (hit ? 1 : 0)});
}

double LogLoss(const Answer& answer) {
  double p = answer.p_unknown;
  if (answer.known) {
    double listed = 0;
    p = -1;
    for (const RankedActor& ranked : answer.ranked) {
      listed += ranked.p;
      if (ranked.actor == answer.truth) p = ranked.p;
    }
    if (p < 0) {
      const std::size_t rest = answer.actors - std::min(answer.actors, answer.ranked.size());
      p = rest == 0 ? 0 : std::max(0.0, 1 - answer.p_unknown - listed) / static_cast<double>(rest);
    }
  }
  return -std::log(std::max(1e-9, p));
}

std::vector<std::size_t> SurestFirst(const std::vector<const Answer*>& answers) {
  std::vector<std::size_t> order(answers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return answers[a]->named_p() > answers[b]->named_p(); });
  return order;
}

std::vector<const Answer*> Pointers(const std::vector<Answer>& answers) {
  std::vector<const Answer*> out;
  out.reserve(answers.size());
  for (const Answer& answer : answers) out.push_back(&answer);
  return out;
}

Gate GateOf(const std::vector<const Answer*>& answers, double least) {
  Gate gate;
  gate.least = least;
  for (const Answer* answer : answers) {
    if (answer->named_p() < least || answer->ranked.empty()) continue;
    ++gate.named;
    gate.right += answer->right();
    gate.novel_named += !answer->known;
  }
  return gate;
}

}  // namespace

double Auroc(const std::vector<double>& positive, const std::vector<double>& negative) {
  if (positive.empty() || negative.empty()) return kNan;
  std::vector<std::pair<double, int>> all;
  for (double v : positive) all.emplace_back(v, 1);
  for (double v : negative) all.emplace_back(v, 0);
  std::sort(all.begin(), all.end());
  double ranks = 0;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t j = i;
    int ones = 0;
    for (; j < all.size() && all[j].first == all[i].first; ++j) ones += all[j].second;
    ranks += ones * (static_cast<double>(i + j - 1) / 2 + 1);
    i = j;
  }
  const double n = static_cast<double>(positive.size());
  return (ranks - n * (n + 1) / 2) / (n * static_cast<double>(negative.size()));
}

double CalibrationError(const std::vector<double>& said, const std::vector<double>& right) {
  constexpr std::size_t kBins = 10;
  std::vector<std::size_t> order(said.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return said[a] < said[b]; });
  double error = 0;
  std::size_t at = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    const std::size_t count = order.size() / kBins + (bin < order.size() % kBins ? 1 : 0);
    double difference = 0;
    for (std::size_t i = at; i < at + count; ++i) difference += said[order[i]] - right[order[i]];
    at += count;
    error += std::abs(difference);
  }
  return Share(error, static_cast<double>(said.size()));
}

Interval Wilson(std::size_t k, std::size_t n) {
  if (n == 0) return {};
  constexpr double kZ = 1.96;
  const double count = static_cast<double>(n), p = static_cast<double>(k) / count;
  const double scale = 1 + kZ * kZ / count;
  const double center = p + kZ * kZ / 2 / count;
  const double half = kZ * std::sqrt(p * (1 - p) / count + kZ * kZ / 4 / count / count);
  return {(center - half) / scale, (center + half) / scale};
}

double Cllr(const std::vector<LlrPair>& pairs) {
  double same = 0, other = 0, same_cost = 0, other_cost = 0;
  for (const LlrPair& pair : pairs) {
    (pair.same ? same : other) += pair.weight;
    (pair.same ? same_cost : other_cost) += pair.weight * Softplus2(pair.same ? -pair.llr : pair.llr);
  }
  if (same <= 0 || other <= 0) return kNan;
  return 0.5 * (same_cost / same + other_cost / other);
}

double CllrMin(std::vector<LlrPair> pairs) {
  struct Block {
    double same = 0, other = 0;
    std::size_t end = 0;
  };
  std::stable_sort(pairs.begin(), pairs.end(), [](const LlrPair& a, const LlrPair& b) { return a.llr < b.llr; });
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < pairs.size();) {
    Block block;
    std::size_t j = i;
    for (; j < pairs.size() && pairs[j].llr == pairs[i].llr; ++j)
      (pairs[j].same ? block.same : block.other) += pairs[j].weight;
    block.end = i = j;
    blocks.push_back(block);
    while (blocks.size() > 1) {
      Block& before = blocks[blocks.size() - 2];
      const Block& last = blocks.back();
      if (before.same * (last.same + last.other) < last.same * (before.same + before.other)) break;
      before.same += last.same;
      before.other += last.other;
      before.end = last.end;
      blocks.pop_back();
    }
  }
  double same = 0, other = 0;
  for (const Block& block : blocks) same += block.same, other += block.other;
  if (same <= 0 || other <= 0) return kNan;
  std::size_t at = 0;
  for (const Block& block : blocks) {
    const double llr = Logit(block.same / (block.same + block.other)) - std::log(same / other);
    for (; at < block.end; ++at) pairs[at].llr = llr;
  }
  return Cllr(pairs);
}

Scores Score(const std::vector<const Answer*>& answers) {
  Scores out;
  out.tests = answers.size();
  std::vector<double> said, right, unknown_novel, unknown_known;
  std::map<std::string, std::pair<double, double>> by_actor;  // right, tests
  std::vector<LlrPair> pairs;
  double named = 0, hits = 0, in_top3 = 0, log_loss = 0, squares = 0;
  for (const Answer* answer : answers) {
    said.push_back(answer->named_p());
    right.push_back(answer->right() ? 1 : 0);
    named += !answer->ranked.empty();
    hits += right.back();
    squares += (said.back() - right.back()) * (said.back() - right.back());
    log_loss += LogLoss(*answer);
    (answer->known ? unknown_known : unknown_novel).push_back(answer->p_unknown);
    AddPairs(*answer, pairs);
    if (!answer->known) continue;
    ++out.known;
    auto& [actor_right, actor_tests] = by_actor[answer->truth];
    actor_right += right.back();
    actor_tests += 1;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, answer->ranked.size()); ++i)
      in_top3 += answer->ranked[i].actor == answer->truth;
  }
  const double count = static_cast<double>(out.tests), known = static_cast<double>(out.known);
  out.actors = by_actor.size();
  out.covered = Share(named, count);
  double macro = 0, known_right = 0;
  for (const auto& [actor, tally] : by_actor) macro += tally.first / tally.second, known_right += tally.first;
  out.top1 = Share(known_right, known);
  out.top3 = Share(in_top3, known);
  out.macro = Share(macro, static_cast<double>(by_actor.size()));
  out.right_when_named = Share(hits, named);
  out.auroc = Auroc(unknown_novel, unknown_known);
  out.ece = CalibrationError(said, right);
  out.brier = Share(squares, count);
  out.log_loss = Share(log_loss, count);
  out.cllr = Cllr(pairs);
  out.cllr_min = CllrMin(std::move(pairs));
  double so_far = 0;
  const std::vector<std::size_t> order = SurestFirst(answers);
  for (std::size_t k = 0; k < order.size(); ++k) {
    so_far += right[order[k]];
    if (k + 1 >= 10 && so_far / static_cast<double>(k + 1) >= 0.9) out.nameable90 = static_cast<double>(k + 1) / count;
  }
  out.gate = GateOf(answers, 0.8);
  return out;
}

Scores Score(const std::vector<Answer>& answers) { return Score(Pointers(answers)); }

Gate GateAt(const std::vector<Answer>& answers, double least) { return GateOf(Pointers(answers), least); }

std::vector<ReliabilityBin> Reliability(const std::vector<Answer>& answers) {
  std::vector<ReliabilityBin> out;
  constexpr std::array<double, 7> kEdges = {0, .2, .4, .6, .8, .95, 1.01};
  for (std::size_t b = 0; b + 1 < kEdges.size(); ++b) {
    ReliabilityBin bin;
    bin.from = kEdges[b];
    bin.to = std::min(1.0, kEdges[b + 1]);
    for (const Answer& answer : answers) {
      if (answer.named_p() < kEdges[b] || answer.named_p() >= kEdges[b + 1]) continue;
      ++bin.count;
      bin.said += answer.named_p();
      bin.right += answer.right();
    }
    if (bin.count == 0) continue;
    bin.said /= static_cast<double>(bin.count);
    bin.right /= static_cast<double>(bin.count);
    out.push_back(bin);
  }
  return out;
}

std::vector<CoveragePoint> PrecisionCoverage(const std::vector<Answer>& answers) {
  const std::vector<const Answer*> pointers = Pointers(answers);
  std::vector<CoveragePoint> out;
  double right = 0;
  for (const std::size_t i : SurestFirst(pointers)) {
    right += pointers[i]->right();
    const double count = static_cast<double>(out.size() + 1);
    out.push_back({count / static_cast<double>(answers.size()), right / count, pointers[i]->named_p()});
  }
  return out;
}

ScoreIntervals Bootstrap(const std::vector<Answer>& answers, std::size_t rounds) {
  std::map<std::string, std::vector<const Answer*>> by_actor;
  for (const Answer& answer : answers) by_actor[answer.drawn_with.empty() ? answer.truth : answer.drawn_with].push_back(&answer);
  std::vector<const std::vector<const Answer*>*> groups;
  for (const auto& [actor, group] : by_actor) groups.push_back(&group);
  Dice dice(0);
  constexpr std::size_t kNumbers = 11;
  std::array<std::vector<double>, kNumbers> drawn;
  for (std::size_t round = 0; round < rounds && !groups.empty(); ++round) {
    std::vector<const Answer*> sample;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const auto& group = *groups[dice.Below(groups.size())];
      sample.insert(sample.end(), group.begin(), group.end());
    }
    const Scores s = Score(sample);
    const double named = static_cast<double>(s.gate.named);
    const std::array<double, kNumbers> values = {s.top1,
                                                 s.top3,
                                                 s.macro,
                                                 s.right_when_named,
                                                 s.auroc,
                                                 s.ece,
                                                 s.brier,
                                                 s.log_loss,
                                                 s.cllr,
                                                 Share(named, static_cast<double>(s.tests)),
                                                 Share(static_cast<double>(s.gate.right), named)};
    for (std::size_t i = 0; i < kNumbers; ++i)
      if (!std::isnan(values[i])) drawn[i].push_back(values[i]);
  }
  std::array<Interval, kNumbers> ends;
  for (std::size_t i = 0; i < kNumbers; ++i) {
    std::sort(drawn[i].begin(), drawn[i].end());
    const std::size_t n = drawn[i].size();
    if (n >= 40) ends[i] = {drawn[i][n / 40], drawn[i][n - 1 - n / 40]};
  }
  return {ends[0], ends[1], ends[2], ends[3], ends[4], ends[5], ends[6], ends[7], ends[8], ends[9], ends[10]};
}

}  // namespace ascribe::backtest
