#pragma once

#include <string_view>

#include "base/bytes.h"
#include "model/reading.h"

namespace ascribe {

inline constexpr std::string_view kMispExtractor = "misp@1";

/// A tag of our own export (docs/formats/exports.md). An actor in such an event is our own conclusion, and a conclusion is
/// never evidence.
inline constexpr std::string_view kOwnMispTag = "ascribe:gate=";

/// How sure the first bytes look like MISP core events: {"Event": …}, {"response": […]} or a list of events. 0..100.
[[nodiscard]] int SniffMisp(ByteView head, std::string_view file_name);

/// Reads MISP events as evidence about the incident. What becomes what: docs/formats/misp-import.md.
[[nodiscard]] Reading ReadMisp(ByteView bytes, std::string_view file_name);

}  // namespace ascribe
