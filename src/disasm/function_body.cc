#include "disasm/function_body.h"

#include <algorithm>

#include "base/hash64.h"
#include "disasm/held_values.h"

namespace ascribe {

void FunctionBody::Read(Decoder& decoder, const Executable& executable, std::uint64_t address, std::uint64_t end) {
  instructions.clear();
  leaders.clear();
  targets_.clear();
  decoded = 0;
  const ByteView bytes = executable.At(address);
  const std::uint64_t size = std::min<std::uint64_t>(bytes.size(), end - address);
  Instruction instruction;
  bool leads = true, delayed = false;
  decoder.Enter(address);
  for (std::uint64_t at = 0; at < size;) {
    if (!decoder.Decode(*bytes.Slice(at, bytes.size() - at), address + at, instruction)) break;
    at += instruction.length;
    ++decoded;
    const bool last = delayed;  // of its block: what stands behind a jump that is delayed
    delayed = false;
    if (instruction.padding) {
      leads = leads || last;
      continue;
    }
    if (leads) leaders.push_back(static_cast<std::uint32_t>(instructions.size()));
    leads = last;
    if (instruction.flow != Flow::kNext && instruction.flow != Flow::kCall) (instruction.delayed ? delayed : leads) = true;
    if (instruction.target >= address && instruction.target < end && instruction.flow != Flow::kCall)
      targets_.push_back(instruction.target);
    instructions.push_back(instruction);
  }
  if (decoder.machine() != nullptr) MaskParts(decoder.machine()->Parts());
  std::sort(targets_.begin(), targets_.end());
  targets_.erase(std::unique(targets_.begin(), targets_.end()), targets_.end());
  for (std::uint64_t target : targets_) {
    // A jump to padding leads to what follows it.
    const auto at = std::lower_bound(instructions.begin(), instructions.end(), target,
                                     [](const Instruction& i, std::uint64_t a) { return i.address < a; });
    if (at != instructions.end()) leaders.push_back(static_cast<std::uint32_t>(at - instructions.begin()));
  }
  std::sort(leaders.begin(), leaders.end());
  leaders.erase(std::unique(leaders.begin(), leaders.end()), leaders.end());
}

void FunctionBody::MaskParts(const std::vector<std::uint64_t>& parts) {
  for (std::uint64_t address : parts) {
    const auto at = std::lower_bound(instructions.begin(), instructions.end(), address,
                                     [](const Instruction& i, std::uint64_t a) { return i.address < a; });
    if (at == instructions.end() || at->address != address) continue;
    for (std::uint8_t k = 0; k < at->operand_count; ++k)
      if (at->operands[k].kind == OperandKind::kImmediate) MaskNumber(at->operands[k]);
  }
}

std::uint64_t ExactHash(const Instruction& i) {
  std::uint64_t hash = Mix(i.mnemonic, i.prefixes);
  for (std::uint8_t k = 0; k < i.operand_count; ++k) {
    const Operand& o = i.operands[k];
    std::uint64_t packed = static_cast<std::uint64_t>(o.kind) | std::uint64_t{o.bytes} << 8 |
                           std::uint64_t{static_cast<std::uint8_t>(o.reg.kind)} << 16 | std::uint64_t{o.reg.number} << 24;
    if (o.kind == OperandKind::kRegister) packed |= std::uint64_t{o.scale} << 48;
    if (o.kind == OperandKind::kMemory) {
      packed |= std::uint64_t{static_cast<std::uint8_t>(o.base.kind)} << 16 | std::uint64_t{o.base.number} << 24 |
                std::uint64_t{static_cast<std::uint8_t>(o.index.kind)} << 32 | std::uint64_t{o.index.number} << 40 |
                std::uint64_t{o.scale} << 48;
      const bool masked = o.base.kind == RegisterClass::kInstructionPointer || (i.reference != 0 && (o.value > 0xFFFF || o.value < -0xFFFF));
      hash = Mix(hash, masked ? 0x4D : static_cast<std::uint64_t>(o.value));
    } else if (o.kind == OperandKind::kImmediate) {
      const bool masked = i.reference != 0 && (static_cast<std::uint64_t>(o.value) == i.reference ||
                                               (static_cast<std::uint64_t>(o.value) & 0xFFFF'FFFF) == i.reference);
      hash = Mix(hash, masked ? 0x4D : static_cast<std::uint64_t>(o.value));
    }
    hash = Mix(hash, packed);
  }
  return hash;
}

std::uint64_t ShapeHash(const Instruction& i) {
  std::uint64_t packed = i.mnemonic | std::uint64_t{i.prefixes} << 16;
  for (std::uint8_t k = 0; k < i.operand_count; ++k) {
    const Operand& o = i.operands[k];
    const std::uint64_t token = (static_cast<std::uint64_t>(o.kind) << 5 | std::min<std::uint64_t>(o.bytes, 31)) << 3 |
                                (o.kind == OperandKind::kRegister ? static_cast<std::uint64_t>(o.reg.kind) & 7 : 0);
    packed |= token << (20 + 11 * k);
  }
  return Scramble(packed);
}

std::vector<CodeBlock> BlocksOf(const FunctionBody& body) {
  std::vector<CodeBlock> blocks;
  blocks.reserve(body.leaders.size());
  for (std::size_t b = 0; b < body.leaders.size(); ++b) {
    const std::size_t first = body.leaders[b];
    const std::size_t last = b + 1 < body.leaders.size() ? body.leaders[b + 1] : body.instructions.size();
    CodeBlock block;
    block.address = body.instructions[first].address;
    block.end = body.instructions[last - 1].end();
    block.instructions = static_cast<std::uint32_t>(last - first);
    if (block.instructions >= kMinBlock) {
      std::uint64_t hash = 0xB10C;
      for (std::size_t i = first; i < last; ++i) hash = Mix(hash, ExactHash(body.instructions[i]));
      block.feature = FeatureKey(static_cast<unsigned>(CodeChannel::kBlock), hash);
    }
    blocks.push_back(block);
  }
  return blocks;
}

std::vector<CodeBlock> BlocksOf(const Executable& executable, std::uint64_t address, std::uint64_t end) {
  Decoder decoder(executable);
  FunctionBody body;
  body.Read(decoder, executable, address, end);
  return BlocksOf(body);
}

}  // namespace ascribe
