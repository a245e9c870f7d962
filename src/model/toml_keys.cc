#include "model/toml_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"

namespace ascribe {
namespace {

// Longer than every key we know; two words of this length have nothing to do with a slip of the fingers.
constexpr std::size_t kLongestKey = 32;

// Steps from one word to the other: a letter more, less or another, or two neighbours swapped (optimal string alignment).
std::size_t Steps(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

// The nearest known name, or "" when none is near: at most one letter in three may be wrong.
std::string_view Nearest(std::string_view key, std::initializer_list<TomlKey> known) {
  if (key.size() > kLongestKey) return {};
  const std::string lower = AsciiLower(key);
  std::string_view best;
  std::size_t fewest = kLongestKey;
  for (const TomlKey& candidate : known) {
    const std::size_t steps = Steps(lower, candidate.name);
    if (steps > std::max<std::size_t>(1, std::max(lower.size(), candidate.name.size()) / 3) || steps >= fewest) continue;
    best = candidate.name;
    fewest = steps;
  }
  return best;
}

std::string Written(const TomlKey& key) {
  switch (key.shape) {
    case TomlKey::Shape::kTable: return fmt::format("[{}]", key.name);
    case TomlKey::Shape::kTables: return fmt::format("[[{}]]", key.name);
    case TomlKey::Shape::kValue: break;
  }
  return fmt::format("{} =", key.name);
}

bool HasShape(const toml::node& node, TomlKey::Shape shape) {
  switch (shape) {
    case TomlKey::Shape::kTable: return node.is_table();
    case TomlKey::Shape::kTables: {
      const toml::array* list = node.as_array();
      return list != nullptr && std::all_of(list->begin(), list->end(), [](const toml::node& item) { return item.is_table(); });
    }
    case TomlKey::Shape::kValue: break;
  }
  return !node.is_table() && !node.is_array_of_tables();
}

}  // namespace

void ReportUnreadKeys(const toml::table& table, std::string_view file, std::string_view where, std::initializer_list<TomlKey> known,
                      DiagnosticList& diagnostics) {
  for (const auto& [key, node] : table) {
    const std::string_view name = key.str();
    const Locator at{Locator::Kind::kLine, key.source().begin.line, 0, {}};
    const std::string place = fmt::format("{}, line {}: ", file, at.offset);
    const std::string inside = where.empty() ? std::string() : fmt::format(" in {}", where);
    const auto* match = std::find_if(known.begin(), known.end(), [&](const TomlKey& k) { return k.name == name; });
    if (match != known.end()) {
      if (HasShape(node, match->shape)) continue;
      diagnostics.Add(Diagnostic::Severity::kWarning, at, "wrong-shape", fmt::format("{}{}{} is not read; write it as {}", place, name, inside, Written(*match)));
      continue;
    }
    const std::string_view nearest = Nearest(name, known);
    const auto* meant = std::find_if(known.begin(), known.end(), [&](const TomlKey& k) { return k.name == nearest; });
    diagnostics.Add(Diagnostic::Severity::kWarning, at, "unknown-field",
                    fmt::format("{}unknown {} \"{}\"{} is not read; {}", place, node.is_table() || node.is_array_of_tables() ? "table" : "key",
                                TerminalSafe(Ellipsize(name, 80)), inside,
                                meant == known.end() ? "remove it" : fmt::format("did you mean {}?", Written(*meant))));
  }
}

}  // namespace ascribe
