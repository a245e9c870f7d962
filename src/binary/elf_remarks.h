#pragma once

#include "binary/elf_dynamic.h"
#include "binary/elf_image.h"
#include "binary/executable.h"

namespace ascribe {

/// Adds to `out` what an ELF file says of its making and its place: build id, compilers, its own name, the libraries it
/// needs and the folders they are looked for in.
void AddElfRemarks(const ElfImage& image, const ElfDynamic& dynamic, Executable& out);

/// Notes that are looked at; programs have three to five.
inline constexpr std::size_t kMaxElfNotes = 256;
/// Bytes of a build id: SHA-1 has 20, Go's has some 80.
inline constexpr std::uint32_t kMaxElfBuildId = 256;
/// Compilers that are told: linkers merge what each object file says, programs of five languages have ten.
inline constexpr std::size_t kMaxElfCompilers = 32;

}  // namespace ascribe
