#include "model/entity.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "base/time.h"

namespace ascribe {
namespace {

constexpr std::array<std::string_view, kEntityTypeCount> kNames = {
    "incident", "attack", "actor", "unit", "country", "class", "persona", "account", "holder",
    "malware", "tool", "lineage", "technique", "driver",
    "file-md5", "file-sha1", "file-sha256", "file-name", "file-path", "sample",
    "string", "crypto-key", "mutex", "pipe", "service", "pdb-path", "registry-key", "protocol-literal", "code-function",
    "code-template", "data-table", "wiper-method", "user-agent",
    "rich-header", "toolset", "runtime-reference", "linker-version", "compile-time", "imphash", "resource-language",
    "signing-cert",
    "ipv4", "ipv6", "cidr", "asn", "domain", "url", "url-path", "email", "tls-cert", "host", "wallet",
    "sector", "circumstance", "demand", "persona-trait", "language", "utc-offset", "timing", "capability", "text",
    "hygiene",
};

Result<std::string> Bad(EntityType type, std::string_view value, std::string_view why) {
  return Fail(ErrorCode::kInvalidInput, fmt::format("\"{}\" is no {}: {}", TerminalSafe(Ellipsize(value, 80)),
                                                    EntityTypeName(type), why));
}

void ReplaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// hxxp, [.], (.), {.}, [dot], (dot), [:], [at], [@]: the spellings that reports use so that nobody clicks.
std::string Refang(std::string_view raw) {
  std::string text(raw);
  for (std::string_view dot : {"[.]", "(.)", "{.}", "[dot]", "(dot)", "{dot}", "[DOT]", "(DOT)", "[.", ".]"}) ReplaceAll(text, dot, ".");
  for (std::string_view at : {"[@]", "[at]", "(at)", "[AT]"}) ReplaceAll(text, at, "@");
  for (std::string_view colon : {"[:]", "[://]"}) ReplaceAll(text, colon, colon == "[:]" ? ":" : "://");
  if (StartsWithNoCase(text, "hxxp")) text.replace(1, 2, "tt");
  return text;
}

bool AllOf(std::string_view text, bool (*accept)(char)) { return std::all_of(text.begin(), text.end(), accept); }
bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsHostChar(char c) { return IsDigit(c) || IsLower(c) || c == '-' || c == '.' || c == '_'; }

Result<std::string> Hash(EntityType type, std::string value, std::size_t digits) {
  value = AsciiLower(value);
  if (value.size() != digits || !AllOf(value, IsHex)) return Bad(type, value, fmt::format("needs {} hex digits", digits));
  return value;
}

Result<std::string> Address(EntityType type, const std::string& value) {
  std::array<unsigned char, 16> raw{};
  const int family = type == EntityType::kIpv4 ? AF_INET : AF_INET6;
  if (inet_pton(family, value.c_str(), raw.data()) != 1) return Bad(type, value, "not an address");
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, raw.data(), text.data(), text.size());
  return std::string(text.data());
}

Result<std::string> Cidr(const std::string& value) {
  const std::size_t slash = value.find('/');
  if (slash == std::string::npos) return Bad(EntityType::kCidr, value, "needs address/length");
  const std::string host = value.substr(0, slash);
  const bool v6 = host.find(':') != std::string::npos;
  unsigned length = 0;
  const char* end = value.data() + value.size();
  const auto parsed = std::from_chars(value.data() + slash + 1, end, length);
  std::array<unsigned char, 16> raw{};
  if (parsed.ec != std::errc() || parsed.ptr != end || length > (v6 ? 128u : 32u) ||
      inet_pton(v6 ? AF_INET6 : AF_INET, host.c_str(), raw.data()) != 1)
    return Bad(EntityType::kCidr, value, "not an address range");
  for (std::size_t bit = length; bit < (v6 ? 128u : 32u); ++bit)
    raw[bit / 8] = static_cast<unsigned char>(raw[bit / 8] & ~(0x80u >> (bit % 8)));
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(v6 ? AF_INET6 : AF_INET, raw.data(), text.data(), text.size());
  return fmt::format("{}/{}", text.data(), length);
}

Result<std::string> Domain(std::string value) {
  value = AsciiLower(value);
  while (!value.empty() && value.back() == '.') value.pop_back();
  // RFC 1035: labels of 1..63 octets, 253 in all; non-ASCII names stay as they are (they may be homoglyphs on purpose).
  if (value.empty() || value.size() > 253) return Bad(EntityType::kDomain, value, "length 1..253");
  if (value.find('.') == std::string::npos) return Bad(EntityType::kDomain, value, "needs a dot");
  for (std::string_view label : Split(value, '.'))
    if (label.empty() || label.size() > 63) return Bad(EntityType::kDomain, value, "labels have 1..63 characters");
  for (char c : value)
    if (static_cast<unsigned char>(c) < 0x80 && !IsHostChar(c)) return Bad(EntityType::kDomain, value, "invalid character");
  return value;
}

// Scheme and host in lower case; path and query as they are; a missing path is "/".
Result<std::string> Url(std::string value) {
  const std::size_t scheme = value.find("://");
  if (scheme == std::string::npos || scheme == 0) return Bad(EntityType::kUrl, value, "needs scheme://");
  std::size_t end = value.find_first_of("/?#", scheme + 3);
  if (end == std::string::npos) end = value.size();
  if (end == scheme + 3) return Bad(EntityType::kUrl, value, "needs a host");
  std::string url = AsciiLower(std::string_view(value).substr(0, end)) + value.substr(end);
  if (end == value.size()) url += '/';
  return url;
}

Result<std::string> Technique(std::string value) {
  value = AsciiUpper(value);
  const std::string_view v = value;
  const bool parent = v.size() >= 5 && v[0] == 'T' && AllOf(v.substr(1, 4), IsDigit);
  const bool child = v.size() == 9 && v[5] == '.' && AllOf(v.substr(6), IsDigit);
  if (!parent || (v.size() != 5 && !child)) return Bad(EntityType::kTechnique, value, "needs T1234 or T1234.001");
  return value;
}

Result<std::string> Canonical(EntityType type, std::string value) {
  switch (type) {
    case EntityType::kFileMd5:
    case EntityType::kImphash: return Hash(type, std::move(value), 32);
    case EntityType::kFileSha1: return Hash(type, std::move(value), 40);
    case EntityType::kFileSha256: return Hash(type, std::move(value), 64);
    case EntityType::kIpv4:
    case EntityType::kIpv6: return Address(type, Refang(value));
    case EntityType::kCidr: return Cidr(Refang(value));
    case EntityType::kDomain: return Domain(Refang(value));
    case EntityType::kUrl: return Url(Refang(value));
    case EntityType::kEmail: {
      value = AsciiLower(Refang(value));
      const std::size_t at = value.find('@');
      if (at == 0 || at == std::string::npos || at + 1 == value.size() || value.find('@', at + 1) != std::string::npos)
        return Bad(type, value, "needs local@domain");
      return value;
    }
    case EntityType::kAsn: {
      value = AsciiUpper(value);
      if (!value.starts_with("AS")) value = "AS" + value;
      if (value.size() < 3 || value.size() > 12 || !AllOf(std::string_view(value).substr(2), IsDigit))
        return Bad(type, value, "needs AS and a number");
      return value;
    }
    case EntityType::kTechnique: return Technique(std::move(value));
    case EntityType::kCountry: {
      value = AsciiUpper(value);
      if (value.size() != 2 || !AllOf(AsciiLower(value), IsLower)) return Bad(type, value, "needs ISO 3166 alpha-2");
      return value;
    }
    case EntityType::kIncident:
      if (value != "self") return Bad(type, value, "only incident:self exists");
      return value;
    case EntityType::kCompileTime: {
      const auto time = ParseTime(value);
      if (!time) return Bad(type, value, "needs an RFC 3339 time");
      return time->ToString();
    }
    case EntityType::kClass:
    case EntityType::kSector:
    case EntityType::kToolset:
    case EntityType::kLanguage:
    case EntityType::kResourceLanguage:
    case EntityType::kFileName:  // Windows file names do not distinguish case
    case EntityType::kRuntimeReference:
    case EntityType::kHygiene: return AsciiLower(value);
    default: return value;
  }
}

}  // namespace

std::string_view EntityTypeName(EntityType type) { return kNames[static_cast<std::size_t>(type)]; }

std::optional<EntityType> ParseEntityType(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<EntityType>(i);
  return std::nullopt;
}

std::string Entity::ToString() const { return std::string(EntityTypeName(type)) + ":" + value; }

Result<Entity> MakeEntity(EntityType type, std::string_view raw) {
  if (raw.size() > kMaxEntityValue)
    return Fail(ErrorCode::kLimitExceeded, fmt::format("{} longer than 64 KiB", EntityTypeName(type)));
  const bool verbatim = type == EntityType::kString || type == EntityType::kProtocolLiteral;  // blanks may matter inside
  std::string value = SanitizeUtf8(verbatim ? raw : Trim(raw));
  if (value.empty()) return Fail(ErrorCode::kInvalidInput, fmt::format("empty {}", EntityTypeName(type)));
  TRY_ASSIGN(std::string canonical, Canonical(type, std::move(value)));
  return Entity{type, std::move(canonical)};
}

Result<Entity> ParseEntity(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos)
    return Fail(ErrorCode::kInvalidInput, fmt::format("\"{}\" is no entity: write type:value", TerminalSafe(Ellipsize(text, 80))));
  const std::optional<EntityType> type = ParseEntityType(text.substr(0, colon));
  if (!type)
    return Fail(ErrorCode::kUnsupported,
                fmt::format("unknown entity type \"{}\"", TerminalSafe(Ellipsize(text.substr(0, colon), 40))));
  return MakeEntity(*type, text.substr(colon + 1));
}

}  // namespace ascribe
