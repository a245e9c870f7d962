// Plain and packed corpora; a bomb and a cut stream end with an error.

#include "backtest/packed_file.h"

#include <gtest/gtest.h>
#include <lzma.h>

#include <string>
#include <vector>

#include "base/io.h"
#include "base/test_folder.h"

namespace ascribe::backtest {
namespace {

std::string Pack(const std::string& text) {
  std::vector<std::uint8_t> out(lzma_stream_buffer_bound(text.size()));
  std::size_t size = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                                    text.size(), out.data(), &size, out.size()),
            LZMA_OK);
  return {out.begin(), out.begin() + static_cast<std::ptrdiff_t>(size)};
}

TEST(PackedFile, ReadsPlainPackedAndConcatenated) {
  const TestFolder folder;
  const auto path = folder.path() / "a";
  ASSERT_TRUE(WriteFileAtomic(path, "one\n"));
  EXPECT_EQ(*ReadPackedFile(path), "one\n");
  ASSERT_TRUE(WriteFileAtomic(path, Pack("one\n") + Pack("two\n")));
  EXPECT_EQ(*ReadPackedFile(path), "one\ntwo\n");
}

TEST(PackedFile, StopsAtLimitsAndDamage) {
  const TestFolder folder;
  const auto path = folder.path() / "a";
  const std::string packed = Pack(std::string(1 << 20, 'x'));
  ASSERT_TRUE(WriteFileAtomic(path, packed));
  FileLimits limits;
  limits.unpacked_bytes = 1 << 19;
  EXPECT_EQ(ReadPackedFile(path, limits).error().code, ErrorCode::kLimitExceeded);
  limits = {};
  limits.decoder_memory = 1 << 16;
  EXPECT_EQ(ReadPackedFile(path, limits).error().code, ErrorCode::kLimitExceeded);
  ASSERT_TRUE(WriteFileAtomic(path, packed.substr(0, packed.size() / 2)));
  EXPECT_EQ(ReadPackedFile(path).error().code, ErrorCode::kCorrupt);
  EXPECT_EQ(ReadPackedFile(folder.path() / "none").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace ascribe::backtest
