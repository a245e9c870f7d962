#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "binary/executable.h"
#include "disasm/instruction.h"

namespace ascribe {

/// Decodes a machine other than x86. These machines put an address together from parts in several instructions, so a
/// machine remembers what it has decoded since `Enter`; instructions are decoded in the order of their addresses. Not
/// thread-safe.
class Machine {
 public:
  virtual ~Machine() = default;
  /// A function begins here, or code of which nothing is known: forgets all, and finds out whether it is Thumb code.
  virtual void Enter(std::uint64_t address) = 0;
  /// As Decoder::Decode.
  [[nodiscard]] virtual bool Decode(ByteView bytes, std::uint64_t address, Instruction& out) = 0;
  /// As Decoder::Text, in the mode of the code entered last.
  [[nodiscard]] virtual std::string Text(ByteView bytes, std::uint64_t address) = 0;
  /// Bytes to go on by when there is no instruction.
  [[nodiscard]] virtual std::uint64_t Step() const = 0;
  /// True when the bytes are what functions begin with: saving registers, making room on the stack.
  [[nodiscard]] virtual bool BeginsFunction(ByteView bytes) const = 0;
  /// Addresses of instructions since `Enter` whose number is a part of an address or of a larger number that a later
  /// one names in full; in the order in which they were completed, perhaps several times.
  [[nodiscard]] virtual const std::vector<std::uint64_t>& Parts() const = 0;
};

/// Why code for the machine of `executable` cannot be decoded by this build; empty when it can.
[[nodiscard]] std::string WhyNoMachine(const Executable& executable);
/// Null when it cannot. `executable` must outlive the machine.
[[nodiscard]] std::unique_ptr<Machine> MakeMachine(const Executable& executable);

}  // namespace ascribe
