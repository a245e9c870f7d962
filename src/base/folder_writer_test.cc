#include "base/folder_writer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/io.h"
#include "base/test_folder.h"

namespace ascribe {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;

// In pieces of `piece` bytes.
Status Write(const fs::path& folder, const Files& files, std::size_t piece) {
  TRY_ASSIGN(FolderWriter writer, FolderWriter::Open(folder));
  for (const auto& [name, content] : files) {
    writer.Begin(name);
    for (std::size_t at = 0; at < content.size(); at += piece) writer.Add(std::string_view(content).substr(at, piece));
  }
  return writer.Publish();
}

Files Read(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::directory_iterator(folder)) files[entry.path().filename().string()] = *ReadTextFile(entry.path(), 1 << 22);
  return files;
}

TEST(FolderWriter, WhateverStoodThereTheNewContentStandsAfterwards) {
  std::string large;
  while (large.size() < 200'000) large += std::to_string(large.size()) + '\n';
  std::string late = large;
  late[150'000] ^= 1;
  const std::vector<std::string> contents = {"", "a", large, late, large + "more", large.substr(0, 70'000)};
  for (const std::size_t piece : {std::size_t{7'001}, std::size_t{65'536}, std::size_t{1'000'000}})
    for (const std::string& before : contents)
      for (const std::string& after : contents) {
        const TestFolder folder;
        ASSERT_TRUE(Write(folder.path(), {{"one", before}, {"two", "same"}}, piece));
        ASSERT_TRUE(Write(folder.path(), {{"one", after}, {"three", before}, {"two", "same"}}, piece));
        ASSERT_EQ(Read(folder.path()), (Files{{"one", after}, {"three", before}, {"two", "same"}}));
      }
}

TEST(FolderWriter, WhatIsThereAlreadyIsLeftAlone) {
  const TestFolder folder;
  ASSERT_TRUE(Write(folder.path(), {{"kept", "same"}, {"new", "old"}}, 1));
  std::ofstream(folder.path() / "kept.tmp") << "left by a run that was killed";
  const fs::path link = folder.path() / "link";
  fs::create_hard_link(folder.path() / "kept", link);
  fs::create_hard_link(folder.path() / "new", folder.path() / "other");
  ASSERT_TRUE(Write(folder.path(), {{"kept", "same"}, {"new", "newer"}}, 1));
  EXPECT_TRUE(fs::equivalent(folder.path() / "kept", link)) << "not written anew";
  EXPECT_FALSE(fs::equivalent(folder.path() / "new", folder.path() / "other"));
  EXPECT_FALSE(fs::exists(folder.path() / "kept.tmp"));
}

TEST(FolderWriter, AFailureChangesNoFile) {
  const TestFolder folder;
  ASSERT_TRUE(Write(folder.path(), {{"a", "old"}}, 1));
  fs::create_directory(folder.path() / "b.tmp");  // its temporary file cannot be made
  const Status failed = Write(folder.path(), {{"a", "new"}, {"b", "new"}, {"c", "new"}}, 1);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kIo);
  EXPECT_NE(failed.error().message.find("/b:"), std::string::npos) << failed.error().message;
  fs::remove(folder.path() / "b.tmp");
  EXPECT_EQ(Read(folder.path()), (Files{{"a", "old"}}));
}

TEST(FolderWriter, WhatIsNotPublishedIsRemoved) {
  const TestFolder folder;
  {
    auto writer = FolderWriter::Open(folder.path());
    ASSERT_TRUE(writer);
    writer->Begin("a");
    writer->Add("text");
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
  EXPECT_FALSE(FolderWriter::Open(folder.path() / "nowhere"));
}

}  // namespace
}  // namespace ascribe
