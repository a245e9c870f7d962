#include "ingest/utf16.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "ingest/reader.h"

namespace ascribe {
namespace {

// The text in UTF-16 with its mark.
std::string Encode(std::u16string_view text, bool big_endian) {
  std::string out = big_endian ? "\xFE\xFF" : "\xFF\xFE";
  for (const char16_t unit : text) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  }
  return out;
}

TEST(Utf16, EveryPlaceLeadsBackToItsBytes) {
  std::u16string text = u"a\u00e9\u4e2d\U0001F600\n";
  for (int i = 0; i < 12; ++i) text += text;  // beyond several places of the map
  for (const bool big : {false, true}) {
    const std::string file = Encode(text, big);
    ASSERT_TRUE(LooksUtf16(file));
    const Utf16Text decoded(file);
    EXPECT_EQ(decoded.bad(), 0u);
    ASSERT_EQ(decoded.text().substr(0, 11), "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80\n");
    ASSERT_EQ(decoded.text().size(), 11u << 12);
    // 1 + 2 + 3 + 4 + 1 bytes of UTF-8 from 2 + 2 + 2 + 4 + 2 bytes.
    const std::size_t begins[] = {0, 2, 2, 4, 4, 4, 6, 6, 6, 6, 10}, ends[] = {2, 4, 4, 6, 6, 6, 10, 10, 10, 10, 12};
    for (std::size_t at = 0; at < decoded.text().size(); at += at < 5000 ? 1 : 997) {
      ASSERT_EQ(decoded.Begin(at), 2 + at / 11 * 12 + begins[at % 11]) << at;
      ASSERT_EQ(decoded.End(at + 1), 2 + at / 11 * 12 + ends[at % 11]) << at;
    }
    EXPECT_EQ(decoded.Begin(decoded.text().size() + 5), file.size());
    EXPECT_EQ(decoded.End(decoded.text().size()), file.size());
    EXPECT_EQ(Utf16Text::Part(file, *ByteView(file).Slice(4, 8)), "\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80");
  }
}

TEST(Utf16, HalvesAndOddBytesBecomeReplacements) {
  const std::string file = Encode(u"a\xD800z\xDC00", false) + "x";
  const Utf16Text decoded(file);
  EXPECT_EQ(decoded.text(), "a\xEF\xBF\xBDz\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(decoded.bad(), 3u);
  EXPECT_EQ(decoded.first_bad(), 4u);
  EXPECT_EQ(decoded.End(decoded.text().size()), file.size());
  EXPECT_TRUE(Utf16Text(Encode(u"", true)).text().empty());
}

TEST(Utf16, OtherBytesAreLeftAlone) {
  using namespace std::string_view_literals;
  for (const std::string_view bytes : {""sv, "\xFF"sv, "plain"sv, "\xEF\xBB\xBF utf-8"sv, "\xFF\xFE\0\0a\0\0\0"sv}) EXPECT_FALSE(LooksUtf16(bytes));
  std::string noise = "\xFF\xFE";  // every 32nd unit half a pair
  for (int i = 0; i < 320; ++i) noise += i % 32 == 0 ? std::string("\x01\xD8") : std::string("a\x61");
  EXPECT_FALSE(LooksUtf16(noise));
}

struct Sample {
  std::u16string_view text;
  std::string_view reader, value;
};

class Utf16Readers : public ::testing::TestWithParam<bool> {};

TEST_P(Utf16Readers, TextOfEveryKindIsReadAndLeadsToItsBytes) {
  const Sample samples[] = {
      {u"# \u4e2d\u6587 \U0001F600\nThe servers at evil-seven.com\u2014no more\n", "report-text", "evil-seven.com"},
      {u"<html><body><p>\u00e9</p><p>evil-seven.com</p></body></html>", "report-html", "evil-seven.com"},
      {u"relation,object,note\nobserved,domain:first.example.org,\u4e2d\u6587\nobserved,domain:evil-seven.com,\u00e9\n", "facts-csv", "observed,domain:evil-seven.com,\xC3\xA9"},
      {u"{\"relation\":\"observed\",\"object\":\"domain:a.example.org\",\"note\":\"\u4e2d\"}\r\n{\"relation\":\"observed\",\"object\":\"domain:evil-seven.com\"}\r\n",
       "facts-ndjson", "{\"relation\":\"observed\",\"object\":\"domain:evil-seven.com\"}"},
      {u"format = \"ascribe-statements/1\"\n[[statement]]\nkind = \"observation\"\nsource = \"v\"\nsummary = \"\u4e2d\"\n"
       u"facts = [{ relation = \"observed\", object = \"domain:evil-seven.com\" }]\n",
       "statements", ""},
  };
  for (const Sample& sample : samples) {
    const std::string file = Encode(sample.text, GetParam());
    const Reader* reader = FindReader(file, "a");
    ASSERT_NE(reader, nullptr) << sample.reader;
    EXPECT_EQ(reader->name, sample.reader);
    const Reading reading = ReadWith(*reader, file, "a");
    ASSERT_FALSE(reading.facts.empty()) << sample.reader;
    const Fact& fact = reading.facts.back();
    EXPECT_EQ(fact.object.value, "evil-seven.com");
    if (fact.locator.kind == Locator::Kind::kByteRange) {
      const auto bytes = ByteView(file).Slice(fact.locator.offset, fact.locator.length);
      ASSERT_TRUE(bytes.has_value()) << sample.reader;
      EXPECT_EQ(Utf16Text::Part(file, *bytes), sample.value);
    } else if (fact.locator.kind == Locator::Kind::kLine) {
      EXPECT_EQ(fact.locator.offset, sample.reader == "facts-csv" ? 3u : 2u);
      EXPECT_EQ(fact.locator.length, sample.reader == "facts-csv" ? 2 * (sample.value.size() - 1) : 2 * sample.value.size()) << "bytes of the file";
    } else {
      EXPECT_EQ(fact.locator.offset, 6u) << "the line of a statement";
    }
  }
}

TEST_P(Utf16Readers, DamageIsADiagnosticAtItsPlace) {
  std::u16string text;
  for (int i = 0; i < 50; ++i) text += u"The server is evil-seven.com. ";
  text += u'\xDC00';
  const std::string file = Encode(text, GetParam());
  const Reader* reader = FindReader(file, "a.txt");
  ASSERT_NE(reader, nullptr);
  const Reading reading = ReadWith(*reader, file, "a.txt");
  ASSERT_FALSE(reading.diagnostics.empty());
  EXPECT_EQ(reading.diagnostics.back().code, "bad-utf16");
  EXPECT_EQ(reading.diagnostics.back().locator.offset, file.size() - 2);
}

INSTANTIATE_TEST_SUITE_P(BothByteOrders, Utf16Readers, ::testing::Bool());

}  // namespace
}  // namespace ascribe
