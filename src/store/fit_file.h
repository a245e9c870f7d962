#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/fit.h"

namespace ascribe {

/// Reads and writes `ascribe-fit/2` (docs/formats/fit.md). Errors: kUnsupported (another format), kInvalidInput naming the
/// field: a number that is missing, not finite, negative where it counts, or an interval that does not hold its value.
[[nodiscard]] Result<Fit> ParseFit(std::string_view toml);
[[nodiscard]] Result<Fit> LoadFit(const std::filesystem::path& file);
/// Numbers with four decimals, cells in the order given: the same fit gives the same bytes.
[[nodiscard]] std::string FitToToml(const Fit& fit);

/// parameters.toml of a data folder with a fit applied: `own` if that file exists, else the shipped fit.toml. Without
/// either the values by hand stand.
[[nodiscard]] Result<Parameters> LoadFittedParameters(const std::filesystem::path& data, const std::filesystem::path& own);

}  // namespace ascribe
