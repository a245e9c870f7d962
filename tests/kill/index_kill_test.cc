// Whatever kills a process that indexes or merges, a commit is in the code index whole or not at all, and what was
// acknowledged is in it.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/io.h"
#include "base/test_folder.h"
#include "index/index_reader.h"
#include "index/index_writer.h"
#include "index_plan.h"
#include "killed_run.h"

namespace ascribe {
namespace {
namespace fs = std::filesystem;
using index::IndexReader;
using index::SampleFunctions;
using std::chrono::microseconds;

DriverRun RunDriver(const fs::path& folder, std::size_t first, std::size_t after, microseconds delay) {
  return ascribe::RunDriver(INDEX_DRIVER, folder, first, after, delay);
}

// The samples of the first `commits` commits.
std::vector<SampleFunctions> Expected(std::size_t commits) {
  std::vector<SampleFunctions> samples;
  for (std::size_t i = 0; i < commits; ++i)
    for (auto& sample : PlannedSamples(i)) samples.push_back(std::move(sample));
  return samples;
}

// The index must hold the first `commits` commits, or one more: killed between commit and acknowledgement. `found` is
// set to which.
::testing::AssertionResult HoldsFirst(const fs::path& folder, std::size_t commits, std::size_t& found) {
  found = commits;
  const auto reader = IndexReader::Open(folder);
  if (!reader) {
    if (commits == 0 && reader.error().code == ErrorCode::kNotFound) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << reader.error().message;
  }
  if (const auto findings = reader->Verify(); !findings.empty())
    return ::testing::AssertionFailure() << findings.front();
  std::vector<SampleFunctions> expected = Expected(commits);
  if (reader->samples().size() != expected.size() && commits < kPlannedCommits) {
    found = commits + 1;
    expected = Expected(found);
  }
  if (reader->samples().size() != expected.size())
    return ::testing::AssertionFailure() << reader->samples().size() << " samples, not those of " << commits
                                         << " commits";
  std::map<std::uint64_t, std::vector<std::uint32_t>> holders;
  for (std::uint32_t i = 0; i < expected.size(); ++i) {
    if (!(reader->samples()[i] == expected[i].meta))
      return ::testing::AssertionFailure() << "sample " << i << " differs";
    for (const auto& function : expected[i].functions)
      for (const std::uint64_t key : function.features)
        if (holders[key].empty() || holders[key].back() != i) holders[key].push_back(i);
  }
  std::vector<std::uint64_t> keys;
  for (const auto& entry : holders) keys.push_back(entry.first);
  const auto hits = reader->Lookup(keys, nullptr);
  if (!hits) return ::testing::AssertionFailure() << hits.error().message;
  if (hits->size() != keys.size()) return ::testing::AssertionFailure() << "keys are missing";
  for (const auto& hit : *hits)
    if (hit.samples != holders[hit.key]) return ::testing::AssertionFailure() << "key " << hit.key << " differs";
  return ::testing::AssertionSuccess();
}

TEST(IndexKill, AcknowledgedCommitsSurviveAndNoneIsHalf) {
  const std::size_t kills_wanted = std::getenv("ASCRIBE_SLOW") != nullptr ? 300 : 40;
  TestFolder temporary;
  const fs::path folder = temporary.path() / "index";
  std::size_t kills = 0, held = 0, unfinished = 0;
  for (std::size_t round = 0; kills < kills_wanted; ++round) {
    // Every fourth right after an acknowledgement, when it merges; the others spread over what follows.
    const std::size_t after = round % 3;
    const microseconds delay(round % 4 == 0 ? 0 : (round * 1571) % 15'000);
    const DriverRun run = RunDriver(folder, held, after, delay);
    held += run.acknowledged;
    ASSERT_TRUE(run.killed || run.exit_code == 0) << "exit code " << run.exit_code;
    ASSERT_TRUE(HoldsFirst(folder, held, held))
        << "round " << round << ", killed " << delay.count() << " us after " << after;
    if (run.killed) ++kills;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
      if (entry.path().extension() == ".tmp") ++unfinished;
    if (held == kPlannedCommits) {
      fs::remove_all(folder);
      held = 0;
    }
  }
  RecordProperty("kills_that_left_a_segment_in_the_making", static_cast<int>(unfinished));
  ASSERT_EQ(RunDriver(folder, held, kNever, {}).exit_code, 0);
  ASSERT_TRUE(HoldsFirst(folder, kPlannedCommits, held));
  // What killed writers may leave hides nothing from a reader, and the next writer removes it.
  for (const char* name : {"99999999.seg", "00000007.seg.tmp", "00000007.seg.tmp.lists", "run-abc123", "MANIFEST.tmp"})
    ASSERT_TRUE(WriteFileAtomic(folder / name, "half"));
  ASSERT_TRUE(HoldsFirst(folder, kPlannedCommits, held));
  { ASSERT_TRUE(index::IndexWriter::Open(folder)); }
  std::set<std::string> kinds;
  for (const auto& entry : fs::directory_iterator(folder)) kinds.insert(entry.path().extension().string());
  EXPECT_EQ(kinds, (std::set<std::string>{"", ".seg"}));
}

}  // namespace
}  // namespace ascribe
