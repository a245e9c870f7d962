#pragma once

#include <string>

#include "model/code_comparison.h"

namespace ascribe {

/// The functions behind a code link side by side, for terminals. Safe for hostile labels.
[[nodiscard]] std::string CodeToText(const CodeComparison& comparison);

/// One line: how much of two functions is the same.
[[nodiscard]] std::string CodeCounts(const FunctionComparison& function);

}  // namespace ascribe
