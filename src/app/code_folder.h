#pragma once

#include <filesystem>

#include "base/result.h"

namespace ascribe {

/// Where known code lies: "code" beside the ledger, in `kb` or the XDG data folder when that is empty.
[[nodiscard]] Result<std::filesystem::path> CodeFolder(const std::filesystem::path& kb);

}  // namespace ascribe
