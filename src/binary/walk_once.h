#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "binary/executable.h"

namespace ascribe {

/// A part of what the file holds of a section.
struct Stretch {
  const BinarySection* section = nullptr;
  std::uint64_t begin = 0, end = 0;  ///< in the section's bytes

  [[nodiscard]] std::uint64_t address() const { return section->address + begin; }
  [[nodiscard]] std::uint64_t offset() const { return section->offset + begin; }
  [[nodiscard]] ByteView bytes() const { return *section->bytes.Slice(begin, end - begin); }
};

/// What there is to walk of the sections that are `wanted`, each byte of the file once. Sections of real files share no
/// bytes; forged ones, thousands of them, may all show the same megabytes: the section of the entry has them, else the
/// first in the file, then by address. In the order of the file, but the section of the entry first; at most two
/// stretches a section. Views of `executable`.
[[nodiscard]] std::vector<Stretch> WalkOnce(const Executable& executable,
                                            const std::function<bool(const BinarySection&)>& wanted);

}  // namespace ascribe
