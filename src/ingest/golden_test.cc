#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/io.h"
#include "base/process.h"
#include "ingest/reader.h"
#include "ingest/reading_json.h"

// tests/golden/<reader>/NAME.in.<extension> read through the registry must give NAME.out, line for line. With
// ASCRIBE_UPDATE_GOLDEN=1 the .out files are written anew; look at the difference before committing it.

namespace ascribe {
namespace {

namespace fs = std::filesystem;

struct GoldenPair {
  fs::path input, output;
  std::string reader;
};

std::vector<GoldenPair> GoldenPairs() {
  std::vector<GoldenPair> pairs;
  const auto files = ListFiles(fs::path(ASCRIBE_SOURCE_DIR) / "tests/golden", 10'000);
  if (!files) return pairs;
  for (const FileEntry& entry : files->files) {
    const std::string name = entry.path.filename().string();
    const std::size_t in = name.find(".in");
    if (in == std::string::npos) continue;
    pairs.push_back({entry.path, entry.path.parent_path() / (name.substr(0, in) + ".out"),
                     entry.path.parent_path().filename().string()});
  }
  return pairs;
}

TEST(Golden, EveryInputGivesItsOutput) {
  const bool update = std::getenv("ASCRIBE_UPDATE_GOLDEN") != nullptr;
  const std::vector<GoldenPair> pairs = GoldenPairs();
  ASSERT_FALSE(pairs.empty());
  for (const GoldenPair& pair : pairs) {
    SCOPED_TRACE(pair.input.lexically_relative(ASCRIBE_SOURCE_DIR).string());
    if (pair.reader == "report-pdf" && !FindProgram("pdftotext")) continue;  // report_pdf_test says that it is missing
    const auto bytes = ReadFile(pair.input, 16 << 20);
    ASSERT_TRUE(bytes.has_value());
    const Reader* reader = FindReader(*bytes, pair.input.filename().string());
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(reader->name, pair.reader) << "the folder is named after the reader";
    const std::string got = ReadingToNdjson(reader->read(*bytes, pair.input.filename().string()));
    EXPECT_TRUE(std::all_of(got.begin(), got.end(), [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }))
        << "output must be harmless on a terminal";
    if (update) {
      ASSERT_TRUE(WriteFileAtomic(pair.output, got).has_value());
      continue;
    }
    EXPECT_EQ(ReadTextFile(pair.output, 16 << 20).value_or("(no such file)"), got);
  }
}

}  // namespace
}  // namespace ascribe
