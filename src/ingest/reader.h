#pragma once

#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/reading.h"

namespace ascribe {

/// A reader of one format. Stateless: the same bytes give the same reading on any thread.
struct Reader {
  std::string_view name;   ///< "stix", part of the extractor "stix@1"
  std::string_view extractor;  ///< "stix@1": changes when the same bytes would give other facts
  std::string_view media;  ///< Evidence::media it produces
  /// How sure it is, from the first bytes (and the file name, as the weakest hint), that this is its format: 0 = no,
  /// 1..100 = rising. An empty or truncated file of the format should still be recognised by name.
  int (*sniff)(ByteView head, std::string_view file_name);
  /// Reads all of it. Never fails: what cannot be read becomes a diagnostic. Fact::evidence stays empty.
  Reading (*read)(ByteView bytes, std::string_view file_name);
  /// Reads characters: it sees UTF-16 that begins with a byte order mark as UTF-8 (FindReader, ReadWith).
  bool text = false;
};

/// All readers, in a fixed order. Adding a format adds a file pair and one line in registry.cc.
[[nodiscard]] const std::vector<Reader>& Readers();

/// The reader with the highest sniff value (ties: the earlier one), or nullptr when none recognises the bytes.
[[nodiscard]] const Reader* FindReader(ByteView bytes, std::string_view file_name);

/// Reads all of it, text in UTF-16 too; locators lead to the bytes of the file as it is.
[[nodiscard]] Reading ReadWith(const Reader& reader, ByteView bytes, std::string_view file_name);

/// Bytes that sniffers get to see.
inline constexpr std::size_t kSniffBytes = 64 * 1024;
/// Largest evidence file that is read whole. Larger ones are hashed, listed in custody, and reported as not read: the
/// readers here hold a file in memory, and 512 MiB keeps a case within 2 GiB.
inline constexpr std::uint64_t kMaxEvidenceBytes = std::uint64_t{512} << 20;
/// Most facts one file may give; beyond it the rest is cut off with a diagnostic.
inline constexpr std::size_t kMaxFactsPerFile = 5'000'000;

}  // namespace ascribe
