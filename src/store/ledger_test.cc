#include "store/ledger.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <functional>
#include <thread>

#include "base/io.h"
#include "base/test_folder.h"
#include "store/migrations.h"
#include "store/sqlite.h"
#include "store/test_batches.h"

namespace ascribe {
namespace {
namespace fs = std::filesystem;
using sqlite::Database;

class LedgerTest : public ::testing::Test {
 protected:
  Ledger Open(Ledger::Mode mode = Ledger::Mode::kReadWrite) {
    auto ledger = Ledger::Open(folder(), mode);
    if (!ledger) throw std::runtime_error(ledger.error().message);
    return std::move(*ledger);
  }
  // The database behind the ledger's back.
  Database Raw() {
    auto database = Database::Open(file(), Database::Mode::kReadWrite);
    if (!database) throw std::runtime_error(database.error().message);
    return std::move(*database);
  }
  Error OpenError(Ledger::Mode mode = Ledger::Mode::kReadWrite) {
    const auto ledger = Ledger::Open(folder(), mode);
    return ledger ? Error{ErrorCode::kInternal, "it opened"} : ledger.error();
  }
  fs::path folder() { return temporary_.path() / "kb"; }
  fs::path file() { return folder() / "ledger.db"; }

  TestFolder temporary_;
};

Batch Sorted(Batch batch) {
  std::sort(batch.facts.begin(), batch.facts.end(), FactLess);
  return batch;
}

// Runs `work` in a child process; its exit code.
int InChild(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(LedgerTest, LoadsWhatWasCommitted) {
  BatchGenerator generator(1);
  const Batch evidence = generator.Make(500);
  const Batch pack = generator.Make(200, Batch::Kind::kKnowledge);
  Batch empty;
  empty.key = "empty";
  {
    Ledger ledger = Open();
    EXPECT_EQ(*ledger.Commit(evidence), true);
    EXPECT_EQ(*ledger.Commit(evidence), false);
    EXPECT_EQ(*ledger.Commit(pack), true);
    EXPECT_EQ(*ledger.Commit(empty), true);
    EXPECT_TRUE(*ledger.Load(evidence.key) == Sorted(evidence));
  }
  for (const auto mode : {Ledger::Mode::kReadWrite, Ledger::Mode::kReadOnly}) {
    Ledger ledger = Open(mode);
    EXPECT_TRUE(*ledger.Load(evidence.key) == Sorted(evidence));
    EXPECT_TRUE(*ledger.Load(pack.key) == Sorted(pack));
    EXPECT_TRUE(*ledger.Load("empty") == empty);
    EXPECT_EQ(*ledger.Load("absent"), std::nullopt);
    EXPECT_EQ(*ledger.Verify(), std::vector<std::string>());
    const auto listed = *ledger.List(Batch::Kind::kKnowledge);
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0].key, pack.key);
    EXPECT_EQ(listed[0].facts, 200u);
    EXPECT_EQ(listed[0].title, pack.title);
  }
}

TEST_F(LedgerTest, SameContentInAnotherOrderHasTheSameDigest) {
  Batch batch = BatchGenerator(2).Make(50);
  Ledger ledger = Open();
  ASSERT_TRUE(ledger.Commit(batch));
  const auto digest = [&] {
    Database raw = Raw();
    auto statement = *raw.Prepare("SELECT digest FROM batch");
    EXPECT_TRUE(*statement.Step());
    return std::string(statement.Text(0));
  };
  const std::string first = digest();
  ASSERT_TRUE(*ledger.Remove(batch.key));
  std::reverse(batch.facts.begin(), batch.facts.end());
  ASSERT_TRUE(*ledger.Commit(batch));
  EXPECT_EQ(digest(), first);
}

TEST_F(LedgerTest, KnowledgeOfOneIdIsReplacedEvidenceIsNot) {
  BatchGenerator generator(3);
  Batch old_pack = generator.Make(20, Batch::Kind::kKnowledge);
  Batch new_pack = generator.Make(30, Batch::Kind::kKnowledge);
  Batch other_pack = generator.Make(5, Batch::Kind::kKnowledge);
  old_pack.id = new_pack.id = "p";
  other_pack.id = "a";
  Batch once = generator.Make(3);
  Batch twice = generator.Make(3);
  once.id = twice.id = "p";
  Ledger ledger = Open();
  for (const Batch* batch : {&once, &old_pack, &other_pack, &twice, &new_pack}) ASSERT_TRUE(*ledger.Commit(*batch));
  const auto packs = *ledger.List(Batch::Kind::kKnowledge);
  ASSERT_EQ(packs.size(), 2u);
  EXPECT_EQ(packs[0].key, other_pack.key);
  EXPECT_EQ(packs[1].key, new_pack.key);
  EXPECT_EQ(ledger.List(Batch::Kind::kEvidence)->size(), 2u);
  EXPECT_EQ(*ledger.Load(old_pack.key), std::nullopt);
  EXPECT_EQ(*ledger.Verify(), std::vector<std::string>());
}

TEST_F(LedgerTest, RemoveLeavesNothing) {
  BatchGenerator generator(4);
  const Batch batch = generator.Make(20);
  Batch shared = generator.Make(2);
  shared.evidence.push_back(batch.evidence[0]);
  const std::string own = shared.evidence[0].sha256;
  const std::string both = batch.evidence[0].sha256;
  Ledger ledger = Open();
  ASSERT_TRUE(*ledger.Commit(batch));
  ASSERT_TRUE(*ledger.Commit(shared));
  ASSERT_TRUE(ledger.RememberLocation(own, "/a"));
  ASSERT_TRUE(ledger.RememberLocation(both, "/b"));
  EXPECT_EQ(*ledger.Remove(shared.key), true);
  EXPECT_EQ(*ledger.Remove(shared.key), false);
  EXPECT_TRUE(ledger.Locations(own)->empty());
  EXPECT_EQ(*ledger.Locations(both), std::vector<fs::path>{"/b"});  // another batch still holds it
  EXPECT_EQ(*ledger.Remove(batch.key), true);
  Database raw = Raw();
  for (const char* count : {"SELECT count(*) FROM batch", "SELECT count(*) FROM text", "SELECT count(*) FROM evidence",
                            "SELECT count(*) FROM source", "SELECT count(*) FROM fact",
                            "SELECT count(*) FROM diagnostic", "SELECT count(*) FROM evidence_place"})
    EXPECT_EQ(*raw.QueryInt(count), 0) << count;
}

TEST_F(LedgerTest, LocationsAreBytesAndAllOfThemAreKept) {
  Ledger ledger = Open();
  const fs::path odd("/odd \xFF name");
  EXPECT_TRUE(ledger.Locations("x")->empty());
  ASSERT_TRUE(ledger.RememberLocation("x", "/first"));
  ASSERT_TRUE(ledger.RememberLocation("x", odd));
  EXPECT_EQ(*ledger.Locations("x"), (std::vector<fs::path>{odd, "/first"})) << "the last seen first";
  ASSERT_TRUE(ledger.RememberLocation("x", "/first"));
  ASSERT_TRUE(ledger.RememberLocation("x", "/first"));
  EXPECT_EQ(*ledger.Locations("x"), (std::vector<fs::path>{"/first", odd}));
  EXPECT_TRUE(ledger.Locations("y")->empty());
}

TEST_F(LedgerTest, OfTooManyPlacesTheOldestIsForgotten) {
  Ledger ledger = Open();
  for (int i = 0; i <= Ledger::kMaxPlaces; ++i) ASSERT_TRUE(ledger.RememberLocation("x", "/" + std::to_string(i)));
  const auto places = *ledger.Locations("x");
  ASSERT_EQ(places.size(), static_cast<std::size_t>(Ledger::kMaxPlaces));
  EXPECT_EQ(places.front(), fs::path("/" + std::to_string(Ledger::kMaxPlaces)));
  EXPECT_EQ(places.back(), fs::path("/1"));
}

TEST_F(LedgerTest, RefusesWhatItCannotKeepExactly) {
  Batch batch = BatchGenerator(5).Make(3);
  Ledger ledger = Open();
  batch.facts[1].confidence = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(ledger.Commit(batch).error().code, ErrorCode::kInvalidInput);
  batch.facts[1].confidence = -0.0;
  batch.facts[1].known_on = Time{std::numeric_limits<std::int64_t>::max(), Time::Precision::kDay};
  EXPECT_EQ(ledger.Commit(batch).error().code, ErrorCode::kInvalidInput);
  EXPECT_TRUE(ledger.List(Batch::Kind::kEvidence)->empty());
  batch.facts[1].known_on.reset();
  EXPECT_EQ(*ledger.Commit(batch), true);
  EXPECT_TRUE(*ledger.Load(batch.key) == Sorted(batch));
}

TEST_F(LedgerTest, VerifyFindsWhatWasChanged) {
  const Batch batch = BatchGenerator(6).Make(20);
  const Batch other = BatchGenerator(7).Make(20);
  const auto findings_after = [&](const char* sql) {
    Ledger ledger = Open();
    EXPECT_TRUE(ledger.Commit(batch));
    EXPECT_TRUE(ledger.Commit(other));
    EXPECT_TRUE(Raw().Execute("PRAGMA foreign_keys = OFF"));
    Database raw = Raw();
    EXPECT_TRUE(raw.Execute("PRAGMA foreign_keys = OFF"));
    EXPECT_TRUE(raw.Execute(sql)) << sql;
    const auto found = ledger.Verify();
    EXPECT_TRUE(ledger.Remove(batch.key));
    EXPECT_TRUE(raw.Execute("DELETE FROM fact WHERE batch NOT IN (SELECT id FROM batch)"));
    return found ? *found : std::vector<std::string>{"error: " + found.error().message};
  };
  const std::string first = "(SELECT id FROM batch WHERE key = '" + batch.key + "')";
  for (const std::string& sql :
       {"UPDATE fact SET known_on = 0 WHERE seq = 3 AND batch = " + first,
        "DELETE FROM fact WHERE seq = 3 AND batch = " + first,
        "UPDATE text SET value = 'x' WHERE id = 3 AND batch = " + first,
        "DELETE FROM text WHERE id = 3 AND batch = " + first, "UPDATE fact SET object = 99999 WHERE batch = " + first,
        "UPDATE fact SET loc_kind = 17 WHERE batch = " + first, "UPDATE batch SET title = 'y' WHERE id = " + first,
        "UPDATE source SET reliability = 'AB' WHERE seq = 0 AND batch = " + first,
        "UPDATE evidence SET tlp = 'PINK' WHERE batch = " + first}) {
    const auto findings = findings_after(sql.c_str());
    ASSERT_EQ(findings.size(), 1u) << sql;
    EXPECT_EQ(findings[0].find("error"), std::string::npos) << findings[0];
  }
  EXPECT_EQ(
      findings_after("INSERT INTO fact SELECT 77, seq, 0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0 FROM fact LIMIT 1")
          .size(),
      1u);
  EXPECT_EQ(Open().Verify()->size(), 0u);
}

TEST_F(LedgerTest, DamagedBatchIsAnErrorNotAVerdict) {
  const Batch batch = BatchGenerator(8).Make(20);
  Ledger ledger = Open();
  ASSERT_TRUE(ledger.Commit(batch));
  ASSERT_TRUE(Raw().Execute("UPDATE fact SET loc_offset = 4711 WHERE seq = 0"));
  EXPECT_EQ(ledger.Load(batch.key).error().code, ErrorCode::kCorrupt);
}

TEST_F(LedgerTest, ForeignFilesAreLeftAlone) {
  fs::create_directories(folder());
  const std::string noise(8192, 'x');
  ASSERT_TRUE(WriteFileAtomic(file(), noise));
  EXPECT_EQ(OpenError().code, ErrorCode::kCorrupt);
  EXPECT_EQ(OpenError(Ledger::Mode::kReadOnly).code, ErrorCode::kCorrupt);
  EXPECT_NE(OpenError().message.find(file().string()), std::string::npos);
  EXPECT_EQ(*ReadTextFile(file(), 1 << 20), noise);

  fs::remove(file());
  ASSERT_TRUE(Raw().Execute("CREATE TABLE mine (a)"));
  EXPECT_EQ(OpenError().code, ErrorCode::kCorrupt);
  EXPECT_EQ(*Raw().QueryInt("SELECT count(*) FROM sqlite_schema"), 1);
}

TEST_F(LedgerTest, CutOffFileIsCorrupt) {
  const Batch batch = BatchGenerator(9).Make(2000);
  ASSERT_TRUE(Open().Commit(batch));
  fs::resize_file(file(), fs::file_size(file()) / 2);
  auto ledger = Ledger::Open(folder(), Ledger::Mode::kReadWrite);
  if (!ledger) {
    EXPECT_EQ(ledger.error().code, ErrorCode::kCorrupt);
    return;
  }
  EXPECT_EQ(ledger->Load(batch.key).error().code, ErrorCode::kCorrupt);
  const auto findings = ledger->Verify();
  ASSERT_TRUE(findings) << findings.error().message;
  EXPECT_FALSE(findings->empty());
}

TEST_F(LedgerTest, VersionsOlderAndNewer) {
  const Batch batch = BatchGenerator(10).Make(30);
  ASSERT_TRUE(Open().Commit(batch));
  // Version 1 is without places and the index on them.
  ASSERT_TRUE(Raw().Execute("DROP TABLE evidence_place; DROP INDEX evidence_by_sha256; PRAGMA user_version = 1;"));
  EXPECT_EQ(OpenError(Ledger::Mode::kReadOnly).code, ErrorCode::kUnsupported);
  {
    Ledger ledger = Open();
    EXPECT_TRUE(*ledger.Load(batch.key) == Sorted(batch));
    EXPECT_TRUE(ledger.RememberLocation("x", "/y"));
    EXPECT_EQ(ledger.Verify()->size(), 0u);
  }
  EXPECT_EQ(*Raw().QueryInt("PRAGMA user_version"), kLedgerSchemaVersion);
  ASSERT_TRUE(Raw().Execute(("PRAGMA user_version = " + std::to_string(kLedgerSchemaVersion + 1)).c_str()));
  for (const auto mode : {Ledger::Mode::kReadWrite, Ledger::Mode::kReadOnly})
    EXPECT_EQ(OpenError(mode).code, ErrorCode::kUnsupported);
}

TEST_F(LedgerTest, MigrationsGoStepByStep) {
  const auto schema = [](Database& database) {
    auto statement = *database.Prepare(
        "SELECT coalesce(group_concat(sql, char(10)), '') FROM (SELECT sql FROM sqlite_schema"
        " WHERE sql IS NOT NULL ORDER BY name)");
    EXPECT_TRUE(*statement.Step());
    return std::string(statement.Text(0));
  };
  fs::create_directories(folder());
  Database stepwise = Raw();
  ASSERT_EQ(*LedgerVersion(stepwise), 0);
  for (std::int64_t version = 1; version <= kLedgerSchemaVersion; ++version) {
    ASSERT_TRUE(MigrateLedger(stepwise, version));
    EXPECT_EQ(*LedgerVersion(stepwise), version);
  }
  ASSERT_TRUE(MigrateLedger(stepwise));  // nothing left to do
  auto at_once = *Database::Open(temporary_.path() / "other.db", Database::Mode::kReadWrite);
  ASSERT_TRUE(MigrateLedger(at_once));
  EXPECT_EQ(schema(stepwise), schema(at_once));
}

// Version 2 knew one place of each piece of evidence: it is kept, and further ones come beside it.
TEST_F(LedgerTest, PlacesOfVersionTwoAreKept) {
  fs::create_directories(folder());
  {
    Database old = Raw();
    ASSERT_TRUE(MigrateLedger(old, 2));
    ASSERT_TRUE(old.Execute("INSERT INTO evidence_location VALUES ('x', CAST('/old' AS BLOB))"));
  }
  EXPECT_EQ(OpenError(Ledger::Mode::kReadOnly).code, ErrorCode::kUnsupported);
  Ledger ledger = Open();
  EXPECT_EQ(*ledger.Locations("x"), std::vector<fs::path>{"/old"});
  ASSERT_TRUE(ledger.RememberLocation("x", "/new"));
  EXPECT_EQ(*ledger.Locations("x"), (std::vector<fs::path>{"/new", "/old"}));
}

TEST_F(LedgerTest, MissingAndUnusableFolders) {
  EXPECT_EQ(OpenError(Ledger::Mode::kReadOnly).code, ErrorCode::kNotFound);
  fs::create_directories(folder());
  EXPECT_EQ(OpenError(Ledger::Mode::kReadOnly).code, ErrorCode::kNotFound);
  ASSERT_TRUE(WriteFileAtomic(file(), ""));  // killed while it was made
  EXPECT_EQ(OpenError(Ledger::Mode::kReadOnly).code, ErrorCode::kNotFound);
  EXPECT_TRUE(Open().List(Batch::Kind::kEvidence)->empty());
  fs::remove_all(folder());
  ASSERT_TRUE(WriteFileAtomic(folder(), "a file"));
  EXPECT_EQ(OpenError().code, ErrorCode::kIo);
}

TEST_F(LedgerTest, ReadOnlyFolder) {
  const Batch batch = BatchGenerator(11).Make(30);
  ASSERT_TRUE(Open().Commit(batch));
  const auto mode = [&](unsigned folder_mode, unsigned file_mode) {
    fs::permissions(temporary_.path(), fs::perms(0755));
    fs::permissions(folder(), fs::perms(folder_mode));
    fs::permissions(file(), fs::perms(file_mode));
  };
  mode(0555, 0444);
  // As another user, because permissions do not hold the superuser; memory is shared by the fork, nothing is loaded
  // anew.
  const auto as_nobody = [&](const std::function<int()>& work) {
    return InChild([&] {
      constexpr uid_t kNobody = 65534;
      if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) return 100;
      return work();
    });
  };
  EXPECT_EQ(as_nobody([&] {
              auto ledger = Ledger::Open(folder(), Ledger::Mode::kReadOnly);
              if (!ledger) return 1;
              const auto loaded = ledger->Load(batch.key);
              if (!loaded || !*loaded || !(**loaded == Sorted(batch))) return 2;
              const auto committed = ledger->Commit(BatchGenerator(12).Make(1));
              return !committed && committed.error().code == ErrorCode::kIo ? 0 : 3;
            }),
            0);
  EXPECT_EQ(as_nobody([&] {
              const auto ledger = Ledger::Open(folder(), Ledger::Mode::kReadWrite);
              return !ledger && ledger.error().code == ErrorCode::kIo ? 0 : 1;
            }),
            0);
  mode(0755, 0600);
  EXPECT_EQ(as_nobody([&] {
              const auto ledger = Ledger::Open(folder(), Ledger::Mode::kReadOnly);
              return !ledger && ledger.error().code == ErrorCode::kIo ? 0 : 1;
            }),
            0);
  mode(0755, 0644);
}

TEST_F(LedgerTest, FullDiskChangesNothing) {
  const Batch small = BatchGenerator(13).Make(10);
  const Batch large = BatchGenerator(14).Make(5000);
  ASSERT_TRUE(Open().Commit(small));
  EXPECT_EQ(InChild([&] {
              std::signal(SIGXFSZ, SIG_IGN);
              auto ledger = Ledger::Open(folder(), Ledger::Mode::kReadWrite);
              if (!ledger) return 1;
              const rlimit limit{200'000, 200'000};
              ::setrlimit(RLIMIT_FSIZE, &limit);
              const auto committed = ledger->Commit(large);
              if (committed || committed.error().code != ErrorCode::kIo) return 2;
              const auto kept = ledger->Load(small.key);
              return kept && *kept && **kept == Sorted(small) ? 0 : 3;
            }),
            0);
  Ledger ledger = Open();
  EXPECT_EQ(ledger.Verify()->size(), 0u);
  EXPECT_EQ(*ledger.Load(large.key), std::nullopt);
  EXPECT_TRUE(*ledger.Commit(large));
}

TEST_F(LedgerTest, SecondWriterWaitsThenGivesUp) {
  Ledger ledger = Open();
  Database other = Raw();
  {
    auto writing = sqlite::Transaction::Begin(other, sqlite::Transaction::Kind::kWrite);
    ASSERT_TRUE(writing);
    const auto committed = ledger.Commit(BatchGenerator(15).Make(1));
    ASSERT_FALSE(committed);
    EXPECT_EQ(committed.error().code, ErrorCode::kUnavailable);
    EXPECT_NE(committed.error().message.find("try again"), std::string::npos);
    EXPECT_TRUE(ledger.List(Batch::Kind::kEvidence)->empty());  // readers are not held up
  }
  EXPECT_TRUE(*ledger.Commit(BatchGenerator(15).Make(1)));
}

TEST_F(LedgerTest, ReadersSeeWholeBatchesWhileOthersWrite) {
  constexpr std::uint64_t kBatches = 12;
  (void)Open();
  std::atomic<std::uint64_t> written = 0;
  std::atomic<int> mistakes = 0;
  const auto write = [&](std::uint64_t first) {
    Ledger ledger = Open();
    for (std::uint64_t i = first; i < kBatches; i += 2) {
      const auto committed = ledger.Commit(BatchGenerator(100 + i).Make(40));
      if (!committed || !*committed) ++mistakes;
      ++written;
    }
  };
  const auto read = [&] {
    Ledger ledger = Open(Ledger::Mode::kReadOnly);
    for (bool last = false; !last;) {
      last = written == kBatches;
      for (std::uint64_t i = 0; i < kBatches; ++i) {
        const Batch expected = BatchGenerator(100 + i).Make(40);
        const auto loaded = ledger.Load(expected.key);
        if (!loaded || (*loaded && !(**loaded == Sorted(expected))) || (last && !*loaded)) ++mistakes;
      }
    }
  };
  std::vector<std::thread> threads;
  threads.emplace_back(write, 0);
  threads.emplace_back(write, 1);
  threads.emplace_back(read);
  threads.emplace_back(read);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(mistakes, 0);
  EXPECT_EQ(Open().Verify()->size(), 0u);
}

TEST_F(LedgerTest, ManyOpenANewLedgerAtOnce) {
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { opened += Ledger::Open(folder(), Ledger::Mode::kReadWrite).has_value() ? 1 : 0; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 8);
  EXPECT_EQ(Open().Verify()->size(), 0u);
}

}  // namespace
}  // namespace ascribe
