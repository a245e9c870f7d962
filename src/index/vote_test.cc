#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/test_folder.h"
#include "index/index_reader.h"
#include "index/index_writer.h"
#include "index/test_samples.h"

namespace ascribe::index {
namespace {

std::vector<std::uint64_t> KeysOf(const SampleFunctions& sample) {
  std::vector<std::uint64_t> keys;
  for (const auto& function : sample.functions)
    keys.insert(keys.end(), function.features.begin(), function.features.end());
  return keys;
}

// Votes of every sample, from the plain look-up, which knows no bound.
std::map<std::uint32_t, double> AllVotes(const IndexReader& reader, const std::vector<std::uint64_t>& keys,
                                         const Scope* scope, const WeightFunction& weight) {
  std::map<std::uint32_t, double> votes;
  const auto hits = reader.Lookup(keys, scope);
  EXPECT_TRUE(hits);
  for (const FeatureHit& hit : *hits) {
    const double w = weight(hit.key, hit.df);
    if (w > 0)
      for (const std::uint32_t sample : hit.samples) votes[sample] += w;
  }
  return votes;
}

class VoteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto writer = IndexWriter::Open(folder_.path());
    for (std::uint32_t i = 0; i < kSamples; ++i) {
      ASSERT_TRUE(*writer->Add(MadeUpSample(i, 20)));
      if (i % 150 == 149) {
        ASSERT_TRUE(writer->Commit());
      }
    }
    ASSERT_TRUE(writer->Commit());
    reader_ = std::make_unique<IndexReader>(*IndexReader::Open(folder_.path()));
  }
  static constexpr std::uint32_t kSamples = 600;
  TestFolder folder_;
  std::unique_ptr<IndexReader> reader_;
};

TEST_F(VoteTest, TheBoundChangesNobodyInTheAnswer) {
  const WeightFunction slow = [](std::uint64_t, DocumentFrequency df) {
    return 1.0 / (df.families + 2.0 * df.packages);
  };
  for (const std::uint32_t number : {0u, 4u, 77u, 301u, 599u}) {
    const SampleFunctions query = MadeUpSample(number, 20);
    const auto keys = KeysOf(query);
    const Scope others = reader_->MakeScope([&](const SampleMeta& m) { return m.sha256 != query.meta.sha256; });
    const Scope unknown = reader_->MakeScope([&](const SampleMeta& m) {
      return m.sha256 != query.meta.sha256 && (query.meta.family.empty() || m.family != query.meta.family);
    });
    const Scope few = reader_->MakeScope([&](const SampleMeta& m) { return m.sha256 < "3"; });
    for (const Scope* scope : {static_cast<const Scope*>(nullptr), &others, &unknown, &few}) {
      for (const WeightFunction& weight : {WeightFunction(HalvingWeight), slow}) {
        const auto expected = AllVotes(*reader_, keys, scope, weight);
        for (const std::size_t top : {1u, 5u, 1000u}) {
          QueryOptions options;
          options.top = top;
          options.scope = scope;
          options.weight = weight;
          const auto answer = reader_->Query(keys, options);
          ASSERT_TRUE(answer) << answer.error().message;
          if (answer->candidates.empty()) {
            EXPECT_TRUE(expected.empty());
            continue;
          }
          const double slack = answer->at_most + 1e-9;
          double last = answer->candidates.back().votes;
          std::set<std::uint32_t> in;
          for (const Candidate& candidate : answer->candidates) {
            in.insert(candidate.sample);
            EXPECT_LE(candidate.votes, expected.at(candidate.sample) + 1e-9);
            EXPECT_GE(candidate.votes + slack, expected.at(candidate.sample));
          }
          for (const auto& [sample, votes] : expected)
            if (in.count(sample) == 0) {
              EXPECT_EQ(answer->candidates.size(), top) << "sample " << sample << " was forgotten";
              EXPECT_LE(votes, last + slack);
            }
        }
      }
    }
  }
}

TEST_F(VoteTest, ASampleFindsItselfAndThenItsFamily) {
  std::uint32_t number = 0;
  while (MadeUpSample(number, 20).meta.family.empty()) ++number;
  const SampleFunctions query = MadeUpSample(number, 20);
  const auto answer = reader_->Query(KeysOf(query), {});
  ASSERT_TRUE(answer);
  ASSERT_GE(answer->candidates.size(), 2u);
  EXPECT_EQ(answer->candidates[0].sample, number);
  EXPECT_EQ(reader_->samples()[answer->candidates[1].sample].family, query.meta.family);
}

TEST_F(VoteTest, TheSameQuestionGivesTheSameBits) {
  const auto keys = KeysOf(MadeUpSample(33, 20));
  auto reversed = keys;
  std::reverse(reversed.begin(), reversed.end());
  reversed.push_back(keys.front());
  const auto a = reader_->Query(keys, {});
  const auto b = reader_->Query(reversed, {});
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->candidates.size(), b->candidates.size());
  for (std::size_t i = 0; i < a->candidates.size(); ++i) {
    EXPECT_EQ(a->candidates[i].sample, b->candidates[i].sample);
    EXPECT_EQ(a->candidates[i].votes, b->candidates[i].votes);
  }
}

TEST(Weight, HalvesWithEachFamilyAndIsNothingForGoodware) {
  EXPECT_EQ(HalvingWeight(0, {1, 0}), 1.0);
  EXPECT_EQ(HalvingWeight(0, {3, 0}), 0.25);
  EXPECT_EQ(HalvingWeight(0, {1, 1}), 0.0);
  EXPECT_EQ(HalvingWeight(0, {0, 0}), 0.0);
  EXPECT_GT(HalvingWeight(0, {900, 0}), 0.0);
}

// Common keys, each in its own list apart, cannot lift anybody above samples that share rare ones.
TEST(Vote, CommonKeysAreLeftUnread) {
  TestFolder folder;
  std::vector<std::uint64_t> common;
  for (std::uint64_t i = 0; i < 2000; ++i) common.push_back(FeatureKey(1, (i + 1) << 44));
  std::vector<std::uint64_t> query = common;
  {
    auto writer = IndexWriter::Open(folder.path());
    for (std::uint32_t s = 0; s < 800; ++s) {
      SampleFunctions sample;
      sample.meta.sha256 = Sha256Hex(fmt::format("{}", s));
      sample.functions.push_back({0, common});
      sample.functions.push_back({1, {FeatureKey(2, (std::uint64_t{s} + 1) << 30)}});
      ASSERT_TRUE(*writer->Add(sample));
      if (s < 3) query.push_back(sample.functions[1].features[0]);
    }
    ASSERT_TRUE(writer->Commit());
  }
  const auto reader = IndexReader::Open(folder.path());
  ASSERT_TRUE(reader);
  const auto answer = reader->Query(query, {});
  ASSERT_TRUE(answer);
  EXPECT_GE(answer->unread, 1700u);
  EXPECT_GE(answer->candidates.size(), 3u);
  for (std::uint32_t s = 0; s < 3; ++s) EXPECT_EQ(answer->candidates[s].sample, s);
  EXPECT_LT(answer->at_most, 1e-6);
}

}  // namespace
}  // namespace ascribe::index
