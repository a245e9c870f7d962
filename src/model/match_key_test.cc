#include "model/match_key.h"

#include <gtest/gtest.h>

namespace ascribe {
namespace {

std::string Key(std::string_view text) {
  const auto entity = ParseEntity(text);
  return entity ? MatchKey(*entity) : "error: " + entity.error().message;
}

TEST(MatchKey, OneLiteralUnderAnyOneByteKey) {
  // "POST HTTP REQUEST?" plain and XOR 0x1F, 0x47, 0x81. Canonical: every byte XOR the first one ('P' = 0x50), so
  // "POST" (50 4f 53 54) becomes 00 1f 03 04.
  const std::string plain = Key("protocol-literal:POST HTTP REQUEST?");
  EXPECT_TRUE(plain.starts_with("protocol-literal:xor1:001f0304")) << plain;
  EXPECT_EQ(plain, Key("protocol-literal:hex:4f504c4b3f574b4b4f3f4d5a4e4a5a4c4b20"));
  EXPECT_EQ(plain, Key("protocol-literal:hex:17081413670f131317671502161202141378"));
  EXPECT_EQ(plain, Key("protocol-literal:hex:d1ced2d5a1c9d5d5d1a1d3c4d0d4c4d2d5be"));
  EXPECT_NE(plain, Key("protocol-literal:POST HTTP REQUEST!"));
}

TEST(MatchKey, ShortLiteralsMatchOnlyThemselves) {
  // 5 bytes coincide by chance: no XOR form. "abcde" XOR 1 is "`cbed".
  EXPECT_EQ(Key("protocol-literal:abcde"), "protocol-literal:raw:6162636465");
  EXPECT_NE(Key("protocol-literal:abcde"), Key("protocol-literal:hex:6063626564"));
  EXPECT_EQ(Key("protocol-literal:abcdef"), Key("protocol-literal:hex:606362656467"));
}

TEST(MatchKey, WhatIsNoHexIsText) {
  EXPECT_EQ(Key("protocol-literal:hex:0g"), "protocol-literal:xor1:000d1052580f")
      << "the six characters, XOR the first";
  EXPECT_EQ(Key("protocol-literal:hex:012"), Key("protocol-literal:hex:012"));
  EXPECT_NE(Key("protocol-literal:hex:0123456789abc"), Key("protocol-literal:hex:0123456789ab"));
}

TEST(MatchKey, WindowsNamesHaveNoCase) {
  EXPECT_EQ(Key("mutex:Global\\Nest"), Key("mutex:GLOBAL\\nest"));
  EXPECT_EQ(Key("pdb-path:D:\\Work\\A.pdb"), Key("pdb-path:d:\\work\\a.PDB"));
  EXPECT_EQ(Key("service:WmMgr"), Key("service:wmmgr"));
  EXPECT_NE(Key("string:Nest"), Key("string:nest"));
  EXPECT_NE(Key("mutex:nest"), Key("service:nest"));
}

TEST(MatchKey, UrlsMeetByTheirPath) {
  EXPECT_EQ(Key("url:http://a.example/x/y.php"), Key("url:https://b.example/x/y.php"));
  EXPECT_EQ(Key("url:http://a.example/x/y.php"), Key("url-path:/x/y.php"));
  // "/" is on every server.
  EXPECT_NE(Key("url:http://a.example/"), Key("url:http://b.example/"));
}

TEST(ReadableLiteral, UndoesTheKey) {
  EXPECT_EQ(ReadableLiteral("POST HTTP REQUEST?"), "POST HTTP REQUEST?");
  EXPECT_EQ(ReadableLiteral(""), "");
  EXPECT_EQ(ReadableLiteral("hex:"), "");
  // Bytes spread over the whole range have no printable form under any key.
  EXPECT_EQ(ReadableLiteral("hex:00ff00ff80407f01"), "hex:00ff00ff80407f01");
  for (unsigned char c : ReadableLiteral("hex:d1ced2d5a1c9d5d5d1a1d3c4d0d4c4d2d5be"))
    EXPECT_TRUE(c >= 0x20 && c < 0x7F);
}

}  // namespace
}  // namespace ascribe
