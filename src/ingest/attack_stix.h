#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "model/knowledge_import.h"

namespace ascribe {

/// True when the first bytes look like an ATT&CK release as STIX (2.0 of mitre/cti, 2.1 of attack-stix-data).
[[nodiscard]] bool SniffAttackStix(ByteView head);

/// Reads an ATT&CK release: groups and campaigns with names, software and techniques with names, who uses what.
/// Revoked and deprecated objects, and relationships to them, are left out; descriptions are never read.
///
/// known_on is `created` of the relationship or object; for aliases it is `modified` of the object, because a release
/// does not say when an alias came up and a name must not be known too early. Campaigns become `attack:mitre.C0022`,
/// dated by first_seen. Mitigations, data sources and detections have no place in the vocabulary. Errors: kInvalidInput
/// (no JSON, no ATT&CK), kLimitExceeded.
[[nodiscard]] Result<KnowledgeImport> ImportAttackStix(ByteView bytes);

}  // namespace ascribe
