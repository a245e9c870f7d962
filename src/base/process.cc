#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace ascribe {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  void Reset(int fd) {
    Close();
    fd_ = fd;
  }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read, write;
  bool Open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read.Reset(ends[0]);
    write.Reset(ends[1]);
    return true;
  }
};

tl::unexpected<Error> Refused(std::string_view what) {
  return Fail(ErrorCode::kIo, fmt::format("{}: {}", what, std::strerror(errno)));
}

// Input lies in anonymous memory: the child may seek in it, nothing touches the disk, and no pipe can fill up.
Status FillInput(Descriptor& file, ByteView input) {
  file.Reset(::memfd_create("input", MFD_CLOEXEC));
  if (file.get() < 0) return Refused("cannot create the child's input");
  for (std::size_t done = 0; done < input.size();) {
    const ssize_t n = ::write(file.get(), input.data() + done, input.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Refused("cannot fill the child's input");
    done += static_cast<std::size_t>(n);
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return Refused("cannot rewind the child's input");
  return {};
}

struct ChildPlan {
  char* const* argv;
  char* const* envp;
  int in, out, err;
  ProcessLimits limits;
};

bool Limit(int resource, std::uint64_t value) {
  const rlimit limit{value, value};
  return ::setrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0;
}

// Between fork and exec in a program with threads: system calls only, no allocation.
[[noreturn]] void BecomeChild(const ChildPlan& plan) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const auto cpu = static_cast<std::uint64_t>(plan.limits.cpu.count());
  const rlimit cpu_limit{cpu, cpu + 1};  // SIGXCPU first, so that the parent can tell; SIGKILL a second later
  const bool limited = ::setrlimit(RLIMIT_CPU, &cpu_limit) == 0 && Limit(RLIMIT_AS, plan.limits.memory_bytes) &&
                       Limit(RLIMIT_FSIZE, plan.limits.file_bytes) && Limit(RLIMIT_CORE, 0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  if (limited && ::chdir("/") == 0 && ::dup2(plan.in, 0) == 0 && ::dup2(plan.out, 1) == 1 && ::dup2(plan.err, 2) == 2) {
    ::syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);  // older kernels: ours are O_CLOEXEC anyway
    ::execve(plan.argv[0], plan.argv, plan.envp);
  }
  ::_exit(127);
}

// Reads both pipes until they close, a limit is hit or time is over.
ProcessEnd Collect(const Pipe& out, const Pipe& err, const ProcessLimits& limits, ProcessOutcome& outcome) {
  constexpr std::size_t kMaxErrors = 4096;
  const auto deadline = Clock::now() + limits.wall;
  std::array<pollfd, 2> fds = {{{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}}};
  std::string buffer(64 * 1024, '\0');
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return ProcessEnd::kWallTimeout;
    if (::poll(fds.data(), fds.size(), static_cast<int>(std::min<std::int64_t>(left, 1000))) <= 0) continue;
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      const ssize_t n = ::read(fds[i].fd, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        fds[i].fd = -1;  // closed; poll ignores negative descriptors
        continue;
      }
      const auto got = static_cast<std::size_t>(n);
      if (i == 1) {
        outcome.errors.append(buffer, 0, std::min(got, kMaxErrors - std::min(kMaxErrors, outcome.errors.size())));
        continue;
      }
      const std::size_t room = static_cast<std::size_t>(limits.output_bytes) - outcome.output.size();
      outcome.output.append(buffer, 0, std::min(got, room));
      if (got > room) return ProcessEnd::kOutputLimit;
    }
  }
  return ProcessEnd::kExited;
}

// A child may close its pipes and go on: it still has until the deadline.
int WaitFor(pid_t pid, Clock::time_point deadline, bool& late) {
  int status = 0;
  for (;;) {
    const pid_t done = ::waitpid(pid, &status, WNOHANG);
    if (done == pid) return status;
    if (done < 0 && errno != EINTR) return 0;
    if (!late && Clock::now() >= deadline) {
      late = true;
      ::kill(-pid, SIGKILL);
      ::kill(pid, SIGKILL);
    }
    ::poll(nullptr, 0, 2);
  }
}

}  // namespace

Result<std::string> FindProgram(std::string_view name) {
  if (name.empty() || name.find('/') != std::string_view::npos)
    return Fail(ErrorCode::kNotFound, fmt::format("\"{}\" is no program name", name));
  for (std::string_view folder : {"/usr/local/bin/", "/usr/bin/", "/bin/"}) {
    std::string path = std::string(folder) + std::string(name);
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return Fail(ErrorCode::kNotFound,
              fmt::format("{} is not installed (looked in /usr/local/bin, /usr/bin, /bin)", name));
}

Result<ProcessOutcome> RunProcess(const std::vector<std::string>& argv, ByteView input, const ProcessLimits& limits) {
  if (argv.empty() || argv[0].empty() || argv[0][0] != '/')
    return Fail(ErrorCode::kInvalidInput, "a child process needs an absolute path");
  if (::access(argv[0].c_str(), X_OK) != 0) return Refused(argv[0]);
  Descriptor in;
  TRY(FillInput(in, input));
  Pipe out, err;
  if (!out.Open() || !err.Open()) return Refused("cannot create a pipe");
  std::vector<char*> args;
  for (const std::string& arg : argv) args.push_back(const_cast<char*>(arg.c_str()));
  args.push_back(nullptr);
  std::string path = "PATH=/usr/local/bin:/usr/bin:/bin", locale = "LC_ALL=C.UTF-8";
  std::array<char*, 3> environment = {path.data(), locale.data(), nullptr};
  const ChildPlan plan{args.data(), environment.data(), in.get(), out.write.get(), err.write.get(), limits};

  const auto deadline = Clock::now() + limits.wall;
  const pid_t pid = ::fork();
  if (pid < 0) return Refused("cannot start a child process");
  if (pid == 0) BecomeChild(plan);
  ::setpgid(pid, pid);  // also here: whoever comes first, kill(-pid) below must not miss
  out.write.Close();
  err.write.Close();

  ProcessOutcome outcome;
  outcome.end = Collect(out, err, limits, outcome);
  if (outcome.end != ProcessEnd::kExited) ::kill(-pid, SIGKILL);
  bool late = false;
  const int status = WaitFor(pid, outcome.end == ProcessEnd::kExited ? deadline : Clock::now(), late);
  ::kill(-pid, SIGKILL);  // grandchildren that stayed behind
  if (outcome.end != ProcessEnd::kExited) return outcome;
  if (late) {
    outcome.end = ProcessEnd::kWallTimeout;
  } else if (WIFSIGNALED(status)) {
    outcome.status = WTERMSIG(status);
    outcome.end = outcome.status == SIGXCPU ? ProcessEnd::kCpuTimeout : ProcessEnd::kSignalled;
  } else {
    outcome.status = WEXITSTATUS(status);
  }
  return outcome;
}

}  // namespace ascribe
