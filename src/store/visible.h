#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/case.h"
#include "model/parameters.h"
#include "model/scenario.h"

namespace ascribe {

/// A fact of the case that may weigh, with the chance that it is as stated.
struct VisibleFact {
  const Fact* fact = nullptr;
  std::string id;
  std::string origin;  ///< what it goes back to
  double q = 0;        ///< source reliability, already lowered for what nobody can inspect
};

/// A fact of the case with what follows from the case alone, whatever the date, the parameters or the scenario.
struct FactText {
  const Fact* fact = nullptr;
  std::string id, origin;
  std::size_t statement = 0;  ///< the first fact of the list that says the same and goes back to the same origin
};

/// Each fact of the case once, in FactLess order. Made once where one case is seen many times; `data` must outlive it.
[[nodiscard]] std::vector<FactText> TextsOf(const CaseData& data);

/// The case as it could be known on a date.
struct VisibleCase {
  const CaseData* data = nullptr;
  std::optional<Date> as_of;
  std::optional<Date> incident;
  const Scenario* scenario = nullptr;   ///< nothing: the case as it is
  std::vector<VisibleFact> facts;       ///< usable, in FactLess order
  std::vector<const Fact*> later;       ///< known only after the date
  std::vector<const Fact*> retracted;   ///< withdrawn by their publisher on or before the date
  std::vector<const Fact*> left_out;    ///< by the scenario, whatever else holds of them
  std::vector<const Fact*> unverified;  ///< from memory or ungraded: listed, not weighed
};

/// One fact with origin and reliability, whatever its dates; nothing when it is unverified or its source is not judged.
/// A scenario may set the reliability of a source, judged or not.
[[nodiscard]] std::optional<VisibleFact> See(const Fact& fact, const CaseData& data, const Parameters& parameters,
                                             const Scenario* scenario = nullptr);

/// Sorts the facts of a case into usable, not yet known, withdrawn and unverified, whatever order they come in.
/// Duplicates of one statement (same subject, relation, object, kind of statement and origin) stay one fact, the most
/// reliable one. `data` and `scenario` must outlive the result. `texts`, when given, is TextsOf(data).
[[nodiscard]] VisibleCase SeeCase(const CaseData& data, std::optional<Date> as_of, const Parameters& parameters,
                                  const Scenario* scenario = nullptr, const std::vector<FactText>* texts = nullptr);

/// Chance that something is so when several origins say so independently: 1 - prod(1 - q), capped.
[[nodiscard]] double Corroborate(const std::map<std::string, double>& q_by_origin, const Parameters& parameters);

}  // namespace ascribe
