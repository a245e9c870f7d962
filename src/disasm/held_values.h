#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "disasm/image_range.h"
#include "disasm/instruction.h"

namespace ascribe {

/// What is known of a register.
struct Held {
  enum class Kind : std::uint8_t {
    kNothing,
    kPart,     ///< a number that may become an address when another is added
    kAddress,  ///< an address that is complete: what is added to it is an offset within the thing there
    kSlot      ///< what the pointer at `value` points to
  };
  Kind kind = Kind::kNothing;
  bool relative = false;         ///< counted from the code itself: an address whatever the base of the image
  std::uint64_t value = 0;
  std::uint64_t set_at = 0;      ///< the instruction that set it
};

/// Numbers in registers along a run of code, the data that stand in it, and the instructions that name parts of
/// addresses. Values are kept across branches: compilers load an address once and use it in several blocks. Where that
/// is wrong, a reference is wrong, nothing else.
class HeldValues {
 public:
  explicit HeldValues(const Executable& executable) : range(executable) {}

  void Clear() {
    held_ = {};
    parts_.clear();
    data_.clear();
  }
  [[nodiscard]] Held& operator[](Register r) { return r.kind == RegisterClass::kGeneral ? held_[r.number & 31] : none_ = Held{}; }
  void Forget(std::uint32_t registers) {
    for (std::size_t i = 0; i < held_.size(); ++i)
      if ((registers >> i & 1) != 0) held_[i] = {};
  }
  /// `held` plus `offset`, as `in` adds it: the reference of `in` when it is an address; true then.
  bool Complete(const Held& held, std::uint64_t offset, std::uint64_t mask, Instruction& in) {
    if (held.kind != Held::Kind::kPart) return false;
    const std::uint64_t sum = (held.value + offset) & mask;
    if (!IsAddress(held, sum)) return false;
    in.reference = sum;
    parts_.push_back(held.set_at);
    return true;
  }
  [[nodiscard]] bool IsAddress(const Held& held, std::uint64_t value) const {
    return (held.relative || range.fixed()) && range.Holds(value);
  }
  void AddPart(std::uint64_t address) { parts_.push_back(address); }
  [[nodiscard]] const std::vector<std::uint64_t>& parts() const { return parts_; }

  /// Bytes among the code that are data: what is loaded from there says so.
  void AddData(std::uint64_t address, std::uint64_t bytes) {
    std::uint64_t& end = data_[address];
    end = std::max(end, address + bytes);
  }
  /// Bytes of data from `address` on; 0 when code stands there.
  [[nodiscard]] std::uint64_t DataAt(std::uint64_t address) const {
    auto after = data_.upper_bound(address);
    if (after == data_.begin()) return 0;
    --after;
    return address < after->second ? after->second - address : 0;
  }

  ImageRange range;

 private:
  std::array<Held, 32> held_{};
  Held none_;
  std::vector<std::uint64_t> parts_;
  std::map<std::uint64_t, std::uint64_t> data_;
};

/// The operand is an address, or a part of one: its number is masked in hashes.
inline void MaskNumber(Operand& operand) {
  if (operand.kind == OperandKind::kMemory) {
    operand.base = {RegisterClass::kInstructionPointer, 0};
    operand.value = 0;
  } else if (operand.kind == OperandKind::kImmediate) {
    operand.kind = OperandKind::kTarget;
    operand.value = 0;
  }
}

}  // namespace ascribe
