#pragma once

#include <vector>

#include "model/diagnostic.h"
#include "model/fact.h"

namespace ascribe {

/// What a reader makes of one piece of evidence: facts and what was odd. A pure function of the bytes.
struct Reading {
  std::vector<Fact> facts;
  std::vector<Diagnostic> diagnostics;
};

}  // namespace ascribe
