#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ascribe::index {

/// The live segments of an index, in the order of their samples. Replaced as a whole by a rename.
struct Manifest {
  struct Entry {
    std::uint64_t number = 0;      ///< of the file: 00000007.seg
    std::uint64_t blocks = 0;      ///< of the file
    std::uint32_t header_crc = 0;  ///< of the file's block 0
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::uint64_t next = 1;  ///< number of the next segment; above all that are listed
  std::vector<Entry> segments;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

/// More than the merge rule can leave in any real index (ten segments hold 4^10 times the smallest).
inline constexpr std::size_t kMaxSegments = 1000;

[[nodiscard]] std::string ManifestText(const Manifest& manifest);
/// Errors: kCorrupt, kUnsupported, with the line.
[[nodiscard]] Result<Manifest> ParseManifest(std::string_view text);

[[nodiscard]] std::filesystem::path ManifestPath(const std::filesystem::path& folder);
[[nodiscard]] std::filesystem::path SegmentPath(const std::filesystem::path& folder, std::uint64_t number);
/// Errors: kNotFound (no index there), kIo, kCorrupt and kUnsupported naming the file.
[[nodiscard]] Result<Manifest> LoadManifest(const std::filesystem::path& folder);
/// Replaces the manifest; lasts a power cut when it returns.
[[nodiscard]] Status SaveManifest(const std::filesystem::path& folder, const Manifest& manifest);

}  // namespace ascribe::index
