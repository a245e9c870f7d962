#include "report/compare_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "disasm/code_builder.h"

namespace ascribe {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;

struct Made {
  CodeBuilder builder;
  SampleCode sample;
  explicit Made(int turn) {
    // imul ecx, ebx, number; add eax, ecx; rol eax, turn; eight further instructions; ret
    builder.Function({0x69, 0xCB, 1,    0x42, 0x0F, 0,    0x01, 0xC8, 0xC1, 0xC0, turn, 0x89, 0xC2,
                      0x89, 0xD1, 0x01, 0xD0, 0x31, 0xC8, 0x29, 0xF0, 0x21, 0xD0, 0x09, 0xC8, 0xC3});
    sample.executable = builder.Build();
    sample.program = AnalyseProgram(sample.executable);
  }
};

TEST(ComparePage, MarksTheOperandThatDiffersNotTheLineAlone) {
  const Made a(7), b(9);
  const std::vector<ComparedPair> pairs(1);
  const std::string name = "a<b>\x1B.exe";
  const Comparison comparison{name, name, a.sample, b.sample, pairs};
  const std::string text = ComparisonText(comparison), page = ComparisonPage(comparison);
  EXPECT_THAT(text, HasSubstr("rol eax, {0x07}"));
  EXPECT_THAT(text, HasSubstr("rol eax, {0x09}"));
  EXPECT_THAT(text, Not(HasSubstr("{eax}")));
  EXPECT_THAT(page, HasSubstr("rol eax, <mark>0x07</mark>"));
  EXPECT_THAT(page, HasSubstr("rol eax, <mark>0x09</mark>"));
  EXPECT_THAT(page, Not(HasSubstr("<mark>eax")));
  EXPECT_THAT(page, Not(HasSubstr("a<b>")));
}

}  // namespace
}  // namespace ascribe
