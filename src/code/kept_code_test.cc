#include "code/kept_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/sha256.h"
#include "code/linked_code.h"
#include "disasm/code_builder.h"

namespace ascribe {
namespace {

// cmp ecx, edx; jz +n over n bytes of xor; then a block of its own; ret. The number stands in the second block.
std::vector<int> TwoBlocks(int turn, int number) {
  return {0x89, 0xC2, 0x01, 0xD0, 0x31, 0xC8, 0x39, 0xD1, 0x74, 0x02, 0x31, 0xC0, 0x89, 0xC6, 0x29, 0xF0, 0x01, 0xF8, 0xC1, 0xC0, turn, 0x35, number, 0x11, 0x22, 0x33, 0xC3};
}

struct Made {
  CodeBuilder builder;
  SampleCode sample;
  explicit Made(const std::vector<std::vector<int>>& functions, std::string sha256 = std::string(64, 'a')) {
    for (const std::vector<int>& f : functions) builder.Function(f);
    builder.Data("secret of the file");
    sample.sha256 = std::move(sha256);
    sample.executable = builder.Build();
    sample.program = AnalyseProgram(sample.executable);
  }
};

constexpr Date kDay{18'000};

TEST(KeptCode, ComesBackAsItWasAndHoldsCodeOnly) {
  const Made made({TwoBlocks(7, 1), {0x31, 0xC0, 0xC3}, TwoBlocks(9, 2)});
  const KeptCode kept = KeepCode(made.sample, kDay);
  ASSERT_EQ(kept.functions.size(), 2u) << "two of at least ten instructions";
  const auto back = ParseKeptCode(PrintKeptCode(kept));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, kept);
  EXPECT_EQ(back->known, kDay);
  EXPECT_EQ(back->SizeAt(CodeBuilder::kCode), TwoBlocks(7, 1).size());
  EXPECT_EQ(back->SizeAt(CodeBuilder::kCode + 32), 0u) << "the short one was not kept";
  const Executable view = back->View();
  EXPECT_EQ(view.OffsetOf(CodeBuilder::kCode), made.sample.executable.OffsetOf(CodeBuilder::kCode));
  EXPECT_TRUE(view.At(CodeBuilder::kData).empty()) << "data is no code";
  EXPECT_EQ(*view.At(CodeBuilder::kCode + 32).U8(0), 0) << "nor is what was not kept";
}

TEST(KeptCode, EveryCutAndEveryChangedByteIsNoticed) {
  const std::string whole = PrintKeptCode(KeepCode(Made({TwoBlocks(7, 1)}).sample, kDay));
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(ParseKeptCode(whole.substr(0, n))) << n;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    EXPECT_FALSE(ParseKeptCode(changed)) << i;
  }
  EXPECT_FALSE(ParseKeptCode(whole + "x"));
}

// The digest can be forged with the rest; what lies behind it is checked all the same.
TEST(KeptCode, AForgedSizeReservesNothing) {
  const std::string whole = PrintKeptCode(KeepCode(Made({TwoBlocks(7, 1)}).sample, kDay));
  constexpr std::size_t kSize = 15 + 64;
  for (const char high : {'\x02', '\x7F', '\xFF'}) {
    std::string forged = whole.substr(0, whole.size() - 64);
    forged[kSize + 3] = high;
    const auto read = ParseKeptCode(forged + Sha256Hex(forged));
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find("more code than it can hold"), std::string::npos) << read.error().message;
  }
  std::string later = whole.substr(0, whole.size() - 64);
  later[13] = '2';
  EXPECT_EQ(ParseKeptCode(later + Sha256Hex(later)).error().code, ErrorCode::kUnsupported);
}

TEST(KeptCode, SectionsWithoutEndKeepNothing) {
  Made made({TwoBlocks(7, 1)});
  made.sample.executable.sections.resize(kMaxKeptSections + 1, made.sample.executable.sections.back());
  EXPECT_TRUE(KeepCode(made.sample, kDay).functions.empty());
}

CodeComparison Link(const Made& a, const Made& b) {
  SampleMatch match;
  match.meta = {b.sample.sha256, "Mill", "Courier", "1", ""};
  std::vector<CodeLink> links;
  for (std::size_t i = 0; i < std::min(a.sample.program.functions.size(), b.sample.program.functions.size()); ++i)
    links.push_back({FeatureKey(static_cast<unsigned>(CodeChannel::kBlock), i << 8), a.sample.program.functions[i].address, b.sample.program.functions[i].address, {1, 0}});
  return StrongestFunctions(a.sample, match, links);
}

TEST(LinkedCode, KeptCodeIsShownAsTheFileWouldBe) {
  const Made a({TwoBlocks(7, 1)}), b({TwoBlocks(7, 2)}, std::string(64, 'b'));
  CodeComparison from_file = Link(a, b), from_kept = from_file;
  const auto size = [&](std::uint64_t) { return TwoBlocks(7, 2).size(); };
  ShowCode(a.sample.executable, b.sample.executable, size, from_file);
  const KeptCode kept = KeepCode(b.sample, kDay);
  ShowCode(a.sample.executable, kept.View(), [&](std::uint64_t address) { return kept.SizeAt(address); }, from_kept);
  EXPECT_EQ(from_file, from_kept);
  ASSERT_EQ(from_kept.functions.size(), 1u);
  const FunctionComparison& f = from_kept.functions[0];
  EXPECT_EQ(f.shares, "a block, in 1 family");
  EXPECT_EQ(f.other_operands, 1u);
  EXPECT_EQ(f.blocks_equal, 2u);
  EXPECT_EQ(f.a.blocks, 3u);
  const auto differs = std::find_if(f.rows.begin(), f.rows.end(), [](const CodeRow& r) { return r.likeness == CodeRow::Likeness::kOperandsDiffer; });
  ASSERT_NE(differs, f.rows.end());
  ASSERT_EQ(differs->a.differs.size(), 1u);
  EXPECT_EQ(differs->a.text.substr(differs->a.differs[0].first, differs->a.differs[0].second), "0x33221101");
  // Every row leads back to the bytes of its file.
  for (const CodeRow& row : f.rows) {
    const std::size_t length = row.a.bytes.size() / 2;
    std::string hex;
    for (std::size_t i = 0; i < length; ++i) {
      constexpr char kDigits[] = "0123456789abcdef";
      const auto byte = static_cast<std::uint8_t>(a.builder.code[static_cast<std::size_t>(row.a.offset) + i]);
      hex += kDigits[byte >> 4];
      hex += kDigits[byte & 15];
    }
    EXPECT_EQ(hex, row.a.bytes);
  }
}

TEST(LinkedCode, FunctionsAreCountedAndEachIsShownOnce) {
  std::vector<std::vector<int>> functions;
  for (int i = 0; i < 8; ++i) functions.push_back(TwoBlocks(i + 1, i));
  const Made a(functions), b(functions, std::string(64, 'b'));
  const CodeComparison linked = Link(a, b);
  EXPECT_EQ(linked.functions.size(), kShownFunctions);
  EXPECT_EQ(linked.functions_not_shown, 8 - kShownFunctions);
  std::set<std::uint64_t> seen;
  for (const FunctionComparison& f : linked.functions) EXPECT_TRUE(seen.insert(f.a.address).second);
}

TEST(LinkedCode, ALongFunctionShowsTheStretchWithMostInCommon) {
  std::vector<int> head, tail;
  for (int i = 0; i < 100; ++i) head.insert(head.end(), {0x0F, 0xA2});  // cpuid, in one of them only
  head.insert(head.end(), {0x74, 0x00});
  for (int i = 0; i < 30; ++i) tail.insert(tail.end(), {0x01, 0xC8, 0x31, 0xD0});
  tail.push_back(0xC3);
  std::vector<int> longer = head;
  longer.insert(longer.end(), tail.begin(), tail.end());
  const Made a({longer}), b({tail}, std::string(64, 'b'));
  CodeComparison linked = Link(a, b);
  ShowCode(a.sample.executable, b.sample.executable, [&](std::uint64_t) { return tail.size(); }, linked);
  const FunctionComparison& f = linked.functions.at(0);
  EXPECT_EQ(f.rows.size(), kShownRows);
  EXPECT_EQ(f.rows_before, 101u);
  EXPECT_EQ(f.rows_before + f.rows.size() + f.rows_after, 162u);
  EXPECT_TRUE(f.rows.front().begins_block);
  EXPECT_TRUE(f.rows.front().equal_block);
}

}  // namespace
}  // namespace ascribe
