#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/parameters.h"
#include "respond/response_table.h"
#include "store/knowledge.h"
#include "store/ledger.h"
#include "store/tables.h"

namespace ascribe {

/// Everything the engine knows before it sees a case: parameters, shipped packs and tables, and what `kb add` put into the
/// ledger. A batch added by the user replaces a shipped one of the same id.
struct KnowledgeBase {
  Parameters parameters;
  std::vector<Batch> batches;       ///< by id
  std::shared_ptr<const Hygiene> hygiene;
  std::shared_ptr<const AttackTables> attack;  ///< for mitigations and tactics
  ResponseTable response;
  std::map<std::string, std::string> files;  ///< sha256 of a pack's file -> "pack/file", for explanations
  std::vector<std::string> shipped;  ///< ids of the shipped ones in use
  std::vector<std::string> left_out;  ///< "id@version" of those that are here and were not asked for
};

/// Loads it from a data folder and a ledger (may be null). `as_of` only bounds the shipped ATT&CK tables. Errors name the
/// file. `only` (null: everything): digests of the batches to load, as an assessment lists them; a shipped one is found by its
/// digest even when the user replaced it since. Which of them are not here any more, the caller sees from what is missing.
/// `threads`: 0: one per core.
[[nodiscard]] Result<KnowledgeBase> LoadKnowledgeBase(const std::filesystem::path& data, Ledger* ledger, std::optional<Date> as_of,
                                                      const std::set<std::string>* only = nullptr, unsigned threads = 1);

/// Name of the file beside the ledger that `kb fit` writes; it replaces the shipped measurements.
inline constexpr const char* kOwnFit = "fit.toml";

/// The shipped packs alone, by id.
[[nodiscard]] Result<std::vector<Batch>> LoadShippedPacks(const std::filesystem::path& data);

/// A batch from an importer's result; `digest` identifies the bytes it was made from.
[[nodiscard]] Batch BatchFromImport(KnowledgeImport import, std::string digest);

}  // namespace ascribe
