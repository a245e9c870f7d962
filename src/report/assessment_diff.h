#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ascribe {

/// What two assessments are compared by, read from the files that `investigate` writes. The files may be anybody's.
struct AssessedCase {
  struct ClaimSays {
    std::string key;  ///< kind and thing: what stays when the facts behind a claim change
    std::string statement;
    std::string set_aside;               ///< why it does not weigh (cancelled, weightless); empty: it weighs
    std::map<std::string, double> nats;  ///< "level hypothesis"
  };
  struct Standing {
    std::string name;
    double posterior = 0;
  };
  std::map<std::string, std::string>
      inputs;  ///< case, engine, as of, scenario, parameters, fit, "pack ID", "source ID": -> version or grade
  std::map<std::string, std::string> evidence;                    ///< sha256 -> name
  std::map<std::string, std::string> facts;                       ///< id -> text; those known on the as-of date
  std::map<std::string, std::string> verdict;                     ///< level, name, likelihood, gate, confidence
  std::map<std::string, ClaimSays> claims;                        ///< by id
  std::map<std::string, std::map<std::string, Standing>> levels;  ///< level -> hypothesis
};

/// `assessment`: assessment.json or a saved scenario; `case_facts`: case.json beside it. Errors: kInvalidInput (no
/// JSON, another schema), kLimitExceeded.
[[nodiscard]] Result<AssessedCase> ReadAssessed(ByteView assessment, ByteView case_facts);

/// One thing that differs; an empty side: it is not there.
struct Change {
  std::string what, before, after;
};
struct ClaimChange {
  std::string before_id, after_id;             ///< an empty id: it is not there
  std::string before_statement, after_statement;  ///< they differ when somebody is called differently; empty: not there
  std::string before_aside, after_aside;       ///< AssessedCase::ClaimSays::set_aside
  std::string toward;                          ///< "level hypothesis" for which it changed most
  double before = 0, after = 0;                ///< nats for that one
};
struct PosteriorChange {
  std::string level, hypothesis;
  std::string before_name, after_name;  ///< empty: no hypothesis there
  std::optional<double> before, after;  ///< nothing: no hypothesis there
};

/// What changed between two assessments and why: inputs, evidence, facts; then what followed. Everything in a fixed
/// order.
struct AssessmentDiff {
  std::vector<Change> verdict, inputs, evidence, facts;
  std::vector<ClaimChange> claims;          ///< the largest change first
  std::vector<PosteriorChange> posteriors;  ///< those that move by kVisibleChange, the largest first within a level
  [[nodiscard]] bool empty() const {
    return verdict.empty() && inputs.empty() && evidence.empty() && facts.empty() && claims.empty() &&
           posteriors.empty();
  }
};
/// Half of the last digit that a report prints.
inline constexpr double kVisibleChange = 0.0005;

[[nodiscard]] AssessmentDiff DiffAssessments(const AssessedCase& before, const AssessedCase& after);

/// For a terminal: at most 80 columns, nothing of the evidence moves the cursor, long lists cut with a count.
[[nodiscard]] std::string DiffToText(const AssessmentDiff& diff);
/// `ascribe-diff/1`, everything in full; ASCII, a line feed at the end.
[[nodiscard]] std::string DiffToJson(const AssessmentDiff& diff);

}  // namespace ascribe
