#pragma once

#include "binary/executable.h"
#include "binary/macho_image.h"

namespace ascribe {

/// Adds to `out` what a Mach-O image says of its making and its maker: UUID, system it was built for, version of the
/// sources, its own name, search paths, and identifier and team of its code signature, which is not verified. Of a fat
/// file each part.
void AddMachORemarks(const MachOImage& image, Executable& out);

}  // namespace ascribe
