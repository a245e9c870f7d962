#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace ascribe {

/// Calls row(cells) -> bool for each line after the header of a tab-separated text with exactly N columns. Lines with
/// another number of columns, and those row() refuses, fail with file and line number.
template <std::size_t N, typename Row>
[[nodiscard]] Status ForEachTsvRow(std::string_view text, std::string_view file, Row row) {
  std::size_t line_number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (++line_number == 1) continue;
    std::array<std::string_view, N> cells;
    std::size_t used = 0;
    for (; used < N; ++used) {
      const std::size_t tab = line.find('\t');
      cells[used] = line.substr(0, tab);
      if (tab == std::string_view::npos) break;
      line.remove_prefix(tab + 1);
    }
    if (used + 1 != N || !row(cells))
      return Fail(ErrorCode::kInvalidInput, fmt::format("{}, line {}: needs {} valid columns", file, line_number, N));
  }
  return {};
}

/// YYYY-MM-DD, YYYY-MM or YYYY; the last day of what is stated. Empty or wrong: std::nullopt.
[[nodiscard]] inline std::optional<Date> TsvDate(std::string_view cell) {
  const std::optional<Time> time = ParseTime(cell);
  return time ? std::optional<Date>(time->LastDay()) : std::nullopt;
}

}  // namespace ascribe
