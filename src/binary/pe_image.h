#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ascribe {

/// The Windows loader refuses more (PE/COFF specification: at most 96 sections).
inline constexpr std::size_t kMaxPeSections = 96;

struct PeDirectory {
  std::uint32_t address = 0;  ///< RVA; for the certificate table a file offset
  std::uint32_t size = 0;
};
struct PeSection {
  std::string name;  ///< up to 8 bytes
  std::uint32_t address = 0, virtual_size = 0, raw_offset = 0, raw_size = 0, flags = 0;
};

/// The headers of a PE32 or PE32+ file: where things are, nothing about what they mean. Holds a view of the file.
struct PeImage {
  enum Directory : std::size_t {
    kExports = 0,
    kImports = 1,
    kResources = 2,
    kExceptions = 3,
    kCertificates = 4,
    kDebug = 6,
    kTls = 9,
    kBoundImports = 11,
    kDelayImports = 13,
    kClr = 14
  };

  ByteView file;
  std::uint32_t header_offset = 0;  ///< of "PE\0\0"
  std::uint16_t machine = 0;
  std::uint32_t time_stamp = 0;
  std::uint32_t symbols_offset = 0, symbol_count = 0;  ///< the COFF symbol table that linkers for Unix leave
  bool plus = false;  ///< PE32+: 64-bit thunks
  std::uint8_t linker_major = 0, linker_minor = 0;
  std::uint64_t image_base = 0;
  std::uint32_t entry = 0;  ///< RVA; 0: none
  std::uint32_t headers_size = 0;
  std::array<PeDirectory, 16> directories{};
  std::vector<PeSection> sections;
  std::vector<std::string> oddities;  ///< one line each: truncated headers, sections beyond the end…

  /// File offset of a virtual address; nullopt when no section maps it to bytes that exist.
  [[nodiscard]] std::optional<std::uint64_t> Offset(std::uint64_t rva) const;
  /// File offset of the first byte of a section's data: the loader rounds down to sectors of 512 bytes.
  [[nodiscard]] static std::uint64_t RawOffset(const PeSection& section) {
    return section.raw_offset & ~std::uint64_t{0x1FF};
  }
  /// The NUL-terminated text at `rva`, at most `limit` bytes; nullopt when it has no end within them.
  [[nodiscard]] std::optional<std::string_view> Text(std::uint64_t rva, std::size_t limit) const;
  [[nodiscard]] std::string_view MachineName() const;  ///< "x86", "x64", "arm", "arm64", "ia64" or "unknown"
  /// First byte after all sections and headers.
  [[nodiscard]] std::uint64_t EndOfSections() const;
};

/// Reads the headers. Errors: kInvalidInput when the file is no PE or ends within its fixed headers.
[[nodiscard]] Result<PeImage> ParsePeImage(ByteView file);

}  // namespace ascribe
