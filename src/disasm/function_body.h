#pragma once

#include <cstdint>
#include <vector>

#include "disasm/decoder.h"
#include "disasm/functions.h"
#include "disasm/program.h"

namespace ascribe {

/// The instructions of one function, padding left out. Made to be used again for the next one.
struct FunctionBody {
  std::vector<Instruction> instructions;
  std::vector<std::uint32_t> leaders;  ///< indices of the instructions that begin a basic block, ascending, 0 first
  std::uint64_t decoded = 0;           ///< with padding

  /// Decodes [address, end) from `decoder`'s executable. What is no instruction ends the function.
  void Read(Decoder& decoder, const Executable& executable, std::uint64_t address, std::uint64_t end);

 private:
  // Numbers that are a part of an address only: no numbers of the program.
  void MaskParts(const std::vector<std::uint64_t>& parts);
  std::vector<std::uint64_t> targets_;
};

/// Hash of an instruction with its registers and numbers; addresses in the image and targets are masked.
[[nodiscard]] std::uint64_t ExactHash(const Instruction& instruction);
/// Hash of the mnemonic, the classes of operands and their widths.
[[nodiscard]] std::uint64_t ShapeHash(const Instruction& instruction);
/// The blocks of a body, with their features.
[[nodiscard]] std::vector<CodeBlock> BlocksOf(const FunctionBody& body);

}  // namespace ascribe
