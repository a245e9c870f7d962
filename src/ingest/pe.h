#pragma once

#include <string_view>

#include "base/bytes.h"
#include "model/reading.h"

namespace ascribe {

inline constexpr std::string_view kPeExtractor = "pe@3";

/// Windows programs and libraries: PE32 and PE32+.
[[nodiscard]] int SniffPe(ByteView head, std::string_view file_name);

/// Reads headers and texts; nothing is disassembled, nothing is run. The incident observed the file's SHA-256; everything
/// else is about sample:<sha256>: its hashes, compile time, linker version, Rich header, imphash, runtime libraries,
/// PDB path, resource languages, version texts, signer, and what stands inside (program_texts.h). Toolsets are facts about
/// the rich-header entity they were read from, and so are reasons why it cannot belong to the file; subject and issuer are facts about the
/// certificate. A file that is cut off or forged gives what can be read, and diagnostics.
[[nodiscard]] Reading ReadPe(ByteView bytes, std::string_view file_name);

/// Debug entries that are looked at; linkers write fewer than ten.
inline constexpr std::size_t kMaxPeDebugEntries = 64;
/// Windows paths have at most 32,767 characters; PDB paths of linkers stay below MAX_PATH, forged ones need not.
inline constexpr std::size_t kMaxPdbPath = 1024;

/// How a text about a Rich header begins that says why it cannot be that of its file (binary/pe_build.h).
inline constexpr std::string_view kForeignHeader = "not of this file: ";

}  // namespace ascribe
