#pragma once

#include "code/sample_code.h"
#include "model/reading.h"

namespace ascribe {

/// What only the disassembly shows of a sample's texts: names of mutexes, pipes and services, because the text goes to the
/// function that makes or opens one, and texts put together on the stack. Facts about sample:<sha256> with the byte range of
/// the text, or of the function that builds it. Sorted. Nothing for packed code. Thread-safe.
[[nodiscard]] Reading LiteralFacts(const SampleCode& sample);

inline constexpr std::string_view kCodeLiteralsExtractor = "code-literals@1";

}  // namespace ascribe
