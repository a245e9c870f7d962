#include "serve/file_cache.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/sha256.h"

namespace ascribe::serve {
namespace {

std::int64_t Nanoseconds(const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; }

Result<std::string> ReadAll(int fd, std::uint64_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Fail(ErrorCode::kIo, "the file cannot be read");
    if (n == 0) break;  // replaced files keep their old inode, so this one was cut in place
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace

bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= 200 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.';
         });
}

int OpenBelow(const std::filesystem::path& root, const std::vector<std::string_view>& steps, bool folder) {
  constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  int at = ::open(root.c_str(), kFolder);
  for (std::size_t i = 0; i < steps.size() && at >= 0; ++i) {
    const bool last = i + 1 == steps.size();
    // O_NONBLOCK: a FIFO must not hang us.
    const int flags = last && !folder ? O_RDONLY | O_CLOEXEC | O_NONBLOCK : kFolder;
    const int next = ::openat(at, std::string(steps[i]).c_str(), flags | O_NOFOLLOW);
    ::close(at);
    at = next;
  }
  return at;
}

Result<FileBytes> FileCache::Get(const std::filesystem::path& root, const std::vector<std::string_view>& steps) {
  const int fd = OpenBelow(root, steps, false);
  if (fd < 0) return Fail(ErrorCode::kNotFound, "there is no such file");
  struct Closer {
    int fd;
    ~Closer() { ::close(fd); }
  } const closer{fd};
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return Fail(ErrorCode::kNotFound, "there is no such file");
  const Stamp stamp{info.st_dev, info.st_ino, static_cast<std::uint64_t>(info.st_size), Nanoseconds(info.st_mtim),
                    Nanoseconds(info.st_ctim)};
  if (stamp.size > kMaxFile)
    return Fail(ErrorCode::kLimitExceeded,
                fmt::format("the file has {} bytes; at most {} are served", stamp.size, kMaxFile));
  std::string path;
  for (std::string_view step : steps) path.append("/").append(step);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_path_.find(path); found != by_path_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      if (found->second->stamp == stamp) return found->second->file;
    }
  }
  TRY_ASSIGN(std::string bytes, ReadAll(fd, stamp.size));
  FileBytes file;
  file.sha256 = Sha256Hex(bytes);
  file.bytes = std::make_shared<const std::string>(std::move(bytes));
  // Cut or replaced while it was read: true for this answer, but not to be kept under this stamp.
  if (file.bytes->size() != stamp.size) return file;
  const std::lock_guard lock(mutex_);
  if (const auto found = by_path_.find(path); found != by_path_.end()) {
    held_ -= found->second->file.bytes->size();
    entries_.erase(found->second);
    by_path_.erase(found);
  }
  entries_.push_front({path, stamp, file});
  by_path_.emplace(path, entries_.begin());
  held_ += file.bytes->size();
  while (held_ > kMaxHeld && entries_.size() > 1) {
    held_ -= entries_.back().file.bytes->size();
    by_path_.erase(entries_.back().path);
    entries_.pop_back();
  }
  return file;
}

}  // namespace ascribe::serve
