#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "binary/executable.h"

namespace ascribe {

/// What a program refers to outside its code.
struct Literal {
  enum class Kind : std::uint8_t { kNone, kText, kTable, kPointers };
  Kind kind = Kind::kNone;
  std::string text;                    ///< of kText: UTF-16 is given as its Latin-1 characters
  ByteView bytes;                      ///< of kText and kTable: in the file
  std::vector<std::string> texts;      ///< of kPointers: those that point to text, in order
};

/// Looks at the bytes at `address`. In a section that is code, where constants may stand among it, only a text between
/// zeros is taken. `next` (0: none) is the next address
/// the program refers to: a table ends there. Pure.
[[nodiscard]] Literal ReadLiteral(const Executable& executable, std::uint64_t address, std::uint64_t next);

/// Printable ASCII, tab and line ends.
[[nodiscard]] bool IsTextByte(std::uint8_t byte);

/// The text that begins `bytes`: printable ASCII, or UTF-16LE of printable ASCII, at least kMinText characters, with its
/// NUL. Empty when there is none. `used` gets the bytes it takes without the NUL.
[[nodiscard]] std::string TextAt(ByteView bytes, std::size_t& used);

/// True when the `size` bytes at `at` have a zero before and behind them: constants among code do, instructions hardly ever.
[[nodiscard]] bool BetweenZeros(ByteView bytes, std::size_t at, std::size_t size);

/// Values of the bytes that survive encoding: what one byte XORed over all of them, or added to each, leaves as it was
/// (differences of neighbours). Two hashes, 0 when there are fewer than kMinEncoded bytes or they are all the same.
struct EncodedForms {
  std::uint64_t under_xor = 0, under_add = 0;
};
[[nodiscard]] EncodedForms FormsUnderKeys(ByteView bytes);

/// Hashes of windows of eight bytes, thinned so that the same choice is made wherever the windows stand (winnowing,
/// Schleimer, Wilkerson & Aiken 2003): tables that share a run of entries share them. Ascending, each once.
[[nodiscard]] std::vector<std::uint64_t> TableWindows(ByteView bytes);

inline constexpr std::size_t kMinText = 4;
/// Longer texts are embedded files; their first bytes say enough.
inline constexpr std::size_t kMaxText = 1024;
/// Entries of tables repeat beyond this, and unrelated data follow.
inline constexpr std::size_t kMaxTable = 1024;
inline constexpr std::size_t kMinEncoded = 8, kEncodedBytes = 16;
/// Pointers followed from one table.
inline constexpr std::size_t kMaxTablePointers = 64;

}  // namespace ascribe
