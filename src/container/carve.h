#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "binary/executable.h"

namespace ascribe {

/// A program inside another file.
struct CarvedImage {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  ///< what its headers claim, at most what is there
  std::uint8_t key = 0;    ///< every byte is XORed with it; 0: it stands there as it is
  bool cut = false;        ///< the file ends before the program does
  BinaryFormat format = BinaryFormat::kPe;
  bool operator==(const CarvedImage&) const = default;
};

struct Carving {
  std::vector<CarvedImage> images;  ///< by offset, not overlapping: what lies in an image is found by looking into it
  bool limit = false;               ///< there may be more: a limit was hit
};

/// Finds PE, ELF and Mach-O images by their headers, one pass over the bytes, PE also XORed with one byte. An image
/// ends where its headers say (certificates and section tables included), not where the next thing begins. A program at
/// the very beginning is the file itself and is not listed, nor are the parts of a fat Mach-O file. Pure and bounded.
[[nodiscard]] Carving FindImages(ByteView file);

/// The bytes of an image; decoded when it has a key.
[[nodiscard]] Bytes DecodeImage(ByteView file, const CarvedImage& image);

/// Images of one file. Installers carry dozens of programs; a forged file could hold one every 64 bytes.
inline constexpr std::size_t kMaxCarvedImages = 256;
/// Sections, segments and headers looked at in one file. An honest image has fewer than 100, an object file compiled
/// with a section a function some 200,000; forged headers may all point to one long table.
inline constexpr std::size_t kMaxCarveWork = 10'000'000;
/// Distance from MZ to PE: linkers write 64 to 512 bytes of DOS program, some packers a few kilobytes.
inline constexpr std::uint32_t kMaxDosStub = 65'536;

}  // namespace ascribe
