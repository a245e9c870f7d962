#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ascribe::serve {

/// Whether `name` may be one step of a path of ours: 1..200 of A-Z a-z 0-9 - _ . and no leading dot.
[[nodiscard]] bool IsPlainName(std::string_view name);

/// Opens root/steps... for reading, following no link below `root`. -1 when anything is missing, a link or of the wrong
/// kind.
[[nodiscard]] int OpenBelow(const std::filesystem::path& root, const std::vector<std::string_view>& steps, bool folder);

/// The bytes of a file and their SHA-256.
struct FileBytes {
  std::shared_ptr<const std::string> bytes;
  std::string sha256;
};

/// Files as they are now. Their bytes stay in memory while device, inode, size and times of modification and change
/// stay the same. Thread-safe.
class FileCache {
 public:
  /// Larger files are not served: assessments have some megabytes.
  static constexpr std::uint64_t kMaxFile = std::uint64_t{256} << 20;
  /// What stays in memory; least recently used files go first.
  static constexpr std::uint64_t kMaxHeld = std::uint64_t{128} << 20;

  /// root/steps..., without following links. Errors: kNotFound, kLimitExceeded, kIo.
  [[nodiscard]] Result<FileBytes> Get(const std::filesystem::path& root, const std::vector<std::string_view>& steps);

 private:
  struct Stamp {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified = 0, changed = 0;  // nanoseconds
    bool operator==(const Stamp&) const = default;
  };
  struct Entry {
    std::string path;
    Stamp stamp;
    FileBytes file;
  };
  std::mutex mutex_;
  std::list<Entry> entries_;  // most recently used first
  std::map<std::string, std::list<Entry>::iterator, std::less<>> by_path_;
  std::uint64_t held_ = 0;
};

}  // namespace ascribe::serve
