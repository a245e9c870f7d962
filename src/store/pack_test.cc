#include "store/pack.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/io.h"
#include "base/sha256.h"
#include "base/test_folder.h"

namespace ascribe {
namespace {
namespace fs = std::filesystem;

// A pack on disk that tests bend.
class PackTest : public ::testing::Test {
 protected:
  PackTest() {
    files_["pack.toml"] =
        "format='ascribe-pack/1'\nid='test-pack'\nversion='1.2'\ntitle='Test'\nlicence='Apache-2.0'\nnotice=''\n";
    files_["sources.toml"] =
        "[[source]]\nid='s-1'\ntitle='T'\nreliability='B'\ncredibility=2\npublished='2013-07-08'\n";
    files_["facts.ndjson"] =
        "{\"subject\":\"attack:b\",\"relation\":\"contains\",\"object\":\"mutex:x\",\"source\":\"s-1\"}\n"
        "{\"subject\":\"attack:a\",\"relation\":\"contains\",\"object\":\"mutex:x\",\"source\":\"s-1\"}\n";
  }

  void Write() {
    std::string manifest;
    for (const auto& [name, content] : files_) {
      WriteFile(name, content);
      manifest += Sha256Hex(ByteView(content)) + "  " + name + "\n";
    }
    WriteFile("manifest-sha256.txt", manifest);
  }

  void WriteFile(const std::string& name, std::string_view content) {
    fs::create_directories((folder_.path() / name).parent_path());
    ASSERT_TRUE(WriteFileAtomic(folder_.path() / name, content));
  }

  // The error of the pack as it stands.
  Error Refused() {
    const auto batch = LoadPack(folder_.path());
    return batch ? Error{ErrorCode::kInternal, "it was accepted"} : batch.error();
  }

  // The same after replacing one file, manifest and all.
  Error RefusedWith(const std::string& name, const std::string& content) {
    const std::string before = files_[name];
    files_[name] = content;
    Write();
    Error error = Refused();
    files_[name] = before;
    return error;
  }

  TestFolder folder_;
  std::map<std::string, std::string> files_;
};

bool Ends(const Error& error, ErrorCode code, std::string_view with) {
  return error.code == code && error.message.find(with) != std::string::npos;
}

TEST_F(PackTest, LoadsFactsSourcesAndEvidence) {
  files_["more/extra.ndjson"] =
      "\n{\"subject\":\"attack:0\",\"relation\":\"contains\",\"object\":\"mutex:y\",\"source\":\"s-1\",\"hue\":"
      "\"red\"}";
  files_["README.txt"] = "words";
  Write();
  const auto batch = LoadPack(folder_.path());
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->kind, Batch::Kind::kKnowledge);
  EXPECT_EQ(batch->id + " " + batch->version + " " + batch->title, "test-pack 1.2 Test");
  EXPECT_EQ(batch->key, *Sha256File(folder_.path() / "manifest-sha256.txt"));
  ASSERT_EQ(batch->facts.size(), 3u);
  EXPECT_EQ(batch->facts[0].subject.value, "0");
  EXPECT_EQ(batch->facts[0].evidence, Sha256Hex(ByteView(files_["more/extra.ndjson"])));
  EXPECT_EQ(batch->facts[0].locator.offset, 2u);
  EXPECT_EQ(batch->facts[2].subject.value, "b");
  ASSERT_EQ(batch->evidence.size(), 6u);
  EXPECT_EQ(batch->evidence[1].name, "facts.ndjson");
  EXPECT_EQ(batch->evidence[1].size, files_["facts.ndjson"].size());
  EXPECT_EQ(batch->evidence[1].media, "facts-ndjson");
  ASSERT_EQ(batch->sources.size(), 1u);
  ASSERT_EQ(batch->diagnostics.size(), 1u);
  EXPECT_EQ(batch->diagnostics[0].code, "unknown-field");
  EXPECT_EQ(batch->diagnostics[0].evidence, batch->facts[0].evidence);
  EXPECT_EQ(*LoadPack(folder_.path()), *batch);
}

TEST_F(PackTest, NotFound) {
  EXPECT_EQ(Refused().code, ErrorCode::kNotFound);
  const auto batch = LoadPack(folder_.path() / "absent");
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().code, ErrorCode::kNotFound);
}

TEST_F(PackTest, FilesMustMatchTheManifest) {
  Write();
  WriteFile("facts.ndjson", files_["facts.ndjson"] + " ");
  EXPECT_PRED3(Ends, Refused(), ErrorCode::kCorrupt, "facts.ndjson does not match");
  Write();
  WriteFile("stray.txt", "x");
  EXPECT_PRED3(Ends, Refused(), ErrorCode::kCorrupt, "stray.txt is not listed");
  fs::remove(folder_.path() / "stray.txt");
  fs::remove(folder_.path() / "sources.toml");
  EXPECT_PRED3(Ends, Refused(), ErrorCode::kCorrupt, "sources.toml is listed in manifest-sha256.txt but missing");
  Write();
  fs::remove(folder_.path() / "manifest-sha256.txt");
  EXPECT_PRED3(Ends, Refused(), ErrorCode::kCorrupt, "manifest-sha256.txt is missing");
  Write();
  fs::create_symlink("pack.toml", folder_.path() / "link.toml");
  EXPECT_PRED3(Ends, Refused(), ErrorCode::kCorrupt, "symbolic link");
}

TEST_F(PackTest, ManifestSyntax) {
  Write();
  const std::string digest(64, 'a');
  for (const std::string& line :
       {digest + " x", digest.substr(1) + "  x", std::string(64, 'A') + "  x", digest + "  ../x", digest + "  /x",
        digest + "  a/./b", digest + "  manifest-sha256.txt", std::string("x")}) {
    WriteFile("manifest-sha256.txt", line + "\n");
    EXPECT_PRED3(Ends, Refused(), ErrorCode::kInvalidInput, "manifest-sha256.txt:1: ") << line;
  }
  WriteFile("manifest-sha256.txt", digest + "  b\n" + digest + "  a\n");
  EXPECT_PRED3(Ends, Refused(), ErrorCode::kInvalidInput, "manifest-sha256.txt:2: names must be sorted");
  WriteFile("manifest-sha256.txt", digest + "  pack.toml\n");
  EXPECT_PRED3(Ends, Refused(), ErrorCode::kCorrupt, "does not list facts.ndjson");
}

TEST_F(PackTest, PackToml) {
  const std::string good = files_["pack.toml"];
  const auto replaced = [&](std::string_view what, std::string_view with) {
    std::string text = good;
    text.replace(text.find(what), what.size(), with);
    return text;
  };
  for (const std::string& bad :
       {replaced("ascribe-pack/1", "ascribe-pack/2"), replaced("test-pack", "Test"), replaced("test-pack", ""),
        replaced("test-pack", std::string(65, 'a')), replaced("'1.2'", "1"), replaced("'1.2'", "'a b'"),
        replaced("title='Test'", ""), replaced("licence='Apache-2.0'", ""), replaced("id=", "id=="), std::string()})
    EXPECT_PRED3(Ends, RefusedWith("pack.toml", bad), ErrorCode::kInvalidInput, "pack.toml: ") << bad;
}

TEST_F(PackTest, FactsNameFileAndLine) {
  const std::string good = files_["facts.ndjson"];
  EXPECT_PRED3(
      Ends,
      RefusedWith("facts.ndjson", good + "{\"subject\":\"attack:a\",\"relation\":\"uses\",\"object\":\"tool:x\","
                                         "\"source\":\"s-2\"}"),
      ErrorCode::kInvalidInput, "facts.ndjson:3: source \"s-2\" is not declared");
  EXPECT_PRED3(Ends,
               RefusedWith("facts.ndjson", "\n{\"subject\":\"attack:a\",\"relation\":\"uses\",\"object\":\"tool:x\"}"),
               ErrorCode::kInvalidInput, "facts.ndjson:2: no source");
  EXPECT_PRED3(Ends, RefusedWith("facts.ndjson", "{\"relation\":\"uses\",\"object\":\"tool:x\",\"source\":\"s-1\"}"),
               ErrorCode::kInvalidInput, "facts.ndjson:1: a pack knows no incident");
  EXPECT_PRED3(Ends, RefusedWith("facts.ndjson", good + good + "{"), ErrorCode::kInvalidInput, "facts.ndjson:5: ");
  EXPECT_PRED3(Ends, RefusedWith("sources.toml", "[[source]]\nid='s 1'"), ErrorCode::kInvalidInput,
               "sources.toml: line 2");
  EXPECT_PRED3(Ends, RefusedWith("sources.toml", "[[sour"), ErrorCode::kInvalidInput, "sources.toml: line 1");
}

TEST(ShippedPacks, Load) {
  const fs::path packs = fs::path(ASCRIBE_SOURCE_DIR) / "data" / "packs";
  if (!fs::is_directory(packs)) GTEST_SKIP() << "no packs here";
  for (const auto& entry : fs::directory_iterator(packs)) {
    if (!entry.is_directory()) continue;
    const auto batch = LoadPack(entry.path());
    EXPECT_TRUE(batch) << batch.error().message;
  }
}

}  // namespace
}  // namespace ascribe
