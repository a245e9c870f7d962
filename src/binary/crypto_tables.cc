#include "binary/crypto_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/sha256.h"

namespace ascribe {
namespace {

using Kind = CryptoFind::Kind;

struct Table {
  const char* name;
  unsigned width;                      // bytes of a number: 4 and 8 are looked for in both byte orders
  std::array<std::uint64_t, 4> first;  // that many tell it from chance (16 bytes and more)
  unsigned count;
};

// The first numbers of each table: FIPS 197 (AES), FIPS 180-4 (SHA), RFC 1321 (MD5), the Blowfish paper (digits of pi), the
// reflected and plain polynomials of CRC-32 (IEEE 802.3) and CRC-32C (RFC 3720), RFC 7693 (BLAKE2 uses SHA-512's start).
constexpr std::array<Table, 13> kTables = {{
    {"AES T-table", 4, {0xC66363A5, 0xF87C7C84, 0xEE777799, 0xF67B7B8D}, 4},
    {"SHA-256 constants", 4, {0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5}, 4},
    {"SHA-256 start values", 4, {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A}, 4},
    {"SHA-512 constants", 8, {0x428A2F98D728AE22, 0x7137449123EF65CD, 0xB5C0FBCFEC4D3B2F, 0xE9B5DBA58189DBBC}, 3},
    {"SHA-512 start values", 8, {0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1}, 3},
    {"MD5 constants", 4, {0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE}, 4},
    {"MD5 or SHA-1 start values", 4, {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476}, 4},
    {"CRC-32 table", 4, {0x00000000, 0x77073096, 0xEE0E612C, 0x990951BA}, 4},
    {"CRC-32 table, not reflected", 4, {0x00000000, 0x04C11DB7, 0x09823B6E, 0x0D4326D9}, 4},
    {"CRC-32C table", 4, {0x00000000, 0xF26B8303, 0xE13B70F7, 0x1350F3F4}, 4},
    {"Blowfish P-array", 4, {0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, 4},
    {"Blowfish S-boxes", 4, {0xD1310BA6, 0x98DFB5AC, 0x2FFD72DB, 0xD01ADFB7}, 4},
    {"Keccak round constants", 8, {0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000}, 3},
}};
constexpr std::array<std::uint8_t, 16> kSbox = {0x63, 0x7C, 0x77, 0x7B, 0xF2, 0x6B, 0x6F, 0xC5, 0x30, 0x01, 0x67, 0x2B, 0xFE, 0xD7, 0xAB, 0x76};
constexpr std::array<std::uint8_t, 16> kInverse = {0x52, 0x09, 0x6A, 0xD5, 0x30, 0x36, 0xA5, 0x38, 0xBF, 0x40, 0xA3, 0x9E, 0x81, 0xF3, 0xD7, 0xFB};

std::string Printed(const Table& table, bool big) {
  std::string bytes;
  for (unsigned i = 0; i < table.count; ++i)
    for (unsigned b = 0; b < table.width; ++b) {
      const unsigned shift = 8 * (big ? table.width - 1 - b : b);
      bytes += static_cast<char>(table.first[i] >> shift);
    }
  return bytes;
}

struct Needle {
  std::string name, bytes;
};

// What is looked for, grouped by its first two bytes so that most places cost one look.
const std::vector<Needle>& Needles() {
  static const std::vector<Needle> kNeedles = [] {
    std::vector<Needle> made;
    made.push_back({"AES S-box", std::string(kSbox.begin(), kSbox.end())});
    made.push_back({"AES inverse S-box", std::string(kInverse.begin(), kInverse.end())});
    for (const Table& table : kTables)
      for (bool big : {false, true}) made.push_back({table.name, Printed(table, big)});
    made.push_back({"ChaCha or Salsa20 constant", "expand 32-byte k"});
    made.push_back({"ChaCha or Salsa20 constant", "expand 16-byte k"});
    return made;
  }();
  return kNeedles;
}

// Orders of 64 characters that a standard or a common library uses.
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", kLower = "abcdefghijklmnopqrstuvwxyz", kDigits = "0123456789";
std::string StandardAlphabet(std::string_view text) {
  const auto is = [&](std::string_view a, std::string_view b, std::string_view c, std::string_view d) {
    return text == std::string(a) + std::string(b) + std::string(c) + std::string(d);
  };
  if (is(kUpper, kLower, kDigits, "+/")) return "base64 alphabet";
  if (is(kUpper, kLower, kDigits, "-_")) return "base64url alphabet";
  if (is(kUpper, kLower, kDigits, "+,")) return "IMAP base64 alphabet";
  if (is("./", kDigits, kUpper, kLower)) return "crypt alphabet";
  if (is("./", kUpper, kLower, kDigits)) return "bcrypt alphabet";
  if (is("+-", kDigits, kUpper, kLower)) return "xxencode alphabet";
  if (is(kDigits, kUpper, kLower, "+/") || is(kDigits, kLower, kUpper, "+/") || is(kDigits, kUpper, kLower, "-_") ||
      is(kDigits, kLower, kUpper, "-_") || is(kDigits, kUpper, kLower, "_-") || is("-", kDigits, kUpper, std::string("_") + std::string(kLower)) ||
      is("_-", kDigits, kLower, kUpper) || is("-_", kDigits, kLower, kUpper) || is(kLower, kUpper, kDigits, "+/") ||
      is(kLower, kUpper, kDigits, "-_") || is(kLower, kUpper, kDigits, "_-") || is(kDigits, kLower, kUpper, "@_") ||
      is("useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict", "", "", ""))
    return "alphabet of 64 characters in a common order";
  if (text == "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr") return "BinHex alphabet";
  return {};
}

bool AlphabetChar(std::uint8_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/' || c == '-' || c == '_' ||
         c == '.' || c == ',' || c == '*' || c == '!' || c == '$' || c == '=' || c == '@' || c == '#' || c == '(' || c == ')' || c == '~';
}

// All letters and digits once, and two more characters.
bool IsAlphabet(std::string_view text) {
  std::array<bool, 128> seen{};
  unsigned common = 0;
  for (char c : text) {
    const auto u = static_cast<std::uint8_t>(c);
    if (seen[u]) return false;
    seen[u] = true;
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) ++common;
  }
  return common == 62;
}

class Search {
 public:
  explicit Search(ByteView file) : file_(file), text_(file.text()) {}

  std::vector<CryptoFind> Run() {
    Tables();
    Alphabets();
    KeyBlocks();
    RsaKeys();
    std::stable_sort(out_.begin(), out_.end(), [](const CryptoFind& a, const CryptoFind& b) { return a.offset < b.offset; });
    return std::move(out_);
  }

 private:
  void Tables() {
    const auto pair_of = [](std::uint8_t first, std::uint8_t second) { return static_cast<std::size_t>(first) | static_cast<std::size_t>(second) << 8; };
    std::vector<std::vector<const Needle*>> by_first(65536);
    for (const Needle& needle : Needles())
      by_first[pair_of(static_cast<std::uint8_t>(needle.bytes[0]), static_cast<std::uint8_t>(needle.bytes[1]))].push_back(&needle);
    std::vector<std::string_view> found;
    for (std::size_t at = 0; at + 16 <= text_.size(); ++at) {
      const auto& candidates = by_first[pair_of(file_.data()[at], file_.data()[at + 1])];
      for (const Needle* needle : candidates) {
        if (text_.compare(at, needle->bytes.size(), needle->bytes) != 0) continue;
        if (std::find(found.begin(), found.end(), needle->name) != found.end()) continue;
        found.push_back(needle->name);
        out_.push_back({Kind::kAlgorithm, at, needle->bytes.size(), needle->name});
      }
    }
  }

  void Alphabets() {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < text_.size() && found.size() < kMaxCryptoFinds;) {
      std::size_t n = 0;
      while (at + n < text_.size() && AlphabetChar(file_.data()[at + n])) ++n;
      // 65: the padding character behind it.
      if (n == 64 || n == 65) {
        const std::string alphabet(text_.substr(at, 64));
        if (IsAlphabet(alphabet) && std::find(found.begin(), found.end(), alphabet) == found.end()) {
          const std::string standard = StandardAlphabet(alphabet);
          out_.push_back({standard.empty() ? Kind::kAlphabet : Kind::kAlgorithm, at, 64, standard.empty() ? alphabet : standard});
          found.push_back(alphabet);
        }
      }
      at += n + 1;
    }
  }

  // RFC 7468 and RFC 4880 blocks. What is hashed is the base64 text without blanks: line ends differ from copy to copy.
  void KeyBlocks() {
    constexpr std::string_view kBegin = "-----BEGIN ";
    std::size_t kept = 0;
    for (std::size_t at = text_.find(kBegin); at != std::string_view::npos && kept < kMaxCryptoFinds; at = text_.find(kBegin, at + kBegin.size())) {
      const std::string_view rest = text_.substr(at, kMaxKeyBlock);
      const std::size_t label_end = rest.substr(0, 80).find("-----", kBegin.size());
      if (label_end == std::string_view::npos) continue;
      const std::string_view label = rest.substr(kBegin.size(), label_end - kBegin.size());
      if (label.find("KEY") == std::string_view::npos) continue;
      const std::size_t end = rest.find("-----END ", label_end + 5);
      if (end == std::string_view::npos) continue;
      std::string body;
      bool clean = true;
      for (char c : rest.substr(label_end + 5, end - label_end - 5)) {
        if (c == '\n' || c == '\r' || c == ' ' || c == '\t' || c == '\0' || c == '\\') continue;
        clean = clean && c >= 0x20 && c < 0x7F;
        body += c;
      }
      if (!clean || body.size() < 40) continue;
      const char* kind = label.find("PGP") != std::string_view::npos ? "pgp" : label.find("PRIVATE") != std::string_view::npos ? "private" : "public";
      out_.push_back({Kind::kKey, at, end, fmt::format("{}-{}", kind, Sha256Hex(body).substr(0, 32))});
      ++kept;
    }
  }

  // PKCS #1 RSAPublicKey in DER: SEQUENCE { INTEGER modulus, INTEGER exponent }, 1,024 to 16,384 bits.
  void RsaKeys() {
    std::vector<std::string> found;
    for (std::size_t at = 0; at + 8 < text_.size() && found.size() < kMaxCryptoFinds; ++at) {
      if (file_.data()[at] != 0x30) continue;
      std::uint64_t pos = at + 1;
      const auto outer = Length(pos);
      if (!outer || *outer < 130 || !file_.Contains(pos, *outer)) continue;
      const std::uint64_t end = pos + *outer;
      if (file_.U8(pos) != 0x02) continue;
      ++pos;
      const auto modulus = Length(pos);
      if (!modulus || *modulus < 129 || *modulus > 2049 || pos + *modulus > end) continue;
      // Positive (a leading zero before a set bit), odd.
      if (file_.U8(pos) != 0x00 || *file_.U8(pos + 1) < 0x80 || (*file_.U8(pos + *modulus - 1) & 1) == 0) continue;
      const std::uint64_t bits = (*modulus - 1) * 8;
      if (bits % 256 != 0) continue;
      const std::uint64_t numbers = pos;
      pos += *modulus;
      if (file_.U8(pos) != 0x02) continue;
      ++pos;
      const auto exponent = Length(pos);
      if (!exponent || *exponent < 1 || *exponent > 4 || pos + *exponent != end) continue;
      const std::string name = fmt::format("rsa-{}-{}", bits, Sha256Hex(*file_.Slice(numbers, end - numbers)).substr(0, 32));
      if (std::find(found.begin(), found.end(), name) != found.end()) continue;
      found.push_back(name);
      out_.push_back({Kind::kKey, at, end - at, name});
    }
  }

  // DER length at `pos`, which moves behind it; at most two length bytes.
  std::optional<std::uint64_t> Length(std::uint64_t& pos) const {
    const auto first = file_.U8(pos++);
    if (!first) return std::nullopt;
    if (*first < 0x80) return *first;
    if (*first != 0x81 && *first != 0x82) return std::nullopt;
    std::uint64_t length = 0;
    for (int i = 0; i < *first - 0x80; ++i) {
      const auto byte = file_.U8(pos++);
      if (!byte) return std::nullopt;
      length = (length << 8) | *byte;
    }
    return length;
  }

  ByteView file_;
  std::string_view text_;
  std::vector<CryptoFind> out_;
};

}  // namespace

std::vector<CryptoFind> FindCrypto(ByteView file) { return Search(file).Run(); }

}  // namespace ascribe
