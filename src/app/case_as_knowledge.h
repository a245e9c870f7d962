#pragma once

#include <string>

#include "base/result.h"
#include "model/case.h"
#include "store/batch.h"

namespace ascribe {

/// Turns a closed case into a knowledge batch: its observations become those of `attack:<case id>`, dated by the incident.
/// Who is held responsible is the user's own statement (`actor`, may be empty; `by` says who judges; `confidence` 0..1),
/// never the engine's verdict: a machine's verdict that became knowledge would confirm itself the next time.
/// Errors: kInvalidInput (actor is no "actor:<id>").
[[nodiscard]] Result<Batch> CaseAsKnowledge(const CaseData& data, const std::string& actor, const std::string& by, double confidence);

}  // namespace ascribe
