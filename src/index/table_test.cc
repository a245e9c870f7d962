#include "index/table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/io.h"
#include "base/test_folder.h"
#include "index/records.h"
#include "index/stream.h"

namespace ascribe::index {
namespace {

TEST(Varint, GivesBackWhatWasPut) {
  Buffer bytes;
  std::vector<std::uint64_t> values = {0, 1, 127, 128, 16383, 16384, ~std::uint64_t{0}, std::uint64_t{1} << 63};
  for (const std::uint64_t value : values) PutVarint(bytes, value);
  VarintReader in(bytes);
  for (const std::uint64_t value : values) EXPECT_EQ(in.Next(), value);
  EXPECT_TRUE(in.done());
  EXPECT_EQ(in.Next(), 0u);
  EXPECT_FALSE(in.ok());
}

TEST(Varint, EndlessAndCutNumbersAreRefused) {
  const Buffer endless(20, 0x80);
  VarintReader in(endless);
  EXPECT_EQ(in.Next(), 0u);
  EXPECT_FALSE(in.ok());
  const Buffer cut = {0x81};
  VarintReader short_in(cut);
  EXPECT_EQ(short_in.Next(), 0u);
  EXPECT_FALSE(short_in.ok());
}

TEST(Ids, RoundTripAndLimits) {
  const std::vector<std::uint32_t> ids = {0, 1, 2, 500, 501, 1'000'000};
  Buffer bytes;
  PutIds(bytes, ids);
  std::vector<std::uint32_t> out;
  ASSERT_TRUE(GetIds(bytes, ids.size(), 1'000'001, 7, out));
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(out[i], ids[i] + 7);
  out.clear();
  EXPECT_FALSE(GetIds(bytes, ids.size(), 1'000'000, 0, out)) << "the last is not below the limit";
  EXPECT_FALSE(GetIds(bytes, ids.size() - 1, 1'000'001, 0, out)) << "a byte is left";
  EXPECT_FALSE(GetIds(bytes, std::uint64_t{1} << 60, 1'000'001, 0, out));
}

TEST(Functions, AddressesNeedNotAscend) {
  const std::vector<FunctionPlace> places = {
      {0, 500}, {0, 7}, {3, ~std::uint64_t{0}}, {3, 0}, {9, std::uint64_t{1} << 63}};
  Buffer bytes;
  PutFunctions(bytes, places);
  std::vector<FunctionPlace> out;
  ASSERT_TRUE(GetFunctions(bytes, places.size(), 10, 0, out));
  EXPECT_EQ(out, places);
  EXPECT_FALSE(GetFunctions(bytes, places.size(), 9, 0, out));
}

// A table of random keys, dense and sparse, with records from nothing to the limit.
struct Made {
  TestFolder folder;
  std::map<std::uint64_t, Buffer> expected;
  TablePlace place;
  std::vector<std::uint64_t> first_keys;
  std::filesystem::path path = folder.path() / "t";

  explicit Made(std::size_t count) {
    std::mt19937_64 random(count);
    while (expected.size() < count) {
      const std::uint64_t key = random() % 3 == 0 ? random() % 1000 : random() >> (random() % 40);
      Buffer record(random() % 50 == 0 ? random() % kMaxRecordBytes + 1 : random() % 20 + 1);
      for (auto& byte : record) byte = static_cast<std::uint8_t>(random());
      expected[key] = record;
    }
    auto file = *BlockWriter::Create(path);
    EXPECT_TRUE(file.Append(Block{}));
    TableWriter table(file);
    for (const auto& [key, record] : expected) EXPECT_TRUE(table.Add(key, record));
    EXPECT_TRUE(table.Finish());
    EXPECT_TRUE(file.Finish(Block{}));
    place = table.place();
    first_keys = table.first_keys();
  }
};

TEST(Table, FindsWhatIsThereAndNothingElse) {
  for (const std::size_t count : {1u, 2u, 300u, 20'000u}) {
    Made made(count);
    const auto file = *BlockFile::Open(made.path);
    const TableReader table(file, made.place, made.first_keys);
    std::vector<std::uint64_t> wanted;
    for (const auto& [key, record] : made.expected) {
      wanted.push_back(key);
      if (made.expected.count(key + 1) == 0) wanted.push_back(key + 1);
    }
    std::sort(wanted.begin(), wanted.end());
    std::size_t found = 0;
    ASSERT_TRUE(table.Sweep(wanted, [&](std::size_t i, Span record) {
      EXPECT_EQ(Buffer(record.begin(), record.end()), made.expected.at(wanted[i]));
      ++found;
      return true;
    }));
    EXPECT_EQ(found, made.expected.size());
    auto at = made.expected.begin();
    ASSERT_TRUE(table.ForEach([&](std::uint64_t key, Span record) {
      EXPECT_EQ(key, at->first);
      EXPECT_EQ(Buffer(record.begin(), record.end()), at->second);
      ++at;
      return true;
    }));
    EXPECT_EQ(at, made.expected.end());
  }
}

TEST(Table, ABlockAtTheWrongPlaceIsNamed) {
  Made made(5'000);
  std::string bytes = *ReadTextFile(made.path, 1 << 26);
  ASSERT_GT(bytes.size(), 4 * kBlockBytes);
  std::swap_ranges(bytes.begin() + kBlockBytes, bytes.begin() + 2 * kBlockBytes, bytes.begin() + 2 * kBlockBytes);
  ASSERT_TRUE(WriteFileAtomic(made.path, bytes));
  const auto file = *BlockFile::Open(made.path);
  const TableReader table(file, made.place, made.first_keys);
  const Status status = table.ForEach([](std::uint64_t, Span) { return true; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(status.error().message.find(made.path.string() + ": block 1: "), std::string::npos)
      << status.error().message;
}

TEST(Table, AFileCutWhileOpenIsAnError) {
  Made made(5'000);
  const auto file = *BlockFile::Open(made.path);
  const TableReader table(file, made.place, made.first_keys);
  std::filesystem::resize_file(made.path, 2 * kBlockBytes + 100);
  const Status status = table.ForEach([](std::uint64_t, Span) { return true; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(status.error().message.find("block 2"), std::string::npos) << status.error().message;
}

TEST(Stream, AnyPieceComesBack) {
  TestFolder folder;
  Buffer bytes(3 * kPayloadBytes + 17);
  std::mt19937_64 random(3);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  auto out = *BlockWriter::Create(folder.path() / "s");
  ASSERT_TRUE(out.Append(Block{}));
  StreamWriter stream(out);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t n = std::min<std::size_t>(random() % 3000, bytes.size() - at);
    ASSERT_TRUE(stream.Append(Span(bytes).subspan(at, n)));
    at += n;
  }
  ASSERT_TRUE(stream.Finish());
  ASSERT_TRUE(out.Finish(Block{}));
  const auto file = *BlockFile::Open(folder.path() / "s");
  const StreamPlace place{1, bytes.size()};
  EXPECT_EQ(place.blocks(), 4u);
  Buffer piece;
  for (int i = 0; i < 200; ++i) {
    const std::size_t at = random() % bytes.size(), n = random() % (bytes.size() - at + 1);
    ASSERT_TRUE(ReadStream(file, place, at, n, piece));
    ASSERT_EQ(piece, Buffer(bytes.begin() + static_cast<long>(at), bytes.begin() + static_cast<long>(at + n)));
  }
  EXPECT_FALSE(ReadStream(file, place, bytes.size(), 1, piece));
  EXPECT_FALSE(ReadStream(file, place, 1, ~std::uint64_t{0}, piece));
}

}  // namespace
}  // namespace ascribe::index
