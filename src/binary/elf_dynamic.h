#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binary/elf_image.h"

namespace ascribe {

/// Entries of the dynamic table that are read: programs have some 40, and one more for each library they need.
inline constexpr std::size_t kMaxElfDynamicEntries = 8192;
/// Version numbers have 15 bits.
inline constexpr std::size_t kMaxElfVersions = 32'768;

struct ElfSymbol {
  std::uint32_t name = 0;
  std::uint8_t type = 0, binding = 0, visibility = 0;
  std::uint16_t section = 0;  ///< 0: defined elsewhere
  std::uint64_t value = 0, size = 0;
};

/// A symbol table: fixed entries and the names they point into. Thread-safe: a value over the file.
struct ElfSymbolTable {
  enum SymbolType : std::uint8_t { kNoType = 0, kObject = 1, kFunction = 2, kIndirectFunction = 10 };
  enum Binding : std::uint8_t { kLocal = 0, kGlobal = 1, kWeak = 2, kUnique = 10 };
  enum SectionIndex : std::uint16_t { kUndefined = 0, kAbsolute = 0xFFF1, kCommon = 0xFFF2, kExtended = 0xFFFF };

  EndianView entries;
  ByteView names;
  std::uint64_t count = 0;  ///< entries that exist; what relocations name may lie behind them in forged files

  [[nodiscard]] std::optional<ElfSymbol> At(std::uint64_t index) const;
  /// Without a version suffix; nullopt when it has none or no end.
  [[nodiscard]] std::optional<std::string_view> NameOf(const ElfSymbol& symbol) const;
};

struct ElfRelocation {
  std::uint64_t address = 0, symbol = 0;
  std::uint32_t type = 0;
  std::optional<std::uint64_t> addend;  ///< absent when it stands at `address`
};

/// A table of relocations. Thread-safe: a value over the file.
struct ElfRelocations {
  EndianView entries;
  bool with_addends = false, mips64 = false;

  [[nodiscard]] std::uint64_t step() const { return entries.word_size() * (with_addends ? 3 : 2); }
  [[nodiscard]] std::uint64_t count() const { return entries.bytes.size() / step(); }
  [[nodiscard]] ElfRelocation At(std::uint64_t index) const;  ///< index < count()
};

/// What the dynamic linker is told: it needs no section table for that.
struct ElfDynamic {
  ElfSymbolTable symbols;
  std::vector<ElfRelocations> relocations;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> function_arrays;  ///< address and bytes of init and fini arrays
  std::vector<std::uint64_t> functions;                                  ///< DT_INIT, DT_FINI
  EndianView symbol_versions;                                            ///< 16 bits a symbol
  std::vector<std::pair<std::uint16_t, std::string_view>> libraries;     ///< by version number, as in the file
  /// MIPS binds the end of the global offset table by position: slot i belongs to symbol `mips_first_symbol` + i.
  std::uint64_t mips_slots = 0, mips_first_symbol = 0;

  std::string_view own_name, search_path, old_search_path;  ///< SONAME, RUNPATH, RPATH
  std::vector<std::string_view> needed;                     ///< libraries, as in the file

  /// The library that must define the symbol; empty when nothing says.
  [[nodiscard]] std::string_view LibraryOf(std::uint64_t symbol) const;
};

/// Reads it from the dynamic segment, else from the dynamic section. Empty when there is neither (static, object,
/// core).
[[nodiscard]] ElfDynamic ReadElfDynamic(const ElfImage& image);

/// Symbols of the section table of that type (`ElfImage::kSymbols`); empty without one.
[[nodiscard]] ElfSymbolTable ReadElfSymbols(const ElfImage& image, std::uint32_t section_type);

}  // namespace ascribe
