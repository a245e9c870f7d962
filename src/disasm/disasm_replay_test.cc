// The seeds of the fuzzer, and what once broke a decoder (tests/crashers/disasm). What was found is undefined behaviour
// as a rule: preset dev tells.

#include <gtest/gtest.h>

#include <filesystem>

#include "base/io.h"
#include "disasm/any_code.h"

namespace ascribe {
namespace {

TEST(DisasmReplay, SeedsAndCrashersAreCode) {
  const std::filesystem::path root = ASCRIBE_SOURCE_DIR;
  std::size_t read = 0;
  for (const char* folder : {"fuzz/seeds/disasm", "tests/crashers/disasm"}) {
    for (const auto& entry : std::filesystem::directory_iterator(root / folder)) {
      SCOPED_TRACE(entry.path().string());
      const auto bytes = ReadFile(entry.path(), 1 << 20);
      ASSERT_TRUE(bytes) << bytes.error().message;
      const std::size_t sum = ReadAnyCode(*bytes);
      EXPECT_EQ(sum, ReadAnyCode(*bytes));
      read += sum > 0 ? 1 : 0;
    }
  }
  EXPECT_GE(read, 2u) << "those of x86 have functions in every build";
}

}  // namespace
}  // namespace ascribe
