#include "base/io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace ascribe {
namespace fs = std::filesystem;
namespace {

Error IoError(const fs::path& path, std::string_view what) {
  const int code = errno;
  return Error{code == ENOENT || code == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo,
               fmt::format("{} {}: {}", what, path.string(), std::strerror(code))};
}

// Closes on every way out; write() callers check the explicit Close().
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  bool Close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd) == 0;
  }

 private:
  int fd_;
};

template <typename Container>
Status ReadInto(const fs::path& path, std::uint64_t max_bytes, Container& out) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // O_NONBLOCK: a FIFO must not hang us
  if (fd.get() < 0) return tl::unexpected(IoError(path, "cannot open"));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return tl::unexpected(IoError(path, "cannot stat"));
  if (!S_ISREG(info.st_mode)) return Fail(ErrorCode::kIo, path.string() + " is not a regular file");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (size > max_bytes)
    return Fail(ErrorCode::kLimitExceeded, fmt::format("{} has {} bytes, the limit is {}", path.string(), size, max_bytes));
  out.resize(static_cast<std::size_t>(size));
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = ::read(fd.get(), out.data() + done, out.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return tl::unexpected(IoError(path, "cannot read"));
    if (n == 0) break;  // it shrank under us: what is there is what we hash
    done += static_cast<std::size_t>(n);
  }
  out.resize(done);
  return {};
}

}  // namespace

Result<Bytes> ReadFile(const fs::path& path, std::uint64_t max_bytes) {
  Bytes bytes;
  TRY(ReadInto(path, max_bytes, bytes));
  return bytes;
}

Result<std::string> ReadTextFile(const fs::path& path, std::uint64_t max_bytes) {
  std::string text;
  TRY(ReadInto(path, max_bytes, text));
  return text;
}

namespace {

fs::path TemporaryFor(const fs::path& path) { return path.string() + ".tmp"; }

// Writes and flushes the temporary file of `path`; removes it on error.
Status WriteTemporary(const fs::path& path, std::string_view content) {
  const fs::path temporary = TemporaryFor(path);
  Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (fd.get() < 0) return tl::unexpected(IoError(temporary, "cannot create"));
  const auto give_up = [&](std::string_view what) {
    const Error error = IoError(path, what);
    ::unlink(temporary.c_str());
    return tl::unexpected(error);
  };
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t n = ::write(fd.get(), content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return give_up("cannot write");
    done += static_cast<std::size_t>(n);
  }
  if (::fsync(fd.get()) != 0 && errno != EINVAL) return give_up("cannot flush");
  if (!fd.Close()) return give_up("cannot close");
  return {};
}

Status Publish(const fs::path& path) {
  const fs::path temporary = TemporaryFor(path);
  if (::rename(temporary.c_str(), path.c_str()) == 0) return {};
  const Error error = IoError(path, "cannot rename to");
  ::unlink(temporary.c_str());
  return tl::unexpected(error);
}

}  // namespace

Status WriteFileAtomic(const fs::path& path, std::string_view content) {
  TRY(WriteTemporary(path, content));
  return Publish(path);
}

Result<FileList> ListFiles(const fs::path& root, std::size_t max_files) {
  constexpr int kMaxDepth = 32;  // deeper trees are loops or hostile
  std::error_code error;
  if (!fs::is_directory(root, error)) return Fail(ErrorCode::kNotFound, root.string() + " is not a folder");
  FileList list;
  fs::recursive_directory_iterator it(root, fs::directory_options::none, error), end;
  if (error) return Fail(ErrorCode::kIo, fmt::format("cannot list {}: {}", root.string(), error.message()));
  while (it != end) {
    const fs::path path = it->path();
    const std::string relative = path.lexically_relative(root).generic_string();
    const fs::file_status status = it->symlink_status(error);
    if (error) {
      list.skipped.push_back(relative + ": " + error.message());
    } else if (fs::is_symlink(status)) {
      list.skipped.push_back(relative + ": symbolic link, not followed");
    } else if (fs::is_directory(status)) {
      if (it.depth() >= kMaxDepth) {
        it.disable_recursion_pending();
        list.skipped.push_back(relative + ": deeper than 32 folders");
      } else if (::access(path.c_str(), R_OK | X_OK) != 0) {
        it.disable_recursion_pending();
        list.skipped.push_back(relative + ": folder cannot be read");
      }
    } else if (fs::is_regular_file(status)) {
      if (list.files.size() >= max_files)
        return Fail(ErrorCode::kLimitExceeded, fmt::format("more than {} files below {}", max_files, root.string()));
      const std::uint64_t size = fs::file_size(path, error);
      list.files.push_back({relative, path, error ? 0 : size});
    } else {
      list.skipped.push_back(relative + ": not a regular file");
    }
    it.increment(error);
    if (error) return Fail(ErrorCode::kIo, fmt::format("cannot list {}: {}", root.string(), error.message()));
  }
  std::sort(list.files.begin(), list.files.end(),
            [](const FileEntry& a, const FileEntry& b) { return a.relative < b.relative; });
  std::sort(list.skipped.begin(), list.skipped.end());
  return list;
}

Result<fs::path> DefaultDataHome() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && data[0] == '/') return fs::path(data) / "ascribe";
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] != '\0')
    return fs::path(home) / ".local/share/ascribe";
  return Fail(ErrorCode::kInvalidInput, "neither XDG_DATA_HOME nor HOME is set; name a folder with --kb DIR");
}

}  // namespace ascribe
