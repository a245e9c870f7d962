#include "base/folder_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace ascribe {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;

Error IoError(const fs::path& path, std::string_view what) {
  const int code = errno;
  return Error{code == ENOENT || code == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo,
               fmt::format("{} {}: {}", what, path.string(), std::strerror(code))};
}

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { (void)Close(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  void Reset(int fd) {
    (void)Close();
    fd_ = fd;
  }
  bool Close() {
    const int fd = fd_;
    fd_ = -1;
    return fd < 0 || ::close(fd) == 0;
  }

 private:
  int fd_ = -1;
};

// Up to `size` bytes; fewer at the end of the file or on an error.
std::size_t ReadSome(int fd, char* out, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(fd, out + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

struct FolderWriter::State {
  fs::path folder;
  Fd lock;
  std::vector<fs::path> changed;  // with a complete temporary file each
  std::optional<Error> error;     // the first

  fs::path path;             // of the file in hand; empty: none
  Fd old, temporary;         // old is open while all that came so far is what stands there
  std::uint64_t equal = 0;   // so many bytes
  std::vector<char> buffer;

  [[nodiscard]] fs::path Temporary(const fs::path& of) const { return of.string() + ".tmp"; }

  void GiveUp(std::string_view what) {
    if (!error) error = IoError(path, what);
    old.Reset(-1);
    temporary.Reset(-1);
  }

  // From here on the file differs from what stands there: what was equal is taken over.
  void Differ() {
    const fs::path target = Temporary(path);
    temporary.Reset(::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (temporary.get() < 0) return GiveUp("cannot create the temporary file of");
    changed.push_back(path);
    if (equal > 0 && ::lseek(old.get(), 0, SEEK_SET) != 0) return GiveUp("cannot read");
    while (equal > 0) {
      const std::size_t n = ReadSome(old.get(), buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(equal, buffer.size())));
      if (n == 0) return GiveUp("cannot read again");
      if (!WriteAll(temporary.get(), {buffer.data(), n})) return GiveUp("cannot write");
      equal -= n;
    }
    old.Reset(-1);
  }

  void Add(std::string_view piece) {
    while (!piece.empty() && old.get() >= 0) {
      const std::size_t wanted = std::min(piece.size(), buffer.size());
      const std::size_t n = ReadSome(old.get(), buffer.data(), wanted);
      if (n < wanted || std::memcmp(buffer.data(), piece.data(), wanted) != 0) {
        Differ();
        break;
      }
      equal += n;
      piece.remove_prefix(n);
    }
    if (!error && !piece.empty() && !WriteAll(temporary.get(), piece)) GiveUp("cannot write");
  }

  void End() {
    if (path.empty() || error) return;
    if (old.get() >= 0) {
      struct stat info {};
      if (::fstat(old.get(), &info) != 0 || static_cast<std::uint64_t>(info.st_size) != equal) Differ();
    }
    if (error) return;
    if (old.get() >= 0) {
      std::error_code ignored;
      fs::remove(Temporary(path), ignored);  // left by a run that was killed
      old.Reset(-1);
    } else {
      if (::fsync(temporary.get()) != 0 && errno != EINVAL) return GiveUp("cannot flush");
      if (!temporary.Close()) return GiveUp("cannot close");
    }
    path.clear();
  }

  void Begin(std::string_view name) {
    End();
    if (error) return;
    path = folder / name;
    equal = 0;
    buffer.resize(kPiece);
    old.Reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // O_NONBLOCK: a FIFO must not hang us
    struct stat info {};
    if (old.get() >= 0 && (::fstat(old.get(), &info) != 0 || !S_ISREG(info.st_mode))) old.Reset(-1);
    if (old.get() < 0) Differ();
  }
};

FolderWriter::FolderWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
FolderWriter::FolderWriter(FolderWriter&&) noexcept = default;

FolderWriter::~FolderWriter() {
  if (!state_) return;
  std::error_code ignored;
  for (const fs::path& path : state_->changed) fs::remove(state_->Temporary(path), ignored);
}

Result<FolderWriter> FolderWriter::Open(const fs::path& folder) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  // Two runs into one folder take turns: their temporary files have the same names.
  state->lock.Reset(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (state->lock.get() < 0) return tl::unexpected(IoError(folder, "cannot open"));
  while (::flock(state->lock.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
  return FolderWriter(std::move(state));
}

void FolderWriter::Begin(std::string_view name) { state_->Begin(name); }

void FolderWriter::Add(std::string_view piece) {
  if (!state_->error) state_->Add(piece);
}

Status FolderWriter::Publish() {
  state_->End();
  if (state_->error) return tl::unexpected(*state_->error);
  while (!state_->changed.empty()) {
    const fs::path path = state_->changed.front();
    if (::rename(state_->Temporary(path).c_str(), path.c_str()) != 0) return tl::unexpected(IoError(path, "cannot rename to"));
    state_->changed.erase(state_->changed.begin());
  }
  return {};
}

}  // namespace ascribe
