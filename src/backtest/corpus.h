#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace ascribe::backtest {

/// How exactly the publication date of a report is known. kCommit: the day a file entered a repository.
enum class DatePrecision { kDay, kCommit, kMonth, kYear };

/// One dated report of the corpus (docs/formats/backtest.md).
struct Report {
  std::string id;      ///< unique in the corpus
  std::string source;  ///< who published or collected it
  Date date;
  DatePrecision precision = DatePrecision::kDay;
  std::string actor;        ///< label; empty: unlabelled background
  std::string rereport_of;  ///< an earlier report that holds most of the same indicators; empty: none
  std::size_t groups = 1;   ///< groups that cite the same publication (ATT&CK citations only)
  std::vector<std::string> hashes, ips, domains, urls, emails, paths;  ///< as written, urls without scheme
  std::vector<std::string> families, techniques;
};

struct Corpus {
  std::vector<Report> reports;  ///< sorted by date, then id: the order of the lines does not matter
};

/// Reads JSON Lines, plain or .xz. Unknown fields are ignored. Errors: those of ReadPackedFile; kInvalidInput with the
/// line number for a line that is no object, lacks id or date, or repeats an id; kLimitExceeded for a line above 16 MiB
/// or more than a million reports.
[[nodiscard]] Result<Corpus> ReadCorpus(const std::filesystem::path& path);
[[nodiscard]] Result<Corpus> ParseCorpus(std::string_view text);

}  // namespace ascribe::backtest
