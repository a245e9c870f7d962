#pragma once

#include <cstdint>
#include <string>

namespace ascribe {

/// An ELF file for x64, for tests: one function that refers to `tables` tables of a kibibyte each, all of them the same
/// bytes of the file, which so many sections show again. No linker makes one.
inline std::string ForgedTables(std::size_t tables) {
  constexpr std::uint64_t kText = 0x401000, kFirst = 0x10'000'000, kStep = 0x10'000, kTable = 1024;
  std::string out(64, '\0');
  const auto put = [&](std::size_t at, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) out[at + static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * i));
  };
  out.replace(0, 7, std::string("\177ELF\2\1\1", 7));
  put(16, 2, 2);   // a program
  put(18, 62, 2);  // x64
  put(20, 1, 4);
  put(24, kText, 8);
  put(52, 64, 2);
  put(54, 56, 2);
  put(58, 64, 2);
  const std::size_t code = out.size();
  for (std::size_t i = 0; i < tables; ++i) {  // lea rax, [rip+table]
    const std::uint64_t distance = kFirst + kStep * i - (kText + 7 * (i + 1));
    out += std::string("\x48\x8D\x05", 3);
    out.resize(out.size() + 4);
    put(out.size() - 4, distance, 4);
  }
  out += '\xC3';
  const std::size_t code_size = out.size() - code, data = out.size();
  for (std::uint64_t i = 0, state = 1; i < kTable; ++i) {  // no text, no pointers
    state = state * 6364136223846793005u + 1442695040888963407u;
    out += static_cast<char>(0x80 | state >> 56);
  }
  const std::size_t headers = out.size();
  put(40, headers, 8);
  put(60, tables + 2, 2);
  const auto section = [&](std::uint64_t flags, std::uint64_t address, std::uint64_t offset, std::uint64_t size) {
    const std::size_t at = out.size();
    out.resize(at + 64);
    put(at + 4, 1, 4);
    put(at + 8, flags, 8);
    put(at + 16, address, 8);
    put(at + 24, offset, 8);
    put(at + 32, size, 8);
  };
  out.resize(headers + 64);
  section(6, kText, code, code_size);
  for (std::size_t i = 0; i < tables; ++i) section(2, kFirst + kStep * i, data, kTable);
  return out;
}

}  // namespace ascribe
