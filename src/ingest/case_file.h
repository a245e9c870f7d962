#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/case.h"

namespace ascribe {

/// What case.toml says about one evidence file beyond the defaults.
struct EvidenceEntry {
  std::string file;    ///< path inside the case, '/' separated
  std::string source;
  std::optional<Time> known_on, acquired_at;
  std::optional<Tlp> tlp;
};

/// case.toml (docs/formats/cases.md).
struct CaseFile {
  CaseInfo info;
  std::uint64_t victim_sector_line = 0, victim_country_line = 0;  ///< where they stand, from 1; 0: not there
  std::vector<Source> sources;  ///< by id; always holds "case-file" (C3), the source of files without an entry
  std::vector<EvidenceEntry> entries;
  std::vector<std::string> archive_passwords;  ///< [archives] passwords, in their order; never in an output
  std::vector<Diagnostic> diagnostics;
};

/// Id of the source of files that name none.
inline constexpr std::string_view kCaseFileSource = "case-file";

/// Passwords of archives in case.toml: with the common ones fewer than are tried (kMaxPasswords, container/archive.h).
inline constexpr std::size_t kMaxCasePasswords = 32;

/// Parses case.toml. Errors: kInvalidInput with line and what to do, kUnsupported (another format version).
[[nodiscard]] Result<CaseFile> ParseCaseFile(std::string_view toml);

}  // namespace ascribe
