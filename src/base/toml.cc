#include "base/toml.h"

#include <fmt/format.h>

#include <algorithm>

namespace ascribe {
namespace {

// The library limits nested values but not dotted keys: a.a.a… a million times makes as many tables, one in the other, and
// taking them down overflows the stack. 32 parts in each of the 256 nested values still fit.
constexpr std::size_t kMaxKeyParts = 32;

// The end of the string or comment that begins at `i`, else `i`.
std::size_t SkipQuoted(std::string_view text, std::size_t i) {
  const char c = text[i];
  if (c == '#') return std::min(text.find('\n', i), text.size());
  if (c != '"' && c != '\'') return i;
  const std::string_view triple = c == '"' ? "\"\"\"" : "'''";
  const bool long_form = text.substr(i, 3) == triple;
  for (std::size_t k = i + (long_form ? 3 : 1); k < text.size(); ++k) {
    if (text[k] == '\\' && c == '"') ++k;
    else if (long_form ? text.substr(k, 3) == triple : text[k] == c || text[k] == '\n') return k + (long_form ? 3 : 1);
  }
  return text.size();
}

// The most dots in one key. Numbers and dates hold one at most.
std::size_t LongestKey(std::string_view text) {
  std::size_t longest = 0, dots = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (const std::size_t end = SkipQuoted(text, i); end > i) {
      i = end;
      continue;
    }
    const char c = text[i++];
    if (c == '.') longest = std::max(longest, ++dots);
    else if (c == '\n' || c == '=' || c == ',' || c == '{' || c == '}' || c == '[' || c == ']') dots = 0;
  }
  return longest;
}

}  // namespace

Result<toml::table> ParseToml(std::string_view text) {
  // Hand-written files; a larger one is not a case or a statement list.
  constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
  if (text.size() > kMaxBytes) return Fail(ErrorCode::kLimitExceeded, "TOML larger than 16 MiB");
  if (LongestKey(text) >= kMaxKeyParts)
    return Fail(ErrorCode::kLimitExceeded, fmt::format("a dotted key of more than {} parts", kMaxKeyParts));
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return Fail(ErrorCode::kInvalidInput, fmt::format("line {}, column {}: {}", error.source().begin.line,
                                                      error.source().begin.column, error.description()));
  } catch (const TomlAssertion&) {
    return Fail(ErrorCode::kInvalidInput, "malformed key; check the [table] headers");
  }
}

std::string_view TomlText(const toml::table& table, std::string_view key) {
  const auto* value = table.get_as<std::string>(key);
  return value == nullptr ? std::string_view{} : std::string_view(value->get());
}

}  // namespace ascribe
