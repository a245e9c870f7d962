#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "app/knowledge_base.h"
#include "base/bytes.h"
#include "base/result.h"
#include "report/page_json.h"

namespace ascribe {

/// The bytes of a piece of evidence; an error: not on this machine.
using BytesOf = std::function<Result<Bytes>(const std::string& sha256)>;

/// What stands at the locators of the facts that an assessment rests on, read from the evidence and from the shipped packs.
/// Only bytes with the hash that the fact names are quoted. At most 2,000 facts, the heaviest claims first; each file is
/// read once.
[[nodiscard]] Excerpts QuoteCitedFacts(const CaseData& data, const Assessment& assessment, const Knowledge& knowledge, const KnowledgeBase& kb,
                                       const std::filesystem::path& data_folder, const BytesOf& bytes_of);

}  // namespace ascribe
