#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "model/reading.h"

namespace ascribe {

inline constexpr std::string_view kStatementsExtractor = "statements@1";

/// Most facts all statements of one file may assert. Statements are written by people; the format is capped at 16 MiB
/// of TOML anyway, and this bounds what the inner tables cost.
inline constexpr std::size_t kMaxStatementFacts = 100'000;

/// Graded statements of people: `ascribe-statements/1` (docs/formats/cases.md). For struct Reader: name "statements",
/// extractor kStatementsExtractor, media "statements".
[[nodiscard]] int SniffStatements(ByteView head, std::string_view name);
/// Never fails: a statement or an inner fact that cannot be read is a diagnostic of severity kError and is skipped.
/// Each inner fact takes source, known_on, verified and (as its note) the summary of its statement unless it has its
/// own. Locators are kTomlPath: "statement[0].facts[1]", counted from 0, with the line.
[[nodiscard]] Reading ReadStatements(ByteView bytes, std::string_view name);

}  // namespace ascribe
