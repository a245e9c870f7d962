#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "binary/endian_view.h"

namespace ascribe {

/// Parts of a fat file. Java classes begin with the same magic and have their version, which is at least 45, where the
/// count stands; the most that is known of real files is five.
inline constexpr std::uint32_t kMaxMachOSlices = 44;
/// Load commands that are read: one a library and a few dozen others; the largest applications have some 600.
inline constexpr std::uint32_t kMaxMachOCommands = 16'384;
/// Symbols name their section in one byte, so linkers make no more.
inline constexpr std::size_t kMaxMachOSections = 255;

struct MachOSection {
  std::string name;  ///< "__TEXT,__text"
  std::uint64_t address = 0, size = 0, offset = 0;
  std::uint32_t flags = 0, first_indirect = 0;  ///< its first entry in the table of indirect symbols
  std::uint32_t segment = 0;                    ///< index
  [[nodiscard]] std::uint32_t type() const { return flags & 0xFF; }
};
struct MachOSegment {
  std::string name;
  std::uint64_t address = 0, size = 0, offset = 0, file_size = 0;
  std::uint32_t protection = 0;
  std::size_t sections = 0;
};
struct MachORange {
  std::uint64_t offset = 0, size = 0;
};

/// One part of a fat file.
struct MachOSlice {
  std::uint32_t cpu = 0;  ///< that the fat header names
  MachORange range;       ///< in the file, as stated
  MachORange entry;       ///< of the fat header that says so
  bool read = false;

  [[nodiscard]] std::string Name() const;  ///< "x86", "arm64", "cpu 0x1000003"
};

/// The headers of one Mach-O image: where things are, nothing about what they mean. Holds a view of the file.
struct MachOImage {
  enum Cpu : std::uint32_t {
    kX86 = 7,
    kX64 = 0x0100'0007,
    kArm = 12,
    kArm64 = 0x0100'000C,
    kPpc = 18,
    kPpc64 = 0x0100'0012
  };
  enum FileType : std::uint32_t { kObject = 1 };
  enum Protection : std::uint32_t { kWrite = 2, kExecute = 4 };
  enum SectionType : std::uint32_t {
    kZeroFill = 1,
    kPointers = 6,
    kLazyPointers = 7,
    kInitPointers = 9,
    kTermPointers = 10,
    kLargeZeroFill = 12,
    kLazyLibraryPointers = 16,
    kThreadZeroFill = 18,
    kInitOffsets = 22
  };
  enum SectionFlag : std::uint32_t { kInstructionsOnly = 0x8000'0000, kSomeInstructions = 0x400 };

  ByteView file;                   ///< the whole file
  std::uint64_t slice_offset = 0;  ///< of the image in the file; all other offsets count from there
  EndianView slice;
  std::uint32_t cpu = 0, file_type = 0;
  bool two_levels = false;  ///< symbols name the library that they come from
  std::uint64_t base = 0;   ///< address of the header: of the segment __TEXT
  std::vector<MachOSegment> segments;
  std::vector<MachOSection> sections;
  std::vector<std::string_view> libraries;  ///< paths, in the order that symbols number them by (from 1)
  std::optional<std::uint64_t> entry;       ///< address
  MachORange symbols, strings;              ///< of symbols and indirect symbols the size is the number of entries
  MachORange indirect_symbols, function_starts;
  std::vector<MachOSlice> slices;  ///< of a fat file, in its order
  std::vector<std::string> oddities;

  /// What the file holds of a range of the image.
  [[nodiscard]] ByteView Held(std::uint64_t offset, std::uint64_t size) const;
};

/// Reads the headers; of a fat file the x64 part, else x86, else the first that is an image. Errors: kInvalidInput when
/// there is none, or it ends within its first header.
[[nodiscard]] Result<MachOImage> ParseMachOImage(ByteView file);

/// True for the first bytes of an image or a fat file.
[[nodiscard]] bool LooksLikeMachO(ByteView file);

}  // namespace ascribe
