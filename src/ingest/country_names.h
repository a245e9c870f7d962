#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ascribe {

/// ISO 3166-1 alpha-2 code of a country given as a code or by an English name, as feeds write it ("KP", "North Korea",
/// "Korea (Democratic People's Republic of)"). std::nullopt: not a country we know.
[[nodiscard]] std::optional<std::string> CountryCode(std::string_view text);

}  // namespace ascribe
