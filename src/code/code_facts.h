#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "code/file_match.h"
#include "code/linked_code.h"
#include "model/reading.h"

namespace ascribe {

/// What the code of one sample says about known tools, and which of its metadata and texts point elsewhere. Of tools at most one fact a family, `same-tool-as` or
/// `shares-functions-with`, about `sample:<sha256>` when it reaches kLeastRatio. The locator is the byte range of the rarest
/// function in common; the note names functions on both sides, what they share, how many families have it, and the labels of
/// the older sample. Packed code gives a diagnostic and no fact. Sorted. `shown` (may be null) takes the functions behind each of
/// those links, with their code where the base has kept it. Errors: of the code base.
[[nodiscard]] Result<Reading> CodeFacts(const CodeBase& base, const SampleCode& sample, std::vector<CodeComparison>* shown = nullptr);

/// Below, the best match of a stranger is as likely as that of a relative.
inline constexpr double kLeastRatio = 10;
/// Links told in a note.
inline constexpr std::size_t kLinksInNote = 3;
inline constexpr std::string_view kCodeMatchExtractor = "code-match@3";
/// Of facts that say: this metadata, these texts are those of a family whose code the sample has not (tiers.h).
inline constexpr std::string_view kCodeTiersExtractor = "code-tiers@4";

/// True for facts that rest on the code base, which bytes of the evidence alone do not give again.
[[nodiscard]] bool NeedsCodeBase(std::string_view extractor);

/// "Some Family" -> "some-family": the value of a malware or actor entity.
[[nodiscard]] std::string EntityName(std::string_view label);

}  // namespace ascribe
