#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/batch.h"

namespace ascribe {

/// Reads a knowledge pack folder (docs/formats/packs.md) and checks it against its manifest. The batch's key is the
/// pack digest; each file of the pack is one Evidence, each fact points into it.
/// Errors: kNotFound, kInvalidInput (schema; names file and line), kCorrupt (a digest does not match), kLimitExceeded.
[[nodiscard]] Result<Batch> LoadPack(const std::filesystem::path& folder);

}  // namespace ascribe
