// MIPS, 32 and 64 bits, both byte orders. Addresses come from lui with what is added to it, and from the global offset
// table, which code finds from its own address in t9.
#ifdef ASCRIBE_CAPSTONE

#include "disasm/capstone_machine.h"

namespace ascribe {
namespace {

constexpr unsigned kStack = 29, kFrame = 30, kCallee = 25;
// A call may change at, v0 to a3, t0 to t9 and ra; 4 and 5 (a0, a1) stand at 29 and 30 (General).
constexpr std::uint32_t kLost = 0x0300'FFFEu & ~0b11'0000u;
constexpr std::uint32_t kLostSwapped = 1u << 29 | 1u << 30 | 1u << 31;

Operation OperationOf(unsigned id) {
  switch (id) {
    case MIPS_INS_MOVE:
    case MIPS_INS_LUI:
    case MIPS_INS_LB:
    case MIPS_INS_LBU:
    case MIPS_INS_LH:
    case MIPS_INS_LHU:
    case MIPS_INS_LW:
    case MIPS_INS_LWU:
    case MIPS_INS_LD:
    case MIPS_INS_SB:
    case MIPS_INS_SH:
    case MIPS_INS_SW:
    case MIPS_INS_SD:
      return Operation::kMove;
    case MIPS_INS_ADDIU:
    case MIPS_INS_ADDU:
    case MIPS_INS_SUBU:
    case MIPS_INS_DADDIU:
    case MIPS_INS_DADDU:
    case MIPS_INS_DSUBU:
      return Operation::kSum;
    case MIPS_INS_SLT:
    case MIPS_INS_SLTU:
    case MIPS_INS_SLTI:
    case MIPS_INS_SLTIU:
      return Operation::kCompare;
    case MIPS_INS_SLL:
    case MIPS_INS_SRL:
    case MIPS_INS_SRA:
    case MIPS_INS_DSLL:
    case MIPS_INS_DSRL:
    case MIPS_INS_DSRA:
      return Operation::kShift;
    case MIPS_INS_ROTR:
      return Operation::kRotate;
    case MIPS_INS_AND:
    case MIPS_INS_ANDI:
    case MIPS_INS_OR:
    case MIPS_INS_ORI:
    case MIPS_INS_NOR:
      return Operation::kBits;
    case MIPS_INS_XOR:
    case MIPS_INS_XORI:
      return Operation::kXor;
    case MIPS_INS_MUL:
    case MIPS_INS_MULT:
    case MIPS_INS_MULTU:
      return Operation::kProduct;
    default:
      return Operation::kOther;
  }
}

std::uint8_t MemoryBytes(unsigned id) {
  switch (id) {
    case MIPS_INS_LB:
    case MIPS_INS_LBU:
    case MIPS_INS_SB:
      return 1;
    case MIPS_INS_LH:
    case MIPS_INS_LHU:
    case MIPS_INS_SH:
      return 2;
    case MIPS_INS_LD:
    case MIPS_INS_SD:
    case MIPS_INS_LDC1:
    case MIPS_INS_SDC1:
      return 8;
    default:
      return 4;
  }
}

bool IsStore(unsigned id) {
  switch (id) {
    case MIPS_INS_SB:
    case MIPS_INS_SH:
    case MIPS_INS_SW:
    case MIPS_INS_SD:
    case MIPS_INS_SWC1:
    case MIPS_INS_SDC1:
    case MIPS_INS_SWL:
    case MIPS_INS_SWR:
      return true;
    default:
      return false;
  }
}

class Mips : public CapstoneMachine {
 public:
  explicit Mips(const Executable& e)
      : CapstoneMachine(e, CS_ARCH_MIPS,
                        static_cast<unsigned>(e.is_64 ? CS_MODE_MIPS64 : CS_MODE_MIPS32) |
                            static_cast<unsigned>(e.big_endian ? CS_MODE_BIG_ENDIAN : CS_MODE_LITTLE_ENDIAN),
                        kMipsMnemonics),
        mask_(e.is_64 ? ~std::uint64_t{0} : 0xFFFF'FFFF) {}

  void Enter(std::uint64_t address) override {
    CapstoneMachine::Enter(address);
    // Position-independent code is called through t9.
    held_[General(kCallee, kStack, kFrame)] = {Held::Kind::kAddress, true, address, address};
    called_ = false;
  }

  [[nodiscard]] bool Decode(ByteView bytes, std::uint64_t address, Instruction& out) override {
    std::array<std::uint8_t, 4> plain;
    return CapstoneMachine::Decode(FirstFlag(bytes, plain) ? ByteView(plain.data(), plain.size()) : bytes, address, out);
  }
  [[nodiscard]] std::string Text(ByteView bytes, std::uint64_t address) override {
    std::array<std::uint8_t, 4> plain;
    return CapstoneMachine::Text(FirstFlag(bytes, plain) ? ByteView(plain.data(), plain.size()) : bytes, address);
  }

  // addiu sp, sp, -n and its 64-bit form; lui gp, which counts from t9.
  [[nodiscard]] bool BeginsFunction(ByteView bytes) const override {
    const auto word = View(bytes).U32(0);
    return word && ((*word & 0xFFFF'8000) == 0x27BD'8000 || (*word & 0xFFFF'8000) == 0x67BD'8000 || (*word & 0xFFFF'0000) == 0x3C1C'0000);
  }

 protected:
  void Translate(const cs_insn& from, Instruction& out) override {
    const bool after_call = called_;
    called_ = false;
    out.operation = OperationOf(from.id);
    out.padding = from.id == MIPS_INS_NOP || from.id == MIPS_INS_SSNOP;
    Operands(from, out);
    Flows(from, out);
    References(from, out);
    if (IsStore(from.id) && out.operand_count == 2) std::swap(out.operands[0], out.operands[1]);
    if (after_call) held_.Forget(kLost | kLostSwapped);  // once the instruction behind the call has run
    called_ = out.flow == Flow::kCall;
  }

 private:
  [[nodiscard]] static Register Of(unsigned reg) {
    if (reg == MIPS_REG_INVALID) return {};
    if (reg == MIPS_REG_ZERO) return {RegisterClass::kOther, 0};
    if (reg >= MIPS_REG_0 && reg <= MIPS_REG_31) return General(reg - MIPS_REG_0, kStack, kFrame);
    if (reg >= MIPS_REG_F0 && reg <= MIPS_REG_F31) return {RegisterClass::kFloat, static_cast<std::uint8_t>(reg - MIPS_REG_F0)};
    return {RegisterClass::kOther, static_cast<std::uint8_t>(reg)};
  }
  [[nodiscard]] static bool IsZero(const Operand& o) { return o.kind == OperandKind::kRegister && o.reg == Register{RegisterClass::kOther, 0}; }

  void Operands(const cs_insn& from, Instruction& out) const {
    const cs_mips& mips = from.detail->mips;
    const std::uint8_t width = executable_.is_64 ? 8 : 4;
    for (std::uint8_t i = 0; i < mips.op_count && out.operand_count < 4; ++i) {
      const cs_mips_op& op = mips.operands[i];
      Operand& to = out.operands[out.operand_count++];
      to.bytes = width;
      switch (op.type) {
        case MIPS_OP_REG:
          to.kind = OperandKind::kRegister;
          to.reg = Of(op.reg);
          break;
        case MIPS_OP_MEM:
          to.kind = OperandKind::kMemory;
          to.bytes = MemoryBytes(from.id);
          to.base = Of(op.mem.base);
          to.value = op.mem.disp;
          break;
        default:
          to.kind = OperandKind::kImmediate;
          to.value = op.imm;
      }
    }
  }

  void Flows(const cs_insn& from, Instruction& out) {
    Operand& last = out.operands[static_cast<std::size_t>(std::max(1, int{out.operand_count}) - 1)];
    const auto target = [&](std::uint64_t region) {
      if (last.kind != OperandKind::kImmediate) return;
      out.target = (static_cast<std::uint64_t>(last.value) | region) & mask_;
      MaskNumber(last);
    };
    // j and jal name an address within the 256 MiB they stand in.
    const std::uint64_t region = (out.address + 4) & ~std::uint64_t{0x0FFF'FFFF};
    switch (from.id) {
      case MIPS_INS_J:
        out.flow = Flow::kJump;
        target(region);
        break;
      case MIPS_INS_JAL:
        out.flow = Flow::kCall;
        target(region);
        break;
      case MIPS_INS_B:
        out.flow = Flow::kJump;
        target(0);
        break;
      case MIPS_INS_BAL:
      case MIPS_INS_BGEZAL:
      case MIPS_INS_BLTZAL:
        out.flow = Flow::kCall;
        target(0);
        if (out.target == out.address + 8) out.target = 0;  // asks where it stands
        break;
      case MIPS_INS_JALR:
      case MIPS_INS_JR: {
        out.flow = from.id == MIPS_INS_JALR ? Flow::kCall : last.reg == Of(MIPS_REG_RA) ? Flow::kReturn : Flow::kJump;
        const Held& to = held_[last.reg];
        if (to.kind == Held::Kind::kSlot) {
          if (out.flow == Flow::kJump) out.reference = to.value;
        } else if (to.kind != Held::Kind::kNothing && IsCode(to.value)) {
          out.target = to.value;
        }
        break;
      }
      case MIPS_INS_BREAK:
        out.flow = Flow::kStop;
        return;
      case MIPS_INS_BEQ:
      case MIPS_INS_BEQL:
      case MIPS_INS_BNE:
      case MIPS_INS_BNEL:
      case MIPS_INS_BGEZ:
      case MIPS_INS_BGEZL:
      case MIPS_INS_BGTZ:
      case MIPS_INS_BGTZL:
      case MIPS_INS_BLEZ:
      case MIPS_INS_BLEZL:
      case MIPS_INS_BLTZ:
      case MIPS_INS_BLTZL:
      case MIPS_INS_BEQZ:
      case MIPS_INS_BNEZ:
      case MIPS_INS_BC1F:
      case MIPS_INS_BC1FL:
      case MIPS_INS_BC1T:
      case MIPS_INS_BC1TL:
        out.flow = Flow::kBranch;
        target(0);
        break;
      default:
        return;
    }
    out.delayed = true;
  }

  // Capstone 4 knows comparisons of floating-point numbers (c.lt.d and its kind) into the first flag only; which of the
  // eight flags a compiler takes says nothing.
  bool FirstFlag(ByteView bytes, std::array<std::uint8_t, 4>& plain) const {
    const auto word = View(bytes).U32(0);
    if (!word || (*word & 0xFFC0'0000) != 0x4600'0000 || (*word & 0x30) != 0x30 || (*word & 0x0700) == 0) return false;
    const std::uint32_t flagless = *word & ~std::uint32_t{0x0700};
    for (unsigned i = 0; i < 4; ++i) plain[i] = static_cast<std::uint8_t>(flagless >> 8 * (executable_.big_endian ? 3 - i : i));
    return true;
  }

  [[nodiscard]] bool IsCode(std::uint64_t address) const {
    const BinarySection* section = executable_.SectionAt(address);
    return address % 4 == 0 && section != nullptr && section->executable;
  }

  void References(const cs_insn& from, Instruction& out) {
    Operand* const o = out.operands.data();
    Held result;
    result.set_at = out.address;
    bool writes = out.operand_count > 0 && o[0].kind == OperandKind::kRegister && out.flow == Flow::kNext && !IsStore(from.id);
    switch (from.id) {
      case MIPS_INS_LUI:
        result.kind = Held::Kind::kPart;
        result.value = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(static_cast<std::uint32_t>(o[1].value) << 16)}) & mask_;
        o[1].value = static_cast<std::int64_t>(result.value & 0xFFFF'FFFF);
        break;
      case MIPS_INS_ADDIU:
      case MIPS_INS_DADDIU:
      case MIPS_INS_ORI:
        if (out.operand_count == 3) Add(from.id == MIPS_INS_ORI, out, result);
        break;
      case MIPS_INS_ADDU:
      case MIPS_INS_DADDU: {
        // gp = its distance from the function + the function
        if (out.operand_count != 3) break;
        const Held a = held_[o[1].reg], b = held_[o[2].reg];
        if (a.kind == Held::Kind::kPart && b.kind == Held::Kind::kAddress && b.relative && o[2].reg == Of(MIPS_REG_T9)) {
          result = {Held::Kind::kPart, true, (a.value + b.value) & mask_, out.address};
          held_.AddPart(a.set_at);
        }
        break;
      }
      case MIPS_INS_MOVE:
        if (out.operand_count == 2) result = held_[o[1].reg];
        break;
      case MIPS_INS_LW:
      case MIPS_INS_LD:
        // Functions save gp on the stack and get it back from there behind each call.
        if (o[0].reg == Of(MIPS_REG_GP) && o[1].kind == OperandKind::kMemory && (o[1].base == Of(MIPS_REG_SP) || o[1].base == Of(MIPS_REG_FP))) {
          writes = false;
          break;
        }
        if (Memory(out)) Slot(out.reference, result);
        break;
      default:
        Memory(out);
    }
    if (writes) held_[o[0].reg] = result;
  }

  void Add(bool either, Instruction& out, Held& result) {
    Operand* const o = out.operands.data();
    if (o[2].kind != OperandKind::kImmediate) return;
    const auto number = either ? static_cast<std::uint64_t>(o[2].value) & 0xFFFF : static_cast<std::uint64_t>(o[2].value);
    if (IsZero(o[1])) {
      out.operation = Operation::kMove;
      return;
    }
    const Held part = held_[o[1].reg];
    if (part.kind == Held::Kind::kSlot) MaskNumber(o[2]);  // a page of which only the linker knew the address
    if (part.kind != Held::Kind::kPart) return;
    const std::uint64_t sum = (part.value + number) & mask_;
    result = {Held::Kind::kPart, part.relative, sum, out.address};
    if (held_.Complete(part, number, mask_, out)) {
      result.kind = Held::Kind::kAddress;
      MaskNumber(o[2]);
    } else if (!part.relative && part.value % 0x10000 == 0) {  // lui and what completes it: one number
      held_.AddPart(part.set_at);
      o[2].value = static_cast<std::int64_t>(sum & 0xFFFF'FFFF);
      out.operation = Operation::kMove;
    }
  }

  bool Memory(Instruction& out) {
    if (out.operand_count != 2 || out.operands[1].kind != OperandKind::kMemory) return false;
    Operand& memory = out.operands[1];
    const Held base = held_[memory.base];
    const bool complete = held_.Complete(base, static_cast<std::uint64_t>(memory.value), mask_, out);
    if (complete || base.kind == Held::Kind::kSlot) MaskNumber(memory);
    return complete;
  }

  // The linker fills in the slots of what the file itself defines: a page to add to, or a function.
  void Slot(std::uint64_t slot, Held& result) const {
    const BinarySection* section = executable_.SectionAt(slot);
    if (section == nullptr || section->executable) return;
    const auto import = std::lower_bound(executable_.imports.begin(), executable_.imports.end(), slot,
                                         [](const BinaryImport& i, std::uint64_t s) { return i.slot < s; });
    const bool imported = import != executable_.imports.end() && import->slot == slot;
    const auto word = View(executable_.At(slot)).Word(0);
    if (imported || word.value_or(0) == 0 || section->name != ".got") {
      result.kind = Held::Kind::kSlot;
      result.value = slot;
      return;
    }
    result.kind = Held::Kind::kPart;
    result.relative = true;
    result.value = *word;
  }

  const std::uint64_t mask_;
  bool called_ = false;
};

}  // namespace

std::unique_ptr<Machine> MakeMips(const Executable& executable) { return std::make_unique<Mips>(executable); }

}  // namespace ascribe

#endif
