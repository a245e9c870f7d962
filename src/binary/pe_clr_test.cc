#include "binary/pe_clr.h"

#include <gtest/gtest.h>

#include "binary/executable.h"
#include "binary/pe_builder.h"
#include "binary/walk.h"

namespace ascribe {
namespace {

PeBuilder Assembly() {
  PeBuilder b;
  b.imports = {{"mscoree.dll", {"_CorExeMain"}}};
  b.code_size = 0x2000;
  b.clr_runtime = "v4.0.30319";
  return b;
}

TEST(PeClr, RuntimeAndFlagsStandWhereTheyAreSaidToStand) {
  for (bool plus : {false, true}) {
    PeBuilder b = Assembly();
    b.plus = plus;
    const Bytes file = b.Build();
    const auto clr = ReadPeClr(ParsePeImage(file).value());
    ASSERT_TRUE(clr.has_value());
    EXPECT_EQ(clr->runtime, "v4.0.30319");
    EXPECT_EQ(ByteView(file).text().substr(clr->runtime_offset, clr->runtime.size()), "v4.0.30319");
    EXPECT_EQ(ByteView(file).U32(clr->offset + kPeClrFlags), 1u);
    EXPECT_TRUE(clr->il_only());
    EXPECT_TRUE(ParseExecutable(file)->managed);
  }
}

TEST(PeClr, NativeCodeIsNotHidden) {
  PeBuilder b = Assembly();
  for (std::uint32_t flags : {0u, 0x10u, 0x11u}) {
    b.clr_flags = flags;
    const Bytes file = b.Build();
    ASSERT_TRUE(ReadPeClr(ParsePeImage(file).value()).has_value());
    EXPECT_FALSE(ParseExecutable(file)->managed) << flags;
  }
  b.clr_flags = 1;
  b.clr_without_metadata = true;
  const Bytes forged = b.Build();
  EXPECT_FALSE(ReadPeClr(ParsePeImage(forged).value()).has_value());
  const Result<Executable> e = ParseExecutable(forged);
  EXPECT_FALSE(e->managed);
  EXPECT_FALSE(e->oddities.empty());
  b = Assembly();
  b.clr_runtime = std::string(300, 'v');
  const Bytes endless = b.Build();
  EXPECT_FALSE(ReadPeClr(ParsePeImage(endless).value()).has_value());
}

// What fills the sections of an assembly may look compressed: pictures among its resources.
TEST(PeClr, ResourcesAreNoPackedCode) {
  Bytes file = Assembly().Build();
  std::uint32_t state = 1;
  for (std::size_t i = file.size() - 0x2000; i < file.size(); ++i) {
    state = state * 1664525 + 1013904223;  // Numerical Recipes
    file[i] = static_cast<std::uint8_t>(state >> 24);
  }
  EXPECT_EQ(PackedReason(ParseExecutable(file).value()), "");
}

TEST(PeClr, CutOrForgedAnywhere) {
  const Bytes good = Assembly().Build();
  for (std::size_t size = 0; size < good.size(); size += size < 0x800 ? 1 : 97)
    if (const Result<Executable> e = ParseExecutable(ByteView(good.data(), size))) Walk(*e);
  for (std::size_t at = 0x80; at + 4 <= 0x800; at += 2) {
    for (std::uint32_t value : {0u, 0x1000u, 0x7FFF'FFFFu, 0xFFFF'FFFFu}) {
      Bytes bad = good;
      for (std::size_t i = 0; i < 4; ++i) bad[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
      const Result<PeImage> image = ParsePeImage(bad);
      const auto clr = image ? ReadPeClr(*image) : std::nullopt;
      if (clr) {
        EXPECT_TRUE(ByteView(bad).Contains(clr->runtime_offset, clr->runtime.size()));
      }
    }
  }
}

}  // namespace
}  // namespace ascribe
