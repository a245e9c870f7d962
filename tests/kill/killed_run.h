#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>

namespace ascribe {

inline constexpr std::size_t kNever = SIZE_MAX;

struct DriverRun {
  std::size_t acknowledged = 0;
  bool killed = false;
  int exit_code = -1;
};

/// Runs `driver` from step `first` on. Kills it `delay` after its `after`-th acknowledgement (0: after its start).
inline DriverRun RunDriver(const char* driver, const std::filesystem::path& folder, std::size_t first,
                           std::size_t after, std::chrono::microseconds delay) {
  int pipe_ends[2];
  EXPECT_EQ(::pipe(pipe_ends), 0);
  const std::string number = std::to_string(first);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe_ends[1], STDOUT_FILENO);
    ::close(pipe_ends[0]);
    ::close(pipe_ends[1]);
    ::execl(driver, driver, folder.c_str(), number.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(pipe_ends[1]);
  DriverRun run;
  char byte = 0;
  const auto next = [&] { return ::read(pipe_ends[0], &byte, 1) == 1; };
  while (run.acknowledged < after && next()) ++run.acknowledged;
  if (after != kNever) {
    std::this_thread::sleep_for(delay);
    ::kill(child, SIGKILL);
  }
  while (next()) ++run.acknowledged;  // what it said before it died counts
  int status = 0;
  ::waitpid(child, &status, 0);
  run.killed = WIFSIGNALED(status);
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  ::close(pipe_ends[0]);
  return run;
}

}  // namespace ascribe
