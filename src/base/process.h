#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ascribe {

/// What a child process may use. Converters of hostile files are programs with a history of holes and endless loops.
struct ProcessLimits {
  std::chrono::seconds cpu{20};                          ///< RLIMIT_CPU
  std::chrono::milliseconds wall{60'000};                ///< then SIGKILL for its process group
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;   ///< RLIMIT_AS
  std::uint64_t output_bytes = std::uint64_t{64} << 20;  ///< of standard output; then SIGKILL
  std::uint64_t file_bytes = 0;                          ///< RLIMIT_FSIZE: files it may write; most need none
};

enum class ProcessEnd : std::uint8_t {
  kExited,       ///< by itself; `status` is the exit status
  kSignalled,    ///< by a signal of its own making; `status` is its number
  kWallTimeout,  ///< killed: ProcessLimits::wall
  kCpuTimeout,   ///< killed: ProcessLimits::cpu
  kOutputLimit,  ///< killed: ProcessLimits::output_bytes; `output` holds what came before
};

struct ProcessOutcome {
  ProcessEnd end = ProcessEnd::kExited;
  int status = 0;
  std::string output;  ///< standard output
  std::string errors;  ///< the first 4 KiB of standard error
};

/// Absolute path of a program, looked for in /usr/local/bin, /usr/bin and /bin only: the caller's PATH may be somebody
/// else's. Errors: kNotFound.
[[nodiscard]] Result<std::string> FindProgram(std::string_view name);

/// Runs argv[0] (an absolute path) with an argument vector, no shell, `input` as standard input, an empty environment
/// but for PATH and LC_ALL=C.UTF-8, working directory /, in its own process group, without core dumps, new privileges
/// or inherited descriptors. Waits for its end. What the child does is an outcome; errors: kInvalidInput (no argv), kIo
/// (the operating system refused to start it). Thread-safe.
[[nodiscard]] Result<ProcessOutcome> RunProcess(const std::vector<std::string>& argv, ByteView input,
                                                const ProcessLimits& limits);

}  // namespace ascribe
