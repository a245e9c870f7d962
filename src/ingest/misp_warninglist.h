#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "model/knowledge_import.h"

namespace ascribe {

/// True when the first bytes look like one MISP warning list (list.json).
[[nodiscard]] bool SniffMispWarninglist(ByteView head);

/// Hygiene class of a warning list by its name ("List of known sinkholes" -> "sinkhole"), or "" when the list says
/// nothing about who shares a value. The mapping is by words, in this order: sinkhole, dynamic dns, blockpage, parking,
/// public dns, relay and proxy (iCloud, Zscaler, MDCA), vpn, CDN makers, cloud makers, OVH cluster, reserved ranges and
/// domains (RFC, link local, multicast, special-use), shorteners, IP echo services, IPFS, LOTS, hashes of harmless
/// files, top sites, TLDs.
[[nodiscard]] std::string_view HygieneClassOfList(std::string_view name);

/// Reads one list: `value listed-as hygiene:<class>` for addresses, ranges, domains and file hashes. Entries of type
/// regex and single labels (TLDs) are left out. The facts have no known_on; the source is published on the date the
/// version number spells (20260811), if it does.
/// Errors: kInvalidInput (no JSON, no list), kUnsupported (a list of no known class), kLimitExceeded.
[[nodiscard]] Result<KnowledgeImport> ImportMispWarninglist(ByteView bytes);

}  // namespace ascribe
