#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "binary/endian_view.h"

namespace ascribe {

/// Segments that are read. A core file has one a mapping, and Linux allows a process 65,530 of them (vm.max_map_count).
inline constexpr std::size_t kMaxElfSegments = 70'000;
/// Section headers that are read. Objects compiled with a section for each function pass 65,535, hence the extended
/// numbering; the largest known have some 200,000.
inline constexpr std::size_t kMaxElfSections = 500'000;
/// Alignment that is honoured when the sections of an object file are laid out: larger ones are forged (the largest
/// page of any machine read here is 64 KiB).
inline constexpr std::uint64_t kMaxElfAlignment = 65'536;

struct ElfSegment {
  std::uint32_t type = 0, flags = 0;
  std::uint64_t offset = 0, address = 0, file_size = 0, memory_size = 0;
};
struct ElfSection {
  std::uint32_t name = 0, type = 0;
  std::uint64_t flags = 0;
  std::uint64_t address = 0;  ///< in object files, which have none, the place that the layout gave it
  std::uint64_t offset = 0, size = 0;
  std::uint32_t link = 0, info = 0;
  std::uint64_t alignment = 0, entry_size = 0;
};

/// The headers of an ELF file: where things are, nothing about what they mean. Holds a view of the file.
struct ElfImage {
  enum Type : std::uint16_t { kObject = 1, kProgram = 2, kShared = 3, kCore = 4 };
  enum SegmentType : std::uint32_t { kLoad = 1, kDynamic = 2, kEhFrameHeader = 0x6474'E550, kArmIndex = 0x7000'0001 };
  enum SegmentFlag : std::uint32_t { kExecute = 1, kWrite = 2 };
  enum SectionType : std::uint32_t {
    kSymbols = 2,
    kDynamicTable = 6,
    kNoBits = 8,
    kDynamicSymbols = 11,
    kInitArray = 14,
    kFiniArray = 15,
    kPreinitArray = 16,
    kSymbolIndices = 18
  };
  enum SectionFlag : std::uint64_t { kSectionWrite = 1, kSectionAlloc = 2, kSectionExecute = 4, kSectionTls = 0x400 };
  enum Machine : std::uint16_t {
    k386 = 3,
    kMips = 8,
    kMipsLittle = 10,
    kPpc = 20,
    kPpc64 = 21,
    kArm = 40,
    kX64 = 62,
    kArm64 = 183
  };

  EndianView file;
  std::uint16_t type = 0, machine = 0;
  std::uint64_t entry = 0;
  std::vector<ElfSegment> segments;  ///< in file order
  std::vector<ElfSegment> loads;     ///< the loaded ones that are not empty, by address
  std::vector<ElfSection> sections;  ///< empty when there is no section table, or none that can be believed
  ByteView section_names;
  std::vector<std::string> oddities;

  [[nodiscard]] const ElfSegment* LoadAt(std::uint64_t address) const;
  /// What the file holds from `address` to the end of its segment; empty when it holds nothing.
  [[nodiscard]] ByteView At(std::uint64_t address) const;
  /// At most 64 bytes; empty when the section has no name.
  [[nodiscard]] std::string_view SectionName(const ElfSection& section) const;
  /// What the file holds of it.
  [[nodiscard]] ByteView Held(const ElfSection& section) const;
  [[nodiscard]] ByteView Held(std::uint64_t offset, std::uint64_t size) const;
  /// The first of its type; nullptr when there is none.
  [[nodiscard]] const ElfSection* FindSection(std::uint32_t section_type) const;
};

/// Reads the headers and decides whether the section table can be believed. Errors: kInvalidInput when the file is no
/// ELF or ends within its first header.
[[nodiscard]] Result<ElfImage> ParseElfImage(ByteView file);

}  // namespace ascribe
