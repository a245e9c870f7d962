#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/feature_key.h"
#include "binary/executable.h"
#include "disasm/functions.h"

namespace ascribe {

/// What a feature is of. The numbers stand in the code index: never reuse one.
enum class CodeChannel : std::uint8_t {
  kFunction = 0,   ///< the whole function, position-independent: addresses masked, registers and numbers kept
  kBlock = 1,      ///< a basic block of at least kMinBlock instructions, the same way
  kShape = 2,      ///< the whole function without its numbers and registers
  kGram = 3,       ///< three instructions in a row: mnemonics with operand classes and widths
  kConstant = 4,   ///< numbers that a compiler does not choose, also those of data loaded
  kText = 5,       ///< texts referred to, or built on the stack
  kImport = 6,     ///< functions of other files, by name
  kTable = 7,      ///< data tables: windows, and forms that survive XOR and ADD with one key
  kSmall = 8,      ///< small numbers with the kind of operation
  kData = 9,       ///< texts anywhere in the file's data, whoever refers to them
};
inline constexpr std::size_t kCodeChannels = 10;
/// "function", "block", "shape", "gram", "constant", "text", "import", "table", "small", "data".
[[nodiscard]] std::string_view Name(CodeChannel channel);

/// One function and its features.
struct CodeFunction {
  std::uint64_t address = 0, end = 0;
  FunctionSource source = FunctionSource::kEntry;
  std::uint32_t instructions = 0, blocks = 0;  ///< without padding
  std::vector<std::uint64_t> features;         ///< FeatureKey(channel, hash), ascending, each once
  struct Count {
    std::uint16_t mnemonic = 0, count = 0;
  };
  std::vector<Count> mnemonics;        ///< ascending; moves and padding left out
  std::vector<std::uint32_t> callees;  ///< indices into Program::functions, ascending, each once; imports are features
  std::string import;                  ///< the name when it does nothing but jump to an import
};

struct Program {
  std::vector<CodeFunction> functions;          ///< by address
  std::uint64_t instructions = 0;               ///< decoded, padding included
  std::uint64_t text_bytes = 0;                 ///< looked through for texts that no single function owns
  std::vector<std::uint64_t> data;              ///< features of the file that no single function owns: texts in its data,
                                                ///< names of imports; ascending, each once
  std::vector<std::uint64_t> typed;             ///< numbers and tables among the features that are bytes of texts in the
                                                ///< data: whoever types other texts there changes them; ascending, each once
  std::vector<std::uint32_t> callers_first;     ///< functions + 1 entries into `callers`
  std::string skipped;                          ///< which tables gave no features because a limit was reached, one line;
                                                ///< empty: all of them were read
  std::vector<std::uint32_t> callers;           ///< who calls function i: callers[callers_first[i] … callers_first[i + 1])

  /// Index of the function that begins at `address`; npos when none does.
  [[nodiscard]] std::size_t Find(std::uint64_t address) const;
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

/// Decodes everything and computes all features: linear in the bytes of code. For machines that cannot be decoded the
/// program has no functions. Pure; thread-safe.
[[nodiscard]] Program AnalyseProgram(const Executable& executable);

/// Blocks shorter than this are the same in all programs.
inline constexpr std::uint32_t kMinBlock = 4;
/// Texts of data that stand in no code are kept from this length on; shorter ones are chance.
inline constexpr std::size_t kMinDataText = 8;
/// Features of tables that functions get, for each instruction of the program. Real programs stay below one; a table
/// that thousands of forged functions share would be copied to each of them.
inline constexpr std::uint64_t kTableFeaturesPerInstruction = 4;
/// And what a program may have however small it is.
inline constexpr std::uint64_t kFreeTableFeatures = 1'000'000;
/// Bytes of tables that are read of any program; of larger ones four times what the file has.
inline constexpr std::uint64_t kFreeTableBytes = std::uint64_t{1} << 20;
/// Functions with fewer instructions say nothing and do not vote.
inline constexpr std::uint32_t kMinFunction = 10;

/// A basic block of one function, for people and for evidence.
struct CodeBlock {
  std::uint64_t address = 0, end = 0;
  std::uint32_t instructions = 0;
  std::uint64_t feature = 0;  ///< as in CodeFunction::features; 0 when shorter than kMinBlock
};
[[nodiscard]] std::vector<CodeBlock> BlocksOf(const Executable& executable, std::uint64_t address, std::uint64_t end);

}  // namespace ascribe
