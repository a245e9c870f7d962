#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"
#include "model/parameters.h"

namespace ascribe {

/// Parses data/parameters.toml. Every field is required; an unknown level, group or kind is kInvalidInput.
[[nodiscard]] Result<Parameters> ParseParameters(std::string_view toml);
[[nodiscard]] Result<Parameters> LoadParameters(const std::filesystem::path& file);

}  // namespace ascribe
