#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace ascribe {

/// Something to tell about a container or what lies in it.
struct ContainerNote {
  bool warning = true;  ///< false: worth knowing, nothing is missing
  std::string code;     ///< "archive-password", "limit-members"…
  std::string text;     ///< one line: what, where, what to do
};

/// What may still be unpacked. One budget serves a file and everything below it, so that nesting gains nothing.
struct UnpackBudget {
  std::uint64_t bytes = 0;
  std::size_t members = 0;
};

/// The kind of archive by its first bytes: "zip", "7z", "tar", "gzip", "xz", "bzip2", "cpio", "iso"; empty: none of
/// them.
[[nodiscard]] std::string_view ArchiveKind(ByteView bytes);

/// Reads an archive front to back. `each` gets the name as the archive spells it (any bytes, at most kMaxRawName, never
/// used as a path) and the whole content of one regular file; false ends the reading. Members that cannot be read whole
/// are left out and noted: half a file has another hash than the file. Links, folders and devices are passed over.
/// Encrypted members are read with the first of `passwords` that opens the first of them. Nothing is written anywhere.
void ReadArchive(ByteView bytes, std::span<const std::string> passwords, UnpackBudget& budget,
                 const std::function<bool(std::string name, Bytes content)>& each, std::vector<ContainerNote>& notes);

/// Bytes of a member's name that are handed on. File systems allow 4,096 a path; archives allow any length.
inline constexpr std::size_t kMaxRawName = 4096;
/// Passwords that are tried: each costs a pass over the archive up to the first encrypted member.
inline constexpr std::size_t kMaxPasswords = 64;
/// Remarks about single members, an archive: damaged archives repeat themselves, the rest is counted.
inline constexpr std::size_t kMaxMemberNotes = 20;

}  // namespace ascribe
