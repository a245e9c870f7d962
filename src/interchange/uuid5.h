#pragma once

#include <string>
#include <string_view>

namespace ascribe {

/// Name-based UUID, version 5 (RFC 9562 section 5.5): the same namespace and name give the same UUID anywhere.
/// `name_space` is a UUID in its usual form.
[[nodiscard]] std::string Uuid5(std::string_view name_space, std::string_view name);

/// Namespace of STIX cyber observables (STIX 2.1 section 2.9).
inline constexpr std::string_view kStixObservableNamespace = "00abedb4-aa42-466c-9c01-fed23315a9b7";
/// Namespace of everything else that this program exports: UUIDv5 of "tag:ascribe,2026:interchange" in the URL
/// namespace.
inline constexpr std::string_view kOwnNamespace = "4b4b603f-94ac-5694-a060-1cad88e751fb";

}  // namespace ascribe
