#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ascribe {

/// Writes files of one folder that belong together, one after the other and each piece by piece: all are written beside
/// their targets and flushed before the first is renamed, so a full disk changes none of them. A file that holds its content
/// already is left alone. Runs that write into one folder at the same time take turns. What is not published is removed.
class FolderWriter {
 public:
  /// `folder` must exist. Errors: kNotFound, kIo.
  static Result<FolderWriter> Open(const std::filesystem::path& folder);
  FolderWriter(FolderWriter&&) noexcept;
  FolderWriter& operator=(FolderWriter&&) = delete;
  ~FolderWriter();

  /// Begins the next file; what Add was given since the last Begin is its content. Errors (kIo, disk full) are kept and
  /// reported by Publish.
  void Begin(std::string_view name);
  void Add(std::string_view piece);
  /// Ends the last file and renames all that changed, in the order in which they were begun.
  [[nodiscard]] Status Publish();

 private:
  struct State;
  explicit FolderWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ascribe
