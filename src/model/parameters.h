#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "model/fact.h"
#include "model/source.h"

namespace ascribe {

/// The levels an attribution can reach. They are weighed apart and may point to different states.
enum class Level : std::uint8_t { kLineage, kOperator, kSponsor };
inline constexpr std::array kLevels = {Level::kLineage, Level::kOperator, Level::kSponsor};
[[nodiscard]] std::string_view LevelName(Level level);

/// Evidence of one group may share causes; its sum is capped.
enum class Group : std::uint8_t { kCode, kInfrastructure, kBehaviour, kVictim, kHuman };
inline constexpr std::array kGroups = {Group::kCode, Group::kInfrastructure, Group::kBehaviour, Group::kVictim, Group::kHuman};
[[nodiscard]] std::string_view GroupName(Group group);

/// Rarity classes of the likelihood table: an item held by 1, 2, 3-5, 6-10 or more actors.
inline constexpr std::size_t kRarities = 5;
[[nodiscard]] constexpr std::size_t RarityOf(std::size_t holders) {
  return holders <= 1 ? 0 : holders == 2 ? 1 : holders <= 5 ? 2 : holders <= 10 ? 3 : 4;
}
/// The fewest holders of a rarity class.
[[nodiscard]] constexpr std::size_t LeastHolders(std::size_t rarity) {
  constexpr std::array<std::size_t, kRarities> kLeast = {1, 2, 3, 6, 11};
  return kLeast[rarity];
}

/// A kind of link: what is shared, how much that weighs and how cheaply it is forged. One table for all cases.
struct LinkKind {
  std::string id, label, basis;
  std::vector<EntityType> types;    ///< empty: any
  std::vector<Relation> relations;  ///< empty: any observation
  StatementKind statement = StatementKind::kNone;  ///< not kNone: only facts of such statements
  Group group = Group::kCode;
  int forge = 1;          ///< 1 trivial .. 5 very costly
  bool control = false;   ///< needs a secret or live control: publication does not make it copyable
  bool whole_set = false;  ///< one weight for all items together
  double nats = 0;        ///< lower bound, held by one actor
  double nats_old = 0;    ///< the same beyond the freshness window; 0: no ageing
  double nats_high = 0;   ///< upper bound
  std::vector<double> by_k;  ///< weights for 1, 2, 3-5, 6-10, >10 holders; empty: nats - ln k
  std::vector<double> by_k_old, by_k_high;  ///< the same beyond the freshness window, and upper bounds; may be empty
  std::string measured;      ///< kind of the likelihood table (model/fit.h) that replaces the values; empty: by hand
  std::vector<Level> levels;
  double p_same = 0;      ///< chance that another attack of the same actor shows it
  double near = 0;        ///< lowest similarity that still counts; 0: exact only
  std::string near_measure;

  [[nodiscard]] bool SpeaksFor(Level level) const;
  /// Weight for `k` actors holding it; `fresh`: within the freshness window. Never negative.
  [[nodiscard]] double Nats(std::size_t k, bool fresh) const;
  [[nodiscard]] double NatsHigh(std::size_t k) const;
};

/// "When it said so much, it was right so often", on tests later than everything the answer was fitted on.
struct CalibrationBin {
  double from = 0, to = 1, said = 0, right = 0;
  std::size_t count = 0;
};

/// What a backtest found of the answers at one level. No tests: not measured.
struct Calibration {
  std::vector<CalibrationBin> bins;
  double error = 0;       ///< ECE over ten bins of equal size
  std::size_t tests = 0;
};

/// Effect of a contradiction that weigh/contradictions.cc finds.
struct ContradictionRule {
  std::string id, label, basis;
  std::vector<std::string> cancels;  ///< link kinds, or entity types of the shared thing
  double deception = 0;
};

/// data/parameters.toml. Immutable after loading; safe to share between threads.
struct Parameters {
  std::string version, sha256;
  std::string fit_version, fit_sha256;  ///< of the measured table in use; empty: none
  double weight_code = 1, weight_infrastructure = 1, weight_behaviour = 1;  ///< of a group at operator level, fitted
  double prior_activity = 0, prior_recent = 0;  ///< base rate and recency in the prior of operators, fitted
  bool flat_prior = false;                      ///< leave both out
  std::array<Calibration, kLevels.size()> calibration;  ///< by level, with this fit, as its backtest found it
  double unknown_prior = 0.5, known_max = 0.05, unknown_sponsor = 0.02, false_flag_odds = 50, tool_exclusive = 1, posterior_cap = 0.98;
  std::map<char, double> letters;
  std::map<int, double> digits;
  double asserted = 1, kappa = 10, corroborated_cap = 0.99;
  double group_headroom = 1, origin_headroom = 1, behaviour_cap = 1.4, victim_cap = 1.4, human_cap = 3, absence_code = 0, deception_cap = 4.6;
  double shared_tools_cap = 1.5;         ///< nats: all code that many hands hold, together, for one operator
  std::size_t shared_tool_holders = 6;  ///< so many holders or more make it code of many hands
  int fresh_days = 90;
  double gate_strong_group = 3.4, gate_activity_link = 4.6, gate_likely = 0.55, gate_very_likely = 0.8,
         gate_leave_one_out = 0.5, gate_copyable_max = 0.8, gate_runner_up = 5, gate_material = 0.7;
  std::size_t gate_consistent_k = 5, gate_few_provenances = 2;
  std::vector<LinkKind> kinds;
  std::vector<ContradictionRule> rules;
  std::map<std::string, int> runtime_since, toolset_year;
  /// Language (ISO 639-1) -> offsets from UTC, in minutes, of the places where it is a main language.
  std::map<std::string, std::vector<int>> language_offsets;

  /// The first kind that accepts the fact, or nullptr: it is context, not a link.
  [[nodiscard]] const LinkKind* KindOf(const Fact& fact) const;
  [[nodiscard]] const LinkKind* KindById(std::string_view id) const;
  /// Fitted weight of a group at operator level; 1 for what no backtest measures.
  [[nodiscard]] double WeightOf(Group group) const;
  [[nodiscard]] const ContradictionRule* RuleById(std::string_view id) const;
  /// Chance that what a source of this grade states is so; std::nullopt for F and 6: not judged, so not weighed.
  [[nodiscard]] std::optional<double> Reliability(const AdmiraltyGrade& grade) const;
  /// ln LR after source reliability: LR' = (q LR + (1-q) kappa) / (q + (1-q) kappa). Monotone in q, never above `nats`.
  [[nodiscard]] double Attenuate(double nats, double q) const;
  /// ln LR mixed with the chance p that the label behind it is true: a false label says nothing (LR 1).
  [[nodiscard]] static double Doubt(double nats, double p);
};

}  // namespace ascribe
