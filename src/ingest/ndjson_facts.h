#pragma once

#include <string_view>

#include "base/bytes.h"
#include "model/fact_lines.h"
#include "model/reading.h"

namespace ascribe {

/// Facts of `ascribe-fact/1`, one JSON object a line (docs/formats/facts.md). For struct Reader:
/// name "facts-ndjson", extractor kFactLinesExtractor, media "facts-ndjson".
[[nodiscard]] int SniffNdjsonFacts(ByteView head, std::string_view name);
/// As ReadFactLines (model/fact_lines.h), at most kMaxFactsPerFile facts.
[[nodiscard]] Reading ReadNdjsonFacts(ByteView bytes, std::string_view name);

}  // namespace ascribe
