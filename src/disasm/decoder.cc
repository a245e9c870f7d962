#include "disasm/decoder.h"

#include <Zydis/Zydis.h>

#include <algorithm>

namespace ascribe {
namespace {

Flow FlowOf(const ZydisDecodedInstruction& instruction) {
  // Zydis counts what ends a transaction among the branches; what follows is what runs next.
  if (instruction.mnemonic == ZYDIS_MNEMONIC_XEND || instruction.mnemonic == ZYDIS_MNEMONIC_XABORT) return Flow::kNext;
  switch (instruction.meta.category) {
    case ZYDIS_CATEGORY_CALL:
      return Flow::kCall;
    case ZYDIS_CATEGORY_RET:
      return Flow::kReturn;
    case ZYDIS_CATEGORY_UNCOND_BR:
      return Flow::kJump;
    case ZYDIS_CATEGORY_COND_BR:
      return Flow::kBranch;
    case ZYDIS_CATEGORY_INTERRUPT:
      return instruction.mnemonic == ZYDIS_MNEMONIC_INT3 ? Flow::kStop : Flow::kNext;
    default:
      return instruction.mnemonic == ZYDIS_MNEMONIC_UD0 || instruction.mnemonic == ZYDIS_MNEMONIC_UD1 ||
                     instruction.mnemonic == ZYDIS_MNEMONIC_UD2 || instruction.mnemonic == ZYDIS_MNEMONIC_HLT
                 ? Flow::kStop
                 : Flow::kNext;
  }
}

bool IsPadding(const ZydisDecodedInstruction& instruction) {
  switch (instruction.mnemonic) {
    case ZYDIS_MNEMONIC_NOP:
    case ZYDIS_MNEMONIC_INT3:
    case ZYDIS_MNEMONIC_ENDBR32:
    case ZYDIS_MNEMONIC_ENDBR64:
      return true;
    default:
      return false;
  }
}

Operation OperationOf(ZydisMnemonic mnemonic) {
  switch (mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
    case ZYDIS_MNEMONIC_MOVAPS:
    case ZYDIS_MNEMONIC_MOVUPS:
    case ZYDIS_MNEMONIC_MOVDQA:
    case ZYDIS_MNEMONIC_MOVDQU:
    case ZYDIS_MNEMONIC_MOVQ:
    case ZYDIS_MNEMONIC_VMOVAPS:
    case ZYDIS_MNEMONIC_VMOVUPS:
    case ZYDIS_MNEMONIC_VMOVDQA:
    case ZYDIS_MNEMONIC_VMOVDQU:
      return Operation::kMove;
    case ZYDIS_MNEMONIC_LEA:
      return Operation::kAddress;
    case ZYDIS_MNEMONIC_PUSH:
      return Operation::kPush;
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_SUB:
    case ZYDIS_MNEMONIC_ADC:
    case ZYDIS_MNEMONIC_SBB:
      return Operation::kSum;
    case ZYDIS_MNEMONIC_CMP:
      return Operation::kCompare;
    case ZYDIS_MNEMONIC_SHL:
    case ZYDIS_MNEMONIC_SHR:
    case ZYDIS_MNEMONIC_SAR:
    case ZYDIS_MNEMONIC_SHLD:
    case ZYDIS_MNEMONIC_SHRD:
      return Operation::kShift;
    case ZYDIS_MNEMONIC_ROL:
    case ZYDIS_MNEMONIC_ROR:
    case ZYDIS_MNEMONIC_RORX:
      return Operation::kRotate;
    case ZYDIS_MNEMONIC_AND:
    case ZYDIS_MNEMONIC_TEST:
    case ZYDIS_MNEMONIC_OR:
    case ZYDIS_MNEMONIC_BT:
    case ZYDIS_MNEMONIC_BTS:
    case ZYDIS_MNEMONIC_BTR:
      return Operation::kBits;
    case ZYDIS_MNEMONIC_XOR:
      return Operation::kXor;
    case ZYDIS_MNEMONIC_IMUL:
      return Operation::kProduct;
    default:
      return Operation::kOther;
  }
}

bool BoundIsInside(ZydisMnemonic mnemonic) {
  switch (mnemonic) {
    case ZYDIS_MNEMONIC_JNBE:
    case ZYDIS_MNEMONIC_JBE:
    case ZYDIS_MNEMONIC_JNLE:
    case ZYDIS_MNEMONIC_JLE:
    case ZYDIS_MNEMONIC_SETNBE:
    case ZYDIS_MNEMONIC_SETBE:
    case ZYDIS_MNEMONIC_SETNLE:
    case ZYDIS_MNEMONIC_SETLE:
    case ZYDIS_MNEMONIC_CMOVNBE:
    case ZYDIS_MNEMONIC_CMOVBE:
    case ZYDIS_MNEMONIC_CMOVNLE:
    case ZYDIS_MNEMONIC_CMOVLE:
      return true;
    default:
      return false;
  }
}

// Zydis numbers registers class by class, in the machine's order within each.
struct RegisterTable {
  std::array<Register, ZYDIS_REGISTER_MAX_VALUE + 1> of;
  RegisterTable() {
    for (int r = 0; r <= ZYDIS_REGISTER_MAX_VALUE; ++r) {
      const auto reg = static_cast<ZydisRegister>(r);
      const auto number = static_cast<std::uint8_t>(std::max<int>(0, ZydisRegisterGetId(reg)));
      Register& out = of[static_cast<std::size_t>(r)];
      switch (ZydisRegisterGetClass(reg)) {
        case ZYDIS_REGCLASS_GPR8: {
          // ah…bh are the second byte of rax…rbx; Zydis's ids of 8-bit registers count them in.
          const ZydisRegister full = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
          out = {RegisterClass::kGeneral, static_cast<std::uint8_t>(std::max<int>(0, ZydisRegisterGetId(full)))};
          break;
        }
        case ZYDIS_REGCLASS_GPR16:
        case ZYDIS_REGCLASS_GPR32:
        case ZYDIS_REGCLASS_GPR64:
          out = {RegisterClass::kGeneral, number};
          break;
        case ZYDIS_REGCLASS_XMM:
        case ZYDIS_REGCLASS_YMM:
        case ZYDIS_REGCLASS_ZMM:
          out = {RegisterClass::kVector, number};
          break;
        case ZYDIS_REGCLASS_MASK:
          out = {RegisterClass::kMask, number};
          break;
        case ZYDIS_REGCLASS_X87:
        case ZYDIS_REGCLASS_MMX:
          out = {RegisterClass::kFloat, number};
          break;
        case ZYDIS_REGCLASS_SEGMENT:
          out = {RegisterClass::kSegment, number};
          break;
        case ZYDIS_REGCLASS_IP:
          out = {RegisterClass::kInstructionPointer, 0};
          break;
        case ZYDIS_REGCLASS_INVALID:
          break;
        default:
          out = {RegisterClass::kOther, number};
      }
    }
  }
};

Register RegisterOf(ZydisRegister reg) {
  static const RegisterTable table;
  return table.of[static_cast<std::size_t>(reg)];
}

template <typename Wild>
std::string PatternOf(ByteView bytes, Wild wild) {
  std::string pattern;
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) pattern += ' ';
    const std::uint8_t byte = bytes.data()[i];
    if (wild(i)) pattern += "??";
    else (pattern += kDigits[byte >> 4]) += kDigits[byte & 15];
  }
  return pattern;
}

// Numbers stand in bits that no boundary of bytes parts: an instruction that names an address is wild as a whole.
std::string MachinePattern(ByteView bytes, const Instruction& in) {
  bool wild = in.reference != 0 || in.target != 0;
  for (std::uint8_t i = 0; i < in.operand_count; ++i) {
    const Operand& o = in.operands[i];
    wild = wild || o.kind == OperandKind::kTarget || (o.kind == OperandKind::kMemory && o.base.kind == RegisterClass::kInstructionPointer);
  }
  return in.length > bytes.size() ? std::string() : PatternOf(*bytes.Slice(0, in.length), [&](std::size_t) { return wild; });
}

}  // namespace

struct Decoder::Zydis {
  ZydisDecoder decoder;
  ZydisDecoderContext context;
  ZydisDecodedInstruction instruction;
  ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];

  bool Begin(ByteView bytes, std::uint64_t address, Instruction& out) {
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, &context, bytes.data(), bytes.size(), &instruction)))
      return false;
    out.address = address;
    out.length = instruction.length;
    out.mnemonic = static_cast<std::uint16_t>(instruction.mnemonic);
    out.flow = FlowOf(instruction);
    out.target = 0;
    // A relative operand is the last immediate of the encoding.
    if (out.flow != Flow::kNext && instruction.raw.imm[0].size != 0 && instruction.raw.imm[0].is_relative) {
      out.target = address + instruction.length + static_cast<std::uint64_t>(instruction.raw.imm[0].value.s);
      if (instruction.machine_mode != ZYDIS_MACHINE_MODE_LONG_64) out.target &= 0xFFFF'FFFF;
    }
    return true;
  }
};

Decoder::Decoder(const Executable& executable)
    : range_(executable), zydis_(std::make_unique<Zydis>()), machine_(IsX86(executable.architecture) ? nullptr : MakeMachine(executable)) {
  const bool x64 = executable.architecture == Architecture::kX64;
  ZydisDecoderInit(&zydis_->decoder, x64 ? ZYDIS_MACHINE_MODE_LONG_64 : ZYDIS_MACHINE_MODE_LEGACY_32,
                   x64 ? ZYDIS_STACK_WIDTH_64 : ZYDIS_STACK_WIDTH_32);
}

Decoder::~Decoder() = default;

bool Decoder::DecodeFlow(ByteView bytes, std::uint64_t address, Instruction& out) {
  if (machine_) return machine_->Decode(bytes, address, out);
  if (!zydis_->Begin(bytes, address, out)) return false;
  out.padding = IsPadding(zydis_->instruction);
  return true;
}

bool Decoder::Decode(ByteView bytes, std::uint64_t address, Instruction& out) {
  if (machine_) return machine_->Decode(bytes, address, out);
  Zydis& z = *zydis_;
  Instruction result;
  if (!z.Begin(bytes, address, result)) return false;
  result.padding = IsPadding(z.instruction);
  result.operation = OperationOf(z.instruction.mnemonic);
  result.inside = BoundIsInside(z.instruction.mnemonic);
  result.prefixes = static_cast<std::uint8_t>(
      ((z.instruction.attributes & ZYDIS_ATTRIB_HAS_LOCK) != 0 ? 1 : 0) |
      ((z.instruction.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE)) != 0 ? 2 : 0));
  const std::uint8_t count = std::min<std::uint8_t>(z.instruction.operand_count_visible, 4);
  if (count > 0 && !ZYAN_SUCCESS(ZydisDecoderDecodeOperands(&z.decoder, &z.context, &z.instruction, z.operands, count)))
    return false;
  for (std::uint8_t i = 0; i < count; ++i) {
    const ZydisDecodedOperand& from = z.operands[i];
    Operand& to = result.operands[i];
    to.bytes = static_cast<std::uint8_t>(std::min<std::uint32_t>(from.size / 8, 255));
    switch (from.type) {
      case ZYDIS_OPERAND_TYPE_REGISTER:
        to.kind = OperandKind::kRegister;
        to.reg = RegisterOf(from.reg.value);
        break;
      case ZYDIS_OPERAND_TYPE_MEMORY: {
        to.kind = OperandKind::kMemory;
        to.address = from.mem.type == ZYDIS_MEMOP_TYPE_AGEN;
        to.base = RegisterOf(from.mem.base);
        to.index = RegisterOf(from.mem.index);
        to.scale = from.mem.scale;
        to.value = from.mem.disp.has_displacement ? from.mem.disp.value : 0;
        std::uint64_t named = static_cast<std::uint64_t>(to.value);
        if (to.base.kind == RegisterClass::kInstructionPointer) named += result.end();
        const bool absolute = to.base.kind == RegisterClass::kInstructionPointer ||
                              (range_.fixed() && (to.value > 0xFFFF || (to.base.kind == RegisterClass::kNone && to.value != 0)));
        if (z.instruction.machine_mode != ZYDIS_MACHINE_MODE_LONG_64) named &= 0xFFFF'FFFF;
        // fs: and gs: name thread data, not the image.
        const bool thread = from.mem.segment == ZYDIS_REGISTER_FS || from.mem.segment == ZYDIS_REGISTER_GS;
        if (absolute && !thread && range_.Holds(named))
          result.reference = named;
        break;
      }
      case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        to.kind = from.imm.is_relative ? OperandKind::kTarget : OperandKind::kImmediate;
        to.value = from.imm.value.s;
        if (range_.fixed() && to.kind == OperandKind::kImmediate && to.bytes >= 4 && result.reference == 0) {
          const std::uint64_t named = z.instruction.machine_mode == ZYDIS_MACHINE_MODE_LONG_64
                                          ? from.imm.value.u
                                          : from.imm.value.u & 0xFFFF'FFFF;
          if (range_.Holds(named))
            result.reference = named;
        }
        break;
      default:
        to.kind = OperandKind::kTarget;  // far pointers
    }
  }
  result.operand_count = count;
  out = result;
  return true;
}

std::string Decoder::Pattern(ByteView bytes, const Instruction& instruction) {
  if (machine_) return MachinePattern(bytes, instruction);
  Instruction in;
  if (!Decode(bytes, instruction.address, in)) return {};
  const ZydisDecodedInstruction& raw = zydis_->instruction;
  std::array<bool, 16> wild{};
  const auto hide = [&](std::uint8_t offset, std::uint8_t bits) {
    for (std::size_t i = offset; i < offset + bits / 8u && i < wild.size(); ++i) wild[i] = true;
  };
  const bool relative_data = (raw.attributes & ZYDIS_ATTRIB_IS_RELATIVE) != 0 && raw.raw.disp.size != 0;
  if (raw.raw.disp.size != 0 && (relative_data || (in.reference != 0 && raw.raw.disp.size >= 32)))
    hide(raw.raw.disp.offset, raw.raw.disp.size);
  for (const auto& imm : raw.raw.imm) {
    if (imm.size == 0) continue;
    const bool named = in.reference != 0 && imm.size >= 32 && (imm.value.u & 0xFFFF'FFFF) == (in.reference & 0xFFFF'FFFF);
    if (imm.is_relative || named) hide(imm.offset, imm.size);
  }
  return PatternOf(*bytes.Slice(0, in.length), [&](std::size_t i) { return wild[i]; });
}

std::string Decoder::Text(ByteView bytes, std::uint64_t address) {
  if (machine_) return machine_->Text(bytes, address);
  Zydis& z = *zydis_;
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&z.decoder, bytes.data(), bytes.size(), &z.instruction, z.operands))) return {};
  ZydisFormatter formatter;
  ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
  char buffer[256];
  if (!ZYAN_SUCCESS(ZydisFormatterFormatInstruction(&formatter, &z.instruction, z.operands,
                                                    z.instruction.operand_count_visible, buffer, sizeof(buffer),
                                                    address, nullptr)))
    return {};
  return buffer;
}

std::string MnemonicName(std::uint16_t mnemonic) {
  const char* name = ZydisMnemonicGetString(static_cast<ZydisMnemonic>(mnemonic));
  return name == nullptr ? "?" : name;
}

}  // namespace ascribe
