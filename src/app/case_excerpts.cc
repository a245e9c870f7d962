#include "app/case_excerpts.h"

#include <map>
#include <unordered_map>

#include "app/excerpt.h"
#include "base/io.h"
#include "base/sha256.h"
#include "ingest/reader.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

// More quotes nobody reads on one page; the facts themselves are all there.
constexpr std::size_t kMaxExcerpts = 2000;

}  // namespace

Excerpts QuoteCitedFacts(const CaseData& data, const Assessment& assessment, const Knowledge& knowledge, const KnowledgeBase& kb,
                         const fs::path& data_folder, const BytesOf& bytes_of) {
  std::unordered_map<std::string, const Fact*> of_case;
  for (const Fact& fact : data.facts) of_case.emplace(fact.Id(), &fact);
  std::map<std::string, std::vector<std::pair<std::string, const Fact*>>> by_file;
  for (const std::string& id : CitedFacts(assessment, kMaxExcerpts)) {
    const Fact* fact = nullptr;
    if (const auto own = of_case.find(id); own != of_case.end()) fact = own->second;
    else if (const KnownFact* known = knowledge.FindFact(id); known != nullptr) fact = &known->fact;
    if (fact != nullptr && !fact->evidence.empty()) by_file[fact->evidence].emplace_back(id, fact);
  }
  Excerpts excerpts;
  for (const auto& [sha256, facts] : by_file) {
    const auto pack = kb.files.find(sha256);
    const Result<Bytes> bytes = pack == kb.files.end() ? bytes_of(sha256) : ReadFile(data_folder / "packs" / pack->second, kMaxEvidenceBytes);
    if (!bytes || Sha256Hex(*bytes) != sha256) continue;
    Excerpter file(*bytes);
    for (const auto& [id, fact] : facts) excerpts.emplace(id, file.At(fact->locator));
  }
  return excerpts;
}

}  // namespace ascribe
