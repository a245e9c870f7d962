#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "serve/http.h"

namespace ascribe::serve {

/// Longest JSON body: an id, a title and a date.
inline constexpr std::uint64_t kMaxJsonBody = 16 << 10;
/// One file of evidence; the readers take 512 MiB at most.
inline constexpr std::uint64_t kMaxUpload = std::uint64_t{512} << 20;
/// All evidence of a case that came by upload: four times the largest file.
inline constexpr std::uint64_t kMaxCaseUpload = std::uint64_t{2} << 30;
inline constexpr std::size_t kMaxCaseFiles = 10'000;
/// Uploads at a time; each holds a connection for as long as its client likes to take.
inline constexpr std::size_t kMaxUploads = 16;

/// A file name for evidence: letters, digits, - _ . stay, other characters become _, leading dots too. Empty: `name` is
/// no name of a file but a path ("/", "\", "..") or longer than 200 bytes; such a name is refused, never repaired.
[[nodiscard]] std::string EvidenceName(std::string_view name);

/// case.toml (docs/formats/cases.md) from a JSON request {"id", "title", "incident", "tlp"?}.
struct NewCase {
  std::string id, toml;
};
[[nodiscard]] Result<NewCase> ParseNewCase(std::string_view json);

/// Case folders below root/.intake. Thread-safe.
class Intake {
 public:
  explicit Intake(std::filesystem::path root);

  /// Makes the folder and writes case.toml into it. Errors: kConflict (there is such a case), kIo.
  [[nodiscard]] Status Create(const NewCase& wanted);
  [[nodiscard]] std::filesystem::path Folder(std::string_view id) const;
  [[nodiscard]] bool Has(std::string_view id) const;

  /// The sink for one upload of `length` bytes, or the refusal.
  [[nodiscard]] Step Upload(std::string_view id, std::string_view name, std::uint64_t length);

 private:
  class Sink;
  std::filesystem::path root_;
  std::atomic<std::size_t> uploads_{0};
  std::atomic<std::uint64_t> next_{1};
  std::mutex publish_;  // counting the case and adding to it is one step
};

}  // namespace ascribe::serve
