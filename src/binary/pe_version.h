#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace ascribe {

/// One line of a version resource: "CompanyName" and what somebody typed there.
struct PeVersionText {
  std::string key, value;                ///< UTF-8; characters that UTF-16 cannot pair are U+FFFD
  std::uint64_t offset = 0, length = 0;  ///< of the value in the file, without its end mark
};

/// The texts of a VS_VERSIONINFO structure that stands at [offset, offset + size) of the file, all languages, in file
/// order. What is cut off or nested wrongly is left out. Pure.
[[nodiscard]] std::vector<PeVersionText> ReadPeVersion(ByteView file, std::uint64_t offset, std::uint64_t size);

/// Twelve keys are defined; linkers take more.
inline constexpr std::size_t kMaxVersionTexts = 64;
/// Characters of a key or value; Explorer shows some 250.
inline constexpr std::size_t kMaxVersionText = 1024;

}  // namespace ascribe
