#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace ascribe {

/// One instruction of one of two samples, with the place in its file that it was decoded from.
struct CodeSide {
  std::uint64_t address = 0;  ///< virtual
  std::uint64_t offset = 0;   ///< of its first byte in the file
  std::string bytes;          ///< lower-case hex digits; empty: this side has no instruction here
  std::string text;           ///< Intel syntax
  std::vector<std::pair<std::uint32_t, std::uint32_t>> differs;  ///< begin and length in `text` of operands unlike the other side's
  friend bool operator==(const CodeSide&, const CodeSide&) = default;
};

struct CodeRow {
  enum class Likeness : std::uint8_t { kSame, kOperandsDiffer, kOnlyA, kOnlyB };
  Likeness likeness = Likeness::kSame;
  bool begins_block = false;
  bool equal_block = false;  ///< of rows that begin a block: all of it is equal on both sides, but for addresses
  CodeSide a, b;
  friend bool operator==(const CodeRow&, const CodeRow&) = default;
};

/// One function of the sample and the one that answers to it.
struct FunctionComparison {
  struct Function {
    std::uint64_t address = 0, offset = 0, size = 0;  ///< size in bytes; 0: not known
    std::size_t blocks = 0;
    friend bool operator==(const Function&, const Function&) = default;
  };
  Function a, b;
  std::string shares;   ///< "the whole function, in 1 family; a text, in 2 families"
  std::string missing;  ///< why there are no rows; empty: there are
  std::size_t equal = 0, other_operands = 0, only_a = 0, only_b = 0;  ///< instructions, padding left out
  std::size_t blocks_equal = 0;
  std::size_t rows_before = 0, rows_after = 0;  ///< left out around `rows`
  bool cut = false;                             ///< longer than what is compared
  std::vector<CodeRow> rows;
  friend bool operator==(const FunctionComparison&, const FunctionComparison&) = default;
};

/// The code behind a link: functions of a sample of the case (a) beside those of a sample known before (b).
struct CodeComparison {
  std::string sample, other;   ///< SHA-256 of a and b
  std::string family;          ///< entity text of the fact's object, "malware:courier"
  std::string label;           ///< of the known sample, "Courier 1"
  std::optional<Date> known;   ///< since when b is known; nothing: nobody said
  std::string fact, claim;     ///< ids; set once the case is assessed
  std::string missing;         ///< why nothing of b can be shown; empty: it can
  bool in_case = false;        ///< b is a file of the case
  std::size_t functions_not_shown = 0;
  std::vector<FunctionComparison> functions;  ///< the strongest first
  friend bool operator==(const CodeComparison&, const CodeComparison&) = default;
};

}  // namespace ascribe
