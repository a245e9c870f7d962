#ifdef ASCRIBE_CAPSTONE

#include "disasm/capstone_machine.h"

#include <cassert>

namespace ascribe {

CapstoneMachine::CapstoneMachine(const Executable& executable, cs_arch architecture, unsigned mode, std::uint16_t mnemonics)
    : executable_(executable), held_(executable), mnemonics_(mnemonics) {
  [[maybe_unused]] const cs_err error = cs_open(architecture, static_cast<cs_mode>(mode), &handle_);
  assert(error == CS_ERR_OK);  // Debian's library knows all machines
  cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
  instruction_ = cs_malloc(handle_);
}

CapstoneMachine::~CapstoneMachine() {
  cs_free(instruction_, 1);
  cs_close(&handle_);
}

void CapstoneMachine::SetMode(unsigned mode) { cs_option(handle_, CS_OPT_MODE, mode); }

void CapstoneMachine::Enter(std::uint64_t) { held_.Clear(); }

bool CapstoneMachine::Next(ByteView bytes, std::uint64_t address) {
  const std::uint8_t* code = bytes.data();
  std::size_t size = std::min<std::size_t>(bytes.size(), 4);  // no instruction is longer
  return cs_disasm_iter(handle_, &code, &size, &address, instruction_);
}

bool CapstoneMachine::Decode(ByteView bytes, std::uint64_t address, Instruction& out) {
  if (const std::uint64_t data = std::min<std::uint64_t>(held_.DataAt(address), bytes.size()); data != 0) {
    constexpr std::uint64_t kMost = 252;  // that `length` holds and that keeps the step
    out = Instruction{};
    out.address = address;
    out.length = static_cast<std::uint8_t>(std::min(data, kMost));
    out.padding = true;
    return true;
  }
  if (!Next(bytes, address)) return false;
  Instruction result;
  result.address = address;
  result.length = static_cast<std::uint8_t>(instruction_->size);
  result.mnemonic = static_cast<std::uint16_t>(mnemonics_ + instruction_->id);
  Translate(*instruction_, result);
  out = result;
  return true;
}

std::string CapstoneMachine::Text(ByteView bytes, std::uint64_t address) {
  if (!Next(bytes, address)) return {};
  const std::string_view operands = instruction_->op_str;
  std::string text = instruction_->mnemonic;
  if (!operands.empty()) (text += ' ') += operands;
  return text;
}

Register CapstoneMachine::General(unsigned number, unsigned stack, unsigned frame) {
  unsigned n = number;
  if (number == stack) n = kStackPointer;
  else if (number == frame) n = kFramePointer;
  else if (number == kStackPointer) n = stack;
  else if (number == kFramePointer) n = frame;
  return {RegisterClass::kGeneral, static_cast<std::uint8_t>(n)};
}

std::optional<std::uint64_t> CapstoneMachine::InCode(std::uint64_t address, std::uint64_t bytes, const Instruction& in) {
  const BinarySection* section = executable_.SectionAt(address);
  if (section == nullptr || !section->executable) return std::nullopt;
  const EndianView view = View(executable_.At(address));
  std::optional<std::uint64_t> value = view.U64(0);
  if (bytes != 8) value = view.U32(0);
  if (value && address >= in.end()) held_.AddData(address, bytes);
  return value;
}

}  // namespace ascribe

#endif
