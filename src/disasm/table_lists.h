#pragma once

#include <cstdint>
#include <vector>

#include "binary/executable.h"

namespace ascribe {

/// A table at `address` that begins with a list of codes (cipher suites, error numbers, ports in an order that somebody
/// chose): hashes of entries a, b with a one to three places before b, so that lists of which one is a part of the
/// other share them, and the same codes in another order do not. Empty when the table is no such list. Of entries of
/// two or four bytes, whatever their byte order: from the beginning as many as are all different, at least
/// kMinListEntries; one half of each takes few values over all of them, which neither random numbers nor keys do; the
/// order goes up and down, which sorted tables and offsets do not; no text; of four bytes no offsets into the image.
/// Ascending, each once, at most kMaxListPairs: the smallest, so that two lists choose alike. Pure.
[[nodiscard]] std::vector<std::uint64_t> ListPairs(const Executable& executable, std::uint64_t address, ByteView table);

/// Shorter lists are alike by chance; longer ones are generated tables.
inline constexpr std::size_t kMinListEntries = 8, kMaxListEntries = 256;
/// Of one table: four times what its windows give, so that a list does not outweigh the code.
inline constexpr std::size_t kMaxListPairs = 64;
/// Of one program, in the order of addresses: 64 lists.
inline constexpr std::size_t kMaxProgramListPairs = 4096;

}  // namespace ascribe
