#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "binary/executable.h"

namespace ascribe {

/// An executable made of given machine code and data, for tests: code at kCode, read-only data at kData. Holds its bytes.
struct CodeBuilder {
  static constexpr std::uint64_t kCode = 0x401000, kData = 0x500000;
  std::string code, data;
  std::vector<FunctionStart> starts;
  std::vector<BinaryImport> imports;
  Architecture architecture = Architecture::kX64;
  bool big_endian = false;

  /// Appends a function of these bytes on a 16-byte boundary (int3 between); returns its address.
  std::uint64_t Function(const std::vector<int>& bytes, bool stated = true) {
    const bool x86 = architecture == Architecture::kX86 || architecture == Architecture::kX64;
    while (code.size() % 16 != 0) code += x86 ? '\xCC' : '\0';
    const std::uint64_t address = kCode + code.size();
    for (int b : bytes) code += static_cast<char>(b);
    if (stated) starts.push_back({address, kCode + code.size(), FunctionSource::kUnwind});
    return address;
  }
  /// The same of words of 32 bits, in the byte order of the machine.
  std::uint64_t Words(const std::vector<std::uint32_t>& words, bool stated = true) {
    std::vector<int> bytes;
    for (std::uint32_t word : words)
      for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<int>(word >> 8 * (big_endian ? 3 - i : i) & 0xFF));
    return Function(bytes, stated);
  }
  std::uint64_t Data(std::string_view bytes) {
    const std::uint64_t address = kData + data.size();
    data += bytes;
    return address;
  }
  [[nodiscard]] Executable Build() const {
    Executable e;
    e.format = BinaryFormat::kElf;
    e.architecture = architecture;
    e.is_64 = architecture == Architecture::kX64 || architecture == Architecture::kArm64;
    e.big_endian = big_endian;
    e.image_base = 0x400000;
    e.sections.push_back({".text", kCode, code.size(), 0, ByteView(code), true, false});
    if (!data.empty()) e.sections.push_back({".rodata", kData, data.size(), code.size(), ByteView(data), false, false});
    e.starts = starts;
    e.imports = imports;
    Arrange(e);
    return e;
  }
};

}  // namespace ascribe
