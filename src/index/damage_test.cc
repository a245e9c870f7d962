// Whatever stands in the files of an index, every question gives an answer or an error that names file and place.

#include <gtest/gtest.h>

#include <random>

#include "base/io.h"
#include "base/test_folder.h"
#include "index/index_reader.h"
#include "index/index_writer.h"
#include "index/open_hostile.h"
#include "index/test_samples.h"

namespace ascribe::index {
namespace {
namespace fs = std::filesystem;

// A segment with all that a segment can hold: lists apart, cut lists, several blocks in each table.
std::string WholeSegment() {
  static const std::string bytes = [] {
    TestFolder folder;
    SegmentBuilder builder(folder.path());
    const std::uint64_t common = FeatureKey(1, 12345678);
    for (std::uint32_t i = 0; i < 1200; ++i) {
      SampleFunctions sample = MadeUpSample(i, 4);
      for (auto& function : sample.functions) function.features.push_back(common);
      EXPECT_TRUE(builder.Add(sample));
    }
    EXPECT_TRUE(builder.Write(folder.path() / "s"));
    return *ReadTextFile(folder.path() / "s", 1 << 28);
  }();
  return bytes;
}

void SetCrc(std::string& bytes, std::size_t block) {
  auto* at = reinterpret_cast<std::uint8_t*>(bytes.data()) + block * kBlockBytes;
  PutLittle(at + kPayloadBytes, BlockCrc(at, block), 4);
}

TEST(Damage, TheWholeSegmentIsWhole) {
  TestFolder folder;
  EXPECT_EQ(AskEverything(folder.path(),
                          Span(reinterpret_cast<const std::uint8_t*>(WholeSegment().data()), WholeSegment().size())),
            "");
}

// A flipped bit anywhere is found and its block named.
TEST(Damage, EveryFlippedBitIsFound) {
  TestFolder folder;
  const std::string whole = WholeSegment();
  std::mt19937_64 random(1);
  for (std::size_t block = 0; block < whole.size() / kBlockBytes; ++block) {
    std::string bytes = whole;
    bytes[block * kBlockBytes + random() % kBlockBytes] ^= static_cast<char>(1 << random() % 8);
    const fs::path path = folder.path() / "s";
    ASSERT_TRUE(WriteFileAtomic(path, bytes));
    auto segment = Segment::Open(path);
    const Status status = segment ? (*segment)->VerifyBlocks() : Status(tl::unexpected(segment.error()));
    ASSERT_FALSE(status) << "block " << block;
    EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(status.error().message.find(fmt::format("{}: block {}: ", path.string(), block)), std::string::npos)
        << status.error().message;
  }
}

TEST(Damage, AFileCutAnywhereIsRefused) {
  TestFolder folder;
  const std::string whole = WholeSegment();
  for (std::size_t size = 0; size < whole.size(); size += size < 3 * kBlockBytes ? 97 : 1931) {
    const fs::path path = folder.path() / "s";
    ASSERT_TRUE(WriteFileAtomic(path, whole.substr(0, size)));
    const auto segment = Segment::Open(path);
    ASSERT_FALSE(segment) << size;
    EXPECT_EQ(segment.error().code, ErrorCode::kCorrupt);
    EXPECT_NE(segment.error().message.find(path.string() + ": block "), std::string::npos);
  }
}

// With the CRC made to match, as somebody who means harm would.
TEST(Damage, MutatedBlocksWithARightCrcNeverCrash) {
  TestFolder folder;
  const std::string whole = WholeSegment();
  std::mt19937_64 random(2);
  const int rounds = std::getenv("ASCRIBE_SLOW") != nullptr ? 10'000 : 400;
  int refused = 0;
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = whole;
    const std::size_t blocks = bytes.size() / kBlockBytes;
    for (std::uint64_t n = random() % 4 + 1; n > 0; --n) {
      const std::size_t block = random() % 5 == 0 ? 0 : random() % blocks;
      // Headers and columns stand at the front of a block: half of all changes go there.
      const std::size_t at = random() % 2 == 0 ? random() % 140 : random() % kPayloadBytes;
      static constexpr char kNice[] = {0, 1, 0x7f, static_cast<char>(0x80), static_cast<char>(0xff)};
      bytes[block * kBlockBytes + at] = random() % 2 == 0 ? kNice[random() % 5] : static_cast<char>(random());
      SetCrc(bytes, block);
    }
    if (!AskEverything(folder.path(), Span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size())).empty())
      ++refused;
  }
  EXPECT_GT(refused, rounds / 4);
}

TEST(Damage, ManifestsThatAreNone) {
  const Manifest manifest{12, {{3, 40, 0xdeadbeef}, {11, 7, 1}}};
  const std::string text = ManifestText(manifest);
  ASSERT_EQ(*ParseManifest(text), manifest);
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(ParseManifest(text.substr(0, i))) << i;
    std::string changed = text;
    changed[i] ^= 1;
    EXPECT_FALSE(ParseManifest(changed)) << i;
  }
  EXPECT_FALSE(ParseManifest(text + "segment 1 1 00000001\n"));
  // With a right CRC, but nothing that a writer would write.
  EXPECT_FALSE(ParseManifest(ManifestText({5, {{5, 1, 0}}}))) << "a number not given out";
  EXPECT_FALSE(ParseManifest(ManifestText({9, {{5, 1, 0}, {5, 1, 0}}}))) << "a segment twice";
  EXPECT_EQ(ParseManifest("ascribe-code-index 2\n").error().code, ErrorCode::kUnsupported);
}

TEST(Damage, AForeignSegmentInTheManifestIsNamed) {
  TestFolder folder;
  auto writer = *IndexWriter::Open(folder.path());
  for (std::uint32_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(*writer.Add(MadeUpSample(i)));
    ASSERT_TRUE(writer.Commit());
  }
  const auto bytes = *ReadTextFile(SegmentPath(folder.path(), 1), 1 << 20);
  ASSERT_TRUE(WriteFileAtomic(SegmentPath(folder.path(), 2), bytes));
  const auto swapped = IndexReader::Open(folder.path());
  ASSERT_FALSE(swapped);
  EXPECT_NE(swapped.error().message.find("00000002.seg: block 0"), std::string::npos);
  fs::remove(SegmentPath(folder.path(), 2));
  const auto gone = IndexReader::Open(folder.path());
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kCorrupt);
}

// Inputs of the fuzz target that once went wrong, and its seeds.
TEST(Damage, CrashersAndSeedsOfTheFuzzTarget) {
  TestFolder folder;
  std::size_t replayed = 0;
  for (const char* root : {"/tests/crashers/code_index", "/fuzz/seeds/code_index"}) {
    const fs::path path = std::string(ASCRIBE_SOURCE_DIR) + root;
    if (!fs::exists(path)) continue;
    for (const auto& entry : fs::directory_iterator(path)) {
      const auto bytes = *ReadFile(entry.path(), 64 << 20);
      SCOPED_TRACE(entry.path().string());
      FuzzCodeIndex(folder.path(), Span(bytes));
      ++replayed;
    }
  }
  EXPECT_GT(replayed, 1u);
}

}  // namespace
}  // namespace ascribe::index
