#pragma once

#include <string>

#include "binary/executable.h"

namespace ascribe {

/// Why the bytes that are said to be x86 code are none as they stand, from where their direct calls lead: "its code
/// seems encrypted: …"; empty when they may be code, when there are too few calls to tell, and for other machines. XOR
/// or ADD with one byte leaves the entropy of code as it was and shows here.
[[nodiscard]] std::string WhyNotPlain(const Executable& executable);

/// Bytes of the file looked at, from the start of its executable sections: enough for thousands of calls, a few
/// milliseconds.
inline constexpr std::size_t kPlainBytes = std::size_t{1} << 18;
/// Of so many direct calls or more at least this share leads into executable bytes. Of 1,515 honest programs (corpus,
/// Debian, Wine) the lowest has .985; with one byte laid over their code the highest has .040.
inline constexpr std::size_t kPlainCalls = 24;
inline constexpr double kPlainShare = .2;
/// Of so many bytes or more at least one direct call in kPlainStep leads there; the least of the honest programs has
/// five.
inline constexpr std::size_t kPlainLeast = std::size_t{1} << 15, kPlainStep = std::size_t{1} << 16;

}  // namespace ascribe
