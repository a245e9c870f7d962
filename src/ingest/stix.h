#pragma once

#include <string_view>

#include "base/bytes.h"
#include "model/reading.h"

namespace ascribe {

inline constexpr std::string_view kStixExtractor = "stix@1";

/// The extension definition of our own export (docs/formats/stix-export.md). What carries it is our own conclusion, and
/// a conclusion is never evidence.
inline constexpr std::string_view kOwnStixExtension = "extension-definition--4831515a-8d6d-539f-b83f-dba4cfb36245";

/// How sure the first bytes look like a STIX 2.x bundle (or a TAXII envelope, or a list of STIX objects): 0..100.
[[nodiscard]] int SniffStix(ByteView head, std::string_view file_name);

/// Reads STIX 2.0 and 2.1 as evidence about the incident. What becomes what: docs/formats/stix-import.md.
/// The incident is the bundle's `incident` object, else its only `campaign`; further campaigns are earlier attacks.
/// A knowledge release (ATT&CK) gives one error diagnostic and no facts: it belongs into `kb add`.
[[nodiscard]] Reading ReadStix(ByteView bytes, std::string_view file_name);

}  // namespace ascribe
