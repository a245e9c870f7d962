#include "code/yara_rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/test_folder.h"
#include "code/pattern_scan.h"
#include "code/stored_sample.h"
#include "disasm/code_builder.h"

namespace ascribe {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;

// A function of one block with its own numbers at the beginning and in the middle. `before` stands in front, in the
// same block.
std::vector<int> Mixer(int number, std::vector<int> before = {}) {
  const std::vector<int> body = {0x69,   0xCB, number, 0x42, 0x0F, 1,    0x01, 0xC8, 0xC1, 0xC0, 7,    0x35,
                                 number, 0x11, 0x22,   0x33, 0x89, 0xC2, 0x89, 0xD1, 0x01, 0xD0, 0x31, 0xC8,
                                 0x89,   0xC6, 0x29,   0xF0, 0x01, 0xF8, 0x21, 0xD0, 0x09, 0xC8, 0xC3};
  before.insert(before.end(), body.begin(), body.end());
  return before;
}
// As it begins in the rule: `number` is 0x11, say.
std::string Begins(int number) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  return std::string("69 CB ") + kDigits[number >> 4] + kDigits[number & 15] + " 42 0F 01";
}

std::unique_ptr<SampleCode> Sample(char name, const std::vector<std::vector<int>>& functions) {
  CodeBuilder builder;
  for (const std::vector<int>& f : functions) builder.Function(f);
  auto sample = std::make_unique<SampleCode>();
  sample->bytes.assign(builder.code.begin(), builder.code.end());
  sample->sha256 = std::string(64, name);
  sample->executable = builder.Build();
  sample->executable.sections[0].bytes = sample->bytes;  // the builder goes
  sample->program = AnalyseProgram(sample->executable);
  return sample;
}

std::vector<std::vector<int>> Mixers(const std::vector<int>& numbers) {
  std::vector<std::vector<int>> all;
  for (int n : numbers) all.push_back(Mixer(n));
  return all;
}

class YaraRules : public ::testing::Test {
 protected:
  void Know(const std::string& family, const SampleCode& sample, CodeBase::Part part = CodeBase::Part::kSamples,
            bool keep = true) {
    StoredSample stored;
    stored.meta = part == CodeBase::Part::kSamples ? index::SampleMeta{sample.sha256, "", family, "", ""}
                                                   : index::SampleMeta{sample.sha256, "", "", "", family};
    stored.functions = SignaturesOf(sample.program);
    stored.sketch = SketchOf(stored.functions);
    const auto where = CodeBase::PartFolder(folder_.path(), part);
    std::filesystem::create_directories(where);
    ASSERT_TRUE(WriteStoredSample(where / (sample.sha256 + ".code"), stored));
    if (!keep || part != CodeBase::Part::kSamples) return;
    ASSERT_TRUE(WriteKeptCode(where / (sample.sha256 + ".kept"), KeepCode(sample, {})));
  }
  YaraRule Make(std::vector<std::unique_ptr<SampleCode>> samples, const std::string& family = "Mill",
                RuleLimits limits = {}) {
    const auto built = CodeBase::Rebuild(folder_.path());
    EXPECT_TRUE(built) << (built ? "" : built.error().message);
    const auto base = CodeBase::Open(folder_.path());
    EXPECT_TRUE(base);
    auto rule = MakeYaraRule(*base, samples, family, limits);
    EXPECT_TRUE(rule) << (rule ? "" : rule.error().message);
    return rule ? *rule : YaraRule{};
  }
  template <typename... More>
  YaraRule Of(More... samples) {
    std::vector<std::unique_ptr<SampleCode>> list;
    (list.push_back(std::move(samples)), ...);
    return Make(std::move(list));
  }

  TestFolder folder_;
};

TEST_F(YaraRules, WhatAllSamplesHaveIsInAndWhatOneLacksIsNot) {
  const YaraRule rule =
      Of(Sample('a', Mixers({0x11, 0x12, 0x13, 0x14})), Sample('b', Mixers({0x11, 0x12, 0x13, 0x15})));
  EXPECT_EQ(rule.in_all, 3u);
  EXPECT_EQ(rule.blocks, 3u);
  for (int n : {0x11, 0x12, 0x13}) EXPECT_THAT(rule.text, HasSubstr(Begins(n)));
  for (int n : {0x14, 0x15}) EXPECT_THAT(rule.text, Not(HasSubstr(Begins(n))));
  EXPECT_THAT(rule.text, HasSubstr("rule mill_code {"));
  EXPECT_THAT(rule.text, HasSubstr("3 of them"));
  EXPECT_THAT(rule.text, HasSubstr("sample1 = \"" + std::string(64, 'b') + "\""));
}

TEST_F(YaraRules, WhatAnotherFamilyOrGoodwareHasIsNot) {
  Know("Quay", *Sample('c', Mixers({0x12, 0x71})));
  Know("Mill", *Sample('d', Mixers({0x13, 0x72})));
  Know("libc", *Sample('e', Mixers({0x14, 0x73})), CodeBase::Part::kGoodware);
  const YaraRule rule = Of(Sample('a', Mixers({0x11, 0x12, 0x13, 0x14, 0x15, 0x16})));
  EXPECT_EQ(rule.goodware, 1u);
  EXPECT_EQ(rule.elsewhere, 1u);
  EXPECT_EQ(rule.blocks, 4u);
  for (int n : {0x11, 0x13, 0x15, 0x16})
    EXPECT_THAT(rule.text, HasSubstr(Begins(n))) << "a sample of the same family is no stranger";
  for (int n : {0x12, 0x14}) EXPECT_THAT(rule.text, Not(HasSubstr(Begins(n))));
  EXPECT_THAT(rule.text,
              HasSubstr("validated_samples = 1\n    validated_families = 1\n    validated_by_features_only = 0\n"));
  EXPECT_GT(rule.checks.goodware_samples, 0u);
  EXPECT_THAT(rule.text, HasSubstr("validated_goodware_samples = " + std::to_string(rule.checks.goodware_samples)));
}

// The same bytes in a longer block are another feature, but the string would hit them.
TEST_F(YaraRules, BytesInTheKeptCodeOfAnotherFamilyAreNoMarkEither) {
  const std::vector<int> longer = {0x0F, 0xA2, 0x0F, 0x31};  // cpuid; rdtsc
  Know("Quay", *Sample('c', {Mixer(0x12, longer), Mixer(0x71)}));
  const YaraRule rule = Of(Sample('a', Mixers({0x11, 0x12, 0x13, 0x14})));
  EXPECT_EQ(rule.elsewhere, 0u) << "features alone do not see it";
  EXPECT_EQ(rule.in_bytes, 1u);
  EXPECT_EQ(rule.blocks, 3u);
  EXPECT_THAT(rule.text, Not(HasSubstr(Begins(0x12))));
  EXPECT_THAT(rule.text, HasSubstr("blocks_in_bytes_of_other_families = 1\n"));
}

TEST_F(YaraRules, CodeThatWasNotKeptIsNotCalledSearched) {
  Know("Quay", *Sample('c', {Mixer(0x12, {0x0F, 0xA2})}), CodeBase::Part::kSamples, false);
  Know("Weir", *Sample('f', Mixers({0x71})));
  Know("", *Sample('0', Mixers({0x72})));
  const YaraRule rule = Of(Sample('a', Mixers({0x11, 0x12, 0x13})));
  EXPECT_EQ(rule.checks.samples, 2u);
  EXPECT_EQ(rule.checks.families, 2u);
  EXPECT_EQ(rule.checks.unscanned, 1u);
  EXPECT_THAT(rule.text, HasSubstr("validated_by_features_only = 1\n"));
}

TEST_F(YaraRules, AtTheLimitEveryFamilyHasItsTurnFirst) {
  Know("Quay", *Sample('1', Mixers({0x71})));
  Know("Quay", *Sample('2', {Mixer(0x12, {0x0F, 0xA2})}));
  Know("Weir", *Sample('3', {Mixer(0x13, {0x0F, 0xA2})}));
  const auto make = [&](RuleLimits limits) {
    std::vector<std::unique_ptr<SampleCode>> samples;
    samples.push_back(Sample('a', Mixers({0x11, 0x12, 0x13, 0x14, 0x15})));
    return Make(std::move(samples), "Mill", limits);
  };
  const YaraRule two = make({2, 1 << 20}), all = make({}), bytes = make({10, 1});
  EXPECT_EQ(two.checks.samples, 2u);
  EXPECT_EQ(two.checks.families, 2u);
  EXPECT_EQ(two.checks.unscanned, 1u);
  EXPECT_EQ(two.in_bytes, 1u) << "that of Weir";
  EXPECT_EQ(all.in_bytes, 2u);
  EXPECT_EQ(all.checks.unscanned, 0u);
  EXPECT_EQ(bytes.checks.samples, 1u);
  EXPECT_EQ(bytes.checks.unscanned, 2u);
}

TEST_F(YaraRules, NothingOfTheirOwnIsNoRule) {
  Know("Quay", *Sample('c', Mixers({0x11, 0x12, 0x13})));
  const YaraRule all = Of(Sample('a', Mixers({0x11, 0x12, 0x13})));
  EXPECT_EQ(all.text, "");
  EXPECT_EQ(all.blocks, 0u);
  EXPECT_EQ(all.elsewhere, 3u);
  const YaraRule few = Of(Sample('a', Mixers({0x11, 0x14, 0x15})));
  EXPECT_EQ(few.text, "");
  EXPECT_EQ(few.blocks, kMinRuleBlocks - 1);
}

TEST_F(YaraRules, TheSameInputGivesTheSameText) {
  Know("Quay", *Sample('c', Mixers({0x12, 0x71})));
  Know("Weir", *Sample('f', Mixers({0x13, 0x72})));
  const auto make = [&] {
    return Of(Sample('a', Mixers({0x11, 0x12, 0x13, 0x14, 0x15, 0x16})), Sample('b', Mixers({0x16, 0x15, 0x14, 0x11})))
        .text;
  };
  const std::string first = make();
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(make(), first);
}

TEST_F(YaraRules, NoLabelEndsAStringOrIsAWordOfYara) {
  const auto make = [&](const std::string& family) {
    std::vector<std::unique_ptr<SampleCode>> samples;
    samples.push_back(Sample('a', Mixers({0x11, 0x12, 0x13})));
    return Make(std::move(samples), family).text;
  };
  const std::string hostile = make("x\" } rule y { condition: true } //\\\n\xC3\xA9");
  EXPECT_THAT(hostile, HasSubstr("family = \"x\\\" } rule y { condition: true } //\\\\\\x0a\\xc3\\xa9\"\n"));
  EXPECT_EQ(hostile.find("rule "), 0u);
  EXPECT_THAT(hostile, HasSubstr("rule x_rule_y_condition_true_code {"));
  EXPECT_THAT(make("all"), HasSubstr("rule all_code {"));
  EXPECT_THAT(make("7ev3n"), HasSubstr("rule family_7ev3n_code {"));
  EXPECT_THAT(make("\"\""), HasSubstr("rule family__code {"));
}

TEST_F(YaraRules, LongBlocksGiveTheirBeginningOnly) {
  std::vector<std::vector<int>> functions = Mixers({0x11, 0x12});
  std::vector<int> unrolled;
  for (int i = 0; i < 2000; ++i)
    unrolled.insert(unrolled.end(), {0x69, 0xC9, i & 0x7F, i >> 7, 0x33, 0x44});  // imul ecx, ecx, number
  unrolled.push_back(0xC3);
  functions.push_back(unrolled);
  const YaraRule rule = Of(Sample('a', functions));
  EXPECT_EQ(rule.blocks, 3u);
  std::size_t longest = 0;
  for (std::size_t at = 0; (at = rule.text.find("= { ", at)) != std::string::npos; ++at)
    longest = std::max(longest, rule.text.find(" }", at) - at - 4);
  EXPECT_LT(longest, 3 * kMaxRuleBlockBytes);
  EXPECT_GT(longest, 3 * (kMaxRuleBlockBytes - 16));
}

TEST(PatternScan, FindsWhatIsThereAndNothingElse) {
  const std::vector<std::string> patterns = {"01 02 03 04",    "02 03 04 05 ?? 07", "?? 01 02 03 04",
                                             "05 06 07 08 09", "00 00 00 00 11",    "01 ?? 03 ?? 05 ?? 07"};
  EXPECT_FALSE(PatternScan::Usable(patterns[5]));
  const PatternScan scan(patterns);
  const auto find = [&](const Bytes& bytes) {
    std::vector<bool> found(patterns.size(), false);
    scan.Scan(bytes, found);
    return found;
  };
  EXPECT_EQ(find({1, 2, 3, 4, 5, 6, 7}), (std::vector<bool>{true, true, false, false, false, false}))
      << "nothing stands before the first";
  EXPECT_EQ(find({9, 1, 2, 3, 4, 9, 5}), (std::vector<bool>{true, false, true, false, false, false}));
  EXPECT_EQ(find({5, 6, 7, 8}), std::vector<bool>(6, false)) << "cut off";
  EXPECT_EQ(find({0, 0, 0, 0, 0, 0, 0x11}), (std::vector<bool>{false, false, false, false, true, false}));
  EXPECT_EQ(find({}), std::vector<bool>(6, false));
}

}  // namespace
}  // namespace ascribe
