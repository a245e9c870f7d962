#pragma once

#include <toml++/toml.h>

#include <string_view>

#include "base/result.h"

namespace ascribe {

/// Parses TOML 1.0 (toml++ without exceptions; nesting is limited to 256 by the library). Heavy header: include it
/// in few .cc files. Errors: kInvalidInput with line and column, kLimitExceeded above 16 MiB.
[[nodiscard]] Result<toml::table> ParseToml(std::string_view text);

/// Member `key` as text, or "" when it is absent or not a string.
[[nodiscard]] std::string_view TomlText(const toml::table& table, std::string_view key);

}  // namespace ascribe
