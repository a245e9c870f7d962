// Speed of the code front end: disasm_bench FILE… Prints, for all files together and one thread: bare decoding of every
// instruction, and the whole analysis with features and sketches, in instructions a second. disasm_bench --starts FILE prints
// where functions begin, one a line in hexadecimal.

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <string_view>

#include "base/io.h"
#include "code/stored_sample.h"
#include "disasm/decoder.h"
#include "disasm/functions.h"

namespace ascribe {
namespace {

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

int PrintStarts(const char* path) {
  const auto file = ReadFile(path, std::uint64_t{1} << 30);
  const auto executable = file ? ParseExecutable(*file) : tl::unexpected<Error>(file.error());
  if (!executable) return 1;
  for (const FunctionRange& f : FindFunctions(*executable)) fmt::print("{:x}\n", f.address);
  return 0;
}

}  // namespace

int Run(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "--starts") return PrintStarts(argv[2]);
  double decode = 0, analyse = 0;
  std::uint64_t decoded = 0, instructions = 0, functions = 0, bytes = 0, features = 0;
  for (int i = 1; i < argc; ++i) {
    const auto file = ReadFile(argv[i], std::uint64_t{1} << 30);
    if (!file) continue;
    const auto executable = ParseExecutable(*file);
    if (!executable) continue;
    bytes += file->size();
    auto start = std::chrono::steady_clock::now();
    Decoder decoder(*executable);
    Instruction in;
    for (const FunctionRange& f : FindFunctions(*executable)) {
      const ByteView code = executable->At(f.address);
      decoder.Enter(f.address);
      for (std::uint64_t at = 0; at < f.end - f.address && at < code.size(); at += in.length, ++decoded)
        if (!decoder.Decode(*code.Slice(at, code.size() - at), f.address + at, in)) break;
    }
    decode += Seconds(start);
    start = std::chrono::steady_clock::now();
    const Program program = AnalyseProgram(*executable);
    const auto signatures = SignaturesOf(program);
    const FeatureSketch sketch = SketchOf(signatures);
    analyse += Seconds(start);
    for (std::uint32_t n : sketch.count) features += n;
    instructions += program.instructions;
    functions += program.functions.size();
  }
  fmt::print("{} files, {:.1f} MB, {} functions, {} instructions, {} features\n", argc - 1, static_cast<double>(bytes) / 1e6, functions,
             instructions, features);
  fmt::print("decode:   {:.3f} s, {:.2f} M instructions/s\n", decode, static_cast<double>(decoded) / decode / 1e6);
  fmt::print("analysis: {:.3f} s, {:.2f} M instructions/s, {:.1f} MB/s\n", analyse, static_cast<double>(instructions) / analyse / 1e6,
             static_cast<double>(bytes) / analyse / 1e6);
  return 0;
}

}  // namespace ascribe

int main(int argc, char** argv) { return ascribe::Run(argc, argv); }
