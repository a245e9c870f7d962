#include "backtest/packed_file.h"

#include <lzma.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "base/io.h"

namespace ascribe::backtest {
namespace {

constexpr std::string_view kXzMagic(
    "\xFD"
    "7zXZ\0",
    6);

struct EndStream {
  void operator()(lzma_stream* stream) const { lzma_end(stream); }
};

Result<std::string> Unpack(std::string_view packed, const FileLimits& limits) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, limits.decoder_memory, LZMA_CONCATENATED) != LZMA_OK)
    return Fail(ErrorCode::kInternal, "the xz decoder does not start");
  const std::unique_ptr<lzma_stream, EndStream> owner(&stream);
  std::string text;
  std::array<char, 1 << 16> block;
  stream.next_in = reinterpret_cast<const std::uint8_t*>(packed.data());
  stream.avail_in = packed.size();
  for (;;) {
    stream.next_out = reinterpret_cast<std::uint8_t*>(block.data());
    stream.avail_out = block.size();
    const lzma_ret state = lzma_code(&stream, LZMA_FINISH);
    const std::size_t got = block.size() - stream.avail_out;
    if (text.size() + got > limits.unpacked_bytes)
      return Fail(ErrorCode::kLimitExceeded, "more than " + std::to_string(limits.unpacked_bytes) + " bytes unpacked");
    text.append(block.data(), got);
    if (state == LZMA_STREAM_END) return text;
    if (state == LZMA_MEMLIMIT_ERROR) return Fail(ErrorCode::kLimitExceeded, "the xz dictionary is too large");
    if (state == LZMA_MEM_ERROR) return Fail(ErrorCode::kLimitExceeded, "not enough memory to unpack");
    if (state != LZMA_OK) return Fail(ErrorCode::kCorrupt, "damaged or cut xz stream");
  }
}

}  // namespace

Result<std::string> ReadPackedFile(const std::filesystem::path& path, const FileLimits& limits) {
  TRY_ASSIGN(std::string bytes, ReadTextFile(path, limits.packed_bytes));
  if (!std::string_view(bytes).starts_with(kXzMagic)) return bytes;
  auto text = Unpack(bytes, limits);
  if (!text) return FailAt(path.string(), std::move(text).error());
  return text;
}

}  // namespace ascribe::backtest
