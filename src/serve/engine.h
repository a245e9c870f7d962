#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "base/result.h"

namespace ascribe::serve {

/// Tells how far an investigation is.
using ProgressCall = std::function<void(const std::string& step, std::uint64_t done, std::uint64_t total)>;

/// What the service cannot do by itself. Both are called from several threads, `investigate` never twice at a time.
struct Engine {
  /// Investigates a case folder and writes its outputs into `out`. Blocks; ends early, with an error, soon after `stop`
  /// is set.
  std::function<Status(const std::filesystem::path& case_folder, const std::filesystem::path& out,
                       const ProgressCall& progress, const std::atomic<bool>& stop)>
      investigate;
  /// Digest of each pack of today's knowledge base, by id.
  std::function<Result<std::map<std::string, std::string>>()> knowledge;
};

}  // namespace ascribe::serve
