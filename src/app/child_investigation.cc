#include "app/child_investigation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <vector>

#include "base/text.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

// The largest case measured takes minutes; a run that hangs would hold the queue for good.
constexpr std::chrono::minutes kMaxTime{60};
constexpr std::size_t kMaxLine = 4096;

struct Talked {
  std::string line, error;
};

// "progress <done> <total> <what>", "ascribe: <error>", or talk.
void TakeLine(const std::string& line, Talked& talked,
              const std::function<void(const std::string&, std::uint64_t, std::uint64_t)>& progress) {
  constexpr std::string_view kError = "ascribe: ";
  if (line.starts_with(kError)) talked.error = line.substr(kError.size());
  const std::vector<std::string_view> words = Split(line, ' ');
  if (words.size() < 4 || words[0] != "progress") return;
  std::uint64_t done = 0, total = 0;
  const auto number = [](std::string_view word, std::uint64_t& to) {
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), to);
    return code == std::errc() && end == word.data() + word.size();
  };
  if (number(words[1], done) && number(words[2], total))
    progress(line.substr(static_cast<std::size_t>(words[3].data() - line.data())), done, total);
}

void TakeBytes(std::string_view bytes, Talked& talked,
               const std::function<void(const std::string&, std::uint64_t, std::uint64_t)>& progress) {
  for (char c : bytes) {
    if (c != '\n') {
      if (talked.line.size() < kMaxLine) talked.line += c;
      continue;
    }
    TakeLine(talked.line, talked, progress);
    talked.line.clear();
  }
}

// Between fork and exec in a program with threads: system calls only.
[[noreturn]] void BecomeChild(char* const* argv, char* const* envp, int err, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it died before the line above
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = ::open("/dev/null", O_RDWR);
  if (null >= 0 && ::dup2(null, 0) == 0 && ::dup2(null, 1) == 1 && ::dup2(err, 2) == 2) {
    ::syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);  // older kernels: ours are close-on-exec anyway
    ::execve(argv[0], argv, envp);
  }
  ::_exit(127);
}

Status Judge(int status, const Talked& talked) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFSIGNALED(status))
    return Fail(ErrorCode::kInternal,
                fmt::format("the investigation was ended by signal {}; run ascribe investigate by hand to see more",
                            WTERMSIG(status)));
  return Fail(ErrorCode::kInvalidInput, talked.error.empty()
                                            ? fmt::format("the investigation ended with code {}", WEXITSTATUS(status))
                                            : talked.error);
}

}  // namespace

Status InvestigateInChild(const fs::path& case_folder, const fs::path& out, const fs::path& kb, unsigned threads,
                          const std::function<void(const std::string&, std::uint64_t, std::uint64_t)>& progress,
                          const std::atomic<bool>& stop) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return Fail(ErrorCode::kIo, "the program does not find itself in /proc");
  std::vector<std::string> words = {program.string(), "investigate", "--out", out.string()};
  if (!kb.empty()) words.insert(words.end(), {"--kb", kb.string()});
  if (threads > 0) words.insert(words.end(), {"--threads", std::to_string(threads)});
  words.insert(words.end(), {"--", case_folder.string()});
  std::vector<std::string> variables = {"ASCRIBE_PROGRESS=lines"};
  // The token is not the child's business.
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("ASCRIBE_PROGRESS=") &&
        !std::string_view(*variable).starts_with("ASCRIBE_TOKEN="))
      variables.emplace_back(*variable);
  std::vector<char*> argv, envp;
  for (std::string& word : words) argv.push_back(word.data());
  for (std::string& variable : variables) envp.push_back(variable.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return Fail(ErrorCode::kIo, fmt::format("no pipe to be had: {}", std::strerror(errno)));
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) BecomeChild(argv.data(), envp.data(), ends[1], self);
  const int fork_error = errno;
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    return Fail(ErrorCode::kIo, fmt::format("the investigation cannot be started: {}", std::strerror(fork_error)));
  }
  ::setpgid(child, child);
  Talked talked;
  std::array<char, 4096> buffer{};
  const auto deadline = std::chrono::steady_clock::now() + kMaxTime;
  bool late = false;
  for (bool open = true; open && !stop && !late;) {
    late = std::chrono::steady_clock::now() >= deadline;
    pollfd wait{ends[0], POLLIN, 0};
    if (::poll(&wait, 1, 200) <= 0) continue;
    const ssize_t n = ::read(ends[0], buffer.data(), buffer.size());
    if (n > 0) TakeBytes({buffer.data(), static_cast<std::size_t>(n)}, talked, progress);
    open = n > 0 || (n < 0 && errno == EINTR);
  }
  ::close(ends[0]);
  // The pipe may close a moment before the end; a child that closed it and stays is ended.
  int status = 0;
  pid_t ended = 0;
  for (int i = 0; i < 500 && !stop && !late && ended == 0; ++i) {
    ended = ::waitpid(child, &status, WNOHANG);
    if (ended == 0) ::poll(nullptr, 0, 10);
  }
  if (ended == 0) {
    ::kill(-child, SIGKILL);
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
  }
  if (stop) return Fail(ErrorCode::kUnavailable, "the server was stopped");
  if (late) return Fail(ErrorCode::kLimitExceeded, "the investigation took more than an hour and was ended");
  return Judge(status, talked);
}

}  // namespace ascribe
