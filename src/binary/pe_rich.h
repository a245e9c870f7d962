#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "binary/pe_image.h"

namespace ascribe {

/// One tool that made a part of the file: product id, its build number, and how many objects it made.
struct RichProduct {
  std::uint16_t product = 0, build = 0;
  std::uint32_t count = 0;
  /// "msvc-2010" for compilers and linkers of Visual C++, "" for other tools, nullopt for ids this table does not know.
  [[nodiscard]] std::optional<std::string> Toolset() const;
};

/// The undocumented record of build tools that Microsoft's linker leaves between the DOS stub and the PE header.
struct RichHeader {
  std::uint64_t offset = 0, length = 0;  ///< from DanS to the end of the key
  std::string md5;                       ///< of the decoded bytes before "Rich", as other tools compute it
  std::vector<RichProduct> products;
  bool checksum_matches = false;  ///< false: the record or the DOS header was changed after linking (or copied in)
};

/// Decodes it; nullopt when the file has none. Never more than kMaxRichProducts products.
[[nodiscard]] std::optional<RichHeader> ReadRichHeader(const PeImage& image);

/// A linker knows fewer than 300 product ids; each stands there once per build number.
inline constexpr std::size_t kMaxRichProducts = 512;

}  // namespace ascribe
