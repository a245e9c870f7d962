#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "binary/executable.h"

namespace ascribe {

/// One function: a range of addresses. Parts that a compiler has moved elsewhere (".cold") are functions of their own.
struct FunctionRange {
  std::uint64_t address = 0;
  std::uint64_t end = 0;
  FunctionSource source = FunctionSource::kEntry;
};

/// Where functions begin and end, ascending and without overlap. What unwind tables, symbols and exports say is taken
/// as it stands; code that they do not cover is decoded once from end to end, and split at the targets of calls and at
/// prologues behind padding. For machines that cannot be decoded
/// only stated starts with an end are given.
/// Deterministic; linear in the bytes of code.
[[nodiscard]] std::vector<FunctionRange> FindFunctions(const Executable& executable);

/// Bytes of one function that are looked at. The largest function of real programs (interpreters, generated parsers)
/// stays below 1 MiB; data taken for code does not.
inline constexpr std::uint64_t kMaxFunctionBytes = std::uint64_t{1} << 20;
/// Functions of one file, as kMaxFunctionStarts.
inline constexpr std::size_t kMaxFunctions = kMaxFunctionStarts;

}  // namespace ascribe
