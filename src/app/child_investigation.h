#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"

namespace ascribe {

/// Runs `ascribe investigate CASE --out OUT --kb KB` as a child process: hostile evidence that brings a reader down, or
/// takes all memory, ends that run and not the server; and a run can be ended at any time, because files are replaced
/// whole. The outputs are those of the command line, byte for byte. Blocks. `progress` gets what the child counts;
/// `stop` ends it. Errors: the child's own line, kLimitExceeded (time), kIo.
[[nodiscard]] Status InvestigateInChild(
    const std::filesystem::path& case_folder, const std::filesystem::path& out, const std::filesystem::path& kb,
    unsigned threads, const std::function<void(const std::string&, std::uint64_t, std::uint64_t)>& progress,
    const std::atomic<bool>& stop);

}  // namespace ascribe
