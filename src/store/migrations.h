#pragma once

#include <cstdint>

#include "base/result.h"
#include "store/sqlite.h"

namespace ascribe {

/// PRAGMA application_id of a ledger: "ascr".
inline constexpr std::int64_t kLedgerApplicationId = 0x61736372;
/// The schema this program writes (docs/formats/ledger.md); PRAGMA user_version.
inline constexpr std::int64_t kLedgerSchemaVersion = 3;

/// Schema version of an open database, 0 for one that holds nothing yet. Changes nothing;
/// to be called within a transaction, as it reads more than once.
/// Errors: kCorrupt (no database, or somebody else's), kUnsupported (newer than this program).
[[nodiscard]] Result<std::int64_t> LedgerVersion(sqlite::Database& database);

/// Brings the schema up to `target`, each step in the same transaction: after a kill it is the old version or the new.
/// Two processes may do this at once; the second finds nothing left to do. Errors as LedgerVersion, and those of
/// writing.
[[nodiscard]] Status MigrateLedger(sqlite::Database& database, std::int64_t target = kLedgerSchemaVersion);

}  // namespace ascribe
