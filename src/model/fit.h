#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/parameters.h"

namespace ascribe {

/// Age of a sighting: at most so many days between the report and the actor's last one with the item is "fresh".
inline constexpr int kFreshDays = 90;
enum class ItemAge : std::uint8_t { kFresh, kOld };

/// One measured likelihood ratio: how much more often a report shares such an item with its own actor's earlier reports
/// than with another known actor's.
struct LikelihoodCell {
  std::string kind;  ///< "hash", "host", "domain", "address", "network", "path", "family", "technique"
  int rarity = -1;   ///< class as in RarityOf; -1: any
  int age = -1;      ///< ItemAge; -1: any
  std::size_t same_hits = 0, other_hits = 0;  ///< of the pairs of Fit
  double nats = 0;                            ///< ln LR, half a hit added to each count
  double low = 0, high = 0;                   ///< 95 % interval: the wider of Wald's and a bootstrap over actors
};

/// Which group of the engine a fitted weight belongs to.
struct GroupWeights {
  double code = 1, infrastructure = 1, behaviour = 1;
};

/// What `ascribe kb fit` measures on a corpus of dated reports (docs/formats/fit.md). Aggregates only: no names, no
/// indicators. Immutable after loading.
struct Fit {
  std::string version, sha256;
  std::string corpus_sha256, first_day, last_day;
  std::size_t reports = 0, tests = 0, same_pairs = 0, other_pairs = 0, actors = 0;
  std::vector<LikelihoodCell> cells;
  GroupWeights weights;
  double activity = 0;  ///< weight of ln(0.1 + earlier attacks, each fading with a time constant of 1,000 days)
  double recent = 0;    ///< weight of exp(-days since the last attack / 60)
  std::array<Calibration, kLevels.size()> calibration;  ///< by level

  /// The cell itself, or null.
  [[nodiscard]] const LikelihoodCell* Find(std::string_view kind, int rarity, int age) const;
  /// The cell to use: itself when at least kLeastHits pairs of one actor carry it, else its parent (any age), else the
  /// kind as a whole; null when the kind was never met.
  [[nodiscard]] const LikelihoodCell* Best(std::string_view kind, int rarity, int age) const;
  static constexpr std::size_t kLeastHits = 5;
};

/// Answers that said 0.20 or more. The others say "not known", and are borne out too easily to measure anything: with
/// fewer than kLeastSaid of these a level counts as not measured, however many tests there were.
[[nodiscard]] std::size_t AnswersThatSay(const Calibration& measured);
inline constexpr std::size_t kLeastSaid = 20;

/// Puts the measured values where the parameters say `measured = KIND`: the lower bound as the weight, the upper one as
/// its high end, by rarity and age; rarer never weighs less than commoner, fresh never less than old. Sets the group
/// weights and the prior's.
void ApplyFit(const Fit& fit, Parameters& parameters);

}  // namespace ascribe
