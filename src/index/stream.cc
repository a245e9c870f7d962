#include "index/stream.h"

#include <algorithm>

namespace ascribe::index {
namespace {

bool Inside(const StreamPlace& place, std::uint64_t position, std::uint64_t count) {
  return position <= place.bytes && count <= place.bytes - position;
}

}  // namespace

Status StreamWriter::Append(Span bytes) {
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.size(), kPayloadBytes - filled_);
    std::copy_n(bytes.begin(), n, block_.begin() + static_cast<std::ptrdiff_t>(filled_));
    bytes = bytes.subspan(n);
    filled_ += n;
    if (filled_ == kPayloadBytes) TRY(Finish());
  }
  return {};
}

Status StreamWriter::Finish() {
  if (filled_ == 0) return {};
  TRY(file_->Append(block_));
  block_.fill(0);
  filled_ = 0;
  return {};
}

Status ReadStream(const BlockFile& file, const StreamPlace& place, std::uint64_t position, std::uint64_t count,
                  Buffer& out) {
  out.clear();
  if (!Inside(place, position, count))
    return tl::unexpected(file.Damage(place.first, "a list lies outside its section"));
  if (count == 0) return {};
  constexpr std::size_t kBlocksAtOnce = 64;
  const std::uint64_t end = place.first + (position + count - 1) / kPayloadBytes + 1;
  // Most lists stand in one or two blocks: clearing room for 64 took longer than reading them.
  Buffer blocks(static_cast<std::size_t>(std::min<std::uint64_t>(kBlocksAtOnce, end - place.first - position / kPayloadBytes)) * kBlockBytes);
  std::size_t skip = position % kPayloadBytes;
  out.reserve(static_cast<std::size_t>(count));  // Inside() has bounded it by the size of the file
  for (std::uint64_t at = place.first + position / kPayloadBytes; at < end;) {
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(kBlocksAtOnce, end - at));
    TRY(file.Read(at, n, blocks.data()));
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint8_t* payload = blocks.data() + i * kBlockBytes;
      const std::size_t take = std::min(kPayloadBytes - skip, static_cast<std::size_t>(count) - out.size());
      out.insert(out.end(), payload + skip, payload + skip + take);
      skip = 0;
    }
    at += n;
  }
  return {};
}

void PrefetchStream(const BlockFile& file, const StreamPlace& place, std::uint64_t position, std::uint64_t count) {
  if (count == 0 || !Inside(place, position, count)) return;
  const std::uint64_t first = position / kPayloadBytes;
  file.Prefetch(place.first + first, (position + count - 1) / kPayloadBytes - first + 1);
}

}  // namespace ascribe::index
