#include "disasm/plain_code.h"

#include <gtest/gtest.h>

#include "base/io.h"
#include "disasm/decoder.h"

namespace ascribe {
namespace {

// This test program, as the compiler and as a packer of the simplest kind would leave it.
TEST(PlainCode, OneKeyOverAllOfItShows) {
  auto bytes = ReadFile("/proc/self/exe", std::size_t{1} << 30);
  ASSERT_TRUE(bytes);
  const auto honest = ParseExecutable(*bytes);
  ASSERT_TRUE(honest);
  if (!Decoder::IsX86(honest->architecture)) GTEST_SKIP() << "NOT RUN: this machine is no x86";
  EXPECT_EQ(WhyNotPlain(*honest), "");
  for (const int key : {0x5A, 0x01, 0xFF}) {
    Bytes forged = *bytes;
    for (const BinarySection& s : honest->sections)
      if (s.executable)
        for (std::size_t i = 0; i < s.bytes.size(); ++i) {
          std::uint8_t& byte = forged[static_cast<std::size_t>(s.bytes.data() - bytes->data()) + i];
          byte = static_cast<std::uint8_t>(byte ^ key);
        }
    const auto executable = ParseExecutable(forged);
    ASSERT_TRUE(executable);
    EXPECT_NE(WhyNotPlain(*executable), "") << key;
  }
}

TEST(PlainCode, TooFewCallsSayNothing) {
  Executable e;
  e.architecture = Architecture::kX64;
  EXPECT_EQ(WhyNotPlain(e), "");
}

}  // namespace
}  // namespace ascribe
