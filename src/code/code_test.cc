#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/sha256.h"
#include "base/test_folder.h"
#include "code/code_facts.h"
#include "code/function_match.h"
#include "code/label.h"
#include "code/side_by_side.h"
#include "code/stored_sample.h"
#include "disasm/code_builder.h"

namespace ascribe {
namespace {

// imul ecx, ebx, number; add eax, ecx; rol eax, turn; xor eax, other; ten further instructions; ret
std::vector<int> Mixer(int number, int turn, int other) {
  return {0x69, 0xCB, number, 0x42, 0x0F, 0, 0x01, 0xC8, 0xC1, 0xC0, turn, 0x35, other, 0x11, 0x22, 0x33, 0x89, 0xC2, 0x89, 0xD1, 0x01, 0xD0,
          0x31, 0xC8, 0x89, 0xC6, 0x29, 0xF0, 0x01, 0xF8, 0x21, 0xD0, 0x09, 0xC8, 0xC3};
}

struct Made {
  CodeBuilder builder;
  SampleCode sample;
  explicit Made(const std::vector<std::vector<int>>& functions) {
    for (const std::vector<int>& f : functions) builder.Function(f);
    sample.executable = builder.Build();
    sample.program = AnalyseProgram(sample.executable);
  }
};

TEST(FunctionMatch, TheSameFunctionComesFirstAndRarityDecides) {
  Made a({Mixer(1, 7, 0x51)});
  Made b({Mixer(9, 5, 0x61), Mixer(1, 7, 0x51), Mixer(8, 3, 0x71)});
  const Program* const programs[] = {&b.sample.program};
  const FunctionCorpus corpus(programs);
  const auto ranked = corpus.Rank(KeysByView(a.sample.program, 0), a.sample.program.functions[0], 10);
  ASSERT_EQ(ranked.size(), 3u);
  EXPECT_EQ(ranked[0].place.function, 1u);
  EXPECT_GT(ranked[0].score, ranked[1].score);
  EXPECT_NEAR(ranked[0].by_view[static_cast<std::size_t>(FunctionView::kFunction)], 1, 1e-6);
  EXPECT_EQ(ranked[1].by_view[static_cast<std::size_t>(FunctionView::kFunction)], 0);
}

TEST(FunctionMatch, APoolLimitsWhoCompetesAndTheAskingFunctionNeverDoes) {
  Made b({Mixer(9, 5, 0x61), Mixer(1, 7, 0x51), Mixer(8, 3, 0x71)});
  const Program* const programs[] = {&b.sample.program};
  const FunctionCorpus corpus(programs);
  const ViewKeys keys = KeysByView(b.sample.program, 1);
  const std::vector<std::uint32_t> pool = {0, 1};
  const auto ranked = corpus.Rank(keys, b.sample.program.functions[1], 10, &pool, 1);
  ASSERT_EQ(ranked.size(), 1u);
  EXPECT_EQ(ranked[0].place.function, 0u);
}

TEST(SideBySide, NumbersThatDifferAreMarkedAndNothingIsLost) {
  Made a({Mixer(1, 7, 0x51)}), b({Mixer(1, 9, 0x51)});
  const SideBySide side = CompareFunctions(a.sample, a.sample.program.functions[0], b.sample, b.sample.program.functions[0]);
  EXPECT_EQ(side.operands_differ, 1u);
  EXPECT_EQ(side.only_left + side.only_right, 0u);
  EXPECT_EQ(side.same + 1, a.sample.program.functions[0].instructions);
  const auto differs = std::find_if(side.lines.begin(), side.lines.end(), [](const SideLine& l) { return l.likeness == SideLine::Likeness::kOperandsDiffer; });
  ASSERT_NE(differs, side.lines.end());
  EXPECT_EQ(differs->left, "rol eax, 0x07");
  EXPECT_EQ(differs->right, "rol eax, 0x09");
  EXPECT_EQ(differs->left_differs, (TextSpans{{9, 4}})) << "the number, not the register";
  EXPECT_EQ(differs->right_differs, (TextSpans{{9, 4}}));
  for (const SideLine& line : side.lines) {
    EXPECT_EQ(line.left_differs.empty(), line.likeness != SideLine::Likeness::kOperandsDiffer);
  }
}

TEST(OperandMarks, StandAroundWhatDiffersAndEscapeEachPart) {
  TextSpans a, b;
  DifferingOperands("imul ecx, ebx, 0x10", "imul ecx, edx, 0x10", a, b);
  EXPECT_EQ(a, (TextSpans{{10, 3}}));
  const auto upper = [](const std::string& part) { return "(" + part + ")"; };
  EXPECT_EQ(WithMarks("imul ecx, ebx, 0x10", a, "<", ">", upper), "(imul ecx, )<(ebx)>(, 0x10)");
  EXPECT_EQ(WithMarks("ret", {}, "<", ">", upper), "(ret)");
  EXPECT_EQ(WithMarks("ret", {{1, 0xFFFF'FFFF}, {9, 1}}, "<", ">", upper), "(ret)") << "spans of a forged file";
  DifferingOperands("push 1", "ret", a = {}, b = {});
  EXPECT_EQ(a, (TextSpans{{5, 1}}));
  EXPECT_TRUE(b.empty());
}

TEST(SideBySide, WhatOnlyOneSideHasStandsAlone) {
  std::vector<int> longer = Mixer(1, 7, 0x51);
  longer.insert(longer.begin(), {0x0F, 0xA2});  // cpuid
  Made a({Mixer(1, 7, 0x51)}), b({longer});
  const SideBySide side = CompareFunctions(a.sample, a.sample.program.functions[0], b.sample, b.sample.program.functions[0]);
  EXPECT_EQ(side.only_right, 1u);
  EXPECT_EQ(side.lines.front().right, "cpuid");
  EXPECT_EQ(side.lines.front().left, "");
}

StoredSample Example() {
  Made a({Mixer(1, 7, 0x51), Mixer(2, 9, 0x53)});
  StoredSample stored;
  stored.meta = {std::string(64, 'a'), "Mill", "courier + friends", "1.0", ""};
  stored.functions = SignaturesOf(a.sample.program);
  stored.sketch = SketchOf(stored.functions);
  return stored;
}

TEST(StoredSample, ComesBackAsItWas) {
  const StoredSample stored = Example();
  const auto back = ParseStoredSample(PrintStoredSample(stored));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->meta, stored.meta);
  EXPECT_EQ(back->sketch.count, stored.sketch.count);
  EXPECT_EQ(back->sketch.kept, stored.sketch.kept);
  ASSERT_EQ(back->functions.size(), stored.functions.size());
  for (std::size_t i = 0; i < stored.functions.size(); ++i) {
    EXPECT_EQ(back->functions[i].address, stored.functions[i].address);
    EXPECT_EQ(back->functions[i].features, stored.functions[i].features);
  }
}

TEST(StoredSample, EveryCutAndEveryChangedByteIsNoticed) {
  const std::string whole = PrintStoredSample(Example());
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(ParseStoredSample(whole.substr(0, n))) << n;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    EXPECT_FALSE(ParseStoredSample(changed)) << i;
  }
  EXPECT_FALSE(ParseStoredSample(whole + "x"));
}

TEST(StoredSample, FilesOfTheFirstVersionAreStillRead) {
  std::string whole = PrintStoredSample(Example());
  ASSERT_TRUE(whole.starts_with("ascribe-code/2\n"));
  whole[13] = '1';
  std::size_t end = 0;
  ASSERT_FALSE(ParseStoredHead(whole, end)) << "the digest covers the version";
  // The digests stand behind the head and at the end.
  const StoredSample example = Example();
  std::size_t head = 0;
  ASSERT_TRUE(ParseStoredHead(PrintStoredSample(example), head));
  whole.replace(head - 64, 64, Sha256Hex(whole.substr(0, head - 64)));
  whole.replace(whole.size() - 64, 64, Sha256Hex(whole.substr(0, whole.size() - 64)));
  const auto back = ParseStoredSample(whole);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->functions.size(), example.functions.size());
  whole[13] = '3';
  const auto later = ParseStoredSample(whole);
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, ErrorCode::kUnsupported);
}

TEST(StoredSample, MetadataIsKeptBesideTheCodeAndOutOfTheSketch) {
  StoredSample stored = Example();
  Reading reading;
  for (const char* object : {"rich-header:0123", "pdb-path:D:\\Pier\\harbour.pdb", "resource-language:ko", "text:CompanyName: Pier", "text:imports: x"}) {
    Fact fact;
    fact.subject = {EntityType::kSample, std::string(64, 'a')};
    fact.relation = Relation::kContains;
    fact.object = *ParseEntity(object);
    reading.facts.push_back(fact);
  }
  const std::vector<MetadataItem> items = MetadataOf(reading);
  ASSERT_EQ(items.size(), 3u) << "languages and imports are not metadata of a maker";
  const auto counts = SketchOf(stored.functions).count;
  AddMetadata(items, stored.functions);
  EXPECT_EQ(SketchOf(stored.functions).count, counts);
  const auto back = ParseStoredSample(PrintStoredSample(stored));
  ASSERT_TRUE(back);
  for (const MetadataItem& item : items) {
    EXPECT_EQ(ChannelOf(item.key), kMetadataChannel);
    EXPECT_EQ(std::count(back->functions[0].features.begin(), back->functions[0].features.end(), item.key), 1);
  }
}

TEST(StoredSample, ASketchOfManyIsAFairDraw) {
  std::vector<index::FunctionSignature> functions(1);
  for (std::uint64_t i = 0; i < 20'000; ++i) functions[0].features.push_back(FeatureKey(4, i << 8 | i << 40));
  const FeatureSketch sketch = SketchOf(functions);
  EXPECT_EQ(sketch.count[4], 20'000u);
  EXPECT_EQ(sketch.kept[4].size(), FeatureSketch::kKept);
  std::size_t low = 0;
  for (std::uint64_t key : sketch.kept[4]) low += key < FeatureKey(4, std::uint64_t{10'000} << 8 | std::uint64_t{10'000} << 40);
  EXPECT_NEAR(static_cast<double>(low), FeatureSketch::kKept / 2.0, 60) << "half of the keys lie below";
}

TEST(Labels, AnySubsetOfTheKeysAndNothingElse) {
  const auto label = ParseLabel("family=a+b c , version=2.0");
  ASSERT_TRUE(label);
  EXPECT_EQ(label->family, "a+b c");
  EXPECT_EQ(label->version, "2.0");
  EXPECT_EQ(label->actor, "");
  for (const char* bad : {"", "famly=x", "family=", "family=x,family=y", "x"}) EXPECT_FALSE(ParseLabel(bad)) << bad;
  EXPECT_FALSE(ParseLabel("family=" + std::string(201, 'x')));
}

TEST(Labels, NamesOfEntitiesAreLowerCaseWithHyphens) {
  EXPECT_EQ(EntityName("Some Family (v2)"), "some-family-v2");
  EXPECT_EQ(EntityName("  "), "");
}

}  // namespace
}  // namespace ascribe
