#include "app/knowledge_base.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "base/io.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "store/pack.h"
#include "store/fit_file.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

// The tables are several files; their digest is that of the sorted list of their digests, as for a pack.
Result<std::string> FolderDigest(const fs::path& folder) {
  TRY_ASSIGN(const FileList list, ListFiles(folder, 1000));
  std::string manifest;
  for (const FileEntry& file : list.files) {
    TRY_ASSIGN(const std::string sha256, Sha256File(file.path));
    manifest += sha256 + "  " + file.relative + "\n";
  }
  return Sha256Hex(manifest);
}

// Later than any report: the tables end with their newest release.
constexpr Date kEverything{1'000'000};

}  // namespace

Batch BatchFromImport(KnowledgeImport import, std::string digest) {
  Batch batch;
  batch.kind = Batch::Kind::kKnowledge;
  batch.key = std::move(digest);
  batch.id = std::move(import.id);
  batch.version = std::move(import.version);
  batch.title = std::move(import.title);
  batch.sources = std::move(import.sources);
  batch.facts = std::move(import.facts);
  batch.diagnostics = std::move(import.diagnostics);
  return batch;
}

Result<std::vector<Batch>> LoadShippedPacks(const fs::path& data) {
  std::vector<Batch> packs;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(data / "packs", error)) {
    if (!entry.is_directory()) continue;
    TRY_ASSIGN(Batch pack, LoadPack(entry.path()));
    packs.push_back(std::move(pack));
  }
  if (error) return Fail(ErrorCode::kNotFound, "cannot list " + (data / "packs").string());
  std::sort(packs.begin(), packs.end(), [](const Batch& a, const Batch& b) { return a.id < b.id; });
  return packs;
}

Result<KnowledgeBase> LoadKnowledgeBase(const fs::path& data, Ledger* ledger, std::optional<Date> as_of, const std::set<std::string>* only,
                                        unsigned threads) {
  KnowledgeBase kb;
  std::vector<Batch> shipped;
  std::optional<AttackTables> tables;
  Batch attack;
  // None of these needs another one; the first error in this order is told.
  const std::function<Status()> parts[] = {[&]() -> Status {
                                             TRY_ASSIGN(tables, AttackTables::Load(data / "tables"));
                                             TRY_ASSIGN(std::string digest, FolderDigest(data / "tables"));
                                             attack = BatchFromImport(tables->AsFacts(as_of.value_or(kEverything)), std::move(digest));
                                             return {};
                                           },
                                           [&]() -> Status {
                                             TRY_ASSIGN(shipped, LoadShippedPacks(data));
                                             return {};
                                           },
                                           [&]() -> Status {
                                             TRY_ASSIGN(Hygiene hygiene, Hygiene::Load(data / "tables"));
                                             kb.hygiene = std::make_shared<const Hygiene>(std::move(hygiene));
                                             TRY_ASSIGN(kb.response, LoadResponseTable(data / "response.toml"));
                                             return {};
                                           }};
  TRY_ASSIGN(kb.parameters, LoadFittedParameters(data, ledger == nullptr ? fs::path() : ledger->folder() / kOwnFit));
  std::array<Status, std::size(parts)> loaded;
  ParallelFor(std::size(parts), threads, [&](std::size_t i) { loaded[i] = parts[i](); });
  for (const Status& status : loaded) TRY(status);
  shipped.push_back(std::move(attack));
  const auto wanted = [&](const std::string& key) { return only == nullptr || only->count(key) > 0; };
  kb.attack = std::make_shared<const AttackTables>(std::move(*tables));
  std::set<std::string> added;
  if (ledger != nullptr) {
    TRY_ASSIGN(const std::vector<BatchInfo> list, ledger->List(Batch::Kind::kKnowledge));
    for (const BatchInfo& info : list) {
      if (!wanted(info.key)) {
        kb.left_out.push_back(info.id + "@" + info.version);
        continue;
      }
      TRY_ASSIGN(std::optional<Batch> batch, ledger->Load(info.key));
      if (!batch) continue;
      added.insert(batch->id);
      kb.batches.push_back(std::move(*batch));
    }
  }
  for (Batch& batch : shipped) {
    if (added.count(batch.id) > 0) continue;
    if (!wanted(batch.key)) {
      kb.left_out.push_back(batch.id + "@" + batch.version);
      continue;
    }
    kb.shipped.push_back(batch.id);
    kb.batches.push_back(std::move(batch));
  }
  std::sort(kb.batches.begin(), kb.batches.end(), [](const Batch& a, const Batch& b) { return a.id < b.id; });
  std::sort(kb.shipped.begin(), kb.shipped.end());
  std::sort(kb.left_out.begin(), kb.left_out.end());
  for (const Batch& batch : kb.batches)
    for (const Evidence& evidence : batch.evidence) kb.files.emplace(evidence.sha256, batch.id + "/" + evidence.name);
  return kb;
}

}  // namespace ascribe
