#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "model/entity.h"

namespace ascribe {

/// The STIX 2.1 observable that says exactly `entity`, with its deterministic id (section 2.9: UUIDv5 over the
/// canonical JSON, RFC 8785, of the id contributing properties). Nothing: STIX has no observable for it (strings, keys,
/// labels, wallets…), or the standard forbids this value.
[[nodiscard]] std::optional<nlohmann::ordered_json> ObservableFor(const Entity& entity);

/// Sets `id` of an observable from the id contributing properties of its type.
void SetObservableId(nlohmann::ordered_json& object);

/// The STIX pattern that names `entity`, for what only a property of a larger observable can say (import hash, user
/// agent, path of a URL, service). Empty: none.
[[nodiscard]] std::string PatternFor(const Entity& entity);

}  // namespace ascribe
