#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "container/archive.h"
#include "container/carve.h"

namespace ascribe {

/// Something that lies in another file, at any depth.
struct Member {
  std::string chain;   ///< UTF-8, below the outer file: "!dir/evil.exe", "!inner.zip!doc.pdf#0x1200", "#0x400^0x5a"
  std::string sha256;  ///< of `bytes`
  std::string parent;  ///< SHA-256 of the bytes that it lies in directly
  ByteView bytes;      ///< valid during the call
  std::optional<CarvedImage> carved;  ///< where in its parent; empty: a member of an archive
};

/// A note and the SHA-256 of the container that it is about.
struct MemberNote {
  std::string container;
  ContainerNote note;
};

/// Limits of one walk. The values are those in use; tests take smaller ones.
struct MemberLimits {
  /// Bytes unpacked from one file, all levels together: what one evidence file may have, so a case stays within 2 GiB.
  std::uint64_t bytes = std::uint64_t{512} << 20;
  /// Unpacked bytes for each byte of the file, beyond `free_bytes`. Programs shrink to a third, logs to a hundredth;
  /// what gives more is made to hurt.
  std::uint64_t ratio = 250;
  /// Small files may unpack to this whatever the ratio: a log of one repeated line is no attack.
  std::uint64_t free_bytes = std::uint64_t{16} << 20;
  /// Members of one file, all levels together, folders and links too. Collections of samples hold thousands.
  std::size_t members = 10'000;
  /// Levels: mail attachments come as a program in a zip in a zip; droppers carry droppers.
  std::size_t depth = 5;
};

/// Walks all that lies in a file: members of archives, programs carved out of everything else, and what lies in those.
/// Depth first, in the order of the bytes, so the same file gives the same calls. Content that was seen already in this
/// walk (the file itself too) is passed over: copies say nothing new, and archives that contain themselves come to an
/// end. `visit` returns false to end the walk. Nothing is written to disk.
[[nodiscard]] std::vector<MemberNote> VisitMembers(ByteView file, const std::string& sha256,
                                                   std::span<const std::string> passwords,
                                                   const std::function<bool(const Member&)>& visit,
                                                   const MemberLimits& limits = {});

/// Passwords that the trade puts on samples; tried before those of the case.
[[nodiscard]] const std::vector<std::string>& CommonPasswords();

/// Bytes of a member's name that are shown; longer ones are cut, the SHA-256 says which it is.
inline constexpr std::size_t kMaxMemberName = 255;

}  // namespace ascribe
