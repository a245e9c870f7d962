#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ascribe {

/// One comparison of a STIX pattern that names a value: `file:hashes.'SHA-256' = '…'`.
struct StixTerm {
  std::string object_type;  ///< "file"
  std::string path;         ///< "hashes.SHA-256": quotes taken off, list steps ([*], [0]) left out
  std::string value;        ///< unescaped
};

/// The values a pattern names, and what of it could not be taken as a value.
struct StixPattern {
  std::vector<StixTerm> terms;
  std::vector<std::string> refused;  ///< one line each: "file:name LIKE '%.tmp' names no value"
};

/// Longest pattern: the largest generated ones (some thousand OR-ed values) have 300 KB.
inline constexpr std::size_t kMaxPatternBytes = std::size_t{1} << 20;
/// Deepest nesting of brackets; hand-written and generated patterns stay below 10, and the parser is recursive.
inline constexpr int kMaxPatternDepth = 64;
/// Most comparisons of one pattern.
inline constexpr std::size_t kMaxPatternTerms = 20'000;

/// Parses a STIX 2.x pattern (STIX 2.1 section 9). `=`, `IN` and `ISSUBSET` name values; AND, OR and FOLLOWEDBY are all
/// read as "each of these", because the reader asks which values a pattern names, not whether it matches. Negations,
/// LIKE, MATCHES, `<`… name none: they are listed in `refused`. Qualifiers (WITHIN, REPEATS, START STOP) are skipped.
/// Errors: kInvalidInput with the byte offset, kLimitExceeded.
[[nodiscard]] Result<StixPattern> ParseStixPattern(std::string_view text);

}  // namespace ascribe
