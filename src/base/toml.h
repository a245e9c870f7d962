#pragma once

#include <string_view>

namespace ascribe {
/// toml++ 3.3 asserts on some malformed input ("[!]") instead of reporting an error. Its assertions throw this, in every
/// build type, and ParseToml turns it into an error.
struct TomlAssertion {};
}  // namespace ascribe

#ifdef NDEBUG  // would turn the assertions into undefined behaviour
#define ASCRIBE_HAD_NDEBUG
#undef NDEBUG
#endif
#define TOML_ASSERT(expr) ((expr) ? void() : throw ::ascribe::TomlAssertion())
#pragma GCC diagnostic push
#if defined(__clang__)
#pragma GCC diagnostic ignored "-Wexceptions"
#else
#pragma GCC diagnostic ignored "-Wterminate"  // some noexcept functions assert too; the reachable one is not among them
#endif
#include <toml++/toml.h>
#pragma GCC diagnostic pop
#ifdef ASCRIBE_HAD_NDEBUG
#undef ASCRIBE_HAD_NDEBUG
#define NDEBUG
#endif

#include "base/result.h"

namespace ascribe {

/// Parses TOML 1.0 (toml++, header only; nesting is limited to 256 by the library). Heavy header: include it
/// in few .cc files. Errors: kInvalidInput with line and column, kLimitExceeded above 16 MiB or 32 parts of a
/// dotted key.
[[nodiscard]] Result<toml::table> ParseToml(std::string_view text);

/// Member `key` as text, or "" when it is absent or not a string.
[[nodiscard]] std::string_view TomlText(const toml::table& table, std::string_view key);

}  // namespace ascribe
