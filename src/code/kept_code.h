#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "code/sample_code.h"

namespace ascribe {

/// The code of a known sample, kept so that it can be shown beside another's: the bytes of its functions at their
/// addresses, nothing else of the file. It cannot be run. docs/formats/code-base.md.
struct KeptCode {
  struct Section {
    std::uint64_t address = 0, virtual_size = 0, offset = 0;
    bool executable = false, writable = false;
    Bytes bytes;  ///< from `address` on; zero between functions; may end before the section does
    friend bool operator==(const Section&, const Section&) = default;
  };
  struct Function {
    std::uint64_t address = 0;
    std::uint32_t size = 0;
    friend bool operator==(const Function&, const Function&) = default;
  };
  std::string sha256;
  Date known;  ///< since when the sample is known
  BinaryFormat format = BinaryFormat::kPe;
  Architecture architecture = Architecture::kOther;
  bool is_64 = false, big_endian = false;
  std::uint64_t image_base = 0;
  std::vector<Section> sections;    ///< by address, as the executable's
  std::vector<Function> functions;  ///< by address; only those whose bytes are here

  /// Bytes of the function that begins at `address`; 0: it was not kept.
  [[nodiscard]] std::uint64_t SizeAt(std::uint64_t address) const;
  /// As a decoder wants it; holds views of this value.
  [[nodiscard]] Executable View() const;
  friend bool operator==(const KeptCode&, const KeptCode&) = default;
};

/// The functions of at least kMinFunction instructions, by address, until kMaxKeptBytes are full.
[[nodiscard]] KeptCode KeepCode(const SampleCode& sample, Date known);

[[nodiscard]] std::string PrintKeptCode(const KeptCode& code);
/// Errors: kCorrupt (digest or structure), kUnsupported (version). Hostile-safe: memory stays below kMaxKeptPayload and
/// twice the input.
[[nodiscard]] Result<KeptCode> ParseKeptCode(ByteView bytes);

/// Errors: kIo. Atomic.
[[nodiscard]] Status WriteKeptCode(const std::filesystem::path& path, const KeptCode& code);
/// Errors: kNotFound, kIo, and as ParseKeptCode.
[[nodiscard]] Result<KeptCode> ReadKeptCode(const std::filesystem::path& path);

/// Bytes of code kept of one sample, gaps between functions included. The largest implants in C++ have some 10 MB; of Go and
/// Rust programs with their run-time linked in the first part by address is kept, and a function beyond it says so.
inline constexpr std::uint64_t kMaxKeptBytes = std::uint64_t{16} << 20;
/// Sections of one sample; compilers make some 40, files that hold more are made to hurt and keep nothing.
inline constexpr std::size_t kMaxKeptSections = 100'000;
/// All of it unpacked: code, 12 bytes a function of at least ten instructions, 29 bytes a section.
inline constexpr std::uint64_t kMaxKeptPayload = kMaxKeptBytes + kMaxKeptBytes / kMinFunction * 12 + kMaxKeptSections * 29 + 64;

}  // namespace ascribe
