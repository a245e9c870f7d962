#include "model/locator.h"

#include <fmt/format.h>

namespace ascribe {

std::string Locator::ToString() const {
  switch (kind) {
    case Kind::kWhole: return "whole file";
    case Kind::kByteRange: return fmt::format("bytes 0x{:x}+{}", offset, length);
    case Kind::kLine: return fmt::format("line {}", offset);
    case Kind::kJsonPointer: return offset > 0 ? fmt::format("line {} {}", offset, path) : fmt::format("json {}", path);
    case Kind::kTomlPath: return fmt::format("line {} {}", offset, path);
    case Kind::kPage: return path.empty() ? fmt::format("page {}", offset) : fmt::format("page {} {}", offset, path);
  }
  return {};
}

}  // namespace ascribe
