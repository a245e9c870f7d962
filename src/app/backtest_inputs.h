#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "backtest/facets.h"
#include "backtest/sponsor.h"
#include "base/result.h"
#include "base/time.h"

namespace ascribe {

/// Lines of a list; empty ones and comments (#) are left out. Errors: those of ReadTextFile.
[[nodiscard]] Result<std::set<std::string, std::less<>>> ReadList(const std::filesystem::path& path);

/// Names below which strangers register: the entries with a leading dot of the table of dynamic DNS.
[[nodiscard]] Result<backtest::PublicSuffixes> ReadSuffixes(const std::filesystem::path& tables);

/// Software that anybody could get: the ATT&CK objects of kind "tool" and the table of open, leaked and sold software.
[[nodiscard]] Result<backtest::PublicTools> ReadTools(const std::filesystem::path& tables);

/// The table of actors and the states that the MISP galaxy names for them.
[[nodiscard]] Result<backtest::States> ReadStates(const std::filesystem::path& tables);

/// YYYY-MM-DD; anything else is kInvalidInput.
[[nodiscard]] Result<Date> ParseDay(const std::string& text);

}  // namespace ascribe
