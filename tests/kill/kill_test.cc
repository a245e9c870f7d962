// Whatever kills the process, a batch is in the ledger whole or not at all, and what was acknowledged is in it.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/test_folder.h"
#include "commit_plan.h"
#include "killed_run.h"
#include "store/ledger.h"
#include "store/sqlite.h"

namespace ascribe {
namespace {
namespace fs = std::filesystem;
using std::chrono::microseconds;

DriverRun RunDriver(const fs::path& folder, std::size_t first, std::size_t after, microseconds delay) {
  return ascribe::RunDriver(KILL_DRIVER, folder, first, after, delay);
}

const std::vector<Batch>& Expected() {
  static const std::vector<Batch> batches = [] {
    std::vector<Batch> made;
    for (std::size_t i = 0; i < kPlannedBatches; ++i) {
      made.push_back(PlannedBatch(i));
      std::sort(made.back().facts.begin(), made.back().facts.end(), FactLess);
    }
    return made;
  }();
  return batches;
}

// Whether batch `index` belongs into a ledger that holds the first `count` of the plan.
bool IsKept(std::size_t index, std::size_t count) {
  if (index >= count) return false;
  return Expected()[index].kind == Batch::Kind::kEvidence || index + 5 >= count;  // packs are replaced by the next
}

// A ledger must hold the first `count` batches, or `count` + 1 of them: killed between commit and acknowledgement.
::testing::AssertionResult HoldsFirst(const fs::path& folder, std::size_t count) {
  auto ledger = Ledger::Open(folder, Ledger::Mode::kReadWrite);
  if (!ledger) return ::testing::AssertionFailure() << ledger.error().message;
  const auto findings = ledger->Verify();
  if (!findings) return ::testing::AssertionFailure() << findings.error().message;
  if (!findings->empty()) return ::testing::AssertionFailure() << findings->front();
  if (count < kPlannedBatches) {
    const auto in_flight = ledger->Load(Expected()[count].key);
    if (!in_flight) return ::testing::AssertionFailure() << in_flight.error().message;
    if (*in_flight) ++count;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < kPlannedBatches; ++i) {
    const auto loaded = ledger->Load(Expected()[i].key);
    if (!loaded) return ::testing::AssertionFailure() << loaded.error().message;
    if (loaded->has_value() != IsKept(i, count))
      return ::testing::AssertionFailure()
             << "batch " << i << " of " << count << (*loaded ? " is there" : " is missing");
    if (!*loaded) continue;
    if (!(**loaded == Expected()[i]))
      return ::testing::AssertionFailure() << "batch " << i << " is not what was committed";
    ++kept;
  }
  const auto evidence = ledger->List(Batch::Kind::kEvidence);
  const auto packs = ledger->List(Batch::Kind::kKnowledge);
  if (!evidence || !packs || evidence->size() + packs->size() != kept)
    return ::testing::AssertionFailure() << "something is listed that nobody committed";
  return ::testing::AssertionSuccess();
}

// Key and digest of every batch.
std::map<std::string, std::string> Digests(const fs::path& folder) {
  std::map<std::string, std::string> digests;
  auto database = sqlite::Database::Open(folder / "ledger.db", sqlite::Database::Mode::kReadOnly);
  EXPECT_TRUE(database);
  auto statement = *database->Prepare("SELECT key, digest FROM batch");
  while (*statement.Step()) digests.emplace(statement.Text(0), statement.Text(1));
  return digests;
}

TEST(Kill, AcknowledgedBatchesSurviveAndNoneIsHalf) {
  const std::size_t kills_wanted = std::getenv("ASCRIBE_SLOW") != nullptr ? 200 : 36;
  TestFolder temporary;
  const fs::path undisturbed = temporary.path() / "undisturbed";
  const fs::path disturbed = temporary.path() / "disturbed";
  ASSERT_EQ(RunDriver(undisturbed, 0, kNever, {}).exit_code, 0);
  ASSERT_TRUE(HoldsFirst(undisturbed, kPlannedBatches));

  std::size_t kills = 0;
  std::size_t held = 0;
  for (std::size_t round = 0; kills < kills_wanted; ++round) {
    // Every third right after an acknowledgement; the others spread over the transactions that follow it.
    const std::size_t after = 1 + round % 3;
    const microseconds delay(round % 3 == 0 ? 0 : (round * 1571) % 20'000);
    const DriverRun run = RunDriver(disturbed, held, after, delay);
    held += run.acknowledged;
    ASSERT_TRUE(run.killed || run.exit_code == 0) << "exit code " << run.exit_code;
    ASSERT_TRUE(HoldsFirst(disturbed, held))
        << "round " << round << ", killed " << delay.count() << " us after " << after;
    if (run.killed) ++kills;
    if (held == kPlannedBatches && kills < kills_wanted) {
      ASSERT_EQ(Digests(disturbed), Digests(undisturbed));
      fs::remove_all(disturbed);
      held = 0;
    }
  }
  ASSERT_EQ(RunDriver(disturbed, held, kNever, {}).exit_code, 0);
  EXPECT_TRUE(HoldsFirst(disturbed, kPlannedBatches));
  EXPECT_EQ(Digests(disturbed), Digests(undisturbed));
}

TEST(Kill, WhileTheLedgerIsMade) {
  TestFolder temporary;
  for (int round = 0; round < 20; ++round) {
    const fs::path folder = temporary.path() / std::to_string(round);
    const DriverRun run = RunDriver(folder, 0, 0, microseconds(round * 4'000));
    ASSERT_TRUE(run.killed || run.exit_code == 0);
    ASSERT_TRUE(HoldsFirst(folder, run.acknowledged)) << "round " << round;
  }
}

}  // namespace
}  // namespace ascribe
