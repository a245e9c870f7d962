#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/override.h"

namespace ascribe {

/// What is wrong with an override and what to do, beginning with the member's name; empty when it is well. Level and date
/// are checked by who parses their text. The same for overrides.toml and for the case.json that was written from it. Pure.
[[nodiscard]] std::string OverrideFault(const Override& entry);

/// The level of that name; std::nullopt: none.
[[nodiscard]] std::optional<Level> ParseOverrideLevel(std::string_view name);

/// The order of overrides, and what makes two of them the same cell.
[[nodiscard]] bool OverrideLess(const Override& a, const Override& b);

}  // namespace ascribe
