#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "model/diagnostic.h"
#include "model/evidence.h"
#include "model/fact.h"
#include "model/override.h"
#include "model/source.h"

namespace ascribe {

/// What case.toml says: docs/formats/cases.md. Id and title are shown and never weighed.
struct CaseInfo {
  std::string id, title;
  Tlp tlp = Tlp::kAmber;
  std::vector<std::string> questions;
  std::string victim_name, victim_sector, victim_country;
  std::optional<Time> incident, detected;
};

/// A case as the engine sees it: no paths, no clock. Everything sorted, every fact with source, origin and date filled in.
struct CaseData {
  CaseInfo info;
  std::vector<Evidence> evidence;        ///< by sha256; duplicates are one
  std::vector<Source> sources;           ///< by id
  std::vector<Fact> facts;               ///< in FactLess order
  std::vector<Diagnostic> diagnostics;   ///< sorted
  std::vector<Override> overrides;       ///< of an analyst, by claim, level, hypothesis

  [[nodiscard]] const Source* FindSource(std::string_view id) const;
  [[nodiscard]] const Evidence* FindEvidence(std::string_view sha256) const;
};

}  // namespace ascribe
