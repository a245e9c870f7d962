#pragma once

#include <string>

#include "disasm/decoder.h"
#include "disasm/function_body.h"
#include "disasm/program.h"

namespace ascribe {

/// For the fuzzer and the replay of what it found: reads `bytes` as code of the machine that the first byte chooses;
/// what follows is code and, from the middle on, data as well. Returns a sum of what was read, so that nothing is left
/// out.
inline std::size_t ReadAnyCode(ByteView bytes) {
  const std::size_t size = bytes.size();
  if (size < 2) return 0;
  const std::uint8_t first = *bytes.U8(0);
  Executable e;
  using enum Architecture;
  constexpr Architecture kMachines[] = {kX64, kX86, kX64, kX86, kArm, kArm64, kMips, kMips};
  e.architecture = kMachines[first >> 3 & 7];
  e.is_64 = e.architecture == kX64 || e.architecture == kArm64 || (first & 0x40) != 0;
  e.big_endian = e.architecture == kMips && (first & 2) != 0;
  e.format = BinaryFormat::kElf;
  e.image_base = first % 4 < 2 ? 0x400000 : 0;
  e.sections.push_back({".text", 0x401000, size - 1, 1, *bytes.Slice(1, size - 1), true, false});
  e.sections.push_back({".rodata", 0x600000, size / 2, size - size / 2, *bytes.Slice(size - size / 2, size / 2), false,
                        (first & 4) != 0});
  e.starts.push_back({0x401000, 0, FunctionSource::kEntry});
  e.starts.push_back({0x401000 + size / 3, 0x401000 + size / 2, FunctionSource::kUnwind});
  e.imports.push_back({0x600008, "lib", "name"});
  Arrange(e);
  const Program program = AnalyseProgram(e);
  std::size_t sum = 0;
  Decoder decoder(e);
  for (const CodeFunction& f : program.functions) {
    for (const CodeBlock& block : BlocksOf(e, f.address, f.end)) sum += block.instructions;
    sum += decoder.Text(e.At(f.address), f.address).size();
    FunctionBody body;
    body.Read(decoder, e, f.address, f.end);
    for (const Instruction& in : body.instructions) sum += decoder.Pattern(e.At(in.address), in).size();
  }
  return sum;
}

}  // namespace ascribe
