#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "binary/pe_image.h"

namespace ascribe {

/// What the CLR header (ECMA-335, II.25.3.3) of a .NET assembly says. Holds views of the file.
struct PeClr {
  enum Flag : std::uint32_t { kIlOnly = 1, kNativeEntry = 0x10 };

  std::uint64_t offset = 0;          ///< of the header in the file
  std::string_view runtime;          ///< that the metadata ask for: "v4.0.30319"
  std::uint64_t runtime_offset = 0;  ///< of that text in the file
  std::uint32_t flags = 0;

  /// All its code is that of the runtime's machine; mixed and precompiled assemblies hold native code too.
  [[nodiscard]] bool il_only() const { return (flags & kIlOnly) != 0 && (flags & kNativeEntry) == 0; }
};

/// Offset of the flags in the header; four bytes.
inline constexpr std::uint64_t kPeClrFlags = 16;
/// The standard allows a runtime's name no more bytes (ECMA-335, II.24.2.1).
inline constexpr std::uint32_t kMaxClrRuntime = 255;

/// Reads the CLR directory. Nullopt without one, and when it leads to no metadata: the loader takes such a file for no
/// assembly, and a forged directory must not hide native code.
[[nodiscard]] std::optional<PeClr> ReadPeClr(const PeImage& image);

}  // namespace ascribe
