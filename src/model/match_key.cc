#include "model/match_key.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "base/text.h"

namespace ascribe {
namespace {

// Shorter literals coincide by chance: 256 keys over 5 bytes leave 32 bits.
constexpr std::size_t kMinLiteral = 6;

int Nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The bytes of "hex:0a1b.." or the characters themselves.
std::string LiteralBytes(std::string_view value) {
  if (!value.starts_with("hex:")) return std::string(value);
  std::string bytes;
  int high = -1;
  for (char c : value.substr(4)) {
    if (c == ' ') continue;
    const int nibble = Nibble(c);
    if (nibble < 0) return std::string(value);
    if (high < 0) {
      high = nibble;
    } else {
      bytes += static_cast<char>(high * 16 + nibble);
      high = -1;
    }
  }
  return high < 0 ? bytes : std::string(value);
}

std::string Hex(std::string_view bytes) {
  std::string out;
  for (char c : bytes) out += fmt::format("{:02x}", static_cast<std::uint8_t>(c));
  return out;
}

std::string LiteralKey(std::string_view value) {
  std::string bytes = LiteralBytes(value);
  if (bytes.size() < kMinLiteral) return "raw:" + Hex(bytes);
  const char first = bytes.front();
  for (char& c : bytes) c = static_cast<char>(c ^ first);
  return "xor1:" + Hex(bytes);
}

std::string UrlPath(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = scheme == std::string_view::npos ? url.find('/') : url.find('/', scheme + 3);
  return slash == std::string_view::npos ? std::string("/") : std::string(url.substr(slash));
}

}  // namespace

std::string MatchKey(const Entity& entity) {
  const std::string type(EntityTypeName(entity.type));
  switch (entity.type) {
    case EntityType::kProtocolLiteral: return type + ":" + LiteralKey(entity.value);
    case EntityType::kPdbPath:
    case EntityType::kMutex:
    case EntityType::kService:
    case EntityType::kPipe:
    case EntityType::kFilePath:
    case EntityType::kRegistryKey: return type + ":" + AsciiLower(entity.value);
    case EntityType::kUrl: {
      // "/" is on every server; such a URL only matches itself.
      const std::string path = UrlPath(entity.value);
      return path == "/" ? entity.ToString() : "url-path:" + path;
    }
    default: return entity.ToString();
  }
}

std::string ReadableLiteral(std::string_view value) {
  const std::string bytes = LiteralBytes(value);
  if (bytes.empty()) return {};
  std::optional<int> best_key;
  std::size_t best_score = 0;
  for (int key = 0; key < 256; ++key) {
    std::size_t printable = 0, letters = 0;
    for (char raw : bytes) {
      const int c = static_cast<std::uint8_t>(raw) ^ key;
      printable += c >= 0x20 && c < 0x7F;
      letters += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ';
    }
    if (printable * 10 < bytes.size() * 9) continue;
    if (!best_key || letters > best_score) best_key = key, best_score = letters;
  }
  if (!best_key) return "hex:" + Hex(bytes);
  std::string text;
  for (char raw : bytes) {
    const int c = static_cast<std::uint8_t>(raw) ^ *best_key;
    text += c >= 0x20 && c < 0x7F ? std::string(1, static_cast<char>(c)) : fmt::format("\\x{:02x}", c);
  }
  return text;
}

}  // namespace ascribe
