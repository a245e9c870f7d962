#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/batch.h"

namespace ascribe {

/// The record: one SQLite file (docs/formats/ledger.md), WAL mode, one transaction per batch. A batch is in it whole or
/// not at all, whatever kills the process. One process writes at a time (others wait up to 5 s, then kUnavailable);
/// readers are never blocked. Not thread-safe: one Ledger object per thread.
class Ledger {
 public:
  enum class Mode { kReadWrite, kReadOnly };

  /// Opens or creates `folder`/ledger.db and migrates it to the current schema version. Errors: kIo (folder cannot be
  /// made or written), kUnavailable (locked), kCorrupt (not a ledger), kUnsupported (newer schema).
  /// kReadOnly on a missing file is kNotFound.
  static Result<Ledger> Open(const std::filesystem::path& folder, Mode mode);
  Ledger(Ledger&&) noexcept;
  Ledger& operator=(Ledger&&) noexcept;
  ~Ledger();

  /// The folder it lies in.
  [[nodiscard]] const std::filesystem::path& folder() const;

  /// Commits a batch. False: the key was there already and nothing changed. A knowledge batch with the id of an older
  /// one of another key replaces it in the same transaction. Errors: kUnavailable (another writer for more than 5 s),
  /// kIo (full disk, read-only), kInvalidInput (a value that could not be read back exactly); nothing has changed then.
  Result<bool> Commit(const Batch& batch);
  /// The batch as it was committed, facts in FactLess order; checked against the digest stored with it (kCorrupt).
  Result<std::optional<Batch>> Load(std::string_view key);
  /// All batches of a kind, sorted by id, then key.
  Result<std::vector<BatchInfo>> List(Batch::Kind kind);
  /// Removes the batch with this key. False: there was none.
  Result<bool> Remove(std::string_view key);
  /// Where a piece of evidence was read from: for `verify`, never part of any output. Of more than kMaxPlaces places the
  /// one that was seen longest ago is forgotten.
  Status RememberLocation(std::string_view sha256, const std::filesystem::path& path);
  /// All places, the last seen first.
  Result<std::vector<std::filesystem::path>> Locations(std::string_view sha256);
  /// Cases that share a file are few; a case folder copied again and again must not grow the ledger without end.
  static constexpr int kMaxPlaces = 32;
  /// SQLite's integrity check, the schema version, and each batch against the digest stored with it. Empty: all well;
  /// else one line a finding.
  Result<std::vector<std::string>> Verify();

 private:
  class Impl;
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ascribe
