#include "binary/go_table.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/dice.h"
#include "binary/go_builder.h"
#include "binary/walk.h"

namespace ascribe {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::uint64_t kText = 0x401000, kData = 0x500000;

// Code, then the table behind `gap` bytes of something else. Holds its bytes.
struct Image {
  Bytes bytes;
  Executable e;
  Image(const Bytes& table, bool wide, bool big, std::string name, std::size_t gap) {
    bytes.assign(1024, 0x90);
    bytes.resize(bytes.size() + gap, 0x41);
    bytes.insert(bytes.end(), table.begin(), table.end());
    const ByteView all(bytes);
    e.file = all;
    e.format = BinaryFormat::kElf;
    e.is_64 = wide;
    e.big_endian = big;
    e.sections.push_back({".text", kText, 1024, 0, *all.Slice(0, 1024), true, false});
    e.sections.push_back({std::move(name), kData, bytes.size() - 1024, 1024, *all.Slice(1024, bytes.size() - 1024), false, false});
  }
  void Read() {
    if (const auto table = FindGoTable(e)) ReadGoFunctions(*table, e);
    Arrange(e);
    Walk(e);
  }
};

GoTableBuilder Builder() {
  GoTableBuilder b;
  b.text = kText + 64;
  b.functions = {"runtime.text", "main.main", "main.(*Tool).Run", "type..eq.main.Tool"};
  return b;
}

TEST(GoTable, EveryLayoutWordSizeAndOrder) {
  for (auto layout : {GoTable::Layout::k2, GoTable::Layout::k16, GoTable::Layout::k18, GoTable::Layout::k20}) {
    for (bool wide : {false, true}) {
      for (bool big : {false, true}) {
        for (const char* name : {".gopclntab", "__TEXT,__gopclntab", ".rdata"}) {
          SCOPED_TRACE(fmt::format("layout {} wide {} big {} in {}", static_cast<int>(layout), wide, big, name));
          GoTableBuilder b = Builder();
          b.layout = layout;
          b.wide = wide;
          b.big = big;
          Image image(b.Build(), wide, big, name, name == std::string(".rdata") ? 48 : 0);
          image.Read();
          ASSERT_EQ(image.e.starts.size(), 4u);
          for (std::size_t i = 0; i < 4; ++i) {
            const FunctionStart& s = image.e.starts[i];
            EXPECT_EQ(s.address, b.text + 32 * i);
            EXPECT_EQ(s.end, b.text + 32 * (i + 1));
            EXPECT_EQ(s.source, FunctionSource::kGoTable);
            EXPECT_EQ(image.e.NameAt(s.address), b.functions[i]);
          }
          EXPECT_EQ(image.e.NameAt(b.text + 1), "");
          EXPECT_TRUE(image.e.oddities.empty());
        }
      }
    }
  }
}

TEST(GoTable, ATextWordThatTheFileLeavesEmpty) {
  GoTableBuilder b = Builder();
  b.text_known = false;
  Image image(b.Build(), true, false, ".gopclntab", 0);
  auto table = FindGoTable(image.e);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->text_word, kData + 24);
  table->text = b.text;  // as the relocation says
  ReadGoFunctions(*table, image.e);
  EXPECT_EQ(image.e.NameAt(b.text + 32), "main.main");

  Image other(b.Build(), true, false, ".gopclntab", 0);
  other.Read();
  EXPECT_EQ(other.e.NameAt(kText + 32), "main.main") << "nobody says where: the code's first byte";
}

TEST(GoTable, ForgedTablesAreRefused) {
  const GoTableBuilder b = Builder();
  const Bytes good = b.Build();
  const auto refused = [&](const Bytes& table) { return !FindGoTable(Image(table, true, false, ".gopclntab", 0).e); };
  EXPECT_FALSE(refused(good));
  for (std::size_t at : {0u, 4u, 6u, 7u}) {  // magic, zeros, quantum, word size
    Bytes bad = good;
    bad[at] ^= 0x33;
    EXPECT_TRUE(refused(bad)) << at;
  }
  for (std::size_t word : {0u, 3u, 7u}) {  // functions, names, entries
    Bytes bad = good;
    for (std::size_t i = 0; i < 8; ++i) bad[8 + 8 * word + i] = 0xFE;
    EXPECT_TRUE(refused(bad)) << word;
  }
  EXPECT_TRUE(refused(Bytes(good.begin(), good.begin() + 40)));
  GoTableBuilder none = b;
  none.functions.clear();
  EXPECT_TRUE(refused(none.Build()));
}

TEST(GoTable, OutOfOrderIsReadUpToThere) {
  GoTableBuilder b = Builder();
  Bytes table = b.Build();
  const std::size_t entries = static_cast<std::size_t>(*ByteView(table).U64(8 + 8 * 7));
  table[entries + 8 * 3] = 1;  // the fourth function begins below the third
  Image image(table, true, false, ".gopclntab", 0);
  image.Read();
  EXPECT_EQ(image.e.starts.size(), 2u);
  EXPECT_THAT(image.e.oddities, Contains(HasSubstr("not in order")));
}

TEST(GoTable, AnyByteMayBeAnything) {
  Dice dice(20261128);
  for (auto layout : {GoTable::Layout::k2, GoTable::Layout::k16, GoTable::Layout::k20}) {
    GoTableBuilder b = Builder();
    b.layout = layout;
    const Bytes good = b.Build();
    for (int round = 0; round < 3000; ++round) {
      Bytes bad = good;
      for (std::uint64_t n = 1 + dice.Below(3); n > 0; --n)
        bad[static_cast<std::size_t>(8 + dice.Below(bad.size() - 8))] = static_cast<std::uint8_t>(dice.Below(256));
      Image image(bad, true, false, ".rdata", 16);
      image.Read();  // Walk ends the program when a promise is broken
      EXPECT_LE(image.e.names.size(), image.e.starts.size());
    }
  }
}

}  // namespace
}  // namespace ascribe
