#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/entity.h"
#include "respond/step.h"

namespace ascribe {

/// What something in the plan rests on. Long lists are cut at kMaxBacking; the totals are not.
struct Backing {
  std::vector<std::string> facts;   ///< fact ids of the case, sorted
  std::vector<std::string> rest;    ///< those after them, sorted, at most kMaxRest: for a page that unfolds them
  std::vector<std::string> claims;  ///< claim ids, sorted
  std::size_t facts_total = 0;
};
inline constexpr std::size_t kMaxBacking = 25;  ///< what a reader looks up by hand; the rest is in facts.csv
inline constexpr std::size_t kMaxRest = 50'000;   ///< a report page holds no more facts

/// One category of the severity: an interval of 0..100, because evidence says "at least this", or nothing.
struct SeverityCategory {
  std::string id, label;
  double weight = 0;
  double low = 0, high = 100;
  std::string option;  ///< id of what the evidence shows; empty: not known
  std::string note;    ///< the same for people, or "not known: counted as 0 to 100"
  Backing backing;     ///< empty exactly when the category is not known
};

struct Severity {
  double low = 0, high = 100;  ///< weighted means of the categories' ends
  std::string low_level, high_level;
  std::vector<SeverityCategory> categories;
};

/// Something worth blocking for a while.
struct BlockEntry {
  Entity thing;
  Date last_seen;
  std::string last_seen_basis;  ///< "seen", "incident" (no date of its own) or "published" (neither)
  Date expires;
  std::string collateral;  ///< who else a block could hit
  Backing backing;
};

/// What looks like an indicator and must not be blocked.
struct NotBlocked {
  Entity thing;
  std::string reason;
  Backing backing;
};

struct PlannedStep {
  StepKind kind = StepKind::kPreserveEvidence;
  std::vector<std::string> answers;         ///< entity texts: the techniques, capabilities or indicators it answers
  std::string mitigation, mitigation_name;  ///< ATT&CK id and name, for kApplyMitigation only
  double severity = 0;                      ///< from which severity on it is justified
  std::string gate;                         ///< from which gate of the verdict on
  std::string withheld;                     ///< why it is not justified now; empty: it is
  Backing backing;
};

/// What a defender may do, and what not yet. A pure function of case, assessment and tables.
struct ResponsePlan {
  std::string case_id;
  std::optional<Date> as_of;
  std::string table_version, table_sha256;  ///< data/response.toml
  std::string attack_release;               ///< of the mitigations
  std::string gate;                         ///< of the verdict
  Severity severity;
  std::vector<PlannedStep> steps;                            ///< justified now, in the order of the table
  std::vector<PlannedStep> withheld;                         ///< not justified now, with the reason
  std::vector<BlockEntry> block;                             ///< by entity
  std::vector<NotBlocked> not_blocked;                       ///< by entity
  std::size_t block_left_off = 0, not_blocked_left_off = 0;  ///< beyond kMaxIndicators
  std::vector<std::string> notes;                            ///< what the reader must know about this plan
};
/// Of each list. A block list that nobody can look through is not proportional; the rest is counted.
inline constexpr std::size_t kMaxIndicators = 10'000;

}  // namespace ascribe
