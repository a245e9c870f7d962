// Inputs that once crashed or hung a reader (tests/crashers/<target>/), and the seeds of the fuzzers, must give a
// reading.
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>

#include "base/io.h"
#include "ingest/attack_stix.h"
#include "ingest/misp_galaxy.h"
#include "ingest/misp_warninglist.h"
#include "ingest/overrides_file.h"
#include "ingest/pieces.h"
#include "ingest/reader.h"
#include "ingest/stix_pattern.h"

namespace ascribe {
namespace {

using Target = std::function<void(ByteView)>;

// Fuzz targets that are no readers. Everything else is a reader, whose name has '-' where the target has '_'.
const std::map<std::string, Target>& Others() {
  static const std::map<std::string, Target> kOthers = {
      {"archive", [](ByteView b) { (void)ReadPieces(b, "x", {}); }},
      {"attack_stix", [](ByteView b) { (void)ImportAttackStix(b); }},
      {"misp_galaxy", [](ByteView b) { (void)ImportMispGalaxy(b); }},
      {"misp_warninglist", [](ByteView b) { (void)ImportMispWarninglist(b); }},
      {"overrides", [](ByteView b) { (void)ParseOverrides(b.text()); }},
      {"stix_pattern", [](ByteView b) { (void)ParseStixPattern(b.text()); }},
  };
  return kOthers;
}

std::string ReaderName(std::string target) {
  for (char& c : target)
    if (c == '_') c = '-';
  return target;
}

std::size_t Replay(const std::filesystem::path& root) {
  std::size_t replayed = 0;
  if (!std::filesystem::exists(root)) return replayed;
  for (const auto& folder : std::filesystem::directory_iterator(root)) {
    if (!folder.is_directory()) continue;
    const std::string target = folder.path().filename().string();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
      if (!entry.is_regular_file()) continue;
      const auto bytes = ReadFile(entry.path(), 64 << 20);
      if (!bytes) {
        ADD_FAILURE() << entry.path() << ": " << bytes.error().message;
        continue;
      }
      SCOPED_TRACE(entry.path().string());
      const auto other = Others().find(target);
      if (other != Others().end()) other->second(ByteView(*bytes));
      for (const Reader& reader : Readers()) {
        // A crasher of one reader is a good input for its relatives, and costs nothing.
        if (other == Others().end() && reader.name != ReaderName(target)) continue;
        (void)reader.sniff(ByteView(bytes->data(), std::min(bytes->size(), kSniffBytes)),
                           entry.path().filename().string());
        (void)reader.read(ByteView(*bytes), entry.path().filename().string());
      }
      ++replayed;
    }
  }
  return replayed;
}

TEST(Crashers, Replay) { Replay(std::filesystem::path(ASCRIBE_SOURCE_DIR) / "tests/crashers"); }

TEST(Crashers, SeedsAreRead) { EXPECT_GT(Replay(std::filesystem::path(ASCRIBE_SOURCE_DIR) / "fuzz/seeds"), 10u); }

}  // namespace
}  // namespace ascribe
