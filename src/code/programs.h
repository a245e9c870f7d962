#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ascribe {

/// Calls `each` with the file when it is a program, else with every program that lies in it, as "file!member" or
/// "file#0x1200" (container/members.h); archives are opened with the common passwords. Gives what was odd about the
/// archives, one line each. Errors: kInvalidInput when neither the file nor anything in it is a PE, ELF or Mach-O; of
/// `each`, which end it.
[[nodiscard]] Result<std::vector<std::string>> ForEachProgram(
    const std::string& name, Bytes bytes, const std::function<Status(const std::string& name, Bytes program)>& each);

}  // namespace ascribe
