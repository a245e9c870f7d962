#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "respond/plan.h"
#include "store/tables.h"
#include "store/visible.h"

namespace ascribe {

/// What was seen in the case itself, for the patterns of the response table (ResponseTable). A fact counts when it says
/// of the incident, its samples, tools, machines or personas that something was observed, used or targeted. What a
/// claim of responsibility or a denial says does not count: an attacker's boast is no damage.
class CaseEvidence {
 public:
  /// Both must outlive this.
  CaseEvidence(const VisibleCase& seen, const AttackTables& attack);

  struct Match {
    std::vector<std::string> things;  ///< entity texts, sorted
    std::vector<std::string> facts;   ///< fact ids, sorted
  };
  /// Everything that matches one of the patterns ("actor:" ones never do: they are about the verdict).
  [[nodiscard]] Match Find(std::span<const std::string> patterns) const;
  /// ATT&CK id in the newest release -> ids of the facts that show it.
  [[nodiscard]] const std::map<std::string, std::vector<std::string>>& techniques() const { return techniques_; }
  /// Facts about the incident itself: what a step rests on that answers the incident as a whole.
  [[nodiscard]] const std::vector<std::string>& incident_facts() const { return incident_facts_; }

 private:
  [[nodiscard]] bool Matches(const Entity& thing, std::string_view pattern) const;

  const AttackTables& attack_;
  std::map<Entity, std::vector<std::string>> things_;
  std::map<std::string, std::vector<std::string>> techniques_;
  std::vector<std::string> incident_facts_;
};

/// Sorts, drops doubles and cuts at kMaxBacking; the facts after the cut go to `rest`.
[[nodiscard]] Backing MakeBacking(std::vector<std::string> facts, std::vector<std::string> claims = {});

}  // namespace ascribe
