// `kb add --label` killed at any moment of reading, indexing and merging: what it reported as added stays, the base is
// whole, the same command again completes it, and `match` then answers as if nothing had happened.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::size_t kBatches = 8;

// Small programs of this machine, two a batch; those of each size one next to the other are seldom of one package.
std::vector<std::vector<std::string>> Batches() {
  std::vector<std::pair<std::uintmax_t, std::string>> programs;
  std::error_code error;
  for (fs::directory_iterator it("/usr/bin", error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    const std::uintmax_t size = it->file_size(ignored);
    if (ignored || it->is_symlink(ignored) || size < 14'000 || size > 120'000) continue;
    std::string head(4, '\0');
    std::ifstream(it->path(), std::ios::binary).read(head.data(), 4);
    if (head == "\x7f" "ELF") programs.emplace_back(size, it->path().string());
  }
  std::sort(programs.begin(), programs.end());
  std::vector<std::vector<std::string>> batches;
  if (programs.size() < 2 * kBatches) return batches;
  const std::size_t step = programs.size() / (2 * kBatches);
  for (std::size_t i = 0; i < kBatches; ++i) batches.push_back({programs[2 * i * step].second, programs[(2 * i + 1) * step].second});
  return batches;
}

class KbKill : public ::testing::Test {
 protected:
  void SetUp() override {
    batches_ = Batches();
    if (batches_.empty()) GTEST_SKIP() << "SKIPPED: /usr/bin has too few small ELF programs; nothing kills kb add";
  }

  std::vector<std::string> AddCommand(std::size_t batch) const {
    std::vector<std::string> words = {"kb", "add", "--known", "2020-01-01", "--label",
                                      "actor=Actor" + std::to_string(batch % 3) + ",family=Family" + std::to_string(batch)};
    words.insert(words.end(), batches_[batch].begin(), batches_[batch].end());
    return words;
  }
  // What `match` and `kb list` say of everything, as JSON and text.
  std::string Answers(const Machine& machine) const {
    std::string all;
    for (const auto& batch : batches_) {
      const Outcome match = machine.Run({"match", "--json", "--top", "50", batch[0], batch[1]});
      EXPECT_EQ(match.exit_code, 0) << match.err;
      all += match.out;
    }
    const Outcome list = machine.Run({"kb", "list"});
    EXPECT_EQ(list.exit_code, 0) << list.err;
    return all + list.out;
  }

  std::vector<std::vector<std::string>> batches_;
};

TEST_F(KbKill, WhatWasReportedStaysAndTheRestCanBeAddedAgain) {
  const std::size_t kills_wanted = std::getenv("ASCRIBE_SLOW") != nullptr ? 200 : 24;
  const Machine undisturbed;
  std::vector<std::uint64_t> usual;  // microseconds, by batch
  for (std::size_t b = 0; b < kBatches; ++b) {
    const auto begin = steady_clock::now();
    const Outcome added = undisturbed.Run(AddCommand(b));
    usual.push_back(static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begin).count()));
    ASSERT_EQ(added.exit_code, 0) << added.err;
    ASSERT_EQ(added.out, "2 added, 0 known already, 0 not added\n");
  }
  const std::string expected = Answers(undisturbed);
  ASSERT_NE(expected.find("Family7"), std::string::npos);

  std::size_t kills = 0, rounds = 0, unreported = 0;
  while (kills < kills_wanted) {
    const Machine machine;
    for (std::size_t b = 0; b < kBatches; ++b) {
      // Several kills a batch; when they come too late, the batch is there and the next one is tried.
      for (int attempt = 0; attempt < 3 && kills < kills_wanted; ++attempt, ++rounds) {
        RunOptions options;
        options.kill_after_us = usual[b] * (rounds * 389 % 1000) / 1000;
        const Outcome outcome = machine.Run(AddCommand(b), options);
        const bool reported = !outcome.out.empty();
        SCOPED_TRACE("batch " + std::to_string(b) + ", killed after " + std::to_string(*options.kill_after_us) + " us");
        ASSERT_TRUE(outcome.signal != 0 || outcome.exit_code == 0) << outcome.err;
        const Outcome verified = machine.Run({"kb", "verify"});
        ASSERT_EQ(verified.exit_code, 0) << verified.out << verified.err;
        // Whatever was reported, now or before, is known; of the rest nobody knows, but never one half.
        for (std::size_t earlier = 0; earlier < b + (reported ? 1 : 0); ++earlier) {
          const Outcome again = machine.Run(AddCommand(earlier));
          ASSERT_EQ(again.out, "0 added, 2 known already, 0 not added\n") << "batch " << earlier << " was lost: " << again.err;
        }
        if (outcome.signal != 0) ++kills;
        if (outcome.signal != 0 && !reported) ++unreported;
        if (reported) break;
      }
      const Outcome done = machine.Run(AddCommand(b));
      ASSERT_EQ(done.exit_code, 0) << done.err;
      ASSERT_TRUE(done.out == "2 added, 0 known already, 0 not added\n" || done.out == "0 added, 2 known already, 0 not added\n") << done.out;
    }
    const Outcome verified = machine.Run({"kb", "verify"});
    ASSERT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    ASSERT_EQ(Answers(machine), expected);
    // What killed writers leave is cleared away by the next.
    for (const auto& [name, bytes] : FilesBelow(machine / "data/ascribe/code"))
      EXPECT_FALSE(name.ends_with(".tmp") || name.ends_with(".lists") || name.find("run-") != std::string::npos) << name;
  }
  EXPECT_GT(unreported, 0u) << "no kill came before the end: nothing was tried";
  RecordProperty("kills_before_the_report", static_cast<int>(unreported));
}

}  // namespace
}  // namespace ascribe::cli
