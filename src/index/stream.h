#pragma once

#include <cstdint>

#include "base/result.h"
#include "index/block_file.h"

namespace ascribe::index {

/// Bytes laid over the payloads of consecutive blocks: byte p stands in block first + p / kPayloadBytes.
class StreamWriter {
 public:
  explicit StreamWriter(BlockWriter& file) : file_(&file) {}
  [[nodiscard]] Status Append(Span bytes);
  /// Writes the last, half-filled block.
  [[nodiscard]] Status Finish();
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  BlockWriter* file_;
  Block block_{};
  std::size_t filled_ = 0;
  std::uint64_t bytes_ = 0;
};

struct StreamPlace {
  std::uint64_t first = 0;  ///< block
  std::uint64_t bytes = 0;
  [[nodiscard]] std::uint64_t blocks() const { return bytes / kPayloadBytes + (bytes % kPayloadBytes != 0 ? 1 : 0); }
};

/// Replaces `out` by bytes [position, position + count) of the stream. Errors: kCorrupt when they are not all in it.
[[nodiscard]] Status ReadStream(const BlockFile& file, const StreamPlace& place, std::uint64_t position,
                                std::uint64_t count, Buffer& out);
void PrefetchStream(const BlockFile& file, const StreamPlace& place, std::uint64_t position, std::uint64_t count);

}  // namespace ascribe::index
