// Machine code of any kind: the first byte chooses the machine, the rest is code and, from its middle on, data as well.

#include <string>

#include "disasm/decoder.h"
#include "disasm/function_body.h"
#include "disasm/program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 65536) return 0;
  const ascribe::ByteView bytes(data, size);
  ascribe::Executable e;
  using enum ascribe::Architecture;
  constexpr ascribe::Architecture kMachines[] = {kX64, kX86, kX64, kX86, kArm, kArm64, kMips, kMips};
  e.architecture = kMachines[data[0] >> 3 & 7];
  e.is_64 = e.architecture == kX64 || e.architecture == kArm64 || (data[0] & 0x40) != 0;
  e.big_endian = e.architecture == kMips && (data[0] & 2) != 0;
  e.format = ascribe::BinaryFormat::kElf;
  e.image_base = data[0] % 4 < 2 ? 0x400000 : 0;
  e.sections.push_back({".text", 0x401000, size - 1, 1, *bytes.Slice(1, size - 1), true, false});
  e.sections.push_back({".rodata", 0x600000, size / 2, size - size / 2, *bytes.Slice(size - size / 2, size / 2), false, (data[0] & 4) != 0});
  e.starts.push_back({0x401000, 0, ascribe::FunctionSource::kEntry});
  e.starts.push_back({0x401000 + size / 3, 0x401000 + size / 2, ascribe::FunctionSource::kUnwind});
  e.imports.push_back({0x600008, "lib", "name"});
  ascribe::Arrange(e);
  const ascribe::Program program = ascribe::AnalyseProgram(e);
  std::size_t sum = 0;
  ascribe::Decoder decoder(e);
  for (const ascribe::CodeFunction& f : program.functions) {
    for (const ascribe::CodeBlock& block : ascribe::BlocksOf(e, f.address, f.end)) sum += block.instructions;
    sum += decoder.Text(e.At(f.address), f.address).size();
    ascribe::FunctionBody body;
    body.Read(decoder, e, f.address, f.end);
    for (const ascribe::Instruction& in : body.instructions) sum += decoder.Pattern(e.At(in.address), in).size();
  }
  return sum == static_cast<std::size_t>(-1);
}
