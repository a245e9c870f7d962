#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/diagnostic.h"
#include "model/override.h"

namespace ascribe {

/// overrides.toml of a case (docs/formats/overrides.md).
struct OverridesFile {
  std::vector<Override> overrides;      ///< by claim, level, hypothesis; each cell once
  std::vector<Diagnostic> diagnostics;  ///< one an entry that cannot be used; the others count
};

/// Parses it. Errors: kInvalidInput (no TOML, with the line), kUnsupported (another format version). Pure.
[[nodiscard]] Result<OverridesFile> ParseOverrides(std::string_view toml);

}  // namespace ascribe
