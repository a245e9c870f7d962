#include "store/sqlite.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/test_folder.h"

namespace ascribe::sqlite {
namespace {

TEST(Sqlite, CodesOfErrors) {
  for (int code : {SQLITE_BUSY, SQLITE_LOCKED, SQLITE_BUSY_RECOVERY, SQLITE_BUSY_SNAPSHOT})
    EXPECT_EQ(CodeOf(code), ErrorCode::kUnavailable) << code;
  for (int code : {SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_CORRUPT_INDEX})
    EXPECT_EQ(CodeOf(code), ErrorCode::kCorrupt) << code;
  for (int code :
       {SQLITE_FULL, SQLITE_IOERR, SQLITE_IOERR_WRITE, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH})
    EXPECT_EQ(CodeOf(code), ErrorCode::kIo) << code;
  EXPECT_EQ(CodeOf(SQLITE_TOOBIG), ErrorCode::kLimitExceeded);
  EXPECT_EQ(CodeOf(SQLITE_MISUSE), ErrorCode::kInternal);
}

TEST(Sqlite, ValuesGoInAndOutUnchanged) {
  TestFolder folder;
  auto database = Database::Open(folder.path() / "a?b%20.db", Database::Mode::kReadWrite);
  ASSERT_TRUE(database) << database.error().message;
  ASSERT_TRUE(database->Execute("CREATE TABLE t (a TEXT, b BLOB, c INTEGER, d REAL, e TEXT)"));
  {
    auto insert = *database->Prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?)");
    const std::string bytes("a\0\xFF", 3);
    insert.BindText(1, bytes)
        .BindBlob(2, bytes)
        .BindInt(3, INT64_MIN)
        .BindDouble(4, 0.1)
        .BindText(5, std::string_view());
    ASSERT_TRUE(insert.Run());
    EXPECT_EQ(insert.BindInt(6, 1).Step().error().code, ErrorCode::kInternal);  // there is no sixth
    auto select = *database->Prepare("SELECT a, b, c, d, e, NULL FROM t");
    ASSERT_TRUE(*select.Step());
    EXPECT_EQ(select.Text(0), bytes);
    EXPECT_EQ(select.Text(1), bytes);
    EXPECT_EQ(select.Int(2), INT64_MIN);
    EXPECT_EQ(select.Double(3), 0.1);
    EXPECT_EQ(select.Text(4), "");
    EXPECT_FALSE(select.IsNull(4));
    EXPECT_TRUE(select.IsNull(5));
    EXPECT_FALSE(*select.Step());
  }
  // The same name as a URI.
  const auto immutable = Database::Open(folder.path() / "a?b%20.db", Database::Mode::kImmutable);
  ASSERT_TRUE(immutable) << immutable.error().message;
  EXPECT_TRUE(immutable->IsReadOnly());
}

TEST(Sqlite, TransactionsRollBackUnlessCommitted) {
  TestFolder folder;
  auto database = Database::Open(folder.path() / "t.db", Database::Mode::kReadWrite);
  ASSERT_TRUE(database->Execute("CREATE TABLE t (a)"));
  for (bool commit : {false, true}) {
    auto transaction = Transaction::Begin(*database, Transaction::Kind::kWrite);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(database->Execute("INSERT INTO t VALUES (1)"));
    if (commit) {
      EXPECT_TRUE(transaction->Commit());
    }
  }
  EXPECT_EQ(*database->QueryInt("SELECT count(*) FROM t"), 1);
}

TEST(Sqlite, ErrorsNameTheFile) {
  TestFolder folder;
  const auto absent = Database::Open(folder.path() / "absent.db", Database::Mode::kReadOnly);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::kIo);
  EXPECT_NE(absent.error().message.find("absent.db"), std::string::npos);
  auto database = Database::Open(folder.path() / "t.db", Database::Mode::kReadWrite);
  EXPECT_EQ(database->Prepare("SELECT * FROM absent").error().code, ErrorCode::kCorrupt);
  EXPECT_FALSE(database->Execute("nonsense"));
}

}  // namespace
}  // namespace ascribe::sqlite
