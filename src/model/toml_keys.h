#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "base/toml.h"
#include "model/diagnostic_list.h"

namespace ascribe {

/// A key that a hand-written table may have.
struct TomlKey {
  enum class Shape : std::uint8_t { kValue, kTable, kTables };  ///< kTable: [key], kTables: [[key]]
  std::string_view name;
  Shape shape = Shape::kValue;
};

/// One warning for each key of `table` that nobody reads because its name is unknown ("unknown-field", with the nearest
/// known name) or because it is written in another shape ([key] for [[key]]; "wrong-shape"). `file` and `where` name the
/// place: "case.toml", "[victim]"; `where` is empty for the top of the file. Each text and locator has the line.
void ReportUnreadKeys(const toml::table& table, std::string_view file, std::string_view where, std::initializer_list<TomlKey> known,
                      DiagnosticList& diagnostics);

}  // namespace ascribe
