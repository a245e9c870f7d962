#include "store/sqlite.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cstring>

namespace ascribe::sqlite {
namespace {

constexpr int kBusyMilliseconds = 5000;

Error MakeError(const std::string& path, int code, sqlite3* handle) {
  const char* said = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
  const auto text = [&]() -> std::string {
    switch (code & 0xFF) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return fmt::format("{} is in use by another process; try again in a moment", path);
      case SQLITE_NOTADB:
      case SQLITE_CORRUPT:
        return fmt::format(
            "{} is damaged or no ledger ({}); restore it from a copy, or move it away and add everything again", path,
            said);
      case SQLITE_FULL:
        return fmt::format("no space left for {}; nothing was changed: free some and try again", path);
      case SQLITE_READONLY:
        return fmt::format("{} cannot be written; check the permissions of the file and its folder", path);
      case SQLITE_CANTOPEN:
      case SQLITE_PERM:
      case SQLITE_AUTH:
        return fmt::format("{} cannot be opened; check the permissions of the file and its folder", path);
      case SQLITE_IOERR: {
        const int number = handle != nullptr ? sqlite3_system_errno(handle) : 0;
        return fmt::format("{}: {}{}{}; nothing was changed: check the disk and try again", path, said,
                           number != 0 ? ": " : "", number != 0 ? std::strerror(number) : "");
      }
      default:
        return fmt::format("{}: {} (SQLite code {})", path, said, code);
    }
  }();
  return Error{CodeOf(code), text};
}

// A file name as an SQLite URI: everything that could end or change it is escaped.
std::string ImmutableUri(const std::string& path) {
  std::string uri = "file:";
  for (char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '.' || c == '-' || c == '_';
    uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri + "?immutable=1";
}

}  // namespace

ErrorCode CodeOf(int sqlite_code) {
  switch (sqlite_code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kUnavailable;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return ErrorCode::kCorrupt;
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return ErrorCode::kLimitExceeded;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::kIo;
    default:
      return ErrorCode::kInternal;
  }
}

void Statement::Finalizer::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

Statement& Statement::BindText(int index, std::string_view text) {
  // A null pointer would bind NULL, and an empty view may have one.
  Note(sqlite3_bind_text64(statement_.get(), index, text.data() == nullptr ? "" : text.data(), text.size(),
                           SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Statement& Statement::BindBlob(int index, std::string_view bytes) {
  Note(sqlite3_bind_blob64(statement_.get(), index, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(),
                           SQLITE_STATIC));
  return *this;
}

Statement& Statement::BindInt(int index, std::int64_t value) {
  Note(sqlite3_bind_int64(statement_.get(), index, value));
  return *this;
}

Statement& Statement::BindDouble(int index, double value) {
  Note(sqlite3_bind_double(statement_.get(), index, value));
  return *this;
}

Statement& Statement::BindNull(int index) {
  Note(sqlite3_bind_null(statement_.get(), index));
  return *this;
}

Result<bool> Statement::Step() {
  if (bind_error_ != 0) {
    const int code = std::exchange(bind_error_, 0);
    return tl::unexpected(MakeError(path_, code, nullptr));
  }
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(statement_.get());
    return false;
  }
  sqlite3* handle = sqlite3_db_handle(statement_.get());
  Error error = MakeError(path_, sqlite3_extended_errcode(handle), handle);
  sqlite3_reset(statement_.get());
  return tl::unexpected(std::move(error));
}

Status Statement::Run() {
  for (;;) {
    TRY_ASSIGN(const bool row, Step());
    if (!row) return {};
  }
}

void Statement::Reset() { sqlite3_reset(statement_.get()); }

bool Statement::IsNull(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
std::int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double Statement::Double(int column) const { return sqlite3_column_double(statement_.get(), column); }

std::string_view Statement::Text(int column) const {
  // The pointer first: asking for the size first could convert the value afterwards.
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr || size <= 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Database::Closer::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Result<Database> Database::Open(const std::filesystem::path& path, Mode mode) {
  Database database;
  database.path_ = path.string();
  int flags = SQLITE_OPEN_NOMUTEX;
  if (mode == Mode::kReadWrite) flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (mode != Mode::kReadWrite) flags |= SQLITE_OPEN_READONLY;
  if (mode == Mode::kImmutable) flags |= SQLITE_OPEN_URI;
  const std::string name = mode == Mode::kImmutable ? ImmutableUri(database.path_) : database.path_;
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags, nullptr);
  database.handle_.reset(handle);
  if (code != SQLITE_OK) return tl::unexpected(MakeError(database.path_, code, handle));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyMilliseconds);
  // A ledger may come from somebody else: its schema may not call functions with effects, nor rewrite itself.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  TRY(database.Execute("PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON;"));
  return database;
}

Status Database::Execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return tl::unexpected(LastError());
  return {};
}

Result<Statement> Database::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), 0, &statement, nullptr);
  if (code != SQLITE_OK) {
    Error error = LastError();
    // Our SQL is fixed: when a table or column is missing, it is the file that is wrong.
    if ((code & 0xFF) == SQLITE_ERROR) error.code = ErrorCode::kCorrupt;
    return tl::unexpected(std::move(error));
  }
  return Statement(statement, path_);
}

Result<std::int64_t> Database::QueryInt(std::string_view sql) {
  TRY_ASSIGN(Statement statement, Prepare(sql));
  TRY_ASSIGN(const bool row, statement.Step());
  return row ? statement.Int(0) : 0;
}

bool Database::IsReadOnly() const { return sqlite3_db_readonly(handle_.get(), "main") != 0; }

Error Database::LastError() const { return MakeError(path_, sqlite3_extended_errcode(handle_.get()), handle_.get()); }

Result<Transaction> Transaction::Begin(Database& database, Kind kind) {
  TRY(database.Execute(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(&database);
}

Transaction::~Transaction() {
  // Some errors have rolled back already; a second rollback would only set another last error.
  if (database_ != nullptr && sqlite3_get_autocommit(database_->handle_.get()) == 0)
    (void)database_->Execute("ROLLBACK");
}

Status Transaction::Commit() {
  TRY(database_->Execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace ascribe::sqlite
