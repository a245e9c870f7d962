#pragma once

#include <vector>

#include "base/bytes.h"
#include "code/metadata.h"

namespace ascribe {

/// PDB paths that stand as plain text outside of every debug record ("RSDS", "NB10"), by key, each once, with the key
/// that a file has which they were linked into. A linker writes its path into such a record and nowhere else: none of
/// the 203 PE files of the corpus has one elsewhere, but whoever copies another program's texts copies its path with
/// them. Whole programs inside the bytes bring their records along. ASCII paths with a folder; linear in `bytes`. Pure.
[[nodiscard]] std::vector<MetadataItem> StrayPdbPaths(ByteView bytes);

/// The first are looked at: a file has one path, a forged one those of whom it points at.
inline constexpr std::size_t kMaxStrayPdbPaths = 64;

}  // namespace ascribe
