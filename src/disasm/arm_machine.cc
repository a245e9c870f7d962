// 32-bit ARM: A32 and Thumb. Addresses come from literals behind the function, counted from the program counter in code
// for any base, and from movw + movt.
#ifdef ASCRIBE_CAPSTONE

#include <bit>

#include "disasm/capstone_machine.h"

namespace ascribe {
namespace {

constexpr std::uint64_t kWord = 0xFFFF'FFFF;
constexpr unsigned kStack = 13, kLink = 14, kCounter = 15;
// A call may change r0 to r3, r12 and lr; none of them is swapped (General).
constexpr std::uint32_t kLost = 0b0101'0000'0000'1111;
// Entries of a table of jumps in the code; compilers turn larger ones into data.
constexpr std::uint64_t kMaxTableEntries = 4096;

unsigned NumberOf(unsigned reg) {
  switch (reg) {
    case ARM_REG_SP:
      return kStack;
    case ARM_REG_LR:
      return kLink;
    case ARM_REG_PC:
      return kCounter;
    default:
      return reg >= ARM_REG_R0 && reg <= ARM_REG_R12 ? reg - ARM_REG_R0 : 16;
  }
}

Operation OperationOf(unsigned id) {
  switch (id) {
    case ARM_INS_MOV:
    case ARM_INS_MVN:
    case ARM_INS_MOVW:
    case ARM_INS_MOVT:
    case ARM_INS_LDR:
    case ARM_INS_LDRB:
    case ARM_INS_LDRH:
    case ARM_INS_LDRSB:
    case ARM_INS_LDRSH:
    case ARM_INS_LDRD:
    case ARM_INS_STR:
    case ARM_INS_STRB:
    case ARM_INS_STRH:
    case ARM_INS_STRD:
    case ARM_INS_VLDR:
    case ARM_INS_VSTR:
      return Operation::kMove;
    case ARM_INS_ADR:
      return Operation::kAddress;
    case ARM_INS_PUSH:
      return Operation::kPush;
    case ARM_INS_ADD:
    case ARM_INS_ADC:
    case ARM_INS_ADDW:
    case ARM_INS_SUB:
    case ARM_INS_SUBW:
    case ARM_INS_SBC:
    case ARM_INS_RSB:
      return Operation::kSum;
    case ARM_INS_CMP:
    case ARM_INS_CMN:
      return Operation::kCompare;
    case ARM_INS_LSL:
    case ARM_INS_LSR:
    case ARM_INS_ASR:
      return Operation::kShift;
    case ARM_INS_ROR:
      return Operation::kRotate;
    case ARM_INS_AND:
    case ARM_INS_ORR:
    case ARM_INS_BIC:
    case ARM_INS_TST:
      return Operation::kBits;
    case ARM_INS_EOR:
      return Operation::kXor;
    case ARM_INS_MUL:
      return Operation::kProduct;
    default:
      return Operation::kOther;
  }
}

bool IsStore(unsigned id) {
  switch (id) {
    case ARM_INS_STR:
    case ARM_INS_STRB:
    case ARM_INS_STRH:
    case ARM_INS_VSTR:
      return true;
    default:
      return false;
  }
}

std::uint8_t MemoryBytes(const cs_insn& from) {
  switch (from.id) {
    case ARM_INS_LDRB:
    case ARM_INS_LDRSB:
    case ARM_INS_STRB:
      return 1;
    case ARM_INS_LDRH:
    case ARM_INS_LDRSH:
    case ARM_INS_STRH:
      return 2;
    case ARM_INS_LDRD:
    case ARM_INS_STRD:
      return 8;
    case ARM_INS_VLDR:
    case ARM_INS_VSTR: {
      const unsigned reg = static_cast<unsigned>(from.detail->arm.operands[0].reg);
      return reg >= ARM_REG_D0 && reg <= ARM_REG_D31 ? 8 : 4;
    }
    default:
      return 4;
  }
}

bool IsList(unsigned id) {
  switch (id) {
    case ARM_INS_PUSH:
    case ARM_INS_POP:
    case ARM_INS_LDM:
    case ARM_INS_LDMDA:
    case ARM_INS_LDMDB:
    case ARM_INS_LDMIB:
    case ARM_INS_STM:
    case ARM_INS_STMDA:
    case ARM_INS_STMDB:
    case ARM_INS_STMIB:
    case ARM_INS_VPUSH:
    case ARM_INS_VPOP:
    case ARM_INS_VLDMIA:
    case ARM_INS_VLDMDB:
    case ARM_INS_VSTMIA:
    case ARM_INS_VSTMDB:
      return true;
    default:
      return false;
  }
}

class Arm : public CapstoneMachine {
 public:
  explicit Arm(const Executable& e) : CapstoneMachine(e, CS_ARCH_ARM, CS_MODE_ARM, kArmMnemonics), mostly_arm_(MostlyArm(e)) {}

  void Enter(std::uint64_t address) override {
    CapstoneMachine::Enter(address);
    SetThumb(IsThumb(address));
    last_compare_ = {};
  }
  [[nodiscard]] std::uint64_t Step() const override { return thumb_ ? 2 : 4; }

  // push {…, lr} in three encodings, str lr, [sp, #-4]! and mov ip, sp.
  [[nodiscard]] bool BeginsFunction(ByteView bytes) const override {
    const auto word = bytes.U32(0);
    const auto half = bytes.U16(0);
    // In A32 code, half a literal looks like a push of Thumb code.
    if (thumb_ || !mostly_arm_) {
      if (half && (*half & 0xFF00) == 0xB500) return true;
      if (word && (*word & 0xFFFF) == 0xE92D && (*word >> 30 & 1) == 1) return true;
    }
    if (!word) return false;
    // In Thumb code the second half of these words may be a push of its own.
    if (thumb_ && bytes.U32(4).value_or(0) >> 28 != 0xE) return false;
    return (*word & 0xFFFF'4000) == 0xE92D'4000 || *word == 0xE52D'E004 || *word == 0xE1A0'C00D;
  }

 protected:
  void Translate(const cs_insn& from, Instruction& out) override {
    const cs_arm& arm = from.detail->arm;
    const bool always = arm.cc == ARM_CC_AL || arm.cc == ARM_CC_INVALID;
    const std::uint64_t counter = out.address + (thumb_ ? 4 : 8);
    out.prefixes = always ? 0 : static_cast<std::uint8_t>(arm.cc & 15);
    out.inside = arm.cc == ARM_CC_HI || arm.cc == ARM_CC_LS || arm.cc == ARM_CC_GT || arm.cc == ARM_CC_LE;
    out.operation = OperationOf(from.id);
    out.padding = from.id == ARM_INS_NOP || IsNoMove(from);
    Operands(from, out);
    Flows(from, always, out);
    References(from, always, counter, out);
    if (IsStore(from.id) && out.operand_count == 2) std::swap(out.operands[0], out.operands[1]);
    if (out.flow == Flow::kCall) held_.Forget(kLost);
    // bx pc in Thumb code goes to A32 code right behind it: how linkers let either kind call a stub.
    if (thumb_ && from.id == ARM_INS_BX && arm.operands[0].reg == ARM_REG_PC) {
      out.flow = Flow::kNext;
      if (out.end() % 4 != 0) out.length = 4;
      SetThumb(false);
    }
  }

 private:
  void SetThumb(bool thumb) {
    // The library remembers an `it` of what it decoded last.
    if (thumb && thumb_) FlushConditions();
    if (thumb == thumb_) return;
    thumb_ = thumb;
    SetMode(thumb ? CS_MODE_THUMB : CS_MODE_ARM);
    if (thumb) FlushConditions();
  }
  void FlushConditions() {
    static const std::uint8_t kNop[] = {0x00, 0xBF};
    for (int i = 0; i < 4; ++i) (void)Text(ByteView(kNop, 2), 0);
  }

  // What a symbol says; else what most of the file's code is; among Thumb code, what the bytes look like: nearly all A32
  // instructions have the condition "always", which is the top digit of each word.
  [[nodiscard]] bool IsThumb(std::uint64_t address) const {
    if (address % 4 != 0) return true;
    const auto at = std::lower_bound(executable_.starts.begin(), executable_.starts.end(), address,
                                     [](const FunctionStart& s, std::uint64_t a) { return s.address < a; });
    if (at != executable_.starts.end() && at->address == address && at->mode != CodeMode::kUnknown) return at->mode == CodeMode::kThumb;
    // Among A32 code, literals look like Thumb code more often than there is any.
    if (mostly_arm_) return false;
    const ByteView bytes = executable_.At(address);
    const std::uint32_t first = bytes.U32(0).value_or(0);
    if (((first & 0xFE00) == 0xB400 && first >> 28 != 0xE) || (first & 0xFF00) == 0xB500 || (first & 0xFFFF) == 0xE92D) return true;  // push, push.w
    if ((first >> 16 == 0xE92D && bytes.U32(4).value_or(0) >> 28 == 0xE) || first >> 12 == 0xE24DD) return false;  // push; sub sp, sp, #n
    constexpr std::uint64_t kLook = 8;
    std::uint64_t words = 0, always = 0;
    for (; words < kLook; ++words) {
      const auto word = bytes.U32(4 * words);
      if (!word) break;
      always += (*word >> 28) == 0xE;
      if (*word == 0xE12F'FF1E || (*word & 0xFFFF'8000) == 0xE8BD'8000) return false;  // bx lr, pop {…, pc}
    }
    return always * 4 < words * 3 || words < 3;  // stubs of the linker are A32 everywhere
  }

  // Words of A32 code begin with the digit E three times out of four, those of Thumb code once in six.
  [[nodiscard]] static bool MostlyArm(const Executable& e) {
    constexpr std::uint64_t kEnough = 256 * 1024;
    std::uint64_t words = 0, always = 0;
    for (const BinarySection& s : e.sections) {
      if (!s.executable || s.name == ".plt") continue;
      for (std::uint64_t at = 0; words < kEnough / 4 && at + 4 <= s.bytes.size(); at += 4, ++words) always += (*s.bytes.U32(at) >> 28) == 0xE;
    }
    return always * 5 > words * 2;
  }

  [[nodiscard]] Register Of(unsigned reg) const {
    const unsigned n = NumberOf(reg);
    if (n == kCounter) return {RegisterClass::kInstructionPointer, 0};
    if (n < 16) return General(n, kStack, thumb_ ? 7 : 11);
    if (reg == ARM_REG_INVALID) return {};
    if (reg >= ARM_REG_D0 && reg <= ARM_REG_D31) return {RegisterClass::kVector, static_cast<std::uint8_t>(reg - ARM_REG_D0)};
    if (reg >= ARM_REG_Q0 && reg <= ARM_REG_Q15) return {RegisterClass::kVector, static_cast<std::uint8_t>(reg - ARM_REG_Q0)};
    if (reg >= ARM_REG_S0 && reg <= ARM_REG_S31) return {RegisterClass::kVector, static_cast<std::uint8_t>(reg - ARM_REG_S0)};
    return {RegisterClass::kOther, static_cast<std::uint8_t>(reg)};
  }

  static bool IsNoMove(const cs_insn& from) {
    const cs_arm& arm = from.detail->arm;
    return from.id == ARM_INS_MOV && arm.op_count == 2 && arm.operands[1].type == ARM_OP_REG && arm.operands[0].reg == arm.operands[1].reg &&
           arm.operands[1].shift.type == ARM_SFT_INVALID;
  }

  void Operands(const cs_insn& from, Instruction& out) {
    const cs_arm& arm = from.detail->arm;
    const bool list = IsList(from.id);
    const bool based = list && from.id != ARM_INS_PUSH && from.id != ARM_INS_POP && from.id != ARM_INS_VPUSH && from.id != ARM_INS_VPOP;
    unsigned saved = 0;
    for (std::uint8_t i = 0; i < arm.op_count && out.operand_count < 4; ++i) {
      const cs_arm_op& op = arm.operands[i];
      if (list && (i > 0 || !based)) {  // a list of registers is one operand
        for (std::uint8_t k = i; k < arm.op_count; ++k) saved = saved * 31 + static_cast<unsigned>(arm.operands[k].reg);
        Operand& to = out.operands[out.operand_count++];
        to.kind = OperandKind::kRegister;
        to.bytes = 4;
        to.reg = {RegisterClass::kOther, static_cast<std::uint8_t>(saved ^ saved >> 8)};
        break;
      }
      Operand& to = out.operands[out.operand_count++];
      to.bytes = 4;
      switch (op.type) {
        case ARM_OP_REG:
          to.kind = OperandKind::kRegister;
          to.reg = Of(static_cast<unsigned>(op.reg));
          to.bytes = to.reg.kind == RegisterClass::kVector && op.reg >= ARM_REG_D0 && op.reg <= ARM_REG_D31 ? 8 : 4;
          to.scale = static_cast<std::uint8_t>((op.shift.type & 7u) << 5 | (op.shift.value & 31));
          if (i == 0 && arm.update_flags) to.scale |= 1;
          break;
        case ARM_OP_MEM:
          to.kind = OperandKind::kMemory;
          to.bytes = MemoryBytes(from);
          to.base = Of(op.mem.base);
          to.index = Of(op.mem.index);
          to.scale = static_cast<std::uint8_t>(op.shift.value);
          to.value = op.mem.disp;
          break;
        case ARM_OP_IMM:
          to.kind = OperandKind::kImmediate;
          to.value = op.imm;
          break;
        case ARM_OP_FP:
          to.kind = OperandKind::kImmediate;
          to.bytes = 8;
          to.value = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(op.fp));
          break;
        default:
          to.kind = OperandKind::kRegister;
          to.reg = {RegisterClass::kOther, static_cast<std::uint8_t>(op.reg)};
      }
    }
  }

  void Flows(const cs_insn& from, bool always, Instruction& out) {
    const cs_arm& arm = from.detail->arm;
    const auto target = [&](std::uint8_t i) {
      if (i >= arm.op_count || arm.operands[i].type != ARM_OP_IMM) return;
      out.target = static_cast<std::uint32_t>(arm.operands[i].imm) & ~std::uint64_t{1};
      MaskNumber(out.operands[i]);
    };
    const unsigned first = arm.op_count > 0 && arm.operands[0].type == ARM_OP_REG ? NumberOf(static_cast<unsigned>(arm.operands[0].reg)) : 16;
    switch (from.id) {
      case ARM_INS_B:
        out.flow = Flow::kJump;
        target(0);
        break;
      case ARM_INS_BL:
      case ARM_INS_BLX:
        out.flow = Flow::kCall;
        target(0);
        return;
      case ARM_INS_BX:
      case ARM_INS_BXJ:
        out.flow = first == kLink ? Flow::kReturn : Flow::kJump;
        break;
      case ARM_INS_CBZ:
      case ARM_INS_CBNZ:
        out.flow = Flow::kBranch;
        target(1);
        break;
      case ARM_INS_TBB:
      case ARM_INS_TBH:
        out.flow = Flow::kJump;
        break;
      case ARM_INS_UDF:
      case ARM_INS_BKPT:
      case ARM_INS_TRAP:
        out.flow = Flow::kStop;
        break;
      case ARM_INS_POP:
      case ARM_INS_LDM:
      case ARM_INS_LDMDA:
      case ARM_INS_LDMDB:
      case ARM_INS_LDMIB:
        for (std::uint8_t i = 0; i < arm.op_count; ++i)
          if (arm.operands[i].reg == ARM_REG_PC) out.flow = Flow::kReturn;
        break;
      default:
        if (first != kCounter || IsStore(from.id) || (arm.operands[0].access & CS_AC_WRITE) == 0) break;
        out.flow = Flow::kJump;
        if (from.id == ARM_INS_MOV && arm.operands[1].type == ARM_OP_REG && arm.operands[1].reg == ARM_REG_LR) out.flow = Flow::kReturn;
        if (from.id == ARM_INS_LDR && arm.operands[1].mem.base == ARM_REG_SP) out.flow = Flow::kReturn;
    }
    if (!always && (out.flow == Flow::kJump || out.flow == Flow::kReturn)) out.flow = Flow::kBranch;
  }

  void References(const cs_insn& from, bool always, std::uint64_t counter, Instruction& out) {
    const cs_arm& arm = from.detail->arm;
    Operand* const o = out.operands.data();
    const bool first_register = out.operand_count > 0 && o[0].kind == OperandKind::kRegister;
    Held result;
    result.set_at = out.address;
    bool known = false;
    switch (from.id) {
      case ARM_INS_LDR:
      case ARM_INS_VLDR:
        if (out.operand_count >= 2 && o[1].kind == OperandKind::kMemory) known = Load(from, counter, out, result);
        break;
      case ARM_INS_LDRB:
      case ARM_INS_LDRH:
      case ARM_INS_LDRSB:
      case ARM_INS_LDRSH:
      case ARM_INS_STR:
      case ARM_INS_STRB:
      case ARM_INS_STRH:
        if (out.operand_count >= 2 && o[1].kind == OperandKind::kMemory && o[1].index.kind == RegisterClass::kNone && held_.Complete(held_[o[1].base], static_cast<std::uint64_t>(o[1].value), kWord, out))
          MaskNumber(o[1]);
        break;
      case ARM_INS_MOVW:
        result.kind = Held::Kind::kPart;
        result.value = static_cast<std::uint64_t>(o[1].value) & 0xFFFF;
        known = true;
        break;
      case ARM_INS_MOVT: {
        const Held low = held_[o[0].reg];
        if (low.kind != Held::Kind::kPart) break;
        result.value = (low.value & 0xFFFF) | (static_cast<std::uint64_t>(o[1].value) & 0xFFFF) << 16;
        held_.AddPart(low.set_at);
        o[1].value = static_cast<std::int64_t>(result.value);
        result.kind = Named(result, out) ? Held::Kind::kAddress : Held::Kind::kPart;
        known = true;
        break;
      }
      case ARM_INS_MOV:
        if (out.operand_count == 2 && o[1].kind == OperandKind::kRegister && o[1].scale == 0) {
          result = held_[o[1].reg];
          known = true;
        }
        break;
      case ARM_INS_CMP:
        if (out.operand_count == 2 && o[1].kind == OperandKind::kImmediate) last_compare_ = {o[0].reg, o[1].value};
        return;
      case ARM_INS_ADD:
      case ARM_INS_ADDW:
      case ARM_INS_SUB:
      case ARM_INS_SUBW:
      case ARM_INS_ADR:
        known = Sum(from, counter, out, result);
        break;
      case ARM_INS_TBB:
      case ARM_INS_TBH: {
        const std::uint64_t entries = Entries(o[0].index);
        if (entries != 0) held_.AddData(out.end(), from.id == ARM_INS_TBB ? (entries + 1) & ~std::uint64_t{1} : 2 * entries);
        return;
      }
      default:
        break;
    }
    for (std::uint8_t i = 0; i < arm.op_count; ++i) {
      const cs_arm_op& op = arm.operands[i];
      if (op.type == ARM_OP_REG && (op.access & CS_AC_WRITE) != 0) held_[Of(static_cast<unsigned>(op.reg))] = {};
      if (op.type == ARM_OP_MEM && arm.writeback) held_[Of(op.mem.base)] = {};
    }
    if (known && always && first_register) held_[o[0].reg] = result;
    if (out.flow == Flow::kJump && out.reference == 0 && first_register && from.id == ARM_INS_BX)
      if (const Held& slot = held_[o[0].reg]; slot.kind == Held::Kind::kSlot) out.reference = slot.value;
  }

  [[nodiscard]] std::uint64_t Entries(Register index) const {
    const bool same = index.kind != RegisterClass::kNone && index == last_compare_.first;
    return same && last_compare_.second >= 0 && static_cast<std::uint64_t>(last_compare_.second) < kMaxTableEntries
               ? static_cast<std::uint64_t>(last_compare_.second) + 1
               : 0;
  }

  // `value` is an address that an operand states in full.
  bool Named(const Held& value, Instruction& out) {
    if (!held_.IsAddress(value, value.value)) return false;
    out.reference = value.value;
    return true;
  }

  bool Load(const cs_insn& from, std::uint64_t counter, Instruction& out, Held& result) {
    Operand& memory = out.operands[1];
    const bool by_counter = memory.base.kind == RegisterClass::kInstructionPointer;
    const std::uint64_t aligned = counter & ~std::uint64_t{3};
    if (by_counter && memory.index.kind == RegisterClass::kNone) {
      const std::uint64_t at = (aligned + static_cast<std::uint64_t>(memory.value)) & kWord;
      const auto literal = InCode(at, memory.bytes, out);
      if (!literal) return false;
      memory.kind = OperandKind::kImmediate;
      memory.base = {};
      memory.value = static_cast<std::int64_t>(*literal);
      if (from.id != ARM_INS_LDR) return false;
      result.value = *literal;
      result.kind = Named(result, out) ? Held::Kind::kAddress : Held::Kind::kPart;
      return true;
    }
    if (by_counter && out.flow != Flow::kNext) {  // ldrls pc, [pc, r3, lsl #2]
      if (const std::uint64_t entries = Entries(memory.index); entries != 0) held_.AddData(counter, 4 * entries);
      return false;
    }
    if (memory.index.kind == RegisterClass::kNone) {
      if (!held_.Complete(held_[memory.base], static_cast<std::uint64_t>(memory.value), kWord, out)) return false;
    } else {
      // [pc, r3], and [table, r3] with a literal in r3: a slot of the global offset table.
      const Held base = by_counter ? Held{Held::Kind::kAddress, true, aligned, 0} : held_[memory.base];
      Held offset = held_[memory.index];
      if (memory.scale != 0 || base.kind != Held::Kind::kAddress || !base.relative) return false;
      offset.relative = true;
      if (!held_.Complete(offset, base.value, kWord, out)) return false;
      memory.index = {};
    }
    MaskNumber(memory);
    result.kind = Held::Kind::kSlot;
    result.value = out.reference;
    return true;
  }

  bool Sum(const cs_insn& from, std::uint64_t counter, Instruction& out, Held& result) {
    Operand* const o = out.operands.data();
    const bool subtracts = from.id == ARM_INS_SUB || from.id == ARM_INS_SUBW;
    if (from.id == ARM_INS_ADR && out.operand_count == 2) {
      result = {Held::Kind::kAddress, true, ((counter & ~std::uint64_t{3}) + static_cast<std::uint64_t>(o[1].value)) & kWord, out.address};
      Named(result, out);
      MaskNumber(o[1]);
      return true;
    }
    if (out.operand_count < 2) return false;
    Operand& left = o[out.operand_count - 2];
    Operand& right = o[out.operand_count - 1];
    if (right.kind == OperandKind::kImmediate) {
      const std::uint64_t number = subtracts ? 0 - static_cast<std::uint64_t>(right.value) : static_cast<std::uint64_t>(right.value);
      if (left.reg.kind == RegisterClass::kInstructionPointer) {
        result = {Held::Kind::kPart, true, ((counter & ~std::uint64_t{3}) + number) & kWord, out.address};
        Named(result, out);
        MaskNumber(right);
        return true;
      }
      const Held part = held_[left.reg];
      if (part.kind == Held::Kind::kNothing || part.kind == Held::Kind::kSlot) return false;
      result = {part.kind, part.relative, (part.value + number) & kWord, out.address};
      if (part.relative && held_.Complete(part, number, kWord, out)) MaskNumber(right);
      return true;
    }
    if (subtracts || right.kind != OperandKind::kRegister || left.kind != OperandKind::kRegister || right.scale != 0) return false;
    const bool right_counter = right.reg.kind == RegisterClass::kInstructionPointer;
    if (!right_counter && left.reg.kind != RegisterClass::kInstructionPointer) return false;
    Held offset = held_[right_counter ? left.reg : right.reg];
    if (offset.kind != Held::Kind::kPart) return false;
    offset.relative = true;
    result = {Held::Kind::kAddress, true, (offset.value + counter) & kWord, out.address};
    if (!held_.Complete(offset, counter, kWord, out)) held_.AddPart(offset.set_at);
    return true;
  }

  const bool mostly_arm_;
  bool thumb_ = false;
  std::pair<Register, std::int64_t> last_compare_;
};

}  // namespace

std::unique_ptr<Machine> MakeArm(const Executable& executable) { return std::make_unique<Arm>(executable); }

}  // namespace ascribe

#endif
