#include "binary/pe_remarks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "binary/pe_builder.h"
#include "binary/walk.h"

namespace ascribe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Seen {
  std::vector<std::string> texts, bytes;
};
Seen RemarksOf(const Bytes& file) {
  Seen seen;
  const Result<Executable> e = ParseExecutable(file);
  if (!e) return seen;
  Walk(*e);
  for (const BinaryRemark& remark : e->remarks) {
    seen.texts.push_back(remark.text);
    seen.bytes.emplace_back(ByteView(file).text().substr(remark.place.offset, remark.place.size));
  }
  return seen;
}

TEST(PeRemarks, BoundImportsCallbacksAndOverlay) {
  for (bool plus : {false, true}) {
    PeBuilder b;
    b.plus = plus;
    b.code_size = 0x200;
    b.bound = {{"KERNEL32.dll", 1091606196}, {"USER32.dll", 1091606197}};  // 2004-08-04
    b.tls_callbacks = {PeBuilder::kCode + 0x10};
    b.overlay = "appended";
    const Seen seen = RemarksOf(b.Build());
    EXPECT_THAT(seen.texts, ElementsAre("TLS callback: 0x500010", "bound import: kernel32.dll of 2004-08-04T07:56:36Z",
                                        "bound import: user32.dll of 2004-08-04T07:56:37Z", "overlay: 8 bytes"));
    ASSERT_EQ(seen.bytes.size(), 4u);
    EXPECT_EQ(seen.bytes[0].substr(0, 4), std::string("\x10\x00\x50\x00", 4));
    EXPECT_EQ(seen.bytes[1].substr(0, 4), std::string("\xB4\x96\x10\x41", 4));
    EXPECT_EQ(seen.bytes[3], "appended");
  }
}

TEST(PeRemarks, BoundInTheDescriptorItself) {
  PeBuilder b;
  b.imports = {{"KERNEL32.dll", {"ExitProcess"}}};
  Bytes file = b.Build();
  const auto descriptor = ParsePeImage(file)->Offset(ParsePeImage(file)->directories[PeImage::kImports].address);
  ASSERT_TRUE(descriptor.has_value());
  const std::string stamp("\xB4\x96\x10\x41", 4);
  std::copy(stamp.begin(), stamp.end(), file.begin() + static_cast<std::ptrdiff_t>(*descriptor + 4));
  EXPECT_THAT(RemarksOf(file).texts, ElementsAre("bound import: kernel32.dll of 2004-08-04T07:56:36Z"));
  std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(*descriptor + 4), 4, std::uint8_t{0xFF});
  EXPECT_THAT(RemarksOf(file).texts, IsEmpty()) << "the stamp stands in the other table";
}

TEST(PeRemarks, SymbolsAndCertificatesAreNoOverlay) {
  PeBuilder b;
  b.code_size = 0x200;
  b.symbols = {{"_main", 0, 2, 0x20, 1}, {"_a_name_of_more_than_eight", 16, 2, 0x20, 0}};
  EXPECT_THAT(RemarksOf(b.Build()).texts, IsEmpty());
  Bytes more = b.Build();
  const std::string tail = "hidden behind the symbols";
  more.insert(more.end(), tail.begin(), tail.end());
  EXPECT_THAT(RemarksOf(more).bytes, ElementsAre(tail));
  PeBuilder with_certificate;
  with_certificate.certificate_size = 64;
  EXPECT_THAT(RemarksOf(with_certificate.Build()).texts, IsEmpty());
  with_certificate.overlay = "behind the certificate";
  EXPECT_THAT(RemarksOf(with_certificate.Build()).bytes, ElementsAre("behind the certificate"));
}

TEST(PeRemarks, ForgedTablesAreBounded) {
  PeBuilder b;
  for (std::size_t i = 0; i < kMaxPeBoundImports + 50; ++i) b.bound.emplace_back("x.dll", 1091606196);
  b.code_size = 0x400;
  for (std::uint32_t i = 0; i < kMaxToldTlsCallbacks + 5; ++i) b.tls_callbacks.push_back(PeBuilder::kCode + i);
  EXPECT_EQ(RemarksOf(b.Build()).texts.size(), kMaxPeBoundImports + kMaxToldTlsCallbacks);
}

}  // namespace
}  // namespace ascribe
