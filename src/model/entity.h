#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ascribe {

/// What a fact can be about; the names are those of docs/formats/facts.md.
enum class EntityType : std::uint8_t {
  kIncident, kAttack, kActor, kUnit, kCountry, kClass, kPersona, kAccount, kHolder,
  kMalware, kTool, kLineage, kTechnique, kDriver,
  kFileMd5, kFileSha1, kFileSha256, kFileName, kFilePath, kSample,
  kString, kCryptoKey, kMutex, kPipe, kService, kPdbPath, kRegistryKey, kProtocolLiteral, kCodeFunction,
  kCodeTemplate, kDataTable, kWiperMethod, kUserAgent,
  kRichHeader, kToolset, kRuntimeReference, kLinkerVersion, kCompileTime, kImphash, kResourceLanguage, kSigningCert,
  kIpv4, kIpv6, kCidr, kAsn, kDomain, kUrl, kUrlPath, kEmail, kTlsCert, kHost, kWallet,
  kSector, kCircumstance, kDemand, kPersonaTrait, kLanguage, kUtcOffset, kTiming, kCapability, kText, kHygiene,
};
inline constexpr std::size_t kEntityTypeCount = static_cast<std::size_t>(EntityType::kHygiene) + 1;

[[nodiscard]] std::string_view EntityTypeName(EntityType type);
[[nodiscard]] std::optional<EntityType> ParseEntityType(std::string_view name);

/// A typed, canonical value. Two facts speak of the same thing when their entities are equal.
struct Entity {
  EntityType type = EntityType::kText;
  std::string value;

  auto operator<=>(const Entity&) const = default;
  [[nodiscard]] std::string ToString() const;  ///< "type:value"
};

/// Longest value kept; longer ones are cut by nobody: they are refused with a diagnostic (a 64 KiB "mutex" is an attack).
inline constexpr std::size_t kMaxEntityValue = 64 * 1024;

/// Canonical entity from a raw value: trims, sanitises UTF-8, undoes defanging of network types, lower-cases hashes
/// and hosts, upper-cases technique ids and country codes, checks the syntax of hashes, addresses, domains and ids.
/// Errors: kInvalidInput says what is wrong with the value, kLimitExceeded.
[[nodiscard]] Result<Entity> MakeEntity(EntityType type, std::string_view raw);

/// Parses "type:value" (the first colon separates) and canonicalises. Errors as MakeEntity, kUnsupported: unknown type.
[[nodiscard]] Result<Entity> ParseEntity(std::string_view text);

}  // namespace ascribe
