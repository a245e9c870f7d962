#pragma once

#include <vector>

#include "binary/executable.h"
#include "binary/pe_image.h"

namespace ascribe {

/// What follows the sections and is neither the COFF symbol table nor the certificate table: data that the loader does
/// not see. In file order, never empty ranges.
[[nodiscard]] std::vector<BinaryRange> PeOverlay(const PeImage& image);

/// Adds to `out` the libraries that the file was bound to, with the time stamps of the copies on the machine of its
/// maker, and the overlay.
void AddPeRemarks(const PeImage& image, Executable& out);

/// Bound imports that are told; as many libraries as real programs import.
inline constexpr std::size_t kMaxPeBoundImports = 128;
/// TLS callbacks that are told; run-times install one or two.
inline constexpr std::size_t kMaxToldTlsCallbacks = 16;

}  // namespace ascribe
