#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ascribe {

enum class BinaryFormat : std::uint8_t { kPe, kElf, kMachO };
enum class Architecture : std::uint8_t { kX86, kX64, kArm, kArm64, kMips, kPowerPc, kOther };

/// "pe", "elf", "mach-o"; "x86", "x64", "arm", "arm64", "mips", "ppc", "other".
[[nodiscard]] std::string_view Name(BinaryFormat format);
[[nodiscard]] std::string_view Name(Architecture architecture);

/// A range of virtual addresses with the bytes behind it. For files whose section table is gone, segments take its place.
struct BinarySection {
  std::string name;                ///< as in the file, at most 64 bytes; may be empty
  std::uint64_t address = 0;       ///< virtual, with the image base
  std::uint64_t virtual_size = 0;  ///< bytes in memory
  std::uint64_t offset = 0;        ///< of `bytes` in the file
  ByteView bytes;                  ///< what the file holds of it, never more than virtual_size, never beyond the file
  bool executable = false, writable = false;
};

/// Who says that a function begins somewhere; the order is that of trust.
enum class FunctionSource : std::uint8_t { kUnwind, kSymbol, kExport, kEntry, kGoTable, kCall, kPrologue };
/// Two sets of instructions that one 32-bit ARM file may mix.
enum class CodeMode : std::uint8_t { kUnknown, kArm, kThumb };
struct FunctionStart {
  std::uint64_t address = 0;
  std::uint64_t end = 0;  ///< first address after it; 0 when not known
  FunctionSource source = FunctionSource::kEntry;
  CodeMode mode = CodeMode::kUnknown;  ///< of 32-bit ARM code, where the file says
};

/// Bytes of the file.
struct BinaryRange {
  std::uint64_t offset = 0, size = 0;
};

/// A function from another file. `slot` is the address of the pointer that calls go through (import address table,
/// global offset table); 0 when the format does not say.
struct BinaryImport {
  std::uint64_t slot = 0;
  std::string library;  ///< lower case without folder ("kernel32.dll", "libc.so.6"); may be empty (ELF does not bind it)
  std::string name;     ///< "#12" for an ordinal
  BinaryRange place = {};  ///< of the name in the file; of an ordinal, its entry
  bool delayed = false;    ///< loaded when it is first called
};

struct BinaryExport {
  std::uint64_t address = 0;
  std::string name;
  BinaryRange place = {};  ///< of the name in the file
};

/// What headers say of the making of the file, or what stands outside of its sections: for people, it weighs nothing.
struct BinaryRemark {
  std::string text;  ///< "build id: 1f0a…", "overlay: 512 bytes"
  BinaryRange place;
};

/// What the file itself calls a function, for people only: names are chosen freely and weigh nothing. A view of the file.
struct FunctionName {
  std::uint64_t address = 0;
  std::string_view name;
};

/// An executable file, whatever its format: all that code analysis needs. Holds views of the file.
struct Executable {
  ByteView file;
  BinaryFormat format = BinaryFormat::kPe;
  Architecture architecture = Architecture::kOther;
  bool is_64 = false, big_endian = false;
  bool managed = false;  ///< a .NET assembly without native code: what stands in its sections is for no processor
  std::uint64_t image_base = 0, entry = 0;  ///< virtual addresses; entry 0: none
  std::vector<BinarySection> sections;      ///< by address; never overlapping more than the file says
  std::vector<FunctionStart> starts;        ///< by address, one an address (the most trusted source, its end)
  std::vector<BinaryImport> imports;        ///< by slot
  std::vector<BinaryExport> exports;        ///< by address, then name
  std::vector<FunctionName> names;          ///< by address, one an address; of Go's table, which stripping leaves
  std::vector<BinaryRemark> remarks;        ///< in the order of the headers, at most kMaxBinaryRemarks
  std::vector<std::string> oddities;        ///< one line each: truncated, overlapping, forged

  /// The section that holds the address; nullptr when none does.
  [[nodiscard]] const BinarySection* SectionAt(std::uint64_t address) const;
  /// The bytes from `address` to the end of what the file holds of its section; empty when there are none.
  [[nodiscard]] ByteView At(std::uint64_t address) const;
  /// Its name in `names`; empty when it has none.
  [[nodiscard]] std::string_view NameAt(std::uint64_t address) const;
  /// Offset in the file of the byte at `address`; nullopt when the file does not hold it.
  [[nodiscard]] std::optional<std::uint64_t> OffsetOf(std::uint64_t address) const;
};

/// Reads PE, ELF or Mach-O by their magic. Of a fat Mach-O file the x64 part is taken, else x86, else the first.
/// Errors: kInvalidInput when it is none of them or ends within its fixed headers. Thread-safe.
[[nodiscard]] Result<Executable> ParseExecutable(ByteView file);

/// True when the first bytes are those of one of them. Cheap; no promise that the rest can be read.
[[nodiscard]] bool LooksExecutable(ByteView file);

/// The formats one by one; `ParseExecutable` picks. Results are complete and sorted.
[[nodiscard]] Result<Executable> ParsePe(ByteView file);
[[nodiscard]] Result<Executable> ParseElf(ByteView file);
[[nodiscard]] Result<Executable> ParseMachO(ByteView file);

/// Sorts all lists and drops repeated starts: the last step of every parser.
void Arrange(Executable& executable);

/// Function starts of all sources; the largest Go and Chromium binaries hold some 500,000.
inline constexpr std::size_t kMaxFunctionStarts = 2'000'000;
/// Imports and exports, each; the largest libraries export some 100,000.
inline constexpr std::size_t kMaxBinaryNames = 500'000;
/// Bytes of one name; Itanium-mangled C++ names of templates pass 4 KiB, forged ones need not end at all.
inline constexpr std::size_t kMaxBinaryName = 4096;
/// Bytes of all names together.
inline constexpr std::size_t kMaxBinaryNameBytes = std::size_t{64} << 20;

/// Remarks of one file. Programs have a dozen; bound imports and callbacks, which forged headers repeat, are among them.
inline constexpr std::size_t kMaxBinaryRemarks = 200;

/// Why the code of the file is packed or encrypted, and the bytes that say so. Nullopt when it is not.
struct Packing {
  std::string reason;
  BinaryRange place;
};
[[nodiscard]] std::optional<Packing> FindPacking(const Executable& executable);

/// Why the code of the file cannot be used as evidence: "section UPX1 is writable and executable with entropy 7.98…"; empty
/// when it can. Entropy in bits a byte over executable sections (and the file as a whole when it has none).
[[nodiscard]] std::string PackedReason(const Executable& executable);

}  // namespace ascribe
