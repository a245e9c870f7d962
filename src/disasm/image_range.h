#pragma once

#include <algorithm>
#include <cstdint>

#include "binary/executable.h"

namespace ascribe {

/// Which numbers may be addresses of an executable at all. Holds a view of it.
class ImageRange {
 public:
  explicit ImageRange(const Executable& executable) : executable_(&executable), fixed_(executable.image_base >= 0x10000) {
    for (const BinarySection& s : executable.sections) {
      if (s.address == 0 || s.virtual_size == 0) continue;  // not loaded
      low_ = low_ == 0 ? s.address : std::min(low_, s.address);
      high_ = std::max(high_, s.address + s.virtual_size);
    }
  }
  [[nodiscard]] bool Holds(std::uint64_t address) const {
    return address >= low_ && address < high_ && executable_->SectionAt(address) != nullptr;
  }
  /// False for code of images without a fixed base (shared objects), which names nothing by absolute address: every
  /// number in it would look like one.
  [[nodiscard]] bool fixed() const { return fixed_; }

 private:
  const Executable* executable_;
  std::uint64_t low_ = 0, high_ = 0;
  bool fixed_ = false;
};

}  // namespace ascribe
