#include "binary/eh_frame.h"

#include <gtest/gtest.h>

#include "binary/byte_builder.h"

namespace ascribe {
namespace {

constexpr std::uint64_t kAt = 0x5000;  // address of the frames
constexpr std::uint64_t kFunction = 0x4100;

struct Common {
  std::string letters = "zR";
  std::uint8_t encoding = 0x1B;
  std::uint8_t version = 1;
  bool long_length = false;
};

// One common record and one description of the function at kFunction, 0x40 bytes long.
ByteBuilder Frames(const Common& c, bool wide, bool big = false) {
  ByteBuilder record{big, wide};
  record.U32(0);
  record.U8(c.version);
  record.Text(c.letters);
  if (c.letters == "eh") record.Word(0x1234);
  if (c.version == 4) record.U16(wide ? 0x0800 : 0x0400);
  record.U8(1);
  record.U8(0x7C);
  record.U8(16);
  if (c.letters.starts_with('z')) {
    ByteBuilder data{big, wide};
    for (char letter : c.letters.substr(1)) {
      if (letter == 'P') {
        data.U8(0x9B);
        data.U32(0x77777777);
      }
      if (letter == 'L') data.U8(0x1B);
      if (letter == 'R') data.U8(c.encoding);
    }
    record.U8(data.size());
    record.Append(data.bytes);
  }
  record.Align(8);
  ByteBuilder out{big, wide};
  const auto length = [&](std::uint64_t bytes) {
    if (c.long_length) {
      out.U32(0xFFFFFFFF);
      out.U64(bytes);
    } else {
      out.U32(bytes);
    }
  };
  length(record.size());
  const std::uint64_t id_at = out.size(), common_at = id_at - (c.long_length ? 12 : 4);
  out.Append(record.bytes);
  length(24);
  const std::uint64_t pointer = out.size();
  out.U32(pointer - common_at);
  const std::uint64_t base = (c.encoding & 0x70) == 0x10 ? kAt + out.size() : 0, value = kFunction - base;
  const auto number = [&](std::uint64_t n) {
    switch (c.encoding & 15) {
      case 0:
        return out.Word(n);
      case 2:
      case 10:
        return out.U16(n);
      case 4:
      case 12:
        return out.U64(n);
      default:
        return out.U32(n);
    }
  };
  number(value);
  number(0x40);
  out.Fill(static_cast<std::size_t>(pointer + 24 - out.size()));
  out.U32(0);
  return out;
}

std::vector<FunctionStart> Read(const ByteBuilder& b, bool list = false) {
  std::vector<FunctionStart> starts;
  ReadEhFrames({b.bytes, b.big, b.wide}, kAt, list, starts);
  return starts;
}

void ExpectFunction(const std::vector<FunctionStart>& starts) {
  ASSERT_EQ(starts.size(), 1u);
  EXPECT_EQ(starts[0].address, kFunction);
  EXPECT_EQ(starts[0].end, kFunction + 0x40);
  EXPECT_EQ(starts[0].source, FunctionSource::kUnwind);
}

TEST(EhFrame, Encodings) {
  for (bool wide : {false, true}) {
    for (bool big : {false, true}) {
      for (int encoding : {0x00, 0x02, 0x03, 0x04, 0x0A, 0x0B, 0x0C, 0x10, 0x1A, 0x1B, 0x1C}) {
        SCOPED_TRACE(::testing::Message() << "wide " << wide << " big " << big << " encoding " << encoding);
        Common c;
        c.encoding = static_cast<std::uint8_t>(encoding);
        ExpectFunction(Read(Frames(c, wide, big)));
      }
    }
  }
}

TEST(EhFrame, Augmentations) {
  for (const char* letters : {"zR", "zPLR", "zPLRS", "zRS", "zRB", "zLR"})
    ExpectFunction(Read(Frames({letters, 0x1B, 1, false}, true)));
  for (std::uint8_t version : {std::uint8_t{1}, std::uint8_t{3}, std::uint8_t{4}})
    ExpectFunction(Read(Frames({"zR", 0x1B, version, false}, true)));
  ExpectFunction(Read(Frames({"", 0x00, 1, false}, true)));
  ExpectFunction(Read(Frames({"eh", 0x00, 1, false}, false)));
  ExpectFunction(Read(Frames({"zR", 0x1B, 1, true}, true)));
  EXPECT_TRUE(Read(Frames({"zX", 0x1B, 1, false}, true)).empty()) << "a letter that is not known hides what follows";
  EXPECT_TRUE(Read(Frames({"zR", 0x9B, 1, false}, true)).empty()) << "the address stands elsewhere";
  EXPECT_TRUE(Read(Frames({"zR", 0x2B, 1, false}, true)).empty()) << "counts from a base that only the loader knows";
  EXPECT_TRUE(Read(Frames({"zR", 0x1B, 2, false}, true)).empty());
}

TEST(EhFrame, SectionsGoOnBehindARecordWithoutLengthAndListsEnd) {
  ByteBuilder two = Frames({}, true);
  const std::uint64_t size = two.size();
  const ByteBuilder second = Frames({"zR", 0x00, 1, false}, true);
  two.Append(second.bytes);
  EXPECT_EQ(Read(two, false).size(), 2u);
  EXPECT_EQ(Read(two, true).size(), 1u);
  EXPECT_EQ(size % 4, 0u);
}

TEST(EhFrame, DescriptionsThatPointAtThemselvesOrNowhere) {
  const ByteBuilder good = Frames({}, true);
  const std::uint64_t description = good.size() - 4 - 24;
  for (std::uint64_t pointer : {std::uint64_t{1}, std::uint64_t{4}, description, std::uint64_t{0x7FFF'FFFF}}) {
    if (pointer == description) continue;  // the one that is right
    ByteBuilder bad = good;
    bad.Set32(description, pointer);
    EXPECT_TRUE(Read(bad).empty()) << pointer;
  }
}

TEST(EhFrame, CutAtEveryByte) {
  const ByteBuilder good = Frames({"zPLR", 0x1B, 1, false}, true);
  for (std::size_t size = 0; size < good.bytes.size(); ++size) {
    ByteBuilder cut = good;
    cut.bytes.resize(size);
    EXPECT_EQ(Read(cut).size(), size + 4 >= good.bytes.size() ? 1u : 0u) << size;
  }
}

TEST(EhFrame, HeaderListsStarts) {
  ByteBuilder h{false, true};
  for (int byte : {1, 0x1B, 0x03, 0x3B}) h.U8(static_cast<std::uint64_t>(byte));
  h.U32(0x100 - 4);
  h.U32(0x7FFFFFFF);  // more than there are
  for (std::uint64_t begin : {0x1000u, 0x2000u, 0x3000u}) {
    h.U32(begin - kAt);
    h.U32(0x200);
  }
  std::vector<FunctionStart> starts;
  EXPECT_EQ(ReadEhFrameHeader({h.bytes, false, true}, kAt, starts), kAt + 0x100);
  ASSERT_EQ(starts.size(), 3u);
  EXPECT_EQ(starts[1].address, 0x2000u);
  EXPECT_EQ(starts[1].end, 0u);
  h.bytes[0] = 2;
  EXPECT_EQ(ReadEhFrameHeader({h.bytes, false, true}, kAt, starts), std::nullopt);
  for (std::size_t size = 0; size < 8; ++size)
    EXPECT_EQ(ReadEhFrameHeader({ByteView(h.bytes.data(), size), false, true}, kAt, starts), std::nullopt);
}

}  // namespace
}  // namespace ascribe
