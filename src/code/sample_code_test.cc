#include "code/sample_code.h"

#include <gtest/gtest.h>

#include "binary/pe_builder.h"

namespace ascribe {
namespace {

TEST(SampleCode, DotNetIsNotDecodedAsIfItWereX86) {
  PeBuilder b;
  b.imports = {{"mscoree.dll", {"_CorExeMain"}}};
  b.code_size = 0x400;
  b.clr_runtime = "v4.0.30319";
  auto sample = ReadSampleCode(b.Build()).value();
  EXPECT_EQ(sample->unavailable, ".NET code is not read");
  EXPECT_TRUE(sample->program.functions.empty());
  b.clr_flags = 0;  // mixed: the native code is read
  sample = ReadSampleCode(b.Build()).value();
  EXPECT_EQ(sample->unavailable, "");
  EXPECT_FALSE(sample->program.functions.empty());
}

}  // namespace
}  // namespace ascribe
