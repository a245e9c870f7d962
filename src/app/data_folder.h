#pragma once

#include <filesystem>

#include "base/result.h"

namespace ascribe {

/// The folder with parameters.toml, packs/ and tables/: $ASCRIBE_DATA, else data/ beside or above the program (a build
/// tree), else ../share/ascribe (an installation). Errors: kNotFound says what to set.
[[nodiscard]] Result<std::filesystem::path> DataFolder();

}  // namespace ascribe
