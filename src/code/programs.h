#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ascribe {

/// What is taken of a file that is a program itself: also those that stand inside or behind it, or only the file.
enum class Carried : std::uint8_t { kToo, kNot };

/// Calls `each` with the file when it is a program, then with every program that lies in it, as "file!member" or
/// "file#0x1200" (container/members.h, which has the limits); archives are opened with the common passwords. Gives what
/// was odd about archives and carriers, one line each. Errors: kInvalidInput when neither the file nor anything in it is a
/// PE, ELF or Mach-O; of `each`, which end it.
[[nodiscard]] Result<std::vector<std::string>> ForEachProgram(
    const std::string& name, Bytes bytes, Carried carried, const std::function<Status(const std::string& name, Bytes program)>& each);

}  // namespace ascribe
