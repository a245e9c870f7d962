#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/parameters.h"

namespace ascribe {

/// What a claim says for one hypothesis at one level: a natural-log likelihood ratio against "somebody else", with the
/// interval of the parameter table.
struct Contribution {
  Level level = Level::kOperator;
  std::string hypothesis;  ///< entity text: "actor:x", "lineage:y", "country:KP"
  double nats = 0, low = 0, high = 0;
};

/// A statement that weighs: "the case and earlier attack A hold the same B". Made by a linker, never changed later except
/// that a contradiction may cancel it.
struct Claim {
  std::string id;         ///< "c-" and 12 hex digits over kind, subject and facts
  std::string kind;       ///< LinkKind id
  std::string statement;  ///< one sentence
  std::string thing;      ///< the shared entity, "type:value"
  Group group = Group::kCode;
  int forge = 1;
  bool copyable = false;         ///< an imitator could have it: public before the incident, no control needed
  std::string copyable_reason;
  std::optional<Date> public_since;  ///< earliest day on which what is shared was public as the earlier attack's; empty: no date
  std::string weightless_reason;  ///< why it weighs nothing although it matches; empty: it weighs
  bool asserted = false;          ///< somebody's word, or one document on both sides: what one origin asserts is capped together
  bool cancelled = false;
  std::string cancelled_by;       ///< rule id
  std::size_t holders = 0;        ///< k: actors that hold it
  std::size_t background = 0;    ///< unattributed earlier attacks that hold it
  double similarity = 1;          ///< 1: exact
  std::string measure;            ///< how similarity was measured; empty: exact match
  double reliability = 1;         ///< q used
  std::vector<Contribution> contributions;
  std::vector<std::string> case_facts;       ///< fact ids, sorted
  std::vector<std::string> knowledge_facts;  ///< fact ids, sorted
  std::vector<std::string> origins;          ///< what the case side goes back to, sorted
  std::string step;               ///< "infra-link@1"

  [[nodiscard]] double NatsFor(Level level, std::string_view hypothesis) const;
};

}  // namespace ascribe
