#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "store/batch.h"
#include "store/sqlite.h"

namespace ascribe {

/// Writes the content of a batch (all but the row in `batch`) under the row id `id`; the caller holds the transaction.
/// Texts are stored once a batch. Errors: kInvalidInput for what cannot be stored exactly (a confidence that is no
/// number, a time outside of some ten billion years), and those of SQLite.
[[nodiscard]] Status WriteRows(sqlite::Database& database, std::int64_t id, const Batch& batch,
                               std::span<const Fact* const> facts);

/// Reads that content back into `batch`, facts in stored order. Errors: kCorrupt (rows
/// that point nowhere), kUnsupported (a name that this program does not know), and those of SQLite.
[[nodiscard]] Status ReadRows(sqlite::Database& database, std::int64_t id, Batch& batch);

}  // namespace ascribe
