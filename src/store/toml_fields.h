#pragma once

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "base/toml.h"

namespace ascribe {

/// Typed members of one TOML table; remembers the first that is missing or of the wrong type, so that a reader can take
/// them all and ask once. `where` begins each complaint ("parameters: kind[3]"). Not thread-safe.
class TomlFields {
 public:
  /// `table` may be null: then everything is missing.
  TomlFields(const toml::table* table, std::string where) : table_(table), where_(std::move(where)) {
    if (table_ == nullptr) Complain("the table", "missing");
  }

  /// 0 after a complaint.
  double Number(std::string_view key) {
    if (table_ != nullptr)
      if (const auto value = (*table_)[key].value<double>()) return *value;
    Complain(key, "missing or no number");
    return 0;
  }
  /// A finite number between both bounds.
  double Number(std::string_view key, double least, double most) {
    const double value = Number(key);
    if (std::isfinite(value) && value >= least && value <= most) return value;
    Complain(key, fmt::format("no number from {} to {}", least, most));
    return 0;
  }
  [[nodiscard]] double NumberOr(std::string_view key, double otherwise) const {
    return table_ == nullptr ? otherwise : (*table_)[key].value<double>().value_or(otherwise);
  }
  std::string Text(std::string_view key) {
    if (table_ != nullptr)
      if (const std::string_view text = TomlText(*table_, key); !text.empty()) return std::string(text);
    Complain(key, "missing or no text");
    return {};
  }
  /// Calls `fn(text)` for each member of an array; false means that it is unknown.
  template <typename Fn>
  void ForEachText(std::string_view key, Fn fn) {
    if (table_ == nullptr) return;
    if (const toml::array* array = (*table_)[key].as_array())
      for (const toml::node& node : *array)
        if (!fn(node.value_or(std::string_view{}))) Complain(key, fmt::format("unknown \"{}\"", node.value_or(std::string_view{})));
  }
  void Complain(std::string_view key, std::string_view what) {
    if (error_.empty()) error_ = fmt::format("{}.{}: {}", where_, key, what);
  }
  /// kInvalidInput with the first complaint, if there was one.
  [[nodiscard]] Status status() const { return error_.empty() ? Status{} : Fail(ErrorCode::kInvalidInput, error_); }

 private:
  const toml::table* table_;
  std::string where_, error_;
};

}  // namespace ascribe
