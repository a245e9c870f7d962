#pragma once

#include <cstdint>
#include <optional>

#include "binary/endian_view.h"
#include "binary/executable.h"

namespace ascribe {

/// Go's table of functions ("pclntab"), which the runtime needs for stack traces and which stripping therefore leaves:
/// where every function begins, and its name. Layouts of Go 1.2, 1.16, 1.18 and 1.20 (the layout of runtime/symtab.go
/// and debug/gosym; each is used until the next one).
struct GoTable {
  enum class Layout : std::uint8_t { k2, k16, k18, k20 };
  Layout layout = Layout::k2;
  EndianView bytes;           ///< from its first byte to the end of what the file holds of its section
  std::uint64_t functions = 0;  ///< how many
  std::uint64_t entries = 0;    ///< offset of the first entry: where a function begins, where its record stands
  std::uint64_t records = 0;    ///< offset that places of records count from
  std::uint64_t names = 0;      ///< offset that places of names count from
  /// Since 1.18 entries count from here; 0 before, and where the file does not know it.
  std::uint64_t text = 0;
  /// Address of the word that holds `text`: position-independent ELF files fill it by a relocation. 0: none.
  std::uint64_t text_word = 0;

  [[nodiscard]] bool relative() const { return layout >= Layout::k18; }
};

/// Looks in sections of its name, then in all of them by its first bytes (stripped section names, PE). Nullopt: no Go program.
[[nodiscard]] std::optional<GoTable> FindGoTable(const Executable& executable);

/// Appends its functions to `starts` and `names`. A table that is not in order is read up to there, with an oddity.
void ReadGoFunctions(const GoTable& table, Executable& executable);

/// Places that look like the beginning of a table and are looked at: real files have one, forged ones may have millions.
inline constexpr std::size_t kMaxGoTables = 64;

}  // namespace ascribe
