#include "code/stray_paths.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "binary/pe_builder.h"
#include "ingest/pe.h"

namespace ascribe {
namespace {

const std::string kZero(1, '\0');
const std::string kPath = "D:\\a\\kit\\build\\kit.pdb";

std::vector<MetadataItem> Stray(const std::string& text) {
  const Bytes bytes(text.begin(), text.end());
  return StrayPdbPaths(bytes);
}

TEST(StrayPdbPaths, ATextOutsideAnyRecordIsOneWithItsBytes) {
  const auto items = Stray("\x90" + kPath + kZero);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].entity.ToString(), "pdb-path:" + kPath);
  EXPECT_EQ(items[0].locator.offset, 1u);
  EXPECT_EQ(items[0].locator.length, kPath.size());
  EXPECT_TRUE(items[0].strong);
}

TEST(StrayPdbPaths, WhatALinkerWroteIsNone) {
  EXPECT_TRUE(Stray("RSDS" + std::string(20, '\2') + kPath + kZero).empty());
  EXPECT_TRUE(Stray("NB10" + std::string(12, '\0') + kPath + kZero).empty());
  EXPECT_EQ(Stray("RSDS" + std::string(21, '\2') + kPath + kZero).size(), 1u) << "a byte off";
}

TEST(StrayPdbPaths, HaveTheKeyOfTheFileThatWasLinkedThere) {
  PeBuilder builder;
  builder.pdb_path = kPath;
  const Bytes file = builder.Build();
  EXPECT_TRUE(StrayPdbPaths(file).empty());
  std::uint64_t key = 0;
  for (const MetadataItem& item : MetadataOf(ReadPe(file, {})))
    if (item.what == "PDB path") key = item.key;
  ASSERT_NE(key, 0u);
  EXPECT_EQ(Stray(kZero + kPath + kZero).at(0).key, key);
  EXPECT_EQ(Stray(kZero + "d:\\A\\kit\\build\\KIT.PDB" + kZero).at(0).key, key) << "paths have no case";
}

TEST(StrayPdbPaths, NamesWithoutAFolderAndWhatIsNoTextAreNone) {
  EXPECT_TRUE(Stray(kZero + "kit.pdb" + kZero).empty()) << "everybody's";
  EXPECT_TRUE(Stray(kZero + kPath + ".gz" + kZero).empty());
  EXPECT_TRUE(Stray(kZero + kPath).empty()) << "the file ends before the text does";
  EXPECT_TRUE(Stray("").empty());
}

TEST(StrayPdbPaths, BeginWithTheirDriveWhereNoZeroStandsBeforeThem) {
  const auto items = Stray(kZero + "could not open: http://x/, " + kPath + kZero);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].entity.ToString(), "pdb-path:" + kPath);
  EXPECT_EQ(items[0].locator.length, kPath.size());
  EXPECT_EQ(Stray(kZero + std::string(2 * kMaxPdbPath, 'x') + kPath + kZero).at(0).entity.ToString(),
            "pdb-path:" + kPath);
}

TEST(StrayPdbPaths, AreGivenOnceAndNoMoreThanTheFirst) {
  EXPECT_EQ(Stray(kZero + kPath + kZero + kPath + kZero).size(), 1u);
  std::string many;
  for (std::size_t i = 0; i < kMaxStrayPdbPaths + 5; ++i) many += kZero + "/" + std::to_string(1000 + i) + ".pdb";
  const auto items = Stray(many + kZero);
  ASSERT_EQ(items.size(), kMaxStrayPdbPaths);
  EXPECT_TRUE(std::is_sorted(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.key < b.key; }));
  EXPECT_TRUE(std::all_of(items.begin(), items.end(), [](const auto& item) {
    return item.entity.value < "/" + std::to_string(1000 + kMaxStrayPdbPaths) + ".pdb";
  }));
}

}  // namespace
}  // namespace ascribe
