#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace ascribe::sqlite {

/// What an SQLite result code (basic or extended) means to a caller: BUSY and LOCKED are kUnavailable, NOTADB and
/// CORRUPT kCorrupt, TOOBIG and NOMEM kLimitExceeded, FULL, IOERR, READONLY, CANTOPEN, PERM and AUTH kIo, all else
/// kInternal.
[[nodiscard]] ErrorCode CodeOf(int sqlite_code);

/// A prepared statement. Values only ever enter through Bind*, numbered from 1; columns are numbered from 0. A failed
/// Bind is reported by the next Step. Bound text must stay alive until Step or Run has returned.
class Statement {
 public:
  Statement() = default;
  Statement& BindText(int index, std::string_view text);
  Statement& BindBlob(int index, std::string_view bytes);
  Statement& BindInt(int index, std::int64_t value);
  Statement& BindDouble(int index, double value);
  Statement& BindNull(int index);

  /// True: there is a row. False: done, and the statement is reset for new values.
  Result<bool> Step();
  /// Steps to the end, drops any rows, resets.
  Status Run();
  /// Forgets the current run, so that its read lock ends.
  void Reset();

  [[nodiscard]] bool IsNull(int column) const;
  [[nodiscard]] std::int64_t Int(int column) const;
  [[nodiscard]] double Double(int column) const;
  /// Text or blob, byte for byte; valid until the next Step or Reset.
  [[nodiscard]] std::string_view Text(int column) const;

 private:
  friend class Database;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  Statement(sqlite3_stmt* statement, std::string path) : statement_(statement), path_(std::move(path)) {}
  void Note(int code) {
    if (bind_error_ == 0) bind_error_ = code;
  }
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  std::string path_;
  int bind_error_ = 0;
};

/// One connection. Not thread-safe. Statements must not outlive it.
class Database {
 public:
  enum class Mode {
    kReadWrite,  ///< creates the file when it is missing
    kReadOnly,
    kImmutable,  ///< read-only on the promise that nobody writes: the only way to read WAL mode in a read-only folder
  };
  /// Opens and sets what holds for every connection: busy timeout of 5 s, foreign keys, no trust in the file's schema.
  static Result<Database> Open(const std::filesystem::path& path, Mode mode);

  /// Runs literal SQL without values, one or more statements.
  Status Execute(const char* sql);
  Result<Statement> Prepare(std::string_view sql);
  /// First column of the first row of literal SQL; 0 when there is none.
  Result<std::int64_t> QueryInt(std::string_view sql);
  [[nodiscard]] bool IsReadOnly() const;
  [[nodiscard]] const std::string& path() const { return path_; }
  /// "<path>: what went wrong; what to do", with the code for it, from the connection's last error.
  [[nodiscard]] Error LastError() const;

 private:
  friend class Transaction;
  struct Closer {
    void operator()(sqlite3* handle) const;
  };
  std::unique_ptr<sqlite3, Closer> handle_;
  std::string path_;
};

/// Rolls back when it ends without Commit.
class Transaction {
 public:
  enum class Kind { kRead, kWrite };
  /// kWrite takes the write lock at once (BEGIN IMMEDIATE), so that waiting happens here and never half-way.
  static Result<Transaction> Begin(Database& database, Kind kind);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  /// After an error nothing of the transaction is in the file.
  Status Commit();

 private:
  explicit Transaction(Database* database) : database_(database) {}
  Database* database_;
};

}  // namespace ascribe::sqlite
