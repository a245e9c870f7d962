#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/text_sink.h"
#include "model/case.h"

namespace ascribe {

/// The case as the engine saw it (`ascribe-case-facts/1`): info, evidence, sources, facts with locators, diagnostics. What
/// `verify` recomputes the assessment from. Facts that became known after `as_of` are marked (`after_as_of`): they are listed,
/// not weighed. Deterministic; a line feed at the end.
[[nodiscard]] std::string CaseToJson(const CaseData& data, const std::optional<Date>& as_of = std::nullopt);
/// The same, piece by piece.
void CaseToJson(const CaseData& data, const std::optional<Date>& as_of, const TextSink& sink);

/// Reads it back; CaseFromJson(CaseToJson(x)) == x in every field that weighs. Errors: kInvalidInput, kCorrupt.
[[nodiscard]] Result<CaseData> CaseFromJson(ByteView json);

}  // namespace ascribe
