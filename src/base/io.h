#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ascribe {

/// Reads a regular file whole. Errors: kNotFound, kIo (permission, directory), kLimitExceeded above `max_bytes`.
[[nodiscard]] Result<Bytes> ReadFile(const std::filesystem::path& path, std::uint64_t max_bytes);
[[nodiscard]] Result<std::string> ReadTextFile(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Writes beside the target, flushes to disk, renames: a reader sees the old file or the new one, never half of it.
/// On any error (full disk) the target is untouched and the temporary file is removed.
[[nodiscard]] Status WriteFileAtomic(const std::filesystem::path& path, std::string_view content);

struct FileEntry {
  std::string relative;        ///< path below the root, '/' separated
  std::filesystem::path path;  ///< where to open it
  std::uint64_t size = 0;
};
struct FileList {
  std::vector<FileEntry> files;     ///< sorted by `relative`
  std::vector<std::string> skipped;  ///< sorted: "name: why" for links, sockets, unreadable folders
};

/// All regular files below `root`, at most `max_files` and 32 levels. Symbolic links are never followed (a loop or a
/// link out of the case would make evidence of what is none): they are listed as skipped.
[[nodiscard]] Result<FileList> ListFiles(const std::filesystem::path& root, std::size_t max_files);

/// The folder below which user data lies: $XDG_DATA_HOME/ascribe or $HOME/.local/share/ascribe (XDG Base Directory 0.8).
[[nodiscard]] Result<std::filesystem::path> DefaultDataHome();

}  // namespace ascribe
