#pragma once

#include <vector>

#include "code/sample_code.h"
#include "model/reading.h"

namespace ascribe {

/// What only the disassembly shows of a sample's texts: names of mutexes, pipes and services, because the text goes to the
/// function that makes or opens one, and texts put together on the stack. Facts about sample:<sha256> with the byte range of
/// the text, or of the function that builds it; hosts and addresses in the latter too. Sorted. Nothing for packed code.
/// `pieces` (may be null) gets the bytes of constants that are copied to the stack. Thread-safe.
[[nodiscard]] Reading LiteralFacts(const SampleCode& sample, std::vector<BinaryRange>* pieces = nullptr);

/// Drops facts that a reader made of two such constants that stand side by side in the data: there they are no text, the
/// program lays them over each other. What it does put together so, as `literals` says, stays. Pure.
void DropJoinedPieces(const std::vector<BinaryRange>& pieces, const Reading& literals, std::vector<Fact>& facts);

inline constexpr std::string_view kCodeLiteralsExtractor = "code-literals@1";

}  // namespace ascribe
