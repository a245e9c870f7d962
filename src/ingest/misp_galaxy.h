#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "model/knowledge_import.h"

namespace ascribe {

/// True when the first bytes look like a MISP galaxy cluster file of threat actors.
[[nodiscard]] bool SniffMispGalaxy(ByteView head);

/// Reads the threat-actor galaxy of MISP: `actor:misp.<uuid> named`, `sponsored-by` (meta `country`, else
/// `cfr-suspected-state-sponsor`; confidence is `attribution-confidence` / 100 when stated), `same-as` for "similar"
/// actors of the same file. Descriptions are never read; references become the note of the first name.
/// The galaxy carries no dates: its facts have no known_on, and a diagnostic says so.
/// Errors: kInvalidInput (no JSON, no threat actors), kLimitExceeded.
[[nodiscard]] Result<KnowledgeImport> ImportMispGalaxy(ByteView bytes);

}  // namespace ascribe
