#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "index/varint.h"

namespace ascribe::index {

/// A page of memory, a sector of most disks, and what one look-up should cost (docs/adr/0004).
inline constexpr std::size_t kBlockBytes = 4096;
/// What a block carries; its last four bytes are the CRC.
inline constexpr std::size_t kPayloadBytes = kBlockBytes - 4;

using Block = std::array<std::uint8_t, kBlockBytes>;

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// "cannot <what> <path>: <why>", from errno. kNotFound when the file is not there, else kIo.
[[nodiscard]] Error SystemError(std::string_view what, const std::filesystem::path& path);
[[nodiscard]] Status WriteAll(int fd, const std::uint8_t* bytes, std::size_t count, const std::filesystem::path& path);
/// Makes renames and new names in `folder` last a power cut.
[[nodiscard]] Status SyncFolder(const std::filesystem::path& folder);

/// Writes a file of blocks in order. Not thread-safe. What is not finished is no segment: the caller renames it only
/// after Finish().
class BlockWriter {
 public:
  [[nodiscard]] static Result<BlockWriter> Create(const std::filesystem::path& path);

  /// Takes the first kPayloadBytes of `block` as the next block.
  [[nodiscard]] Status Append(const Block& block);
  [[nodiscard]] std::uint64_t blocks() const { return blocks_; }
  /// Replaces block 0, which was appended empty to keep its place, and flushes everything to the disk.
  [[nodiscard]] Status Finish(const Block& header);
  /// Hands over what is buffered to the operating system.
  [[nodiscard]] Status Flush();
  /// A block that was appended and flushed.
  [[nodiscard]] Status ReadBack(std::uint64_t number, Block& block) const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  BlockWriter(Descriptor fd, std::filesystem::path path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Descriptor fd_;
  std::filesystem::path path_;
  Buffer pending_;
  std::uint64_t blocks_ = 0;
};

/// Reads blocks and holds them against their CRC. Thread-safe: pread on one descriptor. Reads rather than maps: a file
/// that is cut short or a failing disk is then an error, where a map would end the process (SIGBUS).
class BlockFile {
 public:
  /// Errors: kNotFound, kIo, kCorrupt (not a whole number of blocks).
  [[nodiscard]] static Result<BlockFile> Open(const std::filesystem::path& path);

  [[nodiscard]] std::uint64_t blocks() const { return blocks_; }
  /// Reads `count` blocks from `first` on; `out` has room for them. Errors: kCorrupt names file and block.
  [[nodiscard]] Status Read(std::uint64_t first, std::size_t count, std::uint8_t* out) const;
  /// The same, when all of it is in the page cache: then true. False without waiting for a disk, also where the file
  /// system cannot tell.
  [[nodiscard]] Result<bool> ReadCached(std::uint64_t first, std::size_t count, std::uint8_t* out) const;
  /// Announces blocks that will be read soon, so that the disk can fetch them together.
  void Prefetch(std::uint64_t first, std::uint64_t count) const;
  /// kCorrupt, "FILE: block N: what".
  [[nodiscard]] Error Damage(std::uint64_t block, std::string_view what) const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Drops the file from the page cache: for benches only.
  void DropFromCache() const;

 private:
  BlockFile(Descriptor fd, std::filesystem::path path, std::uint64_t blocks)
      : fd_(std::move(fd)), path_(std::move(path)), blocks_(blocks) {}
  [[nodiscard]] Status Check(std::uint64_t first, std::size_t count, const std::uint8_t* blocks) const;

  Descriptor fd_;
  std::filesystem::path path_;
  std::uint64_t blocks_;
};

/// CRC-32 (ISO 3309, as in zlib) over the payload, begun with the block's number: a block at the wrong place shows too.
[[nodiscard]] std::uint32_t BlockCrc(const std::uint8_t* block, std::uint64_t number);

}  // namespace ascribe::index
