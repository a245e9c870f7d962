#include <gtest/gtest.h>

#include "base/json.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/stable_sum.h"
#include "base/text.h"
#include "base/time.h"
#include "base/toml.h"

namespace ascribe {
namespace {

TEST(Sha256, KnownAnswer) {
  EXPECT_EQ(Sha256Hex(ByteView("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Md5Hex(ByteView("")), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Time, PeriodsKeepTheirPrecision) {
  EXPECT_EQ(ParseTime("2016-02")->LastDay().ToString(), "2016-02-29");
  EXPECT_EQ(ParseTime("2014")->LastDay().ToString(), "2014-12-31");
  EXPECT_EQ(ParseTime("2013-03-20T14:00+09:00")->ToString(), "2013-03-20T05:00:00Z");
  EXPECT_EQ(ParseTime("2014-11-24T04:11:08.5Z")->ToString(), "2014-11-24T04:11:08Z");
  EXPECT_EQ(ParseTime("9999-12-31T23:59:60Z")->ToString(), "9999-12-31T23:59:59Z");
  for (const char* bad : {"", "201", "2014-13", "2014-02-30", "2014-1-1", "2014-11-24T25:00", "2014-11T00:00", "yesterday", "1969-01-01"})
    EXPECT_FALSE(ParseTime(bad)) << bad;
}

TEST(Time, UtcOffsets) {
  EXPECT_EQ(ParseUtcOffset("+09:00"), 540);
  EXPECT_EQ(ParseUtcOffset("-03:30"), -210);
  EXPECT_EQ(ParseUtcOffset("+14:00"), 840);
  for (const char* bad : {"", "+14:01", "+9:00", "09:00", "+09:60", "+0a:00", "+09-00", "+09:000"})
    EXPECT_FALSE(ParseUtcOffset(bad).has_value()) << bad;
}

TEST(Text, HostileBytesBecomeVisible) {
  EXPECT_EQ(SanitizeUtf8("a\xFF" "b"), "a\\xFFb");
  EXPECT_EQ(SanitizeUtf8("\xC0\xAF"), "\\xC0\\xAF");
  EXPECT_EQ(TerminalSafe("\x1b[2Jx\xE2\x80\xAEy\n"), "<U+001B>[2Jx<U+202E>y ");
  EXPECT_EQ(CsvCell("=cmd|' /C calc'!A0"), "'=cmd|' /C calc'!A0");
  EXPECT_EQ(CsvCell("a\"b,c"), "\"a\"\"b,c\"");
  EXPECT_EQ(Defang("http://evil.example.com/a.b"), "hxxp://evil.example[.]com/a.b");
  EXPECT_EQ(Ellipsize("äöü", 3), "ä…");
}

TEST(Json, DepthIsBounded) {
  EXPECT_TRUE(JsonDocument::Parse(ByteView(R"({"a":[1,2]})")));
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  const auto result = JsonDocument::Parse(ByteView(deep));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kLimitExceeded);
}

TEST(Toml, MalformedInputIsAnError) {
  for (const char* bad : {"[!]\n", "a = 1\n[=]\n", "[[\n", "a = ", "a = [[[[", "\xff = 1", "[#]", "a.b = 1\na.b.c = 2\n"})
    EXPECT_FALSE(ParseToml(bad)) << bad;
  EXPECT_FALSE(ParseToml("a = " + std::string(100'000, '[')));
  ASSERT_TRUE(ParseToml("a = [[1, 2], [3]]\n[t.\"x y\"]\nb = 'c'\n"));
}

TEST(Pool, EveryItemOnce) {
  for (unsigned threads : {1u, 2u, 7u}) {
    std::vector<int> hits(1000);
    ParallelFor(hits.size(), threads, [&](std::size_t i) { ++hits[i]; });
    for (int h : hits) EXPECT_EQ(h, 1);
  }
}

TEST(StableSum, OrderDoesNotMatter) {
  EXPECT_EQ(StableSum({1e16, 1.0, -1e16, 0.3}), StableSum({0.3, -1e16, 1.0, 1e16}));
}

}  // namespace
}  // namespace ascribe
