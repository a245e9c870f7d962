#include "code/file_match.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <filesystem>

#include "base/test_folder.h"
#include "code/stray_paths.h"
#include "code/tiers.h"
#include "disasm/code_builder.h"

namespace ascribe {
namespace {

// Two numbers of its own, then what every one of them has. Programs of them differ in numbers, functions and blocks.
std::vector<int> Mixer(int number) {
  const int low = number & 0x7F, high = number >> 7 & 0xFF;
  return {0x69, 0xCB, low, high, 0x4F, 1, 0x01, 0xC8, 0xC1, 0xC0, 7, 0x35, low, high, 0x22, 0x33, 0x89, 0xC2, 0x89,
          0xD1, 0x01, 0xD0, 0x31, 0xC8, 0x89, 0xC6, 0x29, 0xF0, 0x01, 0xF8, 0x21, 0xD0, 0x09, 0xC8, 0xC3};
}

// The same with other operations in another order, so that no three instructions in a row are a mixer's.
std::vector<int> Scaler(int number) {
  const int low = number & 0x7F, high = number >> 7 & 0xFF;
  return {0x2D, low,  high, 0x5A, 3,    0xF7, 0xD0, 0xD1, 0xE8, 0x0F, 0xAF, 0xC7, 0xF7, 0xD8, 0x3D, low,  high, 0x44,
          0x55, 0x0F, 0x94, 0xC0, 0x0F, 0xB6, 0xC0, 0x8D, 0x04, 0x40, 0x87, 0xC2, 0x0F, 0xC8, 0x48, 0x98, 0x99, 0xC3};
}

std::string TextOf(const std::string& whose, int i) { return std::to_string(1000 + i) + " lines of " + whose + std::string(1, '\0'); }

struct Made {
  CodeBuilder builder;
  SampleCode sample;

  Made& Code(int first, int count) {
    for (int i = 0; i < count; ++i) builder.Function(Mixer(first + i));
    return *this;
  }
  Made& Scale(int first, int count) {
    for (int i = 0; i < count; ++i) builder.Function(Scaler(first + i));
    return *this;
  }
  Made& Texts(const std::string& whose, int count) {
    for (int i = 0; i < count; ++i) builder.Data(TextOf(whose, i));
    return *this;
  }
  // Functions that refer to these texts: what `of` makes for each number behind a lea rdi, [rip+text].
  Made& Users(const std::string& whose, int count, std::vector<int> (*of)(int), int number) {
    for (int i = 0; i < count; ++i) {
      const std::uint64_t text = builder.Data(TextOf(whose, i));
      const std::uint64_t at = CodeBuilder::kCode + (builder.code.size() + 15) / 16 * 16;
      const std::uint64_t distance = text - (at + 7);
      std::vector<int> code = {0x48, 0x8D, 0x3D};
      for (int shift = 0; shift < 32; shift += 8) code.push_back(static_cast<int>(distance >> shift & 0xFF));
      const std::vector<int> rest = of(number + i);
      code.insert(code.end(), rest.begin(), rest.end());
      builder.Function(code);
    }
    return *this;
  }
  // One function that refers to all of these texts, then does `rest`.
  Made& User(const std::string& whose, int count, const std::vector<int>& rest) {
    std::vector<int> code;
    const std::uint64_t at = CodeBuilder::kCode + (builder.code.size() + 15) / 16 * 16;
    for (int i = 0; i < count; ++i) {
      const std::uint64_t text = builder.Data(TextOf(whose, i));
      const std::uint64_t distance = text - (at + code.size() + 7);
      code.insert(code.end(), {0x48, 0x8D, 0x3D});
      for (int shift = 0; shift < 32; shift += 8) code.push_back(static_cast<int>(distance >> shift & 0xFF));
      code.insert(code.end(), rest.begin(), rest.end() - 1);
    }
    code.push_back(0xC3);
    builder.Function(code);
    return *this;
  }
  SampleCode& Done(char name) {
    sample.executable = builder.Build();
    sample.program = AnalyseProgram(sample.executable);
    sample.sha256 = std::string(64, name);
    return sample;
  }
};

class FileMatches : public ::testing::Test {
 protected:
  void Know(const std::string& family, SampleCode& sample, CodeBase::Part part = CodeBase::Part::kSamples,
            const std::vector<MetadataItem>& metadata = {}) {
    StoredSample stored;
    stored.meta = part == CodeBase::Part::kSamples ? index::SampleMeta{sample.sha256, "maker of " + family, family, "1", ""}
                                                   : index::SampleMeta{sample.sha256, "", "", "", family};
    stored.functions = SignaturesOf(sample.program);
    stored.sketch = SketchOf(stored.functions);
    AddMetadata(metadata, stored.functions);
    const auto where = CodeBase::PartFolder(folder_.path(), part);
    std::filesystem::create_directories(where);
    ASSERT_TRUE(WriteStoredSample(where / (sample.sha256 + ".code"), stored));
  }
  void Ask(const SampleCode& sample) {
    const auto built = CodeBase::Rebuild(folder_.path());
    ASSERT_TRUE(built) << built.error().message;
    const auto base = CodeBase::Open(folder_.path());
    ASSERT_TRUE(base);
    MatchOptions options;
    options.top = kMatchCandidates;
    auto match = MatchSample(*base, sample, options);
    ASSERT_TRUE(match) << match.error().message;
    match_ = std::move(*match);
    auto tiers = CompareTiers(*base, sample, match_, {}, options);
    ASSERT_TRUE(tiers) << tiers.error().message;
    tiers_ = std::move(*tiers);
  }
  const SampleMatch* Of(const std::string& family) const {
    for (const SampleMatch& m : match_.matches)
      if (m.meta.family == family) return &m;
    return nullptr;
  }

  TestFolder folder_;
  FileMatch match_;
  TierComparison tiers_;
};

TEST_F(FileMatches, SomeTextsOfOneFamilyAmongManyAreAFalseFlag) {
  Made courier, harbour, few, many;
  Know("courier", courier.Scale(100, 8).Texts("courier", 20).Done('a'));
  Know("harbour", harbour.Code(300, 8).Texts("harbour", 300).Done('b'));
  Ask(few.Code(300, 8).Texts("harbour", 300).Texts("courier", static_cast<int>(kTextsOfOne) - 1).Done('c'));
  EXPECT_TRUE(tiers_.foreign.empty());
  Ask(many.Code(300, 8).Texts("harbour", 300).Texts("courier", static_cast<int>(kTextsOfOne)).Done('d'));
  ASSERT_EQ(tiers_.foreign.size(), 1u);
  EXPECT_EQ(tiers_.foreign[0].family, "courier");
  EXPECT_EQ(tiers_.foreign[0].tier, Tier::kTexts);
  EXPECT_EQ(tiers_.foreign[0].only, kTextsOfOne);
  EXPECT_LT(tiers_.foreign[0].strength, kTextsPoint) << "a share of all texts does not tell it";
  EXPECT_EQ(match_.matches[0].meta.family, "harbour");
  EXPECT_LE(Of("courier")->lr, kSoftRatio);
}

constexpr int kUsed = static_cast<int>(kTextsUsed);

TEST_F(FileMatches, FewTextsThatTheirFunctionsUsedAndNobodyUsesHereAreAFalseFlag) {
  Made courier, harbour, few, enough;
  Know("courier", courier.Users("courier", kUsed, Scaler, 100).Done('a'));
  Know("harbour", harbour.Code(300, 30).Texts("harbour", 300).Done('b'));
  Ask(few.Code(300, 30).Texts("harbour", 300).Texts("courier", kUsed - 1).Done('c'));
  EXPECT_TRUE(tiers_.foreign.empty());
  Ask(enough.Code(300, 30).Texts("harbour", 300).Texts("courier", kUsed).Done('d'));
  ASSERT_EQ(tiers_.foreign.size(), 1u);
  EXPECT_EQ(tiers_.foreign[0].family, "courier");
  EXPECT_EQ(tiers_.foreign[0].use.there, kTextsUsed);
  EXPECT_EQ(tiers_.foreign[0].use.here, 0u);
  EXPECT_LT(tiers_.foreign[0].only, kTextsOfOne);
  EXPECT_LT(tiers_.foreign[0].strength, kTextsPoint);
}

TEST_F(FileMatches, FewTextsThatNobodyUsesAnywhereAreNone) {
  Made courier, harbour, query;
  Know("courier", courier.Scale(100, 8).Texts("courier", kUsed).Done('a'));
  Know("harbour", harbour.Code(300, 30).Texts("harbour", 300).Done('b'));
  Ask(query.Code(300, 30).Texts("harbour", 300).Texts("courier", kUsed).Done('c'));
  ASSERT_NE(Of("courier"), nullptr);
  EXPECT_TRUE(tiers_.foreign.empty());
}

TEST_F(FileMatches, TextsThatFellToOtherFunctionsAreAFalseFlagAndMakeNoCode) {
  Made courier, harbour, query;
  Know("courier", courier.Users("courier", 12, Scaler, 100).Done('a'));
  Know("harbour", harbour.Users("harbour", 12, Mixer, 300).Texts("harbour's more", 100).Done('b'));
  Ask(query.Users("courier", 12, Mixer, 300).Texts("harbour's more", 100).Done('c'));
  const SampleMatch* m = Of("courier");
  ASSERT_NE(m, nullptr);
  EXPECT_GT(m->channels[static_cast<std::size_t>(CodeChannel::kConstant)], .15) << "first bytes of texts are numbers too";
  EXPECT_LT(m->hard, kCodeAbsent) << "typed in like the texts";
  EXPECT_LE(m->lr, kSoftRatio);
  EXPECT_EQ(match_.matches[0].meta.family, "harbour");
  ASSERT_EQ(tiers_.foreign.size(), 1u);
  EXPECT_EQ(tiers_.foreign[0].family, "courier");
  EXPECT_EQ(tiers_.foreign[0].use.there, 12u);
  EXPECT_EQ(tiers_.foreign[0].use.here, 12u);
  EXPECT_EQ(tiers_.foreign[0].use.in_place, 0u);
}

TEST_F(FileMatches, TextsInFunctionsLikeTheirOwnAreALibrarys) {
  Made courier, harbour, both, planted;
  Know("courier", courier.Users("courier", 20, Scaler, 100).Done('a'));
  Know("harbour", harbour.Code(300, 60).Texts("harbour", 300).Done('b'));
  // Others have such functions too, so that they make no likeness.
  std::array<Made, 5> kits;
  for (std::size_t i = 0; i < kits.size(); ++i) {
    const std::string name = "kit" + std::to_string(i);
    Know(name, kits[i].Users(name, 20, Scaler, 2000 + 100 * static_cast<int>(i)).Done(static_cast<char>('1' + i)));
  }
  // Built anew with other numbers: no function and no block is the same.
  Ask(both.Code(300, 60).Texts("harbour", 300).Users("courier", 20, Scaler, 1000).Done('c'));
  const SampleMatch* m = Of("courier");
  ASSERT_NE(m, nullptr);
  EXPECT_EQ(m->only[static_cast<std::size_t>(CodeChannel::kData)], 20u);
  EXPECT_EQ(m->only[static_cast<std::size_t>(CodeChannel::kFunction)] + m->only[static_cast<std::size_t>(CodeChannel::kBlock)], 0u);
  EXPECT_LT(m->hard, kCodeAbsent);
  EXPECT_TRUE(tiers_.foreign.empty());
  Ask(planted.Code(300, 60).Texts("harbour", 300).Texts("courier", 20).Done('d'));
  EXPECT_EQ(tiers_.foreign.size(), 1u) << "the same without the functions";
}

TEST_F(FileMatches, WhatBringsItsFunctionsAlongIsNone) {
  Made courier, harbour, both;
  Know("courier", courier.Code(100, 90).Texts("courier", 300).Done('a'));
  Know("harbour", harbour.Code(300, 90).Texts("harbour", 300).Done('b'));
  // Far too little of courier's code to be courier, but with the texts of a library comes the library.
  Ask(both.Code(300, 90).Code(100, 4).Texts("harbour", 300).Texts("courier", 20).Done('c'));
  const SampleMatch* m = Of("courier");
  ASSERT_NE(m, nullptr);
  EXPECT_EQ(m->only[static_cast<std::size_t>(CodeChannel::kData)], 20u);
  EXPECT_GT(m->only[static_cast<std::size_t>(CodeChannel::kFunction)] + m->only[static_cast<std::size_t>(CodeChannel::kBlock)], kCodePerText * 20);
  EXPECT_TRUE(tiers_.foreign.empty());
}

TEST_F(FileMatches, OfAProgramThatIsAllRunTimeTheRestStillTells) {
  Made runtime, known, other, query;
  Know("run-time", runtime.Code(10, 6).Done('e'), CodeBase::Part::kGoodware);
  Know("small", known.Code(300, 1).Done('a'));
  Know("other", other.Code(400, 1).Done('b'));
  Ask(query.Code(300, 1).Done('c'));
  EXPECT_EQ(match_.folded, match_.functions) << "most of its features are those of the run-time";
  ASSERT_FALSE(match_.matches.empty());
  EXPECT_EQ(match_.matches[0].meta.family, "small");
  EXPECT_GT(match_.matches[0].score, .2);
  EXPECT_LE(match_.matches[0].lr, 1) << "it ranks, and speaks for nobody: no function is its own";
}

TEST_F(FileMatches, WithoutCodeOfItsOwnNothingContradictsTextsThatNobodyUses) {
  Made runtime, courier, harbour, own, none;
  Know("run-time", runtime.Scale(500, 8).Done('e'), CodeBase::Part::kGoodware);
  Know("courier", courier.Scale(100, 8).Texts("courier", 20).Done('a'));
  Know("harbour", harbour.Code(300, 8).Texts("harbour", 300).Done('b'));
  Ask(none.Scale(500, 8).Texts("harbour", 300).Texts("courier", 20).Done('c'));
  EXPECT_EQ(match_.folded, match_.functions);
  EXPECT_TRUE(tiers_.foreign.empty());
  Ask(own.Scale(500, 8).Code(300, 8).Texts("harbour", 300).Texts("courier", 20).Done('d'));
  EXPECT_LT(match_.folded, match_.functions);
  EXPECT_FALSE(tiers_.foreign.empty()) << "now there is code, and it is not courier's";
}

TEST_F(FileMatches, WithoutCodeOfItsOwnMissingUsersOfTextsStillTell) {
  Made runtime, courier, harbour, few, enough;
  Know("run-time", runtime.Scale(500, 8).Done('e'), CodeBase::Part::kGoodware);
  Know("courier", courier.Users("courier", kUsed, Mixer, 100).Done('a'));
  Know("harbour", harbour.Code(300, 8).Texts("harbour", 300).Done('b'));
  Ask(few.Scale(500, 8).Texts("harbour", 300).Texts("courier", kUsed - 1).Done('c'));
  EXPECT_TRUE(tiers_.foreign.empty());
  Ask(enough.Scale(500, 8).Texts("harbour", 300).Texts("courier", kUsed).Done('d'));
  EXPECT_EQ(match_.folded, match_.functions);
  ASSERT_EQ(tiers_.foreign.size(), 1u);
  EXPECT_EQ(tiers_.foreign[0].family, "courier");
  EXPECT_EQ(tiers_.foreign[0].use.there, kTextsUsed);
  EXPECT_EQ(tiers_.foreign[0].use.here, 0u);
}

TEST_F(FileMatches, WhatBringsMoreCodeThanUsedTextsAlongIsNone) {
  Made courier, harbour, little, much;
  Know("courier", courier.Code(1000, 600).Users("courier", kUsed, Scaler, 100).Texts("courier's more", 300).Done('a'));
  Know("harbour", harbour.Code(300, 90).Texts("harbour", 300).Done('b'));
  std::array<Made, 5> kits;  // others have such functions too, so that they make no likeness
  for (std::size_t i = 0; i < kits.size(); ++i)
    Know("kit" + std::to_string(i), kits[i].Code(3000 + 100 * static_cast<int>(i), 20).Done(static_cast<char>('1' + i)));
  const auto code = [this] {
    const SampleMatch* m = Of("courier");
    return m == nullptr ? 0 : m->only[static_cast<std::size_t>(CodeChannel::kFunction)] + m->only[static_cast<std::size_t>(CodeChannel::kBlock)];
  };
  Ask(little.Code(300, 90).Code(1000, 2).Texts("harbour", 300).Texts("courier", kUsed).Done('c'));
  EXPECT_GT(code(), kCodePerText * kUsed);
  EXPECT_LE(code(), kCodePerUsedText * kUsed);
  EXPECT_EQ(tiers_.foreign.size(), 1u) << "but not the functions of these texts";
  Ask(much.Code(300, 90).Code(1000, 4).Texts("harbour", 300).Texts("courier", kUsed).Done('d'));
  EXPECT_GT(code(), kCodePerUsedText * kUsed);
  EXPECT_LT(Of("courier")->hard, kCodeAbsent);
  EXPECT_TRUE(tiers_.foreign.empty());
}

TEST_F(FileMatches, TextsThatOneFunctionStillUsesTogetherAreInPlaceWhateverItDoes) {
  Made courier, harbour, rebuilt, spread;
  Know("courier", courier.User("courier", 2 * kUsed, Scaler(100)).Done('a'));
  Know("harbour", harbour.Code(300, 30).Texts("harbour", 300).Done('b'));
  Ask(rebuilt.Code(300, 30).Texts("harbour", 300).User("courier", 2 * kUsed, Mixer(700)).Done('c'));
  ASSERT_NE(Of("courier"), nullptr);
  EXPECT_LT(Of("courier")->hard, kCodeAbsent);
  EXPECT_TRUE(tiers_.foreign.empty()) << "another compiler's";
  Ask(spread.Code(300, 30).Texts("harbour", 300).Users("courier", 2 * kUsed, Mixer, 700).Done('d'));
  ASSERT_EQ(tiers_.foreign.size(), 1u) << "the same texts, each where another one stood";
  EXPECT_EQ(tiers_.foreign[0].use.here, 2 * kTextsUsed);
  EXPECT_EQ(tiers_.foreign[0].use.in_place, 0u);
}

TEST_F(FileMatches, APdbPathOutsideAnyRecordPointsAtWhoseFilesHaveItInTheirs) {
  const std::string path = "C:\\work\\courier\\Release\\courier.pdb";
  const auto bytes = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
  const std::string zero(1, '\0'), record = "RSDS" + std::string(20, '\1') + path + zero, plain = zero + path + zero;
  Made courier, harbour, own, linked, copied;
  Know("courier", courier.Scale(100, 8).Done('a'), CodeBase::Part::kSamples, StrayPdbPaths(bytes(plain)));
  Know("harbour", harbour.Code(300, 8).Done('b'));
  const auto ask = [&](SampleCode& sample, const std::string& text) {
    sample.executable.format = BinaryFormat::kPe;
    sample.bytes = bytes(text);
    Ask(sample);
  };
  ask(copied.Code(300, 8).Done('c'), plain);
  ASSERT_EQ(tiers_.foreign.size(), 1u);
  EXPECT_EQ(tiers_.foreign[0].family, "courier");
  EXPECT_EQ(tiers_.foreign[0].tier, Tier::kTexts);
  ASSERT_EQ(tiers_.foreign[0].items.size(), 1u);
  EXPECT_EQ(tiers_.foreign[0].items[0].locator.offset, 1u);
  EXPECT_EQ(tiers_.foreign[0].items[0].locator.length, path.size());
  ask(linked.Code(300, 8).Done('d'), record);
  EXPECT_TRUE(tiers_.foreign.empty()) << "a linker wrote it: courier's program is inside";
  ask(own.Scale(100, 8).Done('e'), plain);
  EXPECT_TRUE(tiers_.foreign.empty()) << "courier's code is here";
}

TEST_F(FileMatches, CodeAloneCarriesWhereTextsAreDestroyed) {
  Made courier, harbour, query;
  Know("courier", courier.Code(100, 30).Texts("courier", 300).Done('a'));
  Know("harbour", harbour.Code(300, 30).Texts("harbour", 300).Done('b'));
  Ask(query.Code(300, 6).Code(700, 24).Texts("nobody", 300).Done('c'));
  const SampleMatch& best = match_.matches.at(0);
  EXPECT_EQ(best.meta.family, "harbour");
  EXPECT_GT(kHardScale * best.hard, best.score);
  EXPECT_NEAR(std::log(best.lr), 24 * (kHardScale * best.hard - .18), 1e-9);
}

TEST_F(FileMatches, NothingSharedIsNotCertainEither) {
  Made known, query;
  Know("harbour", known.Code(300, 8).Texts("harbour", 30).Done('a'));
  Ask(query.Scale(700, 8).Texts("nobody", 30).Done('c'));
  EXPECT_TRUE(match_.matches.empty());
  EXPECT_EQ(match_.p_unknown, kMostUnknown);
  Ask(known.Done('d'));
  ASSERT_FALSE(match_.matches.empty());
  EXPECT_GE(match_.p_unknown, kLeastUnknown);
  EXPECT_LT(match_.p_unknown, .1);
}

}  // namespace
}  // namespace ascribe
