#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "model/locator.h"

namespace ascribe {

/// Something odd about evidence (truncated, unknown object, over a limit): data about the evidence, not a failure.
struct Diagnostic {
  enum class Severity : std::uint8_t { kInfo, kWarning, kError };
  Severity severity = Severity::kWarning;
  std::string evidence;  ///< sha256, filled in by the caller of a reader
  Locator locator;
  std::string code;  ///< stable short name: "json-syntax", "unknown-object", "limit-facts"…
  std::string text;  ///< one line: what, where, what to do
  auto operator<=>(const Diagnostic&) const = default;
};

}  // namespace ascribe
