#pragma once

#include <string>
#include <utility>

#include "binary/executable.h"

namespace ascribe {

/// Adds a remark. What lies outside of the file, or beyond kMaxBinaryRemarks, is left out: remarks weigh nothing.
inline void AddRemark(Executable& e, std::string text, BinaryRange place) {
  if (e.remarks.size() >= kMaxBinaryRemarks || text.empty() || place.size == 0 ||
      !e.file.Contains(place.offset, place.size))
    return;
  if (text.size() > kMaxBinaryName) text.resize(kMaxBinaryName);
  e.remarks.push_back({std::move(text), place});
}

}  // namespace ascribe
