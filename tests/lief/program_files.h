#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace ascribe {

struct ProgramFile {
  std::string name;
  Bytes bytes;
};

/// Programs and libraries of this machine, every so many in alphabetical order; with ASCRIBE_SLOW all up to 8 MB.
[[nodiscard]] std::vector<ProgramFile> SystemPrograms();
/// Built for Windows with mingw, 32 and 64 bits, into `folder`, with exports, resources and TLS; and the DLLs that come
/// with it. Empty without mingw.
[[nodiscard]] std::vector<ProgramFile> WindowsPrograms(const std::filesystem::path& folder);
/// Seeds of the fuzzers, and what the builders of the tests make.
[[nodiscard]] std::vector<ProgramFile> MadePrograms();

}  // namespace ascribe
