#include "binary/crypto_tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ascribe {
namespace {

std::vector<std::string> Names(const std::string& file) {
  std::vector<std::string> names;
  for (const CryptoFind& find : FindCrypto(file)) {
    EXPECT_LE(find.offset + find.length, file.size());
    names.push_back(find.name);
  }
  return names;
}

std::string Words(std::initializer_list<std::uint32_t> words, bool big) {
  std::string bytes;
  for (std::uint32_t w : words)
    for (int b = 0; b < 4; ++b) bytes += static_cast<char>(w >> (8 * (big ? 3 - b : b)));
  return bytes;
}

TEST(CryptoTables, AlgorithmsInBothByteOrdersOnce) {
  for (bool big : {false, true}) {
    const std::string k = Words({0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5}, big);
    const std::string file = "xyz" + k + std::string(33, '\0') + k + Words({0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE}, big) + "expand 32-byte k";
    EXPECT_EQ(Names(file), (std::vector<std::string>{"SHA-256 constants", "MD5 constants", "ChaCha or Salsa20 constant"}));
    EXPECT_EQ(FindCrypto(file)[0].offset, 3u);
  }
  EXPECT_TRUE(Names(Words({0x428A2F98, 0x71374491, 0xB5C0FBCF}, false)).empty()) << "three numbers are not yet a table";
}

TEST(CryptoTables, AnAlphabetOfOnesOwnIsToldFromStandards) {
  const std::string standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string own = standard;
  std::swap(own[3], own[40]);
  const std::string file = std::string("\0", 1) + standard + "=" + std::string("\0", 1) + own + std::string("\0", 1);
  const auto found = FindCrypto(file);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].kind, CryptoFind::Kind::kAlgorithm);
  EXPECT_EQ(found[0].name, "base64 alphabet");
  EXPECT_EQ(found[1].kind, CryptoFind::Kind::kAlphabet);
  EXPECT_EQ(found[1].name, own);
  std::string twice = own;
  twice[5] = twice[6];
  EXPECT_TRUE(Names(std::string("\0", 1) + twice + std::string("\0", 1)).empty());
}

TEST(CryptoTables, KeysByTheirBytesWhateverTheLineEnds) {
  const std::string body(64, 'A');
  const auto block = [&](const std::string& label, const std::string& end) {
    return "-----BEGIN " + label + "-----" + end + body + end + body + end + "-----END " + label + "-----";
  };
  const auto unix_ends = Names(block("PUBLIC KEY", "\n")), dos = Names(block("PUBLIC KEY", "\r\n"));
  ASSERT_EQ(unix_ends.size(), 1u);
  EXPECT_TRUE(unix_ends[0].starts_with("public-"));
  EXPECT_EQ(unix_ends, dos);
  EXPECT_TRUE(Names(block("RSA PRIVATE KEY", "\n"))[0].starts_with("private-"));
  EXPECT_TRUE(Names(block("PGP PUBLIC KEY BLOCK", "\n"))[0].starts_with("pgp-"));
  EXPECT_TRUE(Names(block("CERTIFICATE", "\n")).empty());
  EXPECT_TRUE(Names("-----BEGIN PUBLIC KEY-----%s-----END PUBLIC KEY-----").empty()) << "a format is no key";
}

TEST(CryptoTables, AnRsaKeyInDer) {
  std::string key("\x30\x81\x89\x02\x81\x81\x00", 7);
  for (int i = 0; i < 128; ++i) key += static_cast<char>(0x81 + 37 * i);
  key[key.size() - 1] = '\x01';
  key += std::string("\x02\x03\x01\x00\x01", 5);
  const auto names = Names("ab" + key + "cd");
  ASSERT_EQ(names.size(), 1u);
  EXPECT_TRUE(names[0].starts_with("rsa-1024-"));
  std::string even = key;
  even[even.size() - 6] = '\x02';
  EXPECT_TRUE(Names(even).empty());
  EXPECT_TRUE(Names(key.substr(0, 100)).empty());
}

}  // namespace
}  // namespace ascribe
