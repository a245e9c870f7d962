#include "disasm/explore.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "disasm/code_builder.h"
#include "disasm/functions.h"

namespace ascribe {
namespace {

// 32-bit code without tables: every function but the entry begins with `mov eax, [esp + 4]`, which says nothing.
class Explore : public testing::Test {
 protected:
  Explore() {
    builder_.architecture = Architecture::kX86;
    const std::uint64_t entry = builder_.Function({0x55, 0x89, 0xE5, 0x5D, 0xC3}, false);
    builder_.starts.push_back({entry, 0, FunctionSource::kEntry});
  }
  // Appends code without prologue behind int3, or as much of `lea esi, [esi + 0]` as fits.
  std::uint64_t Code(const std::vector<int>& rest, bool lea = false) {
    while (lea && builder_.code.size() % 16 != 0 && builder_.code.size() % 16 <= 10) builder_.code.append("\x8D\xB6\0\0\0\0", 6);
    std::vector<int> bytes = {0x8B, 0x44, 0x24, 0x04};
    bytes.insert(bytes.end(), rest.begin(), rest.end());
    return builder_.Function(bytes, false);
  }
  // The four bytes of a number.
  static std::string Number(std::uint64_t n) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(n >> 8 * i);
    return bytes;
  }
  bool Begins(std::uint64_t address) const {
    const Executable e = builder_.Build();
    const auto found = FindFunctions(e);
    return std::any_of(found.begin(), found.end(), [&](const FunctionRange& f) { return f.address == address; });
  }
  CodeBuilder builder_;
};

TEST_F(Explore, WhatNothingLeadsToBeginsAFunctionWhateverItBeginsWith) {
  const std::uint64_t behind_int3 = Code({0xC3});
  const std::uint64_t behind_lea = Code({0x40, 0xC3}, true);
  EXPECT_TRUE(Begins(behind_int3));
  EXPECT_TRUE(Begins(behind_lea));
  builder_.architecture = Architecture::kX64;  // has an unwind entry for all that is worth it
  EXPECT_FALSE(Begins(behind_int3));
}

TEST_F(Explore, CasesOfASwitchBeginNone) {
  const std::uint64_t table = CodeBuilder::kData;
  std::vector<int> jump = {0xFF, 0x24, 0x85}, load = {0x8B, 0x14, 0x85};  // jmp [table + eax * 4]; mov edx, [the same]
  for (char c : Number(table)) jump.push_back(static_cast<unsigned char>(c));
  for (char c : Number(table + 8)) load.push_back(static_cast<unsigned char>(c));
  load.insert(load.end(), {0x31, 0xC0, 0xFF, 0xE2});  // xor eax, eax; jmp edx
  const std::uint64_t first = Code(jump);
  const std::uint64_t one = Code({0xC3}), two = Code({0x40, 0xC3});
  const std::uint64_t second = Code(load);
  const std::uint64_t three = Code({0x41, 0xC3});
  builder_.Data(Number(one) + Number(two) + Number(three) + Number(0));
  EXPECT_TRUE(Begins(first));
  EXPECT_TRUE(Begins(second));
  for (std::uint64_t label : {one, two, three}) EXPECT_FALSE(Begins(label)) << std::hex << label;
}

TEST_F(Explore, AJumpOverAnotherFunctionIsACall) {
  const std::uint64_t from = Code({0xE9, 0x17, 0, 0, 0});  // to what stands two places further
  const std::uint64_t between = Code({0xC3});
  const std::uint64_t to = Code({0x40, 0xC3});
  ASSERT_EQ(from + 9 + 0x17, to);
  EXPECT_TRUE(Begins(between));
  EXPECT_TRUE(Begins(to));
}

TEST_F(Explore, AJumpWithinAFunctionLeadsToNone) {
  const std::uint64_t from = Code({0xE9, 7, 0, 0, 0});
  const std::uint64_t to = Code({0x40, 0xC3});
  ASSERT_EQ(from + 9 + 7, to);
  EXPECT_TRUE(Begins(from));
  EXPECT_FALSE(Begins(to));
}

// Overlapping tables all over a forged file must not cost more than their limit.
TEST_F(Explore, ForgedTablesAreFollowedUpToTheirLimit) {
  std::string entries;
  for (int i = 0; i < 20'000; ++i) entries += Number(CodeBuilder::kCode);
  builder_.Data(entries);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<int> jump = {0xFF, 0x24, 0x85};
    for (char c : Number(CodeBuilder::kData + static_cast<std::uint64_t>(i) * 4)) jump.push_back(static_cast<unsigned char>(c));
    Code(jump);
  }
  const Executable e = builder_.Build();
  EXPECT_GT(FindFunctions(e).size(), 1u);
}

}  // namespace
}  // namespace ascribe
