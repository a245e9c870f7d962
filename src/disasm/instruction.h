#pragma once

#include <array>
#include <cstdint>

namespace ascribe {

/// Where control goes after an instruction.
enum class Flow : std::uint8_t { kNext, kCall, kJump, kBranch, kReturn, kStop };

enum class OperandKind : std::uint8_t { kNone, kRegister, kMemory, kImmediate, kTarget };

/// What an instruction does with its operands, as far as numbers and texts are concerned. The first operand is the
/// destination, also of stores of machines that write it last.
enum class Operation : std::uint8_t {
  kOther,
  kMove,     ///< also loads and stores
  kAddress,  ///< takes an address, or adds on the way
  kPush,
  kSum,
  kCompare,
  kShift,
  kRotate,
  kBits,
  kXor,
  kProduct
};

/// Register families. Numbers of general registers are those of the machine (0 = rax … 15 = r15), whatever the width;
/// of machines other than x86 the stack and the frame pointer are swapped to the numbers below.
enum class RegisterClass : std::uint8_t { kNone, kGeneral, kVector, kMask, kFloat, kSegment, kInstructionPointer, kOther };
struct Register {
  RegisterClass kind = RegisterClass::kNone;
  std::uint8_t number = 0;
  friend bool operator==(Register, Register) = default;
};
inline constexpr std::uint8_t kStackPointer = 4, kFramePointer = 5;

struct Operand {
  OperandKind kind = OperandKind::kNone;
  std::uint8_t bytes = 0;      ///< width; 255 for more than 254
  bool address = false;        ///< memory operands: only the address is taken (lea)
  Register reg;                ///< of a register operand
  Register base, index;        ///< of a memory operand
  std::uint8_t scale = 0;      ///< of a memory operand; of a register operand, how it is shifted (ARM)
  std::int64_t value = 0;      ///< immediate, or displacement without the instruction pointer
};

/// What matters of one instruction. Implicit operands are left out.
struct Instruction {
  std::uint64_t address = 0;
  std::uint64_t target = 0;     ///< of a direct call, jump or branch; 0: indirect or none
  std::uint64_t reference = 0;  ///< address in the image that a memory operand or an immediate names; 0: none
  std::uint16_t mnemonic = 0;   ///< Zydis's number, fixed by the pinned version; Capstone's from kArmMnemonics on
  std::uint8_t length = 0;
  Flow flow = Flow::kNext;
  std::uint8_t prefixes = 0;    ///< bit 0: lock, bit 1: rep or repne; ARM: the condition, 0 for always
  std::uint8_t operand_count = 0;
  bool padding = false;         ///< nop, int3, endbr: what compilers put between and before functions
  Operation operation = Operation::kOther;
  bool inside = false;          ///< depends on a condition that is true beyond a bound, or up to it: x > n is x >= n + 1
  bool delayed = false;         ///< control goes elsewhere after the next instruction (MIPS)
  std::array<Operand, 4> operands;

  [[nodiscard]] std::uint64_t end() const { return address + length; }
};

}  // namespace ascribe
