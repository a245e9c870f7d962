#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "binary/pe_image.h"

namespace ascribe {

struct PeImportedLibrary {
  std::string name;          ///< lower case
  std::uint64_t offset = 0;  ///< of the name in the file
};

struct PeImports {
  std::vector<PeImportedLibrary> libraries;  ///< in file order
  /// MD5 over "library.function,…" in lower case, as pefile computes it; functions imported by ordinal are "ordN", those of
  /// Winsock and oleaut32.dll have names (pe_ordinals.h). Absent without imports.
  std::optional<std::string> imphash;
  bool cut = false;  ///< a limit was hit; no imphash then
};

/// Reads the import directory (not the delay-loaded one).
[[nodiscard]] PeImports ReadPeImports(const PeImage& image);

/// Programs import from some hundred libraries at most; more is a forged directory that repeats itself.
inline constexpr std::size_t kMaxPeLibraries = 1024;
/// Functions of all libraries together; the largest browsers stay below 10,000.
inline constexpr std::size_t kMaxPeImports = 65'536;
/// All names together: a forged table may name the same 4 KiB again and again.
inline constexpr std::size_t kMaxPeImportBytes = std::size_t{16} << 20;
/// Compilers cut decorated names at 4095 bytes.
inline constexpr std::size_t kMaxPeImportName = 4096;

/// The files the loader needs that say which tools built a program: "msvcr100.dll" yes, "kernel32.dll" no.
[[nodiscard]] bool IsRuntimeLibrary(const std::string& lower_name);

}  // namespace ascribe
