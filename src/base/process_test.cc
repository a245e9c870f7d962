#include "base/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace ascribe {
namespace {

using testing::HasSubstr;

ProcessLimits Small() {
  ProcessLimits limits;
  limits.wall = std::chrono::milliseconds(5000);
  limits.output_bytes = 1 << 20;
  return limits;
}

Result<ProcessOutcome> Shell(const std::string& script, const ProcessLimits& limits, ByteView input = {}) {
  return RunProcess({"/bin/sh", "-c", script}, input, limits);
}

TEST(Process, InputOutputStatus) {
  const std::string input(200'000, 'x');
  const auto cat = RunProcess({FindProgram("cat").value()}, input, Small());
  ASSERT_TRUE(cat.has_value());
  EXPECT_EQ(cat->end, ProcessEnd::kExited);
  EXPECT_EQ(cat->output, input);
  const auto failed = Shell("echo no >&2; exit 3", Small());
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(failed->status, 3);
  EXPECT_EQ(failed->errors, "no\n");
}

TEST(Process, ArgumentsAreNoShellWordsAndTheEnvironmentIsClean) {
  const auto echo = RunProcess({FindProgram("echo").value(), "$HOME; ls"}, {}, Small());
  ASSERT_TRUE(echo.has_value());
  EXPECT_EQ(echo->output, "$HOME; ls\n");
  ::setenv("ASCRIBE_SECRET_FOR_TEST", "1", 1);
  const auto env = RunProcess({FindProgram("env").value()}, {}, Small());
  ASSERT_TRUE(env.has_value());
  EXPECT_THAT(env->output, Not(HasSubstr("ASCRIBE_SECRET_FOR_TEST")));
  EXPECT_THAT(env->output, HasSubstr("LC_ALL=C.UTF-8"));
}

TEST(Process, EndlessOutputIsCut) {
  const auto yes = RunProcess({FindProgram("yes").value()}, {}, Small());
  ASSERT_TRUE(yes.has_value());
  EXPECT_EQ(yes->end, ProcessEnd::kOutputLimit);
  EXPECT_EQ(yes->output.size(), std::size_t{1} << 20);
}

TEST(Process, SleepersAndTheirChildrenAreKilled) {
  ProcessLimits limits = Small();
  limits.wall = std::chrono::milliseconds(300);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Shell("sleep 30 & sleep 30", limits)->end, ProcessEnd::kWallTimeout);
  EXPECT_EQ(Shell("exec >&- 2>&-; sleep 30", limits)->end, ProcessEnd::kWallTimeout) << "closed its pipes first";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Process, CpuAndFileLimits) {
  ProcessLimits limits = Small();
  limits.cpu = std::chrono::seconds(1);
  limits.wall = std::chrono::milliseconds(20'000);
  EXPECT_EQ(Shell("while :; do :; done", limits)->end, ProcessEnd::kCpuTimeout);
  const auto write = Shell(
      "echo x > /tmp/ascribe-must-not-be-written; ls -s /tmp/ascribe-must-not-be-written; "
      "rm -f /tmp/ascribe-must-not-be-written",
      Small());
  ASSERT_TRUE(write.has_value());
  EXPECT_THAT(write->output, Not(HasSubstr("4 /tmp")));
}

TEST(Process, SignalsAndErrors) {
  const auto killed = Shell("kill -11 $$", Small());
  ASSERT_TRUE(killed.has_value());
  EXPECT_EQ(killed->end, ProcessEnd::kSignalled);
  EXPECT_EQ(killed->status, 11);
  EXPECT_EQ(RunProcess({}, {}, Small()).error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(RunProcess({"relative"}, {}, Small()).error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(RunProcess({"/no/such/program"}, {}, Small()).error().code, ErrorCode::kIo);
  EXPECT_EQ(FindProgram("no-such-program-here").error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(FindProgram("../bin/sh").has_value());
}

}  // namespace
}  // namespace ascribe
