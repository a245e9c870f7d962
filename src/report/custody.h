#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/case.h"

namespace ascribe {

/// The chain of custody as NDJSON: one line a piece of evidence in the order of SHA-256, each carrying the SHA-256 of the
/// line before it ("previous"), the last line closing with the count. Says what came in from where (source, grade, marking,
/// acquired, known), under which hash, read by which reader. No clock and no paths of this machine.
[[nodiscard]] std::string CustodyToJsonl(const CaseData& data);

/// Checks the chain. Empty: it holds; else one line a finding.
[[nodiscard]] std::vector<std::string> CheckCustody(std::string_view jsonl, const CaseData& data);

}  // namespace ascribe
