#include "base/toml.h"

#include <fmt/format.h>

namespace ascribe {

Result<toml::table> ParseToml(std::string_view text) {
  // Hand-written files; a larger one is not a case or a statement list.
  constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
  if (text.size() > kMaxBytes) return Fail(ErrorCode::kLimitExceeded, "TOML larger than 16 MiB");
  toml::parse_result result = toml::parse(text);
  if (!result) {
    const auto& error = result.error();
    return Fail(ErrorCode::kInvalidInput, fmt::format("line {}, column {}: {}", error.source().begin.line,
                                                      error.source().begin.column, error.description()));
  }
  return std::move(result).table();
}

std::string_view TomlText(const toml::table& table, std::string_view key) {
  const auto* value = table.get_as<std::string>(key);
  return value == nullptr ? std::string_view{} : std::string_view(value->get());
}

}  // namespace ascribe
