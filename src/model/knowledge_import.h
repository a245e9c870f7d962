#pragma once

#include <string>
#include <vector>

#include "model/diagnostic.h"
#include "model/fact.h"
#include "model/source.h"

namespace ascribe {

/// What an importer makes of one foreign knowledge file (an ATT&CK release, a MISP galaxy or warning list): a pack that
/// is not a folder. A pure function of the bytes; the caller adds the digest and commits it.
struct KnowledgeImport {
  std::string id;       ///< [a-z0-9.-]{1,64}, the same for every version: "mitre-attack-enterprise"
  std::string version;  ///< "18.1", "20260811"; "0" when the file states none
  std::string title;
  std::vector<Source> sources;
  std::vector<Fact> facts;  ///< Fact::source is always one of `sources`; Fact::evidence is empty
  std::vector<Diagnostic> diagnostics;
};

}  // namespace ascribe
