#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/parameters.h"

namespace ascribe {

/// What an analyst assumes otherwise than the case: "what if this were not there, or not to be trusted?"
struct Scenario {
  std::string name;                     ///< empty: not saved
  std::set<std::string> claims, facts;  ///< ids left out; claim ids are those of the case as it is
  std::set<std::string> sources;        ///< source ids left out
  std::set<Group> groups;               ///< whole kinds of evidence left out
  std::map<std::string, double> trust;  ///< source id -> chance 0..1 that what it states is so, whatever its grade
  std::map<std::string, double> claim_trust;  ///< claim id -> chance 0..1 that the link holds; else it says nothing
  bool flat_prior = false;
  std::optional<double> unknown_prior;  ///< prior of "somebody unknown" in the place of the parameters', 0.01..0.99

  [[nodiscard]] bool empty() const {
    return claims.empty() && facts.empty() && sources.empty() && groups.empty() && trust.empty() && claim_trust.empty() && !flat_prior && !unknown_prior;
  }
  bool operator==(const Scenario&) const = default;

  /// Adds what --without takes, told apart by form: "c-" and 12 hex digits, "f-" and 16, the name of a group, else a
  /// source. "source:ID" is always a source.
  void LeaveOut(std::string_view term);
  /// Adds what --trust takes, "SOURCE=p" or "c-...=p". Errors: kInvalidInput (no "=", p no number of 0..1, given twice).
  [[nodiscard]] Status Trust(std::string_view term);
  /// Sets what --unknown-prior takes. Errors: kInvalidInput (no number of 0.01..0.99).
  [[nodiscard]] Status UnknownPrior(std::string_view term);
  /// What differs, for people: one phrase a difference, always in the same order.
  [[nodiscard]] std::vector<std::string> Differences() const;
};

/// 1 to 64 letters, digits, - and _: a scenario's name is part of a file name.
[[nodiscard]] bool IsScenarioName(std::string_view name);

}  // namespace ascribe
