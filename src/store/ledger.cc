#include "store/ledger.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "store/ledger_digest.h"
#include "store/ledger_rows.h"
#include "store/migrations.h"
#include "store/sqlite.h"

namespace ascribe {
namespace fs = std::filesystem;
using sqlite::Database;
using sqlite::Statement;
using sqlite::Transaction;
namespace {

Result<std::int64_t> ReadVersion(Database& database) {
  TRY_ASSIGN(Transaction transaction, Transaction::Begin(database, Transaction::Kind::kRead));
  return LedgerVersion(database);
}

// WAL lets readers go on while somebody writes, and FULL puts every commit on the disk before it is acknowledged.
Status SetDurability(Database& database) {
  // The switch to WAL needs the file for itself and does not always wait for it, so we do: as long as the busy timeout.
  constexpr int kTries = 100;
  constexpr auto kPause = std::chrono::milliseconds(50);
  for (int i = 1;; ++i) {
    const Status status = database.Execute("PRAGMA journal_mode = WAL");
    if (status) break;
    if (status.error().code != ErrorCode::kUnavailable || i == kTries) return status;
    std::this_thread::sleep_for(kPause);
  }
  // What is removed is overwritten: evidence may be under TLP RED. And the WAL of one large batch does not stay large.
  return database.Execute(
      "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA journal_size_limit = 67108864;");
}

Status MakeFolder(const fs::path& folder) {
  std::error_code error;
  if (fs::create_directories(folder, error)) {
    // As the XDG base directory specification asks: what we create is the user's alone.
    std::error_code ignored;
    fs::permissions(folder, fs::perms::owner_all, ignored);
  }
  if (error)
    return Fail(ErrorCode::kIo,
                fmt::format("cannot make the folder {}: {}; name another one", folder.string(), error.message()));
  return {};
}

bool IsMissingOrEmpty(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  return static_cast<bool>(error) || size == 0;
}

Result<Database> OpenForReading(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    return Fail(ErrorCode::kNotFound, fmt::format("no ledger in {}", path.parent_path().string()));
  TRY_ASSIGN(Database database, Database::Open(path, Database::Mode::kReadOnly));
  const auto version = ReadVersion(database);
  // In a folder that we may not write SQLite cannot make the files WAL mode needs. When nothing waits in a WAL, the
  // main file alone is all of it.
  if (!version && version.error().code == ErrorCode::kIo && IsMissingOrEmpty(path.string() + "-wal")) {
    TRY_ASSIGN(database, Database::Open(path, Database::Mode::kImmutable));
  }
  return database;
}

}  // namespace

class Ledger::Impl {
 public:
  Impl(Database db, fs::path where) : database(std::move(db)), folder(std::move(where)) {}

  Result<std::optional<std::int64_t>> FindRow(std::string_view key);
  Result<Batch> ReadBatch(std::int64_t row);
  Result<std::optional<Batch>> FindBatch(std::string_view key);
  Status Insert(const Batch& batch, std::span<const Fact* const> facts, std::string_view digest);
  Status RemoveRow(std::int64_t row);
  Status RemoveOlder(const Batch& batch);
  Status CheckBatches(std::vector<std::string>& findings);

  Database database;
  fs::path folder;
};

Result<std::optional<std::int64_t>> Ledger::Impl::FindRow(std::string_view key) {
  TRY_ASSIGN(Statement statement, database.Prepare("SELECT id FROM batch WHERE key = ?"));
  TRY_ASSIGN(const bool row, statement.BindText(1, key).Step());
  if (!row) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(statement.Int(0));
}

// Reads a batch and holds it against its digest: a ledger damaged below SQLite's notice must not become a verdict.
Result<Batch> Ledger::Impl::ReadBatch(std::int64_t row) {
  TRY_ASSIGN(Statement statement,
             database.Prepare("SELECT kind, key, name, version, title, facts, digest FROM batch WHERE id = ?"));
  TRY_ASSIGN(const bool found, statement.BindInt(1, row).Step());
  if (!found) return Fail(ErrorCode::kInternal, "batch vanished within a transaction");
  Batch batch;
  batch.kind = statement.Int(0) == 1 ? Batch::Kind::kKnowledge : Batch::Kind::kEvidence;
  batch.key = statement.Text(1);
  batch.id = statement.Text(2);
  batch.version = statement.Text(3);
  batch.title = statement.Text(4);
  const std::int64_t facts = statement.Int(5);
  const std::string digest(statement.Text(6));
  statement.Reset();
  TRY(ReadRows(database, row, batch));
  // Not SortedFacts: the stored order is part of what is checked.
  std::vector<const Fact*> order;
  order.reserve(batch.facts.size());
  for (const Fact& fact : batch.facts) order.push_back(&fact);
  if (static_cast<std::int64_t>(order.size()) != facts || BatchDigest(batch, order) != digest)
    return Fail(ErrorCode::kCorrupt,
                fmt::format("{}: the content of batch {} does not match its digest; remove it and add it again",
                            database.path(), batch.key));
  return batch;
}

Result<std::optional<Batch>> Ledger::Impl::FindBatch(std::string_view key) {
  // One snapshot for all tables, or a removal in between would give half a batch.
  TRY_ASSIGN(Transaction transaction, Transaction::Begin(database, Transaction::Kind::kRead));
  TRY_ASSIGN(const auto row, FindRow(key));
  if (!row) return std::optional<Batch>();
  TRY_ASSIGN(Batch batch, ReadBatch(*row));
  return std::optional<Batch>(std::move(batch));
}

Status Ledger::Impl::Insert(const Batch& batch, std::span<const Fact* const> facts, std::string_view digest) {
  TRY_ASSIGN(Statement statement, database.Prepare("INSERT INTO batch (kind, key, name, version, title, facts, digest)"
                                                   " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"));
  statement.BindInt(1, static_cast<std::int64_t>(batch.kind)).BindText(2, batch.key).BindText(3, batch.id);
  statement.BindText(4, batch.version).BindText(5, batch.title);
  statement.BindInt(6, static_cast<std::int64_t>(facts.size())).BindText(7, digest);
  TRY_ASSIGN(const bool inserted, statement.Step());
  if (!inserted) return Fail(ErrorCode::kInternal, "INSERT gave no row");
  const std::int64_t row = statement.Int(0);
  TRY(statement.Run());
  return WriteRows(database, row, batch, facts);
}

Status Ledger::Impl::RemoveRow(std::int64_t row) {
  TRY_ASSIGN(Statement places,
             database.Prepare("DELETE FROM evidence_place WHERE sha256 IN (SELECT sha256 FROM evidence AS gone WHERE"
                              " gone.batch = ?1 AND NOT EXISTS (SELECT 1 FROM evidence AS kept WHERE kept.sha256 ="
                              " gone.sha256 AND kept.batch <> ?1))"));
  TRY(places.BindInt(1, row).Run());
  TRY_ASSIGN(Statement batch, database.Prepare("DELETE FROM batch WHERE id = ?"));  // its content goes with it
  return batch.BindInt(1, row).Run();
}

Status Ledger::Impl::RemoveOlder(const Batch& batch) {
  std::vector<std::int64_t> rows;
  TRY_ASSIGN(Statement statement, database.Prepare("SELECT id FROM batch WHERE kind = 1 AND name = ? AND key <> ?"));
  statement.BindText(1, batch.id).BindText(2, batch.key);
  for (;;) {
    TRY_ASSIGN(const bool row, statement.Step());
    if (!row) break;
    rows.push_back(statement.Int(0));
  }
  for (const std::int64_t row : rows) TRY(RemoveRow(row));
  return {};
}

Status Ledger::Impl::CheckBatches(std::vector<std::string>& findings) {
  std::vector<std::int64_t> rows;
  TRY_ASSIGN(Statement statement, database.Prepare("SELECT id FROM batch ORDER BY kind, name, key"));
  for (;;) {
    TRY_ASSIGN(const bool row, statement.Step());
    if (!row) break;
    rows.push_back(statement.Int(0));
  }
  for (const std::int64_t row : rows)
    if (const auto batch = ReadBatch(row); !batch) findings.push_back(batch.error().message);
  return {};
}

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ledger::Ledger(Ledger&&) noexcept = default;
Ledger& Ledger::operator=(Ledger&&) noexcept = default;
Ledger::~Ledger() = default;

const fs::path& Ledger::folder() const { return impl_->folder; }

Result<Ledger> Ledger::Open(const fs::path& folder, Mode mode) {
  const fs::path path = folder / "ledger.db";
  if (mode == Mode::kReadOnly) {
    TRY_ASSIGN(Database database, OpenForReading(path));
    TRY_ASSIGN(const std::int64_t version, ReadVersion(database));
    if (version == 0)
      return Fail(ErrorCode::kNotFound, fmt::format("no ledger in {}: {} is empty", folder.string(), path.string()));
    if (version < kLedgerSchemaVersion)
      return Fail(
          ErrorCode::kUnsupported,
          fmt::format("{} has the older schema version {}; open it once with write permission to bring it up to {}",
                      path.string(), version, kLedgerSchemaVersion));
    return Ledger(std::make_unique<Impl>(std::move(database), folder));
  }
  TRY(MakeFolder(folder));
  TRY_ASSIGN(Database database, Database::Open(path, Database::Mode::kReadWrite));
  TRY_ASSIGN(const std::int64_t version, ReadVersion(database));  // before anything is changed: it may not be ours
  if (database.IsReadOnly())
    return Fail(ErrorCode::kIo,
                fmt::format("{} cannot be written; check the permissions of the file and its folder", path.string()));
  TRY(SetDurability(database));
  if (version < kLedgerSchemaVersion) TRY(MigrateLedger(database));
  return Ledger(std::make_unique<Impl>(std::move(database), folder));
}

Result<bool> Ledger::Commit(const Batch& batch) {
  TRY_ASSIGN(const auto known, impl_->FindRow(batch.key));
  if (known) return false;
  // All that takes time happens before the lock is taken.
  const std::vector<const Fact*> facts = SortedFacts(batch);
  const std::string digest = BatchDigest(batch, facts);
  TRY_ASSIGN(Transaction transaction, Transaction::Begin(impl_->database, Transaction::Kind::kWrite));
  TRY_ASSIGN(const auto meanwhile, impl_->FindRow(batch.key));
  if (meanwhile) return false;
  if (batch.kind == Batch::Kind::kKnowledge) TRY(impl_->RemoveOlder(batch));
  TRY(impl_->Insert(batch, facts, digest));
  TRY(transaction.Commit());
  return true;
}

Result<std::optional<Batch>> Ledger::Load(std::string_view key) { return impl_->FindBatch(key); }

Result<std::vector<BatchInfo>> Ledger::List(Batch::Kind kind) {
  TRY_ASSIGN(
      Statement statement,
      impl_->database.Prepare("SELECT key, name, version, title, facts FROM batch WHERE kind = ? ORDER BY name, key"));
  statement.BindInt(1, static_cast<std::int64_t>(kind));
  std::vector<BatchInfo> batches;
  for (;;) {
    TRY_ASSIGN(const bool row, statement.Step());
    if (!row) return batches;
    BatchInfo& info = batches.emplace_back();
    info.kind = kind;
    info.key = statement.Text(0);
    info.id = statement.Text(1);
    info.version = statement.Text(2);
    info.title = statement.Text(3);
    info.facts = static_cast<std::uint64_t>(statement.Int(4));
  }
}

Result<bool> Ledger::Remove(std::string_view key) {
  TRY_ASSIGN(Transaction transaction, Transaction::Begin(impl_->database, Transaction::Kind::kWrite));
  TRY_ASSIGN(const auto row, impl_->FindRow(key));
  if (!row) return false;
  TRY(impl_->RemoveRow(*row));
  TRY(transaction.Commit());
  return true;
}

Status Ledger::RememberLocation(std::string_view sha256, const fs::path& path) {
  // A convenience that any later run repeats: not worth a flush for each of ten thousand files. WAL keeps the file
  // whole all the same, and the next batch flushes these as well.
  Database& database = impl_->database;
  TRY(database.Execute("PRAGMA synchronous = NORMAL"));
  const std::string bytes = path.string();  // a blob: file names are bytes, not text
  const auto write = [&]() -> Status {
    // Nothing is written when it is the last seen already: a case that is read again and again stays quiet.
    TRY_ASSIGN(Statement statement,
               database.Prepare("INSERT INTO evidence_place (sha256, path, seen) SELECT ?1, ?2, 1 + coalesce((SELECT max(seen)"
                                " FROM evidence_place WHERE sha256 = ?1), 0) WHERE NOT EXISTS (SELECT 1 FROM evidence_place"
                                " WHERE sha256 = ?1 AND path = ?2 AND seen = (SELECT max(seen) FROM evidence_place WHERE"
                                " sha256 = ?1)) ON CONFLICT (sha256, path) DO UPDATE SET seen = excluded.seen"));
    TRY(statement.BindText(1, sha256).BindBlob(2, bytes).Run());
    TRY_ASSIGN(Statement surplus,
               database.Prepare("DELETE FROM evidence_place WHERE sha256 = ?1 AND path IN (SELECT path FROM evidence_place"
                                " WHERE sha256 = ?1 ORDER BY seen DESC, path LIMIT -1 OFFSET ?2)"));
    return surplus.BindText(1, sha256).BindInt(2, kMaxPlaces).Run();
  };
  const Status written = write();
  TRY(database.Execute("PRAGMA synchronous = FULL"));
  return written;
}

Result<std::vector<fs::path>> Ledger::Locations(std::string_view sha256) {
  TRY_ASSIGN(Statement statement, impl_->database.Prepare("SELECT path FROM evidence_place WHERE sha256 = ? ORDER BY seen DESC, path"));
  statement.BindText(1, sha256);
  std::vector<fs::path> places;
  for (;;) {
    TRY_ASSIGN(const bool row, statement.Step());
    if (!row) return places;
    places.emplace_back(std::string(statement.Text(0)));
  }
}

Result<std::vector<std::string>> Ledger::Verify() {
  std::vector<std::string> findings;
  Database& database = impl_->database;
  TRY_ASSIGN(Transaction transaction, Transaction::Begin(database, Transaction::Kind::kRead));
  if (const auto version = LedgerVersion(database); !version) {
    findings.push_back(version.error().message);
  } else if (*version != kLedgerSchemaVersion) {
    findings.push_back(
        fmt::format("{}: schema version {} instead of {}", database.path(), *version, kLedgerSchemaVersion));
  }
  const auto rows = [&](std::string_view sql, std::string_view label, int column) -> Status {
    TRY_ASSIGN(Statement statement, database.Prepare(sql));
    for (;;) {
      TRY_ASSIGN(const bool row, statement.Step());
      if (!row) return {};
      if (statement.Text(column) != "ok")
        findings.push_back(fmt::format("{}: {}{}", database.path(), label, statement.Text(column)));
    }
  };
  // A page that SQLite cannot even walk over is a finding as well, not a failure to look.
  const auto note = [&](const Status& status) -> Status {
    if (status || status.error().code != ErrorCode::kCorrupt) return status;
    findings.push_back(status.error().message);
    return {};
  };
  TRY(note(rows("PRAGMA integrity_check(20)", "", 0)));
  TRY(note(rows("PRAGMA foreign_key_check", "rows without a batch in table ", 0)));
  TRY(note(impl_->CheckBatches(findings)));
  return findings;
}

}  // namespace ascribe
