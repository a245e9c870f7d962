#include "program.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include "base/text.h"

namespace ascribe::cli {
namespace fs = std::filesystem;
namespace {

constexpr unsigned kNobody = 65534;

// In the child; only what is safe between fork and exec.
void SetUp(const RunOptions& options, const char* folder, const char* out, const char* err) {
  const int in = ::open("/dev/null", O_RDONLY);
  const int out_fd = ::open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int err_fd = ::open(err, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (in < 0 || out_fd < 0 || err_fd < 0 || ::chdir(folder) != 0) ::_exit(126);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out_fd, STDOUT_FILENO);
  ::dup2(err_fd, STDERR_FILENO);
  if (options.max_file_bytes) {
    const rlimit limit{*options.max_file_bytes, *options.max_file_bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  if (options.as_nobody && (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0))
    ::_exit(126);
}

void GiveToNobody(const fs::path& folder) {
  EXPECT_EQ(::chown(folder.c_str(), kNobody, kNobody), 0);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    EXPECT_EQ(::lchown(entry.path().c_str(), kNobody, kNobody), 0);
}

}  // namespace

Machine::Machine() {
  fs::create_directories(folder_.path() / "home");
  fs::create_directories(folder_.path() / "data");
}

Outcome Machine::Run(const std::vector<std::string>& args, const RunOptions& options) const {
  std::vector<std::string> words = {ASCRIBE_PROGRAM};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const char* path = ::getenv("PATH");
  std::vector<std::string> variables = {"HOME=" + (folder_.path().string() + "/home"),
                                        "XDG_DATA_HOME=" + (folder_.path().string() + "/data"),
                                        std::string("PATH=") + (path != nullptr ? path : "/usr/bin:/bin")};
  // The sanitizers' settings belong to the program under test too.
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = ::getenv(name); value != nullptr) variables.push_back(std::string(name) + "=" + value);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);

  const std::string out = options.out_path.empty() ? folder_.path().string() + "/.stdout" : options.out_path;
  const std::string err = folder_.path().string() + "/.stderr";
  // A child that is killed before it opens them must not be taken for the one before.
  if (options.out_path.empty()) fs::remove(out);
  fs::remove(err);
  if (options.as_nobody) GiveToNobody(folder_.path());
  const std::string folder = folder_.path().string();
  const pid_t child = ::fork();
  if (child == 0) {
    SetUp(options, folder.c_str(), out.c_str(), err.c_str());
    ::execve(ASCRIBE_PROGRAM, argv.data(), environment.data());
    ::_exit(127);
  }
  if (options.kill_after_us) {
    ::usleep(static_cast<useconds_t>(*options.kill_after_us));
    ::kill(child, SIGKILL);
  }
  int status = 0;
  rusage usage{};
  EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
  Outcome outcome;
  if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  outcome.peak_kib = static_cast<std::uint64_t>(usage.ru_maxrss);
  if (options.out_path.empty()) outcome.out = ReadBytes(out);
  outcome.err = ReadBytes(err);
  return outcome;
}

std::map<std::string, std::string> Machine::Investigate(const fs::path& case_folder, const fs::path& out,
                                                        const std::vector<std::string>& args) const {
  std::vector<std::string> words = {"investigate", case_folder.string(), "--out", out.string(), "--quiet"};
  words.insert(words.end(), args.begin(), args.end());
  const Outcome outcome = Run(words);
  EXPECT_EQ(outcome.exit_code, 0) << "signal " << outcome.signal << ": " << outcome.err;
  return FilesBelow(out);
}

fs::path Root() { return ASCRIBE_SOURCE_DIR; }
fs::path Example(std::string_view name) { return Root() / "examples" / name; }

std::vector<std::string> ExampleNames() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(Root() / "examples"))
    if (fs::is_regular_file(entry.path() / "case.toml")) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::map<std::string, std::string> FilesBelow(const fs::path& folder) {
  std::map<std::string, std::string> files;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder, ignored))
    if (entry.is_regular_file()) files[entry.path().lexically_relative(folder).string()] = ReadBytes(entry.path());
  return files;
}

std::string ReadBytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream buffer;
  buffer << in.rdbuf();
  return buffer.str();
}

void WriteBytes(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  ASSERT_TRUE(out) << path;
}

fs::path WriteSmallCase(const fs::path& folder, const std::string& id) {
  WriteBytes(folder / "case.toml", "format = \"ascribe-case/1\"\nid = \"" + id + "\"\n" + R"(title = "A small case"
tlp = "CLEAR"
[victim]
name = "Somebody"
sector = "media"
country = "US"
[dates]
incident = "2017-11-24"
[[source]]
id = "vendor"
title = "A report"
publisher = "A vendor"
url = "https://example.org/report"
published = "2017-12-01"
reliability = "B"
credibility = 2
[[evidence]]
file = "evidence/good.ndjson"
source = "vendor"
)");
  WriteBytes(folder / "evidence/good.ndjson",
             R"({"relation":"contains","object":"mutex:Global\\good-one","known_on":"2017-12-01"}
{"relation":"communicates-with","object":"ipv4:203.0.113.7","known_on":"2017-12-01"}
{"relation":"contains","object":"file-name:good.exe","known_on":"2017-12-01"}
)");
  return folder;
}

::testing::AssertionResult IsTerminalSafe(std::string_view text) {
  std::size_t line = 1;
  for (const std::string_view row : Split(text, '\n')) {
    if (const std::string safe = TerminalSafe(row); safe != row)
      return ::testing::AssertionFailure() << "line " << line << " holds more than text: " << safe;
    ++line;
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult IsOneLine(std::string_view text) {
  if (text.size() < 10 || text.back() != '\n') return ::testing::AssertionFailure() << "no line: \"" << text << '"';
  if (text.find('\n') != text.size() - 1) return ::testing::AssertionFailure() << "more than one line: " << text;
  return ::testing::AssertionSuccess();
}

}  // namespace ascribe::cli
