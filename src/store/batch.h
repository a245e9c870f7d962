#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/diagnostic.h"
#include "model/evidence.h"
#include "model/fact.h"
#include "model/source.h"

namespace ascribe {

/// What enters the ledger in one transaction: the reading of one piece of evidence, or one knowledge pack.
struct Batch {
  enum class Kind : std::uint8_t { kEvidence, kKnowledge };
  Kind kind = Kind::kEvidence;
  std::string key;      ///< unique: same key = same content. Evidence: "<sha256>/<extractor>". Pack: its digest
  std::string id;       ///< evidence sha256, or pack id
  std::string version;  ///< extractor, or pack version
  std::string title;
  std::vector<Evidence> evidence;
  std::vector<Source> sources;
  std::vector<Fact> facts;
  std::vector<Diagnostic> diagnostics;
  bool operator==(const Batch&) const = default;
};

/// A batch without its content, for listings.
struct BatchInfo {
  Batch::Kind kind = Batch::Kind::kEvidence;
  std::string key, id, version, title;
  std::uint64_t facts = 0;
};

}  // namespace ascribe
