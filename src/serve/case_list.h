#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "serve/engine.h"
#include "serve/file_cache.h"

namespace ascribe::serve {

/// Below the folder of cases: the case folders (case.toml, evidence/) that were made here. No case id begins with a
/// dot.
inline constexpr std::string_view kIntakeFolder = ".intake";
/// Uploads under way, below kIntakeFolder.
inline constexpr std::string_view kUploadFolder = ".upload";

[[nodiscard]] bool IsCaseId(std::string_view id);

/// A case as the list shows it. Texts are as the case gives them: hostile.
struct CaseSummary {
  std::string id;
  enum class State : std::uint8_t { kNew, kAssessed, kUnreadable } state = State::kNew;
  std::string title, tlp;           ///< of the assessment, or of case.toml before there is one
  std::string as_of, verdict;
  std::string level;                ///< of the verdict: where `leader` and `unknown` stand
  std::string leader;  ///< name of the first hypothesis but "unknown" at the level of the verdict
  double leader_posterior = 0, unknown = 0;
  std::optional<bool> stale;                               ///< knowledge changed since; empty: not known
  bool report = false;                                     ///< report.html is there
  bool intake = false;                                     ///< its case folder is here
  std::string sha256;                                      ///< of assessment.json
  std::vector<std::pair<std::string, std::string>> packs;  ///< id and digest of the knowledge it was assessed with
};

/// Reads the folder of cases. Thread-safe.
class CaseList {
 public:
  static constexpr std::size_t kMaxCases = 10'000;  ///< more would make the list a page of megabytes

  CaseList(std::filesystem::path root, const Engine& engine, FileCache& files);
  /// All cases, by id.
  [[nodiscard]] std::vector<CaseSummary> List();
  /// One; empty when there is none.
  [[nodiscard]] std::optional<CaseSummary> Find(std::string_view id);
  [[nodiscard]] std::string ToJson(const std::vector<CaseSummary>& cases) const;

 private:
  [[nodiscard]] std::optional<CaseSummary> Read(std::string_view id);
  [[nodiscard]] CaseSummary Parsed(const FileBytes& file, CaseSummary (*parse)(const std::string&));

  std::filesystem::path root_;
  const Engine& engine_;
  FileCache& files_;
  std::mutex mutex_;
  std::map<std::string, CaseSummary> parsed_;  // by sha256 of the assessment or case.toml: parsed once
};

}  // namespace ascribe::serve
