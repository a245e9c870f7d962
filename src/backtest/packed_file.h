#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace ascribe::backtest {

/// Limits of a corpus file. The largest public one is 30 MB of text; a line of it has at most 2 MB.
struct FileLimits {
  std::uint64_t packed_bytes = std::uint64_t{1} << 28;    ///< file as it lies on disk
  std::uint64_t unpacked_bytes = std::uint64_t{1} << 30;  ///< text after decompression: a bomb ends here
  std::uint64_t decoder_memory = std::uint64_t{1} << 28;  ///< dictionary of the xz decoder
};

/// The text of a file, unpacked when it begins with the xz magic (whatever its name), as it is otherwise. Several xz
/// streams in one file are read as one. Errors: those of ReadFile; kCorrupt for a damaged or cut stream;
/// kLimitExceeded.
[[nodiscard]] Result<std::string> ReadPackedFile(const std::filesystem::path& path, const FileLimits& limits = {});

}  // namespace ascribe::backtest
