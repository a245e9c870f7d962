#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace ascribe {

/// Where in a piece of evidence a fact stands. The kind says how to read the numbers.
struct Locator {
  enum class Kind : std::uint8_t {
    kWhole,        ///< the file itself (its hash)
    kByteRange,    ///< offset, length
    kLine,         ///< 1-based line number in `offset`, byte length of the line in `length` when known
    kJsonPointer,  ///< RFC 6901 pointer in `path`; `offset` = line for NDJSON, else 0
    kTomlPath,     ///< dotted path with indices in `path`, line in `offset`
    kPage,         ///< page of a PDF in `offset`, byte range of the extracted text in `path`
  };
  Kind kind = Kind::kWhole;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string path;

  auto operator<=>(const Locator&) const = default;
  /// "line 12", "bytes 0x40+24", "json /objects/3/pattern"…
  [[nodiscard]] std::string ToString() const;
};

}  // namespace ascribe
