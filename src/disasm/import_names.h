#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "disasm/decoder.h"

namespace ascribe {

/// "memcpy" for "memcpy", "__memcpy_chk", "_memcpy@12" and "memcpy@GLIBC_2.14": what stays when system and compiler
/// change. "CreateFile" for "CreateFileW".
[[nodiscard]] std::string CommonImportName(std::string_view name);

/// Finds the import behind an address that is called: the slot of an indirect call, or a stub that jumps through one.
/// Holds views; not thread-safe (it remembers what it has looked at).
class ImportNames {
 public:
  ImportNames(const Executable& executable, Decoder& decoder);
  /// The common name of the import whose pointer stands at `slot`; empty when none does.
  [[nodiscard]] const std::string& AtSlot(std::uint64_t slot) const;
  /// The same behind the stub at `address`: at most three instructions (five on other
  /// machines than x86), the last of which jumps through a slot. The decoder forgets what it knew.
  [[nodiscard]] const std::string& AtStub(std::uint64_t address);

 private:
  const Executable& executable_;
  Decoder& decoder_;
  std::uint64_t table_ = 0;  // global offset table of 32-bit ELF, which position-independent stubs count from
  std::unordered_map<std::uint64_t, std::string> by_slot_;
  std::unordered_map<std::uint64_t, const std::string*> stubs_;
};

}  // namespace ascribe
