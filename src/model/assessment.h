#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/override.h"
#include "model/case.h"
#include "model/claim.h"
#include "model/parameters.h"
#include "model/scenario.h"

namespace ascribe {

/// What a hypothesis is. "Unknown" and "false flag" are hypotheses like the others and can win.
enum class HypothesisKind : std::uint8_t { kActor, kClass, kLineage, kState, kNonState, kUnknown, kFalseFlag };
[[nodiscard]] std::string_view HypothesisKindName(HypothesisKind kind);

struct Hypothesis {
  std::string id;    ///< entity text; "unknown"; "false-flag:<id of the imitated>"
  std::string name;  ///< for people
  HypothesisKind kind = HypothesisKind::kActor;
  double prior = 0, posterior = 0;
  double low = 0, high = 0;          ///< posterior over the leave-one-group-out runs, both ends
  double table_low = 0, table_high = 0;  ///< posterior over draws from the intervals of the table: see RangeOverTable
  double nats = 0;                   ///< what the evidence adds, after caps
  std::map<Group, double> groups;    ///< the same by group
  std::string best_evidence;         ///< claim id, empty: nothing speaks for it
};

struct LevelResult {
  Level level = Level::kOperator;
  std::vector<Hypothesis> ranked;  ///< by falling posterior; always holds kind unknown
};

/// Two observations that cannot both be honest.
struct Contradiction {
  std::string rule, label, text;
  std::vector<std::string> side_a, side_b;  ///< fact ids
  std::vector<std::string> cancelled;       ///< claim ids
  std::map<std::string, double> deception;  ///< hypothesis that the cancelled claims spoke for -> nats for its imitation
};

struct Verdict {
  Level level = Level::kOperator;
  std::string hypothesis, name;  ///< empty: no attribution
  std::string likelihood;        ///< ICD 203 word, empty without a name
  std::string confidence;        ///< low, moderate, high: of the evidence base
  std::string gate;              ///< none, consistent_with, activity_link, likely, very_likely
  std::string sentence;
  std::string confidence_sentence;
  std::vector<std::string> gate_notes;  ///< why no higher gate passed
};

/// The linchpin: the smallest set of claims found whose removal changes the leader of a level.
struct Flip {
  Level level = Level::kOperator;
  std::vector<std::string> claims;
  std::string leader_then;  ///< hypothesis id
  double posterior_then = 0;
};

/// The assessment once more with one thing otherwise.
struct SensitivityRun {
  struct Outcome {
    Level level = Level::kOperator;
    std::string leader;           ///< hypothesis id
    double leader_posterior = 0;
    double posterior = 0;         ///< of the one that leads with everything in place; 0: no hypothesis then
  };
  std::string kind;   ///< claim, group, source, knowledge-source, publisher, flat-prior, knowledge-age, reliability, false-flag-prior, no-aliases
  std::string id;     ///< what is otherwise: an id, a name or a number
  std::string label;  ///< the same for people
  std::vector<Outcome> outcomes;  ///< one a level
  double effect = 0;  ///< largest change of a leader's posterior over the levels
  bool changes_leader = false;
};

/// How few planted items would do.
struct Planting {
  /// The fewest forgeable claims of the named leader with which alone the same would be said; empty: it needs more.
  std::string leader;
  std::vector<std::string> claims;
  std::size_t claim_groups = 0;
  /// Kinds of items that, planted together, would name an actor for whom nothing speaks; empty: the limit is not enough.
  std::vector<std::string> kinds;
  std::size_t kind_groups = 0, tried = 0;
  double posterior = 0;  ///< of that actor then
  std::string gate;      ///< that it would pass then
};

struct NextEvidence {
  std::string kind, label;
  double gain = 0;  ///< expected nats: chance to find it times its weight
};

/// A withdrawn item of the case or of a knowledge pack, who withdrew it and what it would have changed.
struct RetractionEffect {
  std::string fact;      ///< fact id
  std::string text;
  std::string retracted_on;
  std::string source, publisher;    ///< of the fact
  std::string pack;                 ///< knowledge pack that states it; empty: the case itself
  std::vector<std::string> claims;  ///< what the links say that would rest on it, at most 20
  std::vector<std::string> changes;  ///< one line a hypothesis that would stand elsewhere; empty: no difference
};

/// Analysis of competing hypotheses at one level: rivals in rows, evidence in columns.
struct AchRow {
  std::string hypothesis, name;  ///< the id of a lineage, at operator level: whoever shares that code base
  HypothesisKind kind = HypothesisKind::kActor;
  double posterior = 0;
};
struct AchColumn {
  std::string claim;
  double diagnosticity = 0;  ///< largest minus smallest cell
  bool diagnostic = false;   ///< the cells differ
  bool cancelled = false;    ///< by a contradiction
  std::vector<double> cells;  ///< nats, one a row
};
struct AchTable {
  Level level = Level::kOperator;
  std::vector<AchRow> rows;
  std::vector<AchColumn> columns;  ///< the most diagnostic first
};

/// What became of an analyst's override.
struct OverrideOutcome {
  Override entry;
  double engine_nats = 0;  ///< the engine's own cell
  std::string ignored;     ///< why it was left out; empty: it counts in AnalystView::levels
};
/// Beside the assessment, never in it: gates, words and verdict are the engine's.
struct AnalystView {
  std::vector<OverrideOutcome> outcomes;  ///< by claim, level, hypothesis
  std::vector<LevelResult> levels;        ///< as Assessment::levels; empty without overrides
};

/// One step of the way back.
struct Hop {
  std::string from, to;   ///< entity texts
  std::string status;     ///< observed, asserted, inferred
  std::string place;      ///< country by geolocation, never the country of an actor; may be empty
  std::string control;    ///< who holds it, when known
  double q = 0;           ///< chance that the step is as stated
  std::vector<std::string> facts;
};
struct Route {
  std::vector<Hop> hops;           ///< in order from the victim outwards
  std::vector<std::string> ends;   ///< entity texts at which the trail ends
  std::string end_of_trail;        ///< one sentence
  std::vector<std::string> notes;
};

/// What the posteriors are computed from beside the claims, so that a reader's copy of the sum (the report page) can be
/// checked against the engine's. Written into the page only.
struct OpenModel {
  struct Candidate {
    std::string id, name;
    HypothesisKind kind = HypothesisKind::kActor;
    double weight = 1;  ///< relative prior weight; 1 for all under a flat prior
  };
  std::vector<Candidate> lineages, operators;
  std::map<std::string, std::vector<std::pair<std::string, double>>> sponsors;  ///< operator -> states with their chance
  std::map<std::string, double> deception;                                      ///< hypothesis -> nats, capped
  double unknown_prior = 0, known_max = 0, unknown_sponsor = 0, false_flag_odds = 0, posterior_cap = 0, group_headroom = 0, origin_headroom = 0, shared_tools_cap = 0;
  std::size_t shared_tool_holders = 0;
  std::map<Group, double> caps;     ///< of a group's positive sum; missing: none
  std::map<Group, double> weights;  ///< of a group at operator level
  std::array<Calibration, kLevels.size()> calibration;  ///< by level: what a backtest found of answers made in this way
};

/// The outcome: everything a report prints. A pure function of case, knowledge, parameters and as-of date.
struct Assessment {
  CaseInfo info;
  std::optional<Date> as_of;
  Scenario scenario;                    ///< empty: the case as it is
  std::vector<std::string> unmatched;   ///< what the scenario names and the case does not hold
  std::string parameters_version, parameters_sha256;
  std::string fit_version, fit_sha256;  ///< of the measured table; empty: values by hand
  struct Pack {
    std::string id, version, digest;
    std::uint64_t facts = 0;
  };
  std::vector<Pack> packs;
  std::size_t attacks_compared = 0, actors_compared = 0, facts_known = 0;
  std::size_t facts_used = 0, facts_later = 0, facts_unverified = 0;

  std::vector<Claim> claims;  ///< by id
  std::vector<Contradiction> contradictions;
  std::vector<LevelResult> levels;  ///< lineage, operator, sponsor
  Verdict verdict;
  double copyable_weight = 0;  ///< share of the leader's weight that an imitator could have
  std::vector<Flip> flips;
  std::vector<NextEvidence> next_evidence;
  std::vector<RetractionEffect> retractions;
  std::vector<AchTable> ach;  ///< one a level, as `levels`
  AnalystView analyst;        ///< empty without overrides
  std::vector<SensitivityRun> sensitivity;  ///< the largest effect first
  Planting planting;
  Route route;
  OpenModel model;

  [[nodiscard]] const LevelResult& At(Level level) const { return levels[static_cast<std::size_t>(level)]; }
  [[nodiscard]] const Claim* FindClaim(std::string_view id) const;
};

/// ICD 203 (2015) term for a probability: "almost no chance" .. "very likely". The engine alone never says "almost certain".
[[nodiscard]] std::string_view LikelihoodWord(double p);
/// The range of that term, "80-95 %".
[[nodiscard]] std::string_view LikelihoodRange(std::string_view word);

}  // namespace ascribe
