#include "disasm/values.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "disasm/code_builder.h"
#include "disasm/literals.h"
#include "disasm/program.h"

namespace ascribe {
namespace {

std::vector<std::uint64_t> KeysOf(const std::vector<int>& bytes, CodeChannel channel) {
  CodeBuilder builder;
  builder.Function(bytes);
  const Executable e = builder.Build();
  const Program program = AnalyseProgram(e);
  std::vector<std::uint64_t> keys;
  if (program.functions.size() != 1) return keys;
  for (std::uint64_t key : program.functions[0].features)
    if (ChannelOf(key) == static_cast<unsigned>(channel)) keys.push_back(key);
  return keys;
}

TEST(Values, DivisorsAreFoundBehindReciprocals) {
  EXPECT_EQ(DivisorBehind(0xCCCCCCCD), 5u);  // and 10, 20…: they differ in the shift only
  EXPECT_EQ(DivisorBehind(0xAAAAAAAB), 3u);
  EXPECT_EQ(DivisorBehind(0x51EB851F), 25u);
  EXPECT_EQ(DivisorBehind(0x12345678), 0u);
}

TEST(Values, BoundsOfComparisonsAreBroughtToOneForm) {
  // cmp eax, 99; ja +0; ret   and   cmp eax, 100; jae +0; ret
  const auto above = KeysOf({0x83, 0xF8, 99, 0x77, 0, 0xC3}, CodeChannel::kConstant);
  const auto at_least = KeysOf({0x83, 0xF8, 100, 0x73, 0, 0xC3}, CodeChannel::kConstant);
  ASSERT_EQ(above.size(), 1u);
  EXPECT_EQ(above, at_least);
  EXPECT_NE(above, KeysOf({0x83, 0xF8, 99, 0x73, 0, 0xC3}, CodeChannel::kConstant));
}

TEST(Values, SumsHaveNoSign) {
  // add eax, 100; ret   sub eax, 100; ret   lea eax, [rcx-100]; ret
  const auto add = KeysOf({0x83, 0xC0, 100, 0xC3}, CodeChannel::kConstant);
  ASSERT_EQ(add.size(), 1u);
  EXPECT_EQ(add, KeysOf({0x83, 0xE8, 100, 0xC3}, CodeChannel::kConstant));
  EXPECT_EQ(add, KeysOf({0x8D, 0x41, 0x9C, 0xC3}, CodeChannel::kConstant));
}

TEST(Values, ALoneSignBitCountsAsASmallNumber) {
  // mov rax, 0x8000000000000000; ret
  const std::vector<int> code = {0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xC3};
  EXPECT_TRUE(KeysOf(code, CodeChannel::kConstant).empty());
  EXPECT_EQ(KeysOf(code, CodeChannel::kSmall).size(), 1u);
}

TEST(Values, FramesOfTheStackAreNoValues) {
  // sub rsp, 0x128; add rsp, 0x128; ret
  EXPECT_TRUE(KeysOf({0x48, 0x81, 0xEC, 0x28, 1, 0, 0, 0x48, 0x81, 0xC4, 0x28, 1, 0, 0, 0xC3}, CodeChannel::kConstant).empty());
}

TEST(Values, TextsBuiltOnTheStackAreTexts) {
  // mov dword [rsp], "secr"; mov dword [rsp+4], "etly"; mov byte [rsp+8], 0; ret
  const auto built = KeysOf({0xC7, 0x04, 0x24, 's', 'e', 'c', 'r', 0xC7, 0x44, 0x24, 4, 'e', 't', 'l', 'y', 0xC6, 0x44, 0x24, 8, 0, 0xC3},
                            CodeChannel::kText);
  std::vector<std::uint64_t> expected;
  AddTextKeys("secretly", expected);
  ASSERT_EQ(built.size(), 1u);
  EXPECT_EQ(built[0], expected[0]);
}

TEST(Values, OneLiteralUnderThreeKeysIsOneLiteral) {
  const std::string plain = "connect to the usual place";
  const EncodedForms forms = FormsUnderKeys(plain);
  ASSERT_NE(forms.under_xor, 0u);
  for (int key : {0x13, 0x5A, 0xC7}) {
    std::string by_xor = plain, by_add = plain;
    for (char& c : by_xor) c = static_cast<char>(c ^ key);
    for (char& c : by_add) c = static_cast<char>(c + key);
    EXPECT_EQ(FormsUnderKeys(by_xor).under_xor, forms.under_xor);
    EXPECT_EQ(FormsUnderKeys(by_add).under_add, forms.under_add);
    EXPECT_NE(FormsUnderKeys(by_xor).under_add, forms.under_add);
  }
  EXPECT_EQ(FormsUnderKeys(std::string(16, 'x')).under_xor, 0u) << "all the same: no value";
  EXPECT_EQ(FormsUnderKeys("short").under_xor, 0u);
}

TEST(Values, TablesWithARunOfEntriesInCommonShareWindows) {
  std::string table, other;
  for (int i = 0; i < 75; ++i) {
    const int suite = (i * 7919 + 13) & 0xFFFF;
    table += static_cast<char>(suite);
    table += static_cast<char>(suite >> 8);
  }
  other = "\x11\x22\x33\x44" + table.substr(20, 100);  // an ordered part of it, elsewhere
  const auto a = TableWindows(table), b = TableWindows(other), c = TableWindows(std::string(150, '\x5A') + "somewhat else than that");
  std::vector<std::uint64_t> both, none;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  std::set_intersection(a.begin(), a.end(), c.begin(), c.end(), std::back_inserter(none));
  EXPECT_GE(both.size(), 5u);
  EXPECT_TRUE(none.empty());
}

TEST(Values, TextsAreReadInOneAndTwoBytes) {
  std::size_t used = 0;
  EXPECT_EQ(TextAt(std::string("kernel\0x", 8), used), "kernel");
  EXPECT_EQ(used, 6u);
  EXPECT_EQ(TextAt(std::string("w\0i\0d\0e\0\0\0", 10), used), "wide");
  EXPECT_EQ(used, 8u);
  EXPECT_EQ(TextAt(std::string("abc\0", 4), used), "") << "too short";
  EXPECT_EQ(TextAt(std::string("abcdef\x01", 7), used), "") << "no end";
}

}  // namespace
}  // namespace ascribe
