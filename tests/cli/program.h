#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/test_folder.h"

namespace ascribe::cli {

using Json = nlohmann::json;

/// How one run of the program ended.
struct Outcome {
  int exit_code = -1;  ///< -1: killed by `signal`
  int signal = 0;
  std::string out, err;
  std::uint64_t peak_kib = 0;  ///< resident set at its largest
};

struct RunOptions {
  std::string out_path;                         ///< where standard output goes instead of Outcome::out, e.g. /dev/full
  std::optional<std::uint64_t> max_file_bytes;  ///< RLIMIT_FSIZE: a disk that is full from there on
  std::optional<std::uint64_t> kill_after_us;   ///< SIGKILL this long after the start
  bool as_nobody = false;                       ///< root only: without root's right to read everything
};

/// A machine of its own: home and data folder below a temporary folder, so that no test sees the ledger of another.
class Machine {
 public:
  Machine();
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return folder_.path() / name; }
  [[nodiscard]] std::filesystem::path ledger() const { return folder_.path() / "data/ascribe/ledger.db"; }

  /// Runs `ascribe ARGS...` with the temporary folder as the working folder.
  [[nodiscard]] Outcome Run(const std::vector<std::string>& args, const RunOptions& options = {}) const;

  /// `investigate CASE --out OUT --quiet ARGS...`, expected to end with 0; gives the files of OUT.
  std::map<std::string, std::string> Investigate(const std::filesystem::path& case_folder,
                                                 const std::filesystem::path& out,
                                                 const std::vector<std::string>& args = {}) const;

 private:
  TestFolder folder_;
};

/// Repository folders.
[[nodiscard]] std::filesystem::path Root();
[[nodiscard]] std::filesystem::path Example(std::string_view name);
[[nodiscard]] std::vector<std::string> ExampleNames();

/// Name -> bytes of all regular files below a folder.
[[nodiscard]] std::map<std::string, std::string> FilesBelow(const std::filesystem::path& folder);
[[nodiscard]] std::string ReadBytes(const std::filesystem::path& path);
void WriteBytes(const std::filesystem::path& path, std::string_view bytes);

/// Writes a small case: case.toml with two sources, and evidence/good.ndjson with three facts. More files may be put
/// beside it.
std::filesystem::path WriteSmallCase(const std::filesystem::path& folder, const std::string& id = "small");

/// Whether every byte could be printed on a terminal: no control character but LF, no direction or zero-width
/// character, valid UTF-8. The message names the place.
[[nodiscard]] ::testing::AssertionResult IsTerminalSafe(std::string_view text);

/// Exactly one line that says something, as errors do.
[[nodiscard]] ::testing::AssertionResult IsOneLine(std::string_view text);

}  // namespace ascribe::cli
