#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "model/case.h"

namespace ascribe {

/// The case as the engine saw it (`ascribe-case-facts/1`): info, evidence, sources, facts with locators, diagnostics. What
/// `verify` recomputes the assessment from. Deterministic; a line feed at the end.
[[nodiscard]] std::string CaseToJson(const CaseData& data);

/// Reads it back; CaseFromJson(CaseToJson(x)) == x in every field that weighs. Errors: kInvalidInput, kCorrupt.
[[nodiscard]] Result<CaseData> CaseFromJson(ByteView json);

}  // namespace ascribe
