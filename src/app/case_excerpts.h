#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "app/knowledge_base.h"
#include "report/page_json.h"

namespace ascribe {

/// Where the bytes of a piece of evidence lie now; empty: not on this machine.
using WhereIs = std::function<std::optional<std::filesystem::path>(const std::string& sha256)>;

/// What stands at the locators of the facts that an assessment rests on, read from the evidence and from the shipped packs.
/// Only bytes with the hash that the fact names are quoted. At most 2,000 facts, the heaviest claims first; each file is
/// read once.
[[nodiscard]] Excerpts QuoteCitedFacts(const CaseData& data, const Assessment& assessment, const Knowledge& knowledge, const KnowledgeBase& kb,
                                       const std::filesystem::path& data_folder, const WhereIs& where);

}  // namespace ascribe
