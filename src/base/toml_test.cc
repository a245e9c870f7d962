#include "base/toml.h"

#include <gtest/gtest.h>

#include <string>

namespace ascribe {
namespace {

std::string Dotted(std::size_t parts, std::string_view part) {
  std::string key;
  for (std::size_t i = 0; i < parts; ++i) key += (i == 0 ? "" : ".") + std::string(part);
  return key;
}

TEST(Toml, ADottedKeyHasALimit) {
  EXPECT_TRUE(ParseToml(Dotted(30, "a") + " = 1\n"));
  for (const char* part : {"a", "\"a\"", "'.'", " a "}) {
    const std::string key = Dotted(1'000'000, part);
    for (const std::string& text :
         {key + " = 1\n", "x = { " + key + " = 1 }\n", "[" + key + "]\n", "[[" + key + "]]\n"}) {
      const auto parsed = ParseToml(text);
      ASSERT_FALSE(parsed) << part;
      EXPECT_EQ(parsed.error().code, ErrorCode::kLimitExceeded) << part;
    }
  }
}

TEST(Toml, DottedKeysInNestedTablesFitTheStack) {
  std::string text = "x = ";
  for (int i = 0; i < 250; ++i) text += "{ " + Dotted(31, "a") + " = ";
  EXPECT_TRUE(ParseToml(text + "1" + std::string(250, '}') + "\n"));
}

TEST(Toml, DotsInTextAndCommentsAreNoKeys) {
  const std::string dots(1000, '.');
  const auto parsed = ParseToml("# " + dots + "\na = \"" + dots + "\"\nb = '" + dots + "'\nc = \"\"\"\n\\\"" + dots +
                                "\"\n\"\"\"\nd = '''\n" + dots + "'\n'''\ne = [1.5, 2.5]\n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(TomlText(*parsed, "a"), dots);
}

TEST(Toml, CharactersBeyondAsciiStandInQuotesOnly) {
  for (const char* text : {"\xEF\xBB\xAF", "a = \xC3\xA9\n", "\xC3\xA9 = 1\n", "a = 1 \xE2\x80\x8B\n", "a = 7\\u404E\"b \xCE\x9C\"\n", "a = 1\xE2\xB4\x8E\n"}) {
    const auto parsed = ParseToml(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidInput);
    EXPECT_TRUE(parsed.error().message.starts_with("line ")) << parsed.error().message;
  }
  const auto parsed = ParseToml("\xEF\xBB\xBF# caf\xC3\xA9\na = \"\xC3\xA9 \\\\ \xC3\xA9\"\nb = '\xEF\xBB\xAF'\nc = \"\"\"\\\n  x \xC3\xA9\\\n \xC3\xA9\"\"\"\n\"\xC3\xA9\" = 1\n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(TomlText(*parsed, "c"), "x \xC3\xA9\xC3\xA9");
}

}  // namespace
}  // namespace ascribe
