#include "interchange/stix_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "interchange/uuid5.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

Json Observable(std::string_view type) { return {{"type", type}, {"spec_version", "2.1"}, {"id", ""}}; }

Json WithHash(std::string_view type, std::string_view algorithm, const std::string& hash) {
  Json object = Observable(type);
  object["hashes"][std::string(algorithm)] = hash;
  return object;
}

Json WithText(std::string_view type, std::string_view property, const std::string& value) {
  Json object = Observable(type);
  object[std::string(property)] = value;
  return object;
}

std::optional<Json> Certificate(const std::string& value) {
  if (!std::all_of(value.begin(), value.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }))
    return std::nullopt;
  if (value.size() == 40) return WithHash("x509-certificate", "SHA-1", value);
  if (value.size() == 64) return WithHash("x509-certificate", "SHA-256", value);
  return std::nullopt;
}

std::optional<Json> AutonomousSystem(const std::string& value) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(value.data() + 2, value.data() + value.size(), number);  // "AS" and digits
  if (parsed.ec != std::errc() || number > 0xFFFFFFFFu) return std::nullopt;                   // RFC 6793: 32 bits
  Json object = Observable("autonomous-system");
  object["number"] = number;
  return object;
}

// Abbreviated hives are forbidden (STIX 2.1 section 6.17), and the published schema finds them anywhere in the key.
std::optional<Json> RegistryKey(std::string key) {
  static constexpr std::array<std::array<std::string_view, 2>, 5> kHives = {{{"HKLM\\", "HKEY_LOCAL_MACHINE\\"},
                                                                             {"HKCU\\", "HKEY_CURRENT_USER\\"},
                                                                             {"HKCR\\", "HKEY_CLASSES_ROOT\\"},
                                                                             {"HKCC\\", "HKEY_CURRENT_CONFIG\\"},
                                                                             {"HKU\\", "HKEY_USERS\\"}}};
  for (const auto& [brief, full] : kHives)
    if (key.starts_with(brief)) key.replace(0, brief.size(), full);
  for (std::string_view brief : {"HKLM", "HKCC", "HKCR", "HKCU", "HKU", "hklm", "hkcc", "hkcr", "hkcu", "hku"})
    if (key.find(brief) != std::string::npos) return std::nullopt;
  return WithText("windows-registry-key", "key", key);
}

std::string Quoted(const std::string& value) {
  std::string out = "'";
  for (char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// STIX 2.1 section 6, "ID Contributing Properties" of the types that are made here.
std::vector<std::string_view> IdProperties(std::string_view type) {
  if (type == "file") return {"hashes", "name", "extensions", "parent_directory_ref"};
  if (type == "autonomous-system") return {"number"};
  if (type == "mutex") return {"name"};
  if (type == "user-account") return {"account_type", "user_id", "account_login"};
  if (type == "windows-registry-key") return {"key", "values"};
  if (type == "x509-certificate") return {"hashes", "serial_number"};
  return {"value"};  // addresses, domain names, URLs, mail addresses
}

}  // namespace

void SetObservableId(Json& object) {
  const auto type = object.at("type").get<std::string>();
  nlohmann::json properties = nlohmann::json::object();  // sorted keys, as canonical JSON wants them
  for (std::string_view property : IdProperties(type)) {
    const auto found = object.find(std::string(property));
    if (found == object.end()) continue;
    if (property != "hashes") {
      properties[std::string(property)] = *found;
      continue;
    }
    // Of several hashes the first of this list counts, so that two parties that know different ones can still agree.
    for (const char* algorithm : {"MD5", "SHA-1", "SHA-256", "SHA-512"})
      if (const auto hash = found->find(algorithm); hash != found->end()) {
        properties["hashes"] = {{algorithm, *hash}};
        break;
      }
  }
  object["id"] =
      type + "--" +
      Uuid5(kStixObservableNamespace, properties.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::optional<Json> ObservableFor(const Entity& entity) {
  const std::string& value = entity.value;
  std::optional<Json> object;
  switch (entity.type) {
    case EntityType::kFileMd5:
      object = WithHash("file", "MD5", value);
      break;
    case EntityType::kFileSha1:
      object = WithHash("file", "SHA-1", value);
      break;
    case EntityType::kFileSha256:
      object = WithHash("file", "SHA-256", value);
      break;
    case EntityType::kFileName:
    case EntityType::kFilePath:
      object = WithText("file", "name", value);
      break;
    case EntityType::kIpv4:
      object = WithText("ipv4-addr", "value", value);
      break;
    case EntityType::kIpv6:
      object = WithText("ipv6-addr", "value", value);
      break;
    case EntityType::kCidr:
      object = WithText(value.find(':') == std::string::npos ? "ipv4-addr" : "ipv6-addr", "value", value);
      break;
    case EntityType::kDomain:
      object = WithText("domain-name", "value", value);
      break;
    case EntityType::kUrl:
      object = WithText("url", "value", value);
      break;
    case EntityType::kEmail:
      object = WithText("email-addr", "value", value);
      break;
    case EntityType::kMutex:
      object = WithText("mutex", "name", value);
      break;
    case EntityType::kAccount:
      object = WithText("user-account", "account_login", value);
      break;
    case EntityType::kAsn:
      object = AutonomousSystem(value);
      break;
    case EntityType::kTlsCert:
      object = Certificate(value);
      break;
    case EntityType::kRegistryKey:
      object = RegistryKey(value);
      break;
    default:
      break;
  }
  if (object) SetObservableId(*object);
  return object;
}

std::string PatternFor(const Entity& entity) {
  switch (entity.type) {
    case EntityType::kImphash:
      return fmt::format("[file:extensions.'windows-pebinary-ext'.imphash = {}]", Quoted(entity.value));
    case EntityType::kUserAgent:
      return fmt::format("[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = {}]",
                         Quoted(entity.value));
    case EntityType::kUrlPath:
      return fmt::format("[network-traffic:extensions.'http-request-ext'.request_value = {}]", Quoted(entity.value));
    case EntityType::kService:
      return fmt::format("[process:extensions.'windows-service-ext'.service_name = {}]", Quoted(entity.value));
    default:
      return {};
  }
}

}  // namespace ascribe
