#include "store/migrations.h"

#include <fmt/format.h>

#include <iterator>

namespace ascribe {
namespace {

struct Migration {
  std::int64_t version;  // what the schema is afterwards
  const char* sql;
};

// Never edited once released, only added to: a ledger in the field may stand at any of them. Names of types, relations
// and kinds are stored as text, because the numbers of our enums may move.
constexpr Migration kMigrations[] = {
    {1, R"sql(
CREATE TABLE batch (
  id      INTEGER PRIMARY KEY,
  kind    INTEGER NOT NULL CHECK (kind IN (0, 1)),
  key     TEXT NOT NULL UNIQUE,
  name    TEXT NOT NULL,
  version TEXT NOT NULL,
  title   TEXT NOT NULL,
  facts   INTEGER NOT NULL,
  digest  TEXT NOT NULL
) STRICT;
CREATE INDEX batch_by_name ON batch (kind, name, key);

CREATE TABLE text (
  batch INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
  id    INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (batch, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
  batch       INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
  seq         INTEGER NOT NULL,
  sha256      TEXT NOT NULL,
  name        TEXT NOT NULL,
  size        INTEGER NOT NULL,
  media       TEXT NOT NULL,
  parent      TEXT NOT NULL,
  source      TEXT NOT NULL,
  tlp         TEXT NOT NULL,
  acquired_at INTEGER,
  known_on    INTEGER,
  reader      TEXT NOT NULL,
  PRIMARY KEY (batch, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
  batch        INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
  seq          INTEGER NOT NULL,
  id           TEXT NOT NULL,
  title        TEXT NOT NULL,
  publisher    TEXT NOT NULL,
  url          TEXT NOT NULL,
  published    INTEGER,
  reliability  TEXT NOT NULL,
  credibility  INTEGER NOT NULL,
  origin       TEXT NOT NULL,
  derived_from TEXT NOT NULL,
  inspectable  INTEGER NOT NULL,
  PRIMARY KEY (batch, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE fact (
  batch        INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
  seq          INTEGER NOT NULL,
  subject_type INTEGER NOT NULL,
  subject      INTEGER NOT NULL,
  relation     INTEGER NOT NULL,
  object_type  INTEGER NOT NULL,
  object       INTEGER NOT NULL,
  valid_from   INTEGER,
  valid_to     INTEGER,
  known_on     INTEGER,
  retracted_on INTEGER,
  source       INTEGER NOT NULL,
  origin       INTEGER NOT NULL,
  verified     INTEGER NOT NULL,
  statement    INTEGER NOT NULL,
  inspectable  INTEGER NOT NULL,
  confidence   REAL,
  note         INTEGER NOT NULL,
  evidence     INTEGER NOT NULL,
  extractor    INTEGER NOT NULL,
  loc_kind     INTEGER NOT NULL,
  loc_offset   INTEGER NOT NULL,
  loc_length   INTEGER NOT NULL,
  loc_path     INTEGER NOT NULL,
  PRIMARY KEY (batch, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE diagnostic (
  batch      INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
  seq        INTEGER NOT NULL,
  severity   INTEGER NOT NULL,
  evidence   INTEGER NOT NULL,
  code       INTEGER NOT NULL,
  text       INTEGER NOT NULL,
  loc_kind   INTEGER NOT NULL,
  loc_offset INTEGER NOT NULL,
  loc_length INTEGER NOT NULL,
  loc_path   INTEGER NOT NULL,
  PRIMARY KEY (batch, seq)
) STRICT, WITHOUT ROWID;

PRAGMA application_id = 1634952050;
PRAGMA user_version = 1;
)sql"},
    // Where evidence was last read from, for `verify`; and the index that says whether a batch still needs a place.
    {2, R"sql(
CREATE TABLE evidence_location (
  sha256 TEXT PRIMARY KEY NOT NULL,
  path   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_by_sha256 ON evidence (sha256);

PRAGMA user_version = 2;
)sql"},
    // All places of evidence, not only the last: of equal files of two cases one may move. `seen` orders them.
    {3, R"sql(
CREATE TABLE evidence_place (
  sha256 TEXT NOT NULL,
  path   BLOB NOT NULL,
  seen   INTEGER NOT NULL,
  PRIMARY KEY (sha256, path)
) STRICT, WITHOUT ROWID;
INSERT INTO evidence_place SELECT sha256, path, 1 FROM evidence_location;
DROP TABLE evidence_location;

PRAGMA user_version = 3;
)sql"},
};
static_assert(std::size(kMigrations) == kLedgerSchemaVersion);
static_assert(kLedgerApplicationId == 1634952050);

}  // namespace

Result<std::int64_t> LedgerVersion(sqlite::Database& database) {
  TRY_ASSIGN(const std::int64_t application, database.QueryInt("PRAGMA application_id"));
  TRY_ASSIGN(const std::int64_t version, database.QueryInt("PRAGMA user_version"));
  TRY_ASSIGN(const std::int64_t tables, database.QueryInt("SELECT count(*) FROM sqlite_schema"));
  if (application == 0 && version == 0 && tables == 0) return 0;
  if (application != kLedgerApplicationId || version < 1)
    return Fail(ErrorCode::kCorrupt,
                fmt::format("{} is an SQLite database of another program; name another folder", database.path()));
  if (version > kLedgerSchemaVersion)
    return Fail(ErrorCode::kUnsupported,
                fmt::format("{} has schema version {}, this program knows {}; use a newer version of it",
                            database.path(), version, kLedgerSchemaVersion));
  return version;
}

Status MigrateLedger(sqlite::Database& database, std::int64_t target) {
  TRY_ASSIGN(sqlite::Transaction transaction, sqlite::Transaction::Begin(database, sqlite::Transaction::Kind::kWrite));
  TRY_ASSIGN(const std::int64_t version, LedgerVersion(database));  // again, now that nobody else can change it
  for (const Migration& migration : kMigrations)
    if (migration.version > version && migration.version <= target) TRY(database.Execute(migration.sql));
  return transaction.Commit();
}

}  // namespace ascribe
