#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "code/function_match.h"
#include "code/sample_code.h"

namespace ascribe {

struct ComparedPair {
  std::uint32_t left = 0, right = 0;  ///< functions of the two programs
  FunctionCandidate candidate;
};

/// Two samples and the functions that answer to each other, best first. Names are shown, never opened.
struct Comparison {
  const std::string& left_name;
  const std::string& right_name;
  const SampleCode& left;
  const SampleCode& right;
  const std::vector<ComparedPair>& pairs;
};

/// For terminals: the table of pairs, and the first of them side by side. Safe for hostile names.
[[nodiscard]] std::string ComparisonText(const Comparison& comparison);
/// One JSON object: samples, pairs with addresses, file offsets, scores by view and counts of instructions.
[[nodiscard]] std::string ComparisonJson(const Comparison& comparison);
/// One self-contained page, no script, nothing loaded from anywhere.
[[nodiscard]] std::string ComparisonPage(const Comparison& comparison);

/// Pairs shown side by side: the page holds more than the terminal.
inline constexpr std::size_t kSideBySideInText = 3, kSideBySideInPage = 40;

}  // namespace ascribe
