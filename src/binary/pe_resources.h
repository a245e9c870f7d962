#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "binary/pe_image.h"

namespace ascribe {

struct PeLanguage {
  std::uint16_t id = 0;      ///< LANGID
  std::uint64_t offset = 0;  ///< of the first resource entry that has it
};
/// The bytes of one resource.
struct PeResourceData {
  std::uint64_t offset = 0, size = 0;  ///< in the file, inside it
};
struct PeResources {
  std::vector<PeResourceData> versions;  ///< of type RT_VERSION, in file order, at most kMaxVersionResources
  std::vector<PeLanguage> languages;  ///< each id once, in file order, without the neutral one (0)
  bool cut = false;
};

/// The languages of a file's resources: the third level of the tree (type, name, language).
[[nodiscard]] PeResources ReadPeResources(const PeImage& image);

/// Entries of all levels together. Real trees have up to some thousand; a hostile one shares and loops its nodes, so
/// entries are counted, not nodes.
inline constexpr std::size_t kMaxResourceEntries = 20'000;
/// Programs have one version resource a language.
inline constexpr std::size_t kMaxVersionResources = 16;

/// "ko", "fa", "ar-ye": the language, with the country where it is spoken in several; "" for an id the table lacks.
[[nodiscard]] std::string ResourceLanguageName(std::uint16_t langid);

}  // namespace ascribe
