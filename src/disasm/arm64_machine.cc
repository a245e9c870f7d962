// AArch64. Addresses come from adrp with what is added to it, adr, and literals among the code.
#ifdef ASCRIBE_CAPSTONE

#include <bit>

#include "disasm/capstone_machine.h"

namespace ascribe {
namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};
constexpr unsigned kStack = 31, kFrame = 29;
// A call may change x0 to x18 and x30; x4 and x5 stand at 31 and 29 (General).
constexpr std::uint32_t kLost = (0x7'FFFFu & ~0b11'0000u) | 1u << 31 | 1u << 30 | 1u << 29;

Operation OperationOf(unsigned id) {
  switch (id) {
    case ARM64_INS_MOV:
    case ARM64_INS_MOVZ:
    case ARM64_INS_MOVN:
    case ARM64_INS_MOVK:
    case ARM64_INS_LDR:
    case ARM64_INS_LDRB:
    case ARM64_INS_LDRH:
    case ARM64_INS_LDRSB:
    case ARM64_INS_LDRSH:
    case ARM64_INS_LDRSW:
    case ARM64_INS_LDUR:
    case ARM64_INS_STR:
    case ARM64_INS_STRB:
    case ARM64_INS_STRH:
    case ARM64_INS_STUR:
    case ARM64_INS_STURB:
    case ARM64_INS_STURH:
      return Operation::kMove;
    case ARM64_INS_ADR:
    case ARM64_INS_ADRP:
      return Operation::kAddress;
    case ARM64_INS_ADD:
    case ARM64_INS_SUB:
    case ARM64_INS_ADC:
    case ARM64_INS_SBC:
      return Operation::kSum;
    case ARM64_INS_CMP:
    case ARM64_INS_CMN:
    case ARM64_INS_CCMP:
      return Operation::kCompare;
    case ARM64_INS_LSL:
    case ARM64_INS_LSR:
    case ARM64_INS_ASR:
      return Operation::kShift;
    case ARM64_INS_ROR:
    case ARM64_INS_EXTR:
      return Operation::kRotate;
    case ARM64_INS_AND:
    case ARM64_INS_ORR:
    case ARM64_INS_TST:
    case ARM64_INS_BIC:
      return Operation::kBits;
    case ARM64_INS_EOR:
      return Operation::kXor;
    case ARM64_INS_MUL:
      return Operation::kProduct;
    default:
      return Operation::kOther;
  }
}

bool IsStore(unsigned id) {
  switch (id) {
    case ARM64_INS_STR:
    case ARM64_INS_STRB:
    case ARM64_INS_STRH:
    case ARM64_INS_STUR:
    case ARM64_INS_STURB:
    case ARM64_INS_STURH:
      return true;
    default:
      return false;
  }
}

std::uint8_t RegisterBytes(unsigned reg) {
  if (reg >= ARM64_REG_X0 && reg <= ARM64_REG_X28) return 8;
  if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30) return 4;
  if (reg >= ARM64_REG_B0 && reg <= ARM64_REG_B31) return 1;
  if (reg >= ARM64_REG_H0 && reg <= ARM64_REG_H31) return 2;
  if (reg >= ARM64_REG_S0 && reg <= ARM64_REG_S31) return 4;
  if (reg >= ARM64_REG_D0 && reg <= ARM64_REG_D31) return 8;
  if (reg >= ARM64_REG_Q0 && reg <= ARM64_REG_Q31) return 16;
  if (reg >= ARM64_REG_V0 && reg <= ARM64_REG_V31) return 16;
  return reg == ARM64_REG_WSP || reg == ARM64_REG_WZR ? 4 : 8;
}

std::uint8_t MemoryBytes(const cs_insn& from) {
  switch (from.id) {
    case ARM64_INS_LDRB:
    case ARM64_INS_LDRSB:
    case ARM64_INS_STRB:
    case ARM64_INS_LDURB:
    case ARM64_INS_LDURSB:
    case ARM64_INS_STURB:
      return 1;
    case ARM64_INS_LDRH:
    case ARM64_INS_LDRSH:
    case ARM64_INS_STRH:
    case ARM64_INS_LDURH:
    case ARM64_INS_LDURSH:
    case ARM64_INS_STURH:
      return 2;
    case ARM64_INS_LDRSW:
    case ARM64_INS_LDURSW:
      return 4;
    default: {
      const cs_arm64_op& first = from.detail->arm64.operands[0];
      return first.type == ARM64_OP_REG ? RegisterBytes(first.reg) : 8;
    }
  }
}

class Arm64 : public CapstoneMachine {
 public:
  explicit Arm64(const Executable& e) : CapstoneMachine(e, CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, kArm64Mnemonics) {}

  // stp x29, x30, [sp, #-n]!; sub sp, sp, #n; another pair saved with write-back; str x30 the same way; paciasp, bti c.
  [[nodiscard]] bool BeginsFunction(ByteView bytes) const override {
    const auto word = bytes.U32(0);
    return word && ((*word & 0xFFC0'03E0) == 0xA980'03E0 || (*word & 0xFF80'03FF) == 0xD100'03FF || (*word & 0xFFF0'0FE0) == 0xF810'0FE0 ||
                    (*word & 0xFFC0'03E0) == 0x6D80'03E0 || *word == 0xD503'233F || *word == 0xD503'245F);
  }

 protected:
  void Translate(const cs_insn& from, Instruction& out) override {
    const cs_arm64& arm = from.detail->arm64;
    out.prefixes = arm.cc == ARM64_CC_INVALID || arm.cc == ARM64_CC_AL ? 0 : static_cast<std::uint8_t>(arm.cc & 15);
    out.inside = arm.cc == ARM64_CC_HI || arm.cc == ARM64_CC_LS || arm.cc == ARM64_CC_GT || arm.cc == ARM64_CC_LE;
    out.operation = OperationOf(from.id);
    const bool landing = from.id == ARM64_INS_HINT && arm.op_count == 1 && (arm.operands[0].imm & ~6) == 0x20;  // bti
    out.padding = from.id == ARM64_INS_NOP || landing;
    Operands(from, out);
    Flows(from, out);
    References(from, out);
    if (IsStore(from.id) && out.operand_count >= 2) std::swap(out.operands[0], out.operands[1]);
    if (out.flow == Flow::kCall) held_.Forget(kLost);
  }

 private:
  [[nodiscard]] static Register Of(unsigned reg) {
    const auto vector = [&](unsigned first) { return Register{RegisterClass::kVector, static_cast<std::uint8_t>(reg - first)}; };
    if (reg == ARM64_REG_INVALID) return {};
    if (reg >= ARM64_REG_X0 && reg <= ARM64_REG_X28) return General(reg - ARM64_REG_X0, kStack, kFrame);
    if (reg == ARM64_REG_X29) return General(29, kStack, kFrame);
    if (reg == ARM64_REG_X30) return General(30, kStack, kFrame);
    if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W30) return General(reg - ARM64_REG_W0, kStack, kFrame);
    if (reg == ARM64_REG_SP || reg == ARM64_REG_WSP) return General(kStack, kStack, kFrame);
    if (reg >= ARM64_REG_B0 && reg <= ARM64_REG_B31) return vector(ARM64_REG_B0);
    if (reg >= ARM64_REG_H0 && reg <= ARM64_REG_H31) return vector(ARM64_REG_H0);
    if (reg >= ARM64_REG_S0 && reg <= ARM64_REG_S31) return vector(ARM64_REG_S0);
    if (reg >= ARM64_REG_D0 && reg <= ARM64_REG_D31) return vector(ARM64_REG_D0);
    if (reg >= ARM64_REG_Q0 && reg <= ARM64_REG_Q31) return vector(ARM64_REG_Q0);
    if (reg >= ARM64_REG_V0 && reg <= ARM64_REG_V31) return vector(ARM64_REG_V0);
    return {RegisterClass::kOther, static_cast<std::uint8_t>(reg)};  // the zero register among others
  }

  static void Operands(const cs_insn& from, Instruction& out) {
    const cs_arm64& arm = from.detail->arm64;
    for (std::uint8_t i = 0; i < arm.op_count && out.operand_count < 4; ++i) {
      const cs_arm64_op& op = arm.operands[i];
      Operand& to = out.operands[out.operand_count++];
      to.bytes = 8;
      switch (op.type) {
        case ARM64_OP_REG:
          to.kind = OperandKind::kRegister;
          to.reg = Of(op.reg);
          to.bytes = RegisterBytes(op.reg);
          to.scale = static_cast<std::uint8_t>((op.shift.type & 7u) << 5 | ((op.shift.value + 4 * op.ext) & 31));
          if (i == 0 && arm.update_flags) to.scale |= 1;
          break;
        case ARM64_OP_MEM:
          to.kind = OperandKind::kMemory;
          to.bytes = MemoryBytes(from);
          to.base = Of(op.mem.base);
          to.index = Of(op.mem.index);
          to.scale = static_cast<std::uint8_t>(op.shift.value);
          to.value = op.mem.disp;
          break;
        case ARM64_OP_IMM:
          to.kind = OperandKind::kImmediate;
          to.value = op.imm;
          if (op.shift.type == ARM64_SFT_LSL && op.shift.value < 64 && from.id != ARM64_INS_MOVK)
            to.value = static_cast<std::int64_t>(static_cast<std::uint64_t>(op.imm) << op.shift.value);
          break;
        case ARM64_OP_FP:
          to.kind = OperandKind::kImmediate;
          to.value = static_cast<std::int64_t>(std::bit_cast<std::uint64_t>(op.fp));
          break;
        default:
          to.kind = OperandKind::kRegister;
          to.reg = {RegisterClass::kOther, static_cast<std::uint8_t>(op.sys)};
      }
    }
  }

  void Flows(const cs_insn& from, Instruction& out) {
    const auto target = [&] {
      Operand& last = out.operands[static_cast<std::size_t>(std::max(1, int{out.operand_count}) - 1)];
      if (last.kind != OperandKind::kImmediate) return;
      out.target = static_cast<std::uint64_t>(last.value);
      MaskNumber(last);
    };
    switch (from.id) {
      case ARM64_INS_B:
        out.flow = out.prefixes == 0 ? Flow::kJump : Flow::kBranch;
        target();
        break;
      case ARM64_INS_CBZ:
      case ARM64_INS_CBNZ:
      case ARM64_INS_TBZ:
      case ARM64_INS_TBNZ:
        out.flow = Flow::kBranch;
        target();
        break;
      case ARM64_INS_BL:
        out.flow = Flow::kCall;
        target();
        break;
      case ARM64_INS_BLR:
        out.flow = Flow::kCall;
        break;
      case ARM64_INS_BR: {
        out.flow = Flow::kJump;
        if (const Held& slot = held_[out.operands[0].reg]; slot.kind == Held::Kind::kSlot) out.reference = slot.value;
        break;
      }
      case ARM64_INS_RET:
      case ARM64_INS_ERET:
        out.flow = Flow::kReturn;
        break;
      case ARM64_INS_BRK:
      case ARM64_INS_HLT:
        out.flow = Flow::kStop;
        break;
      default:
        break;
    }
  }

  void References(const cs_insn& from, Instruction& out) {
    const cs_arm64& arm = from.detail->arm64;
    Operand* const o = out.operands.data();
    Held result;
    result.set_at = out.address;
    switch (from.id) {
      case ARM64_INS_ADRP:
      case ARM64_INS_ADR:
        if (out.operand_count != 2) break;
        result.kind = Held::Kind::kPart;
        result.relative = true;
        result.value = static_cast<std::uint64_t>(o[1].value);
        if (from.id == ARM64_INS_ADR) {
          result.kind = Held::Kind::kAddress;
          if (held_.IsAddress(result, result.value)) out.reference = result.value;
        }
        MaskNumber(o[1]);
        break;
      case ARM64_INS_ADD:
        if (out.operand_count == 3 && o[2].kind == OperandKind::kImmediate) {
          const Held part = held_[o[1].reg];
          const auto number = static_cast<std::uint64_t>(o[2].value);
          if (held_.Complete(part, number, kAll, out)) {
            result = {Held::Kind::kAddress, true, out.reference, out.address};
            MaskNumber(o[2]);
          }
        }
        break;
      case ARM64_INS_MOV:
      case ARM64_INS_MOVZ:
      case ARM64_INS_MOVN:
        if (out.operand_count != 2) break;
        if (o[1].kind == OperandKind::kImmediate) {
          const auto number = static_cast<std::uint64_t>(o[1].value);
          result.kind = Held::Kind::kPart;
          result.value = from.id == ARM64_INS_MOVN ? ~number : number;
          o[1].value = static_cast<std::int64_t>(result.value);
        } else if (o[1].kind == OperandKind::kRegister) {
          result = held_[o[1].reg];
        }
        break;
      case ARM64_INS_MOVK: {
        const Held low = held_[o[0].reg];
        const unsigned shift = arm.op_count == 2 && arm.operands[1].shift.type == ARM64_SFT_LSL ? arm.operands[1].shift.value & 48 : 0;
        if (out.operand_count != 2 || low.kind != Held::Kind::kPart || low.relative) break;
        result.value = (low.value & ~(std::uint64_t{0xFFFF} << shift)) | (static_cast<std::uint64_t>(o[1].value) & 0xFFFF) << shift;
        result.kind = Held::Kind::kPart;
        held_.AddPart(low.set_at);
        o[1].value = static_cast<std::int64_t>(result.value);
        if (o[0].bytes == 4) o[1].value &= 0xFFFF'FFFF;
        if (held_.IsAddress(result, result.value)) out.reference = result.value;
        break;
      }
      case ARM64_INS_LDR:
      case ARM64_INS_LDRSW:
        if (out.operand_count == 2 && o[1].kind == OperandKind::kImmediate) {
          Literal(out);
          break;
        }
        if (Memory(out) && from.id == ARM64_INS_LDR) {
          result.kind = Held::Kind::kSlot;
          result.value = out.reference;
        }
        break;
      default:
        Memory(out);
        break;
    }
    // A literal of code for a fixed base, and constants that are loaded, change nothing else.
    for (std::uint8_t i = 0; i < arm.op_count; ++i) {
      const cs_arm64_op& op = arm.operands[i];
      if (op.type == ARM64_OP_REG && (op.access & CS_AC_WRITE) != 0 && from.id != ARM64_INS_CMP && from.id != ARM64_INS_CMN) held_[Of(op.reg)] = {};
      if (op.type == ARM64_OP_MEM && arm.writeback) held_[Of(op.mem.base)] = {};
    }
    if (result.kind != Held::Kind::kNothing && out.operand_count > 0 && o[0].kind == OperandKind::kRegister) held_[o[0].reg] = result;
  }

  // [xn, #low] with a page in xn.
  bool Memory(Instruction& out) {
    for (std::uint8_t i = 0; i < out.operand_count; ++i) {
      Operand& o = out.operands[i];
      if (o.kind != OperandKind::kMemory || o.index.kind != RegisterClass::kNone) continue;
      if (!held_.Complete(held_[o.base], static_cast<std::uint64_t>(o.value), kAll, out)) return false;
      MaskNumber(o);
      return true;
    }
    return false;
  }

  void Literal(Instruction& out) {
    Operand& o = out.operands[1];
    const std::uint64_t bytes = out.operands[0].bytes;
    const auto at = static_cast<std::uint64_t>(o.value);
    MaskNumber(o);
    if (bytes != 4 && bytes != 8) {
      if (bytes == 16 && InCode(at, 8, out)) held_.AddData(at, 16);
      return;
    }
    const auto literal = InCode(at, bytes, out);
    if (!literal) return;
    o.kind = OperandKind::kImmediate;
    o.value = static_cast<std::int64_t>(*literal);
    o.bytes = static_cast<std::uint8_t>(bytes);
    if (held_.IsAddress({}, *literal)) out.reference = *literal;
  }
};

}  // namespace

std::unique_ptr<Machine> MakeArm64(const Executable& executable) { return std::make_unique<Arm64>(executable); }

}  // namespace ascribe

#endif
