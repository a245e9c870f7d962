// The index against a plain map of everything that was added, however it was committed and merged.

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "base/io.h"
#include "base/test_folder.h"
#include "index/index_reader.h"
#include "index/index_writer.h"
#include "index/test_samples.h"

namespace ascribe::index {
namespace {
namespace fs = std::filesystem;

// The same questions, answered the slow way.
struct Oracle {
  std::vector<SampleFunctions> samples;
  std::map<std::uint64_t, std::set<std::uint32_t>> holders;  // by key

  explicit Oracle(std::vector<SampleFunctions> all) : samples(std::move(all)) {
    for (std::uint32_t i = 0; i < samples.size(); ++i)
      for (const auto& function : samples[i].functions)
        for (const std::uint64_t key : function.features) holders[key].insert(i);
  }
  [[nodiscard]] std::vector<std::uint64_t> Keys() const {
    std::vector<std::uint64_t> keys;
    for (const auto& entry : holders) keys.push_back(entry.first);
    return keys;
  }
  [[nodiscard]] std::set<std::uint32_t> Holders(std::uint64_t key, const Scope* scope) const {
    std::set<std::uint32_t> kept;
    const auto at = holders.find(key);
    if (at == holders.end()) return kept;
    for (const std::uint32_t sample : at->second)
      if (scope == nullptr || scope->counts[sample] != 0) kept.insert(sample);
    return kept;
  }
  [[nodiscard]] DocumentFrequency Df(std::uint64_t key, const Scope* scope) const {
    std::set<std::string> families, packages;
    for (const std::uint32_t sample : Holders(key, scope)) {
      const SampleMeta& meta = samples[sample].meta;
      if (!meta.package.empty())
        packages.insert(meta.package);
      else
        families.insert(meta.family.empty() ? meta.sha256 : meta.family);
    }
    return {static_cast<std::uint32_t>(families.size()), static_cast<std::uint32_t>(packages.size())};
  }
};

// Commits `samples` in batches of `batch`; merges after each when asked to.
void Fill(const fs::path& folder, const std::vector<SampleFunctions>& samples, std::size_t batch, bool merge,
          std::size_t postings_in_memory = SegmentBuilder::kDefaultPostings) {
  auto writer = IndexWriter::Open(folder, postings_in_memory);
  ASSERT_TRUE(writer) << writer.error().message;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto added = writer->Add(samples[i]);
    ASSERT_TRUE(added && *added);
    if ((i + 1) % batch != 0 && i + 1 != samples.size()) continue;
    ASSERT_TRUE(writer->Commit());
    if (!merge) continue;
    const Status merged = writer->Merge();
    ASSERT_TRUE(merged) << merged.error().message;
  }
}

void ExpectSame(const IndexReader& reader, const Oracle& oracle, const Scope* scope) {
  ASSERT_EQ(reader.samples().size(), oracle.samples.size());
  for (std::size_t i = 0; i < oracle.samples.size(); ++i) ASSERT_EQ(reader.samples()[i], oracle.samples[i].meta);
  std::vector<std::uint64_t> keys = oracle.Keys();
  keys.push_back(1);  // not there
  const auto hits = reader.Lookup(keys, scope);
  ASSERT_TRUE(hits) << hits.error().message;
  auto hit = hits->begin();
  for (const std::uint64_t key : oracle.Keys()) {
    const auto holders = oracle.Holders(key, scope);
    if (holders.empty()) continue;
    ASSERT_NE(hit, hits->end());
    ASSERT_EQ(hit->key, key);
    ASSERT_EQ(std::set<std::uint32_t>(hit->samples.begin(), hit->samples.end()), holders);
    ASSERT_EQ(hit->df, oracle.Df(key, scope));
    ++hit;
  }
  ASSERT_EQ(hit, hits->end());
}

// A batch of several parts, on any number of threads, whether the pages are in memory or not, asked twice.
void ExpectTheSameInParts(const IndexReader& reader, const Oracle& oracle) {
  std::vector<std::uint64_t> keys = oracle.Keys();
  const auto plain = reader.Lookup(keys, nullptr);
  const auto signatures = reader.LookupSignatures(keys);
  ASSERT_TRUE(plain && signatures);
  for (std::uint64_t i = 0; i < 10'000; ++i) keys.push_back(FeatureKey(static_cast<unsigned>(i % 3), i * 0x9e3779b97f4a7c15));
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  for (const unsigned threads : {1u, 2u, 5u}) {
    for (std::size_t s = 0; s < reader.segment_count(); ++s) reader.segment(s).file().DropFromCache();
    const auto batch = reader.Find(keys, threads);
    ASSERT_TRUE(batch) << batch.error().message;
    EXPECT_EQ(batch->keys(), keys);
    for (int time = 0; time < 2; ++time) {
      const auto hits = reader.Lookup(*batch, LookupOptions{});
      ASSERT_TRUE(hits);
      ASSERT_EQ(hits->size(), plain->size());
      for (std::size_t i = 0; i < hits->size(); ++i) {
        EXPECT_EQ((*hits)[i].key, (*plain)[i].key);
        EXPECT_EQ((*hits)[i].samples, (*plain)[i].samples);
        EXPECT_EQ((*hits)[i].df, (*plain)[i].df);
        EXPECT_EQ((*hits)[i].signatures, (*plain)[i].signatures);
      }
    }
    const auto again = reader.LookupSignatures(keys, threads);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->signatures, signatures->signatures);
    EXPECT_EQ(again->entries.size(), signatures->entries.size());
  }
}

// From a key through its signatures to every function that has it.
void ExpectFunctionsFound(const IndexReader& reader, const Oracle& oracle) {
  const auto hits = reader.Lookup(oracle.Keys(), nullptr);
  ASSERT_TRUE(hits);
  for (const FeatureHit& hit : *hits) {
    if (hit.cut) continue;
    std::set<std::pair<std::uint32_t, std::uint64_t>> found, expected;
    for (const std::uint32_t signature : hit.signatures) {
      const auto places = reader.Functions(signature);
      ASSERT_TRUE(places) << places.error().message;
      for (const FunctionPlace& place : *places) found.emplace(place.sample, place.address);
    }
    for (const std::uint32_t sample : hit.samples)
      for (const auto& function : oracle.samples[sample].functions)
        if (std::count(function.features.begin(), function.features.end(), hit.key) != 0)
          expected.emplace(sample, function.address);
    ASSERT_EQ(found, expected);
  }
}

TEST(CodeIndex, AnswersAsAPlainMapHoweverItWasCommitted) {
  const Oracle oracle(MadeUpSamples(120));
  struct Way {
    std::size_t batch;
    bool merge;
    std::size_t postings;
  };
  for (const Way way : {Way{120, false, 1 << 20}, Way{120, false, 100}, Way{17, false, 1 << 20}, Way{1, true, 1 << 20},
                        Way{5, true, 64}}) {
    SCOPED_TRACE(way.batch);
    TestFolder folder;
    Fill(folder.path(), oracle.samples, way.batch, way.merge, way.postings);
    const auto reader = IndexReader::Open(folder.path());
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(reader->Verify(), std::vector<std::string>());
    ExpectSame(*reader, oracle, nullptr);
    ExpectFunctionsFound(*reader, oracle);
    ExpectTheSameInParts(*reader, oracle);
    if (way.batch == 17) {
      EXPECT_EQ(reader->segment_count(), 8u);
    }
    if (way.merge) {
      EXPECT_LE(reader->segment_count(), 4u) << "the size rule was not kept";
    }
    const Scope without_family = reader->MakeScope([](const SampleMeta& m) { return m.family != "family3"; });
    ExpectSame(*reader, oracle, &without_family);
    const Scope few = reader->MakeScope([](const SampleMeta& m) { return m.sha256 < "4" && m.package.empty(); });
    ExpectSame(*reader, oracle, &few);
    const Scope none = reader->MakeScope([](const SampleMeta&) { return false; });
    ExpectSame(*reader, oracle, &none);
  }
}

TEST(CodeIndex, MergingAllGivesTheBytesOfOneBuild) {
  const auto samples = MadeUpSamples(90);
  TestFolder at_once, in_pieces, small_buffer;
  Fill(at_once.path(), samples, 90, false);
  Fill(small_buffer.path(), samples, 90, false, 50);
  Fill(in_pieces.path(), samples, 7, false);
  {
    auto writer = IndexWriter::Open(in_pieces.path());
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->Merge(true));
  }
  const auto bytes = [](const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".seg") return *ReadTextFile(entry.path(), 1 << 28);
    return std::string();
  };
  ASSERT_FALSE(bytes(at_once.path()).empty());
  EXPECT_EQ(bytes(at_once.path()), bytes(small_buffer.path()));
  EXPECT_EQ(bytes(at_once.path()), bytes(in_pieces.path()));
}

// One feature in more samples than a record holds, and in more signatures than are kept.
TEST(CodeIndex, CommonFeaturesKeepTheirExactFrequency) {
  constexpr std::uint32_t kSamples = 1500;
  const std::uint64_t common = FeatureKey(2, 0x1234567890abcdef);
  std::vector<SampleFunctions> samples;
  for (std::uint32_t i = 0; i < kSamples; ++i) {
    SampleFunctions sample;
    sample.meta.sha256 = Sha256Hex(fmt::format("common {}", i));
    if (i % 10 == 3)
      sample.meta.package = fmt::format("p{}", i % 40);
    else
      sample.meta.family = fmt::format("f{}", i / 2);
    sample.functions.push_back({0x1000, {common, FeatureKey(1, std::uint64_t{i} << 20)}});
    samples.push_back(std::move(sample));
  }
  const Oracle oracle(samples);
  for (const std::size_t batch : {1500u, 400u}) {
    TestFolder folder;
    Fill(folder.path(), samples, batch, false);
    for (const bool merged : {false, true}) {
      if (merged) {
        ASSERT_TRUE(IndexWriter::Open(folder.path())->Merge(true));
      }
      const auto reader = IndexReader::Open(folder.path());
      ASSERT_TRUE(reader);
      EXPECT_EQ(reader->Verify(), std::vector<std::string>());
      const auto hits = reader->Lookup(std::vector{common}, nullptr);
      ASSERT_TRUE(hits);
      ASSERT_EQ(hits->size(), 1u);
      EXPECT_TRUE(hits->front().cut);
      EXPECT_EQ(hits->front().signatures.size(), kMaxSignatures);
      ExpectSame(*reader, oracle, nullptr);
      const Scope scope = reader->MakeScope([](const SampleMeta& m) { return m.family > "f3" || m.package == "p13"; });
      ExpectSame(*reader, oracle, &scope);
    }
  }
}

TEST(CodeIndex, WhatIsNotWantedIsKnownButNotRead) {
  constexpr std::uint32_t kSamples = 600;
  const std::uint64_t common = FeatureKey(2, 0x1234567890abcdef), shared = FeatureKey(3, std::uint64_t{77} << 20);
  std::vector<SampleFunctions> samples;
  for (std::uint32_t i = 0; i < kSamples; ++i) {
    SampleFunctions sample;
    sample.meta.sha256 = Sha256Hex(fmt::format("wanted {}", i));
    sample.meta.family = fmt::format("f{}", i / 2);
    sample.functions.push_back({0x1000, {common, FeatureKey(1, std::uint64_t{i} << 20)}});
    if (i < 6) sample.functions.back().features.push_back(shared);
    samples.push_back(std::move(sample));
  }
  const Oracle oracle(samples);
  constexpr std::uint32_t kMost = 12;
  for (const std::size_t batch : {600u, 130u}) {
    TestFolder folder;
    Fill(folder.path(), samples, batch, false);
    const auto reader = IndexReader::Open(folder.path());
    ASSERT_TRUE(reader);
    const Scope all = reader->MakeScope([](const SampleMeta&) { return true; });
    const Scope one = reader->MakeScope([](const SampleMeta& m) { return m.family == "f1"; });
    for (const Scope* scope : {&all, &one}) {
      LookupOptions options;
      options.scope = scope;
      options.signatures = false;
      options.wanted = [](DocumentFrequency least) { return least.families <= kMost; };
      const auto full = reader->Lookup(oracle.Keys(), scope), hits = reader->Lookup(oracle.Keys(), options);
      ASSERT_TRUE(full && hits);
      ASSERT_EQ(hits->size(), full->size());
      std::size_t left_out = 0;
      for (std::size_t i = 0; i < hits->size(); ++i) {
        const FeatureHit &hit = (*hits)[i], &whole = (*full)[i];
        EXPECT_EQ(hit.key, whole.key);
        EXPECT_TRUE(hit.signatures.empty());
        if (hit.samples.empty()) {
          ++left_out;
          EXPECT_GT(hit.df.families, kMost);
          EXPECT_LE(hit.df.families, whole.df.families);
        } else {
          EXPECT_EQ(hit.samples, whole.samples);
          EXPECT_EQ(hit.df, whole.df);
        }
      }
      // In the narrow scope nothing is certain to be common, so all is read.
      EXPECT_EQ(left_out, scope == &all ? 1u : 0u);
    }
  }
}

TEST(CodeIndex, ASampleCountsOnce) {
  TestFolder folder;
  {
    auto writer = IndexWriter::Open(folder.path());
    ASSERT_TRUE(*writer->Add(MadeUpSample(1)));
    EXPECT_FALSE(*writer->Add(MadeUpSample(1)));
    ASSERT_TRUE(writer->Commit());
    EXPECT_FALSE(*writer->Add(MadeUpSample(1)));
    ASSERT_TRUE(writer->Commit());
  }
  EXPECT_FALSE(*IndexWriter::Open(folder.path())->Add(MadeUpSample(1)));
  EXPECT_EQ(IndexReader::Open(folder.path())->samples().size(), 1u);
}

TEST(CodeIndex, EmptyAndMissing) {
  TestFolder folder;
  const auto missing = IndexReader::Open(folder.path() / "none");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(IndexWriter::Open(folder.path())->Merge(true));
  const auto reader = IndexReader::Open(folder.path());
  ASSERT_TRUE(reader);
  EXPECT_TRUE(reader->Lookup(std::vector<std::uint64_t>{1, 2}, nullptr)->empty());
  EXPECT_TRUE(reader->Query(std::vector<std::uint64_t>{1, 2}, {})->candidates.empty());
  // A sample without a single feature is still a sample.
  SampleFunctions bare = MadeUpSample(5, 0);
  {
    auto writer = IndexWriter::Open(folder.path());
    ASSERT_TRUE(*writer->Add(bare));
    ASSERT_TRUE(writer->Commit());
  }
  const auto one = IndexReader::Open(folder.path());
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->samples().size(), 1u);
  EXPECT_TRUE(one->Verify().empty());
}

TEST(CodeIndex, OneWriterAtATime) {
  TestFolder folder;
  const auto first = IndexWriter::Open(folder.path());
  ASSERT_TRUE(first);
  const auto second = IndexWriter::Open(folder.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
}

TEST(CodeIndex, LabelsThatCannotBeKeptAreRefused) {
  TestFolder folder;
  auto writer = IndexWriter::Open(folder.path());
  SampleFunctions sample = MadeUpSample(1);
  sample.meta.family.assign(kMaxLabelBytes + 1, 'x');
  EXPECT_EQ(writer->Add(sample).error().code, ErrorCode::kLimitExceeded);
  sample = MadeUpSample(1);
  sample.meta.sha256[3] = 'G';
  EXPECT_EQ(writer->Add(sample).error().code, ErrorCode::kInvalidInput);
  EXPECT_TRUE(*writer->Add(MadeUpSample(1)));
}

TEST(CodeIndex, ASnapshotStaysStillWhileOthersCommitAndMerge) {
  const Oracle before(MadeUpSamples(30));
  TestFolder folder;
  Fill(folder.path(), before.samples, 10, false);
  const auto snapshot = IndexReader::Open(folder.path());
  ASSERT_TRUE(snapshot);
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t) {
    readers.emplace_back([&] {
      while (!done) {
        ExpectSame(*snapshot, before, nullptr);
        const auto newest = IndexReader::Open(folder.path());  // while segments come and go
        EXPECT_TRUE(newest) << newest.error().message;
      }
    });
  }
  auto writer = IndexWriter::Open(folder.path());
  for (std::uint32_t i = 30; i < 60; ++i) {
    EXPECT_TRUE(*writer->Add(MadeUpSample(i)));
    EXPECT_TRUE(writer->Commit());
    EXPECT_TRUE(writer->Merge());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  ExpectSame(*snapshot, before, nullptr);
  ExpectSame(*IndexReader::Open(folder.path()), Oracle(MadeUpSamples(60)), nullptr);
}

TEST(CodeIndex, RebuildReplacesADamagedIndex) {
  const auto samples = MadeUpSamples(40);
  const auto source = [&](std::size_t count) {
    return [&samples, count, i = std::size_t{0}]() mutable -> Result<std::optional<SampleFunctions>> {
      if (i == count) return std::nullopt;
      return samples[i++];
    };
  };
  TestFolder folder;
  Fill(folder.path(), samples, 10, false);
  // An error of the source leaves what was there.
  EXPECT_FALSE(
      RebuildIndex(folder.path(), [] { return Result<std::optional<SampleFunctions>>(Fail(ErrorCode::kIo, "x")); }));
  ExpectSame(*IndexReader::Open(folder.path()), Oracle(samples), nullptr);
  ASSERT_TRUE(RebuildIndex(folder.path(), source(25)));
  ExpectSame(*IndexReader::Open(folder.path()), Oracle(MadeUpSamples(25)), nullptr);
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "MANIFEST", "nonsense"));
  EXPECT_EQ(IndexReader::Open(folder.path()).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(IndexWriter::Open(folder.path()).error().code, ErrorCode::kCorrupt);
  ASSERT_TRUE(RebuildIndex(folder.path(), source(40)));
  const auto reader = IndexReader::Open(folder.path());
  ASSERT_TRUE(reader);
  EXPECT_TRUE(reader->Verify().empty());
  ExpectSame(*reader, Oracle(samples), nullptr);
  ASSERT_TRUE(RebuildIndex(folder.path(), source(0)));
  EXPECT_TRUE(IndexReader::Open(folder.path())->samples().empty());
}

}  // namespace
}  // namespace ascribe::index
