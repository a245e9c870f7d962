#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "disasm/function_body.h"

namespace ascribe {

/// Appends the keys of numbers that a function uses (channels constant and small), and of texts and encoded data that
/// it builds on its stack (text and table). Numbers are brought to the form that compilers do not choose: bounds of
/// comparisons (x > 9 is x >= 10), signs of sums, divisors behind multiplications by a reciprocal.
void AddValues(const FunctionBody& body, std::vector<std::uint64_t>& keys);

/// A constant of the data that a function copies to its stack by way of a vector register.
struct CopiedConstant {
  std::uint64_t address = 0, bytes = 0;
};
/// What a function puts together on its stack: later stores lie over earlier ones.
struct StackContents {
  std::vector<std::string> texts;         ///< as in memory, of more than kMinText characters
  std::vector<CopiedConstant> constants;  ///< in the order of the code: pieces of texts, each no text of its own
};
[[nodiscard]] StackContents StackTexts(const FunctionBody& body, const Executable& executable);

/// Key of a number as AddValues and loads of constant data make it; 0 for numbers that occur everywhere (0, 1, -1).
[[nodiscard]] std::uint64_t ConstantKey(std::int64_t value);
/// Keys of a text: itself, and its first bytes as the number that inlined comparisons and copies use.
void AddTextKeys(const std::string& text, std::vector<std::uint64_t>& keys);
void AddEncodedKeys(ByteView bytes, std::vector<std::uint64_t>& keys);

/// The divisor that a compiler replaces by a multiplication with `magic` and a shift; 0 when it is no such number. Divisors that differ by
/// a power of two share one; the smallest is given.
/// Divisors 3 to 1023 and some round ones; Granlund & Montgomery 1994, as gcc and clang do it for 32 and 64 bits.
[[nodiscard]] std::uint64_t DivisorBehind(std::uint64_t magic);

/// Numbers below are small: every program has them.
inline constexpr std::int64_t kSmallNumber = 32;
/// Displacements off pointers from here on name members of large structures.
inline constexpr std::int64_t kLargeDisplacement = 0x40;

}  // namespace ascribe
