#include "disasm/table_lists.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "disasm/code_builder.h"
#include "disasm/program.h"

namespace ascribe {
namespace {

using Codes = std::vector<std::uint32_t>;

// Codes as TLS numbers its cipher suites, in an order of preference that no rule gives.
Codes Suites(std::size_t count = 75) {
  Codes codes;
  for (std::uint32_t state = 7; codes.size() < count;) {
    state = state * 1103515245u + 12345u;
    constexpr std::uint32_t kHigh[] = {0x0000, 0xC000, 0xCC00};
    const std::uint32_t code = kHigh[(state >> 24) % 3] | (state >> 16 & 0xFF);
    if (std::find(codes.begin(), codes.end(), code) == codes.end()) codes.push_back(code);
  }
  return codes;
}
Codes WithoutEveryThird(const Codes& codes) {
  Codes left;
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (i % 3 != 2) left.push_back(codes[i]);
  return left;
}
Codes Shuffled(Codes codes) {
  std::uint32_t state = 99;
  for (std::size_t i = codes.size(); i-- > 1;) {
    state = state * 1664525u + 1013904223u;
    std::swap(codes[i], codes[(state >> 8) % (i + 1)]);
  }
  return codes;
}

std::string Table(const Codes& codes, std::size_t width = 2, bool big_endian = false) {
  std::string bytes;
  for (std::uint32_t code : codes)
    for (std::size_t i = 0; i < width; ++i) bytes += static_cast<char>(code >> 8 * (big_endian ? width - 1 - i : i));
  return bytes;
}
std::vector<std::uint64_t> Pairs(const std::string& table) {
  return ListPairs(CodeBuilder().Build(), CodeBuilder::kData, ByteView(table));
}
std::size_t Shared(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
  std::vector<std::uint64_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both.size();
}

TEST(ListPairs, PartsOfAListInItsOrderShareThem) {
  for (std::size_t width : {2u, 4u}) {
    const auto whole = Pairs(Table(Suites(), width));
    EXPECT_EQ(whole.size(), kMaxListPairs);
    EXPECT_GE(Shared(whole, Pairs(Table(WithoutEveryThird(Suites()), width))), kMaxListPairs / 4);
    Codes changed = Suites();
    changed[30] = 0xC0FFu;
    EXPECT_GE(Shared(whole, Pairs(Table(changed, width))), kMaxListPairs * 3 / 4);
    EXPECT_LE(Shared(whole, Pairs(Table(Shuffled(Suites()), width))), kMaxListPairs / 10) << "the order is what tells";
  }
}

TEST(ListPairs, WidthCountsAndByteOrderDoesNot) {
  EXPECT_EQ(Shared(Pairs(Table(Suites(), 2)), Pairs(Table(Suites(), 4))), 0u);
  EXPECT_EQ(Pairs(Table(Suites(), 2)), Pairs(Table(Suites(), 2, true)));
}

TEST(ListPairs, WhatStandsBehindAListEndsItAtTheFirstRepeat) {
  EXPECT_EQ(Pairs(Table(Suites()) + Table({Suites()[0]}) + "some other data"), Pairs(Table(Suites())));
  EXPECT_TRUE(Pairs(Table(Suites(kMinListEntries - 1))).empty());
  EXPECT_FALSE(Pairs(Table(Suites(20))).empty());
}

TEST(ListPairs, OtherTablesAreNoLists) {
  Codes consecutive, sorted = Suites(), random, text, zeros(80, 0);
  std::uint32_t state = 5;
  for (std::uint32_t i = 0; i < 80; ++i) {
    consecutive.push_back(0x100 + i);
    state = state * 1664525u + 1013904223u;
    random.push_back(state >> 16);
    text.push_back(0x4100u + 0x20 + (i * 37) % 95);
  }
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t width : {2u, 4u}) {
    EXPECT_TRUE(Pairs(Table(consecutive, width)).empty());
    EXPECT_TRUE(Pairs(Table(sorted, width)).empty());
    EXPECT_TRUE(Pairs(Table(zeros, width)).empty());
  }
  EXPECT_TRUE(Pairs(Table(random)).empty());
  EXPECT_TRUE(Pairs(Table(text)).empty());
  EXPECT_TRUE(Pairs("").empty());
}

TEST(ListPairs, OffsetsIntoTheImageAreNoList) {
  CodeBuilder builder;
  builder.Function(std::vector<int>(0x400, 0x90));
  builder.Data(std::string(64, '\1'));
  const Executable e = builder.Build();
  Codes from_table, from_image;
  for (std::uint32_t i = 0; i < 40; ++i) {
    const std::uint32_t in_code = i * 197 % 0x3F0;
    from_table.push_back(static_cast<std::uint32_t>(CodeBuilder::kCode + in_code - CodeBuilder::kData));
    from_image.push_back(static_cast<std::uint32_t>(CodeBuilder::kCode + in_code - e.image_base));
  }
  const std::string a = Table(from_table, 4), b = Table(from_image, 4), codes = Table(Suites(), 4);
  EXPECT_TRUE(ListPairs(e, CodeBuilder::kData, ByteView(a)).empty());
  EXPECT_TRUE(ListPairs(e, CodeBuilder::kData, ByteView(b)).empty());
  EXPECT_FALSE(ListPairs(e, CodeBuilder::kData, ByteView(codes)).empty());
}

// Features of the table channel of a program whose one function refers to the table.
std::vector<std::uint64_t> TableFeatures(const std::vector<std::string>& tables) {
  CodeBuilder builder;
  for (const std::string& table : tables) {
    const std::uint64_t data = builder.Data(table);
    while (builder.code.size() % 16 != 0) builder.code += '\xCC';
    const auto rel = static_cast<std::uint32_t>(data - (CodeBuilder::kCode + builder.code.size() + 7));
    builder.Function({0x48, 0x8D, 0x05, static_cast<int>(rel & 0xFF), static_cast<int>(rel >> 8 & 0xFF),
                      static_cast<int>(rel >> 16 & 0xFF), static_cast<int>(rel >> 24), 0xC3});
  }
  const Program program = AnalyseProgram(builder.Build());
  std::vector<std::uint64_t> features;
  for (const CodeFunction& f : program.functions)
    for (std::uint64_t feature : f.features)
      if (ChannelOf(feature) == static_cast<unsigned>(CodeChannel::kTable)) features.push_back(feature);
  std::sort(features.begin(), features.end());
  return features;
}

TEST(ListPairs, AProgramWithAPartOfAListSharesTheTable) {
  const auto whole = TableFeatures({Table(Suites())});
  EXPECT_GE(Shared(whole, TableFeatures({Table(WithoutEveryThird(Suites()))})), kMaxListPairs / 4);
  EXPECT_LE(Shared(whole, TableFeatures({Table(Shuffled(Suites()))})), kMaxListPairs / 10);
}

TEST(ListPairs, AProgramFullOfListsIsBounded) {
  std::vector<std::string> tables;
  for (std::uint32_t t = 0; t < 100; ++t) {
    Codes codes = Suites(40);
    for (std::uint32_t& code : codes) code = (code & 0xFF00) | (code * (2 * t + 1) & 0xFF);
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    tables.push_back(Table(codes) + std::string(8, static_cast<char>(t)));
  }
  EXPECT_LE(TableFeatures(tables).size(), kMaxProgramListPairs + tables.size() * 24);
}

}  // namespace
}  // namespace ascribe
