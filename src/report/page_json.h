#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "model/assessment.h"
#include "model/case.h"
#include "model/code_comparison.h"
#include "respond/plan.h"
#include "store/knowledge.h"

namespace ascribe {

/// Fact id -> what stands at its locator, as text for people. Read from bytes, so it is handed in.
using Excerpts = std::map<std::string, std::string>;

/// Everything the report page shows.
struct PageInput {
  const CaseData& data;
  const Assessment& assessment;
  const std::vector<Assessment>& scenarios;
  const Knowledge& knowledge;
  const std::map<std::string, std::string>& pack_files;  ///< sha256 -> "pack/file"
  const Excerpts& excerpts;
  const ResponsePlan* response;  ///< null: none
  const std::vector<CodeComparison>* code = nullptr;  ///< what code links are shown with; null: nothing
};

/// Most facts a page holds: 50,000 of 300 bytes are 15 MB, which a browser parses in well under a second. Facts that a
/// claim rests on come first; how many are left out is written beside them.
inline constexpr std::size_t kMaxPageFacts = 50'000;

/// Ids of the facts behind claims, contradictions and hops, each once, of the case and of the knowledge base: those whose
/// excerpts the page shows. The heaviest claims first, at most `limit`.
[[nodiscard]] std::vector<std::string> CitedFacts(const Assessment& assessment, std::size_t limit);

/// One JSON object (`ascribe-page/1`, docs/formats/page.md), ASCII, no '<': it can stand inside a script element.
/// Deterministic.
[[nodiscard]] std::string PageJson(const PageInput& input);

}  // namespace ascribe
