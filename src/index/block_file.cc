#include "index/block_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <libdeflate.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ascribe::index {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kWriteBytes = std::size_t{1} << 20;  // one system call a megabyte

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Error SystemError(std::string_view what, const fs::path& path) {
  const int code = errno;
  return Error{code == ENOENT || code == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo,
               fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(code))};
}

Status WriteAll(int fd, const std::uint8_t* bytes, std::size_t count, const fs::path& path) {
  for (std::size_t done = 0; done < count;) {
    const ssize_t n = ::write(fd, bytes + done, count - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(SystemError("write", path));
    done += static_cast<std::size_t>(n);
  }
  return {};
}

Status SyncFolder(const fs::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return tl::unexpected(SystemError("open", folder));
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return tl::unexpected(SystemError("flush", folder));
  return {};
}

std::uint32_t BlockCrc(const std::uint8_t* block, std::uint64_t number) {
  return libdeflate_crc32(static_cast<std::uint32_t>(number), block, kPayloadBytes);
}

Result<BlockWriter> BlockWriter::Create(const fs::path& path) {
  Descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (fd.get() < 0) return tl::unexpected(SystemError("create", path));
  return BlockWriter(std::move(fd), path);
}

Status BlockWriter::Append(const Block& block) {
  const std::size_t at = pending_.size();
  pending_.insert(pending_.end(), block.begin(), block.end());
  PutLittle(pending_.data() + at + kPayloadBytes, BlockCrc(pending_.data() + at, blocks_), 4);
  ++blocks_;
  return pending_.size() >= kWriteBytes ? Flush() : Status();
}

Status BlockWriter::Flush() {
  TRY(WriteAll(fd_.get(), pending_.data(), pending_.size(), path_));
  pending_.clear();
  return {};
}

Status BlockWriter::ReadBack(std::uint64_t number, Block& block) const {
  const ssize_t n = ::pread(fd_.get(), block.data(), block.size(), static_cast<off_t>(number * kBlockBytes));
  if (n != static_cast<ssize_t>(block.size())) return tl::unexpected(SystemError("read back", path_));
  return {};
}

Status BlockWriter::Finish(const Block& header) {
  TRY(Flush());
  Block first = header;
  PutLittle(first.data() + kPayloadBytes, BlockCrc(first.data(), 0), 4);
  if (::lseek(fd_.get(), 0, SEEK_SET) != 0) return tl::unexpected(SystemError("seek in", path_));
  TRY(WriteAll(fd_.get(), first.data(), first.size(), path_));
  if (::fsync(fd_.get()) != 0) return tl::unexpected(SystemError("flush", path_));
  return {};
}

Result<BlockFile> BlockFile::Open(const fs::path& path) {
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // O_NONBLOCK: a FIFO must not hang us
  if (fd.get() < 0) return tl::unexpected(SystemError("open", path));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return tl::unexpected(SystemError("stat", path));
  if (!S_ISREG(info.st_mode)) return Fail(ErrorCode::kIo, path.string() + " is not a regular file");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size == 0 || size % kBlockBytes != 0)
    return Fail(ErrorCode::kCorrupt,
                fmt::format("{}: block {}: cut short, the file has {} bytes", path.string(), size / kBlockBytes, size));
  ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_RANDOM);  // no read-ahead of our neighbours; Prefetch says what we want
  return BlockFile(std::move(fd), path, size / kBlockBytes);
}

Status BlockFile::Read(std::uint64_t first, std::size_t count, std::uint8_t* out) const {
  if (first > blocks_ || count > blocks_ - first) return tl::unexpected(Damage(first, "is past the end of the file"));
  const std::size_t bytes = count * kBlockBytes;
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t n = ::pread(fd_.get(), out + done, bytes - done, static_cast<off_t>(first * kBlockBytes + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(SystemError(fmt::format("read block {} of", first + done / kBlockBytes), path_));
    if (n == 0) return tl::unexpected(Damage(first + done / kBlockBytes, "the file was cut short"));
    done += static_cast<std::size_t>(n);
  }
  return Check(first, count, out);
}

Result<bool> BlockFile::ReadCached(std::uint64_t first, std::size_t count, std::uint8_t* out) const {
  if (first > blocks_ || count > blocks_ - first) return tl::unexpected(Damage(first, "is past the end of the file"));
  const iovec room{out, count * kBlockBytes};
  const ssize_t n = ::preadv2(fd_.get(), &room, 1, static_cast<off_t>(first * kBlockBytes), RWF_NOWAIT);
  if (n != static_cast<ssize_t>(room.iov_len)) return false;  // whatever it is, Read() finds out
  TRY(Check(first, count, out));
  return true;
}

Status BlockFile::Check(std::uint64_t first, std::size_t count, const std::uint8_t* blocks) const {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* block = blocks + i * kBlockBytes;
    if (BlockCrc(block, first + i) != GetLittle(block + kPayloadBytes, 4))
      return tl::unexpected(Damage(first + i, "its CRC does not match"));
  }
  return {};
}

void BlockFile::Prefetch(std::uint64_t first, std::uint64_t count) const {
  ::posix_fadvise(fd_.get(), static_cast<off_t>(first * kBlockBytes), static_cast<off_t>(count * kBlockBytes),
                  POSIX_FADV_WILLNEED);
}

void BlockFile::DropFromCache() const { ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED); }

Error BlockFile::Damage(std::uint64_t block, std::string_view what) const {
  return Error{ErrorCode::kCorrupt, fmt::format("{}: block {}: {}", path_.string(), block, what)};
}

}  // namespace ascribe::index
