#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "binary/endian_view.h"
#include "binary/executable.h"

namespace ascribe {

/// Reads exception frames (.eh_frame of ELF, __eh_frame of Mach-O), which stand at `address`: each frame description
/// gives one function, its start and its end. `list` says that a record of length 0 ends the frames; without it (a
/// whole section, of which linkers join several) reading goes on behind it. Adds to `starts` up to kMaxFunctionStarts
/// in all. Linear in the bytes; what is not understood is skipped.
void ReadEhFrames(const EndianView& frames, std::uint64_t address, bool list, std::vector<FunctionStart>& starts);

/// Reads a table of frames (.eh_frame_hdr) that stands at `address`: adds the starts it lists, without ends, and
/// returns the address of the frames themselves, when it says.
std::optional<std::uint64_t> ReadEhFrameHeader(const EndianView& header, std::uint64_t address,
                                               std::vector<FunctionStart>& starts);

}  // namespace ascribe
