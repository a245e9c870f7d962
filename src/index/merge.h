#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "base/result.h"
#include "index/segment.h"

namespace ascribe::index {

/// Writes the segments, in the order of their samples, as one: what a build from all their samples would give (but for
/// which signatures of a cut list are kept). Streams the tables; memory: 20 bytes a signature, and the samples.
[[nodiscard]] Status MergeSegments(std::span<const std::shared_ptr<const Segment>> segments,
                                   const std::filesystem::path& path);

}  // namespace ascribe::index
