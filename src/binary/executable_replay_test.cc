// The seeds of the fuzzer, and what once broke a parser (tests/crashers/executable).

#include <gtest/gtest.h>

#include <filesystem>

#include "base/io.h"
#include "binary/executable.h"
#include "binary/walk.h"

namespace ascribe {
namespace {

std::size_t Replay(const std::filesystem::path& folder) {
  std::size_t parsed = 0;
  if (!std::filesystem::exists(folder)) return parsed;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    const auto bytes = ReadFile(entry.path(), std::uint64_t{64} << 20);
    if (!bytes) {
      ADD_FAILURE() << bytes.error().message;
      continue;
    }
    const Result<Executable> e = ParseExecutable(*bytes);
    if (!e) continue;
    Walk(*e);
    ++parsed;
  }
  return parsed;
}

const std::filesystem::path kRoot = ASCRIBE_SOURCE_DIR;

TEST(ExecutableReplay, SeedsAreExecutables) {
  EXPECT_GE(Replay(kRoot / "fuzz/seeds/executable"), 12u) << "a seed that is refused leads the fuzzer nowhere";
}

TEST(ExecutableReplay, Crashers) { Replay(kRoot / "tests/crashers/executable"); }

}  // namespace
}  // namespace ascribe
