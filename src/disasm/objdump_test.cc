// Programs built here, as our decoder and as objdump (binutils) see their code. Nothing that is built is run.

#include <gtest/gtest.h>

#include <charconv>
#include <filesystem>
#include <map>
#include <string>

#include "base/io.h"
#include "base/process.h"
#include "base/test_folder.h"
#include "base/text.h"
#include "binary/executable.h"
#include "disasm/decoder.h"
#include "disasm/program.h"

namespace ascribe {
namespace {

// Branches, calls, switches, loops, floats, vectors, string instructions, 64-bit numbers; no header is needed.
constexpr std::string_view kSource = R"(
typedef unsigned char byte;
typedef unsigned long long wide;
#define APART __attribute__((noinline, noclone))
static volatile int sink;
APART int many(int a, int b) {
  switch (a) {
    case 0: return b * 3; case 1: return b - 7; case 2: return b << 4; case 3: return b ^ 0x5A5A; case 4: return b / 9; case 5: return ~b;
    case 6: return b > 3 ? b : -b; case 7: sink = b; return 1; default: return a + b;
  }
}
APART void turn(byte* data, unsigned size, unsigned key) {
  for (unsigned i = 0; i < size; ++i) { key = key * 1103515245u + 12345u; data[i] ^= (byte)(key >> 16); data[i] = (byte)(data[i] << 3 | data[i] >> 5); }
}
APART float sum(const float* of, int n) { float all = 0; for (int i = 0; i < n; ++i) all += of[i] * .5f; return all; }
APART double root(double of) { double x = of; for (int i = 0; i < 9; ++i) x = (x + of / x) / 2; return x; }
APART long double length(long double a, long double b) { return a * a + b * b; }
APART wide mix(wide a, wide b) { a ^= b >> 29; a += b << 7; a ^= 0x9E3779B97F4A7C15ull; return a + (b >> 33 | b << 31); }
APART int walk(const char* text) { int n = 0; while (*text) { if (*text == 'x') { ++n; text += 2; if (!text[-1]) break; continue; } ++text; } return n; }
APART void add(int* to, const int* from, int n) { for (int i = 0; i < n; ++i) to[i] += from[i] * 77; }
APART int nested(int (*f)(int, int), int depth) { return depth < 1 ? f(depth, 2) : nested(f, depth - 1) + f(depth, 1); }
APART int locked(int* at) { return __sync_fetch_and_add(at, 3) + __sync_bool_compare_and_swap(at, 3, 4); }
APART void fill(byte* to, int n) { __asm__ volatile("cld; rep stosb" : "+D"(to), "+c"(n) : "a"(0) : "memory"); }
static int work(int n) {
  static byte data[64]; static float floats[64]; static int numbers[64];
  turn(data, 64, (unsigned)n); add(numbers, numbers + 32, 32); fill(data + 32, 8);
  return many(n, 5) + (int)sum(floats, 64) + (int)root(n) + (int)length(n, 2) + (int)mix((wide)n, 99) + walk((const char*)data) + nested(many, n) + locked(numbers);
}
#ifdef BARE
void _start(void) { sink = work(sink); for (;;) {} }
#else
int printf(const char*, ...);
int main(int argc, char** argv) { return printf("%s %d\n", argv[0], work(argc)) < 0; }
#endif
)";

struct Line {
  std::uint64_t length = 0, target = 0;  // 0: indirect or none
  Flow flow = Flow::kNext;
  std::string text;
};
using Lines = std::map<std::uint64_t, Line>;

bool IsHex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::uint64_t Hex(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

// "  401502:\te8 89 8a 00 00    \tcall   409f90 <printf>": address, bytes, text.
Lines ReadObjdump(std::string_view output) {
  Lines lines;
  for (std::string_view row : Split(output, '\n')) {
    const std::vector<std::string_view> parts = Split(row, '\t');
    if (parts.size() < 3) continue;
    std::string_view address = Trim(parts[0]);
    if (!address.ends_with(':')) continue;
    address.remove_suffix(1);
    if (!IsHex(address)) continue;
    Line line;
    line.length = (Trim(parts[1]).size() + 1) / 3;
    line.text = std::string(Trim(parts[2]));
    std::string_view operand, mnemonic;
    for (std::string_view word : Split(line.text, ' ')) {
      if (word.empty()) continue;
      const bool prefix = word == "bnd" || word == "notrack" || word == "repz" || word == "repnz" || word == "data16" ||
                          word == "addr32" || word == "cs" || word == "ds" || word.starts_with("rex.");
      if (mnemonic.empty() && prefix) continue;
      if (!mnemonic.empty()) {
        operand = word;
        break;
      }
      mnemonic = word.substr(0, word.find(','));  // "jne,pt"
    }
    if (mnemonic.starts_with("call"))
      line.flow = Flow::kCall;
    else if (mnemonic.starts_with("jmp"))
      line.flow = Flow::kJump;
    else if (mnemonic.starts_with("j") || mnemonic.starts_with("loop") || mnemonic == "xbegin")
      line.flow = Flow::kBranch;
    else if (mnemonic.starts_with("ret"))
      line.flow = Flow::kReturn;
    if (line.flow != Flow::kNext && line.flow != Flow::kReturn && IsHex(operand)) line.target = Hex(operand);
    lines[Hex(address)] = line;
  }
  return lines;
}

struct Compared {
  std::size_t functions = 0, instructions = 0, targets = 0, wrong = 0, trampolines = 0;
};

// Every function that we found, from its first instruction to its last, against what objdump says at the same
// addresses.
Compared Compare(const Executable& e, const Lines& theirs) {
  Compared compared;
  const Program program = AnalyseProgram(e);
  Decoder decoder(e);
  const auto tell = [&](std::uint64_t at, const std::string& what) {
    if (++compared.wrong > 20) return;
    const auto line = theirs.find(at);
    ADD_FAILURE() << std::hex << at << ": " << what << "; we read \"" << decoder.Text(e.At(at), at) << "\", objdump \""
                  << (line == theirs.end() ? "no instruction" : line->second.text) << "\"";
  };
  for (const CodeFunction& f : program.functions) {
    ++compared.functions;
    std::uint64_t at = f.address;
    // What the kernel returns to after a signal: its unwind data begin one byte early, so that unwinders, which ask for
    // the byte before a return address, find them. A C library has one.
    if (f.source == FunctionSource::kUnwind && theirs.count(at) == 0 && theirs.count(at + 1) == 1 &&
        compared.trampolines++ == 0)
      ++at;
    while (at < f.end) {
      Instruction in, flow;
      const auto line = theirs.find(at);
      if (line == theirs.end()) {
        tell(at, "no instruction begins there");
        break;
      }
      if (!decoder.Decode(e.At(at), at, in) || !decoder.DecodeFlow(e.At(at), at, flow)) {
        // Data behind code: mingw's lists of constructors stand in its .text.
        if (line->second.text != "(bad)") tell(at, "we do not know it");
        break;
      }
      ++compared.instructions;
      if (in.length != line->second.length) {
        tell(at, "another length");
        break;
      }
      if (in.flow != line->second.flow && in.flow != Flow::kStop) tell(at, "another flow");
      if (in.target != line->second.target) tell(at, "another target");
      if (flow.length != in.length || flow.flow != in.flow || flow.target != in.target)
        tell(at, "not the same by DecodeFlow");
      compared.targets += in.target != 0;
      at += in.length;
    }
  }
  return compared;
}

class AgainstObjdump : public ::testing::Test {
 protected:
  void SetUp() override {
    const Result<std::string> program = FindProgram("objdump");
    if (!program)
      GTEST_SKIP() << "SKIPPED, LOUDLY: objdump (binutils) is not installed; nothing checks the decoder against it";
    objdump_ = *program;
    ASSERT_TRUE(WriteFileAtomic(folder_.path() / "source.c", kSource));
  }

  // The source, built; false when that compiler cannot.
  bool Built(const std::string& compiler, std::vector<std::string> options) {
    const Result<std::string> path = FindProgram(compiler);
    if (!path) return false;
    options.insert(options.begin(), *path);
    options.insert(options.end(), {"-fno-builtin", "-w", "-o", Out(), (folder_.path() / "source.c").string()});
    const auto outcome = RunProcess(options, ByteView(), Limits());
    return outcome && outcome->end == ProcessEnd::kExited && outcome->status == 0;
  }

  void Agrees(Architecture architecture, BinaryFormat format) {
    const auto outcome = RunProcess({objdump_, "-d", "-z", "--insn-width=16", Out()}, ByteView(), Limits());
    ASSERT_TRUE(outcome && outcome->end == ProcessEnd::kExited && outcome->status == 0)
        << (outcome ? outcome->errors : outcome.error().message);
    const auto bytes = ReadFile(Out(), std::size_t{1} << 28);
    ASSERT_TRUE(bytes);
    const Result<Executable> e = ParseExecutable(*bytes);
    ASSERT_TRUE(e) << e.error().message;
    ASSERT_EQ(e->architecture, architecture);
    ASSERT_EQ(e->format, format);
    const Compared compared = Compare(*e, ReadObjdump(outcome->output));
    EXPECT_EQ(compared.wrong, 0u);
    EXPECT_GE(compared.functions, 12u);
    EXPECT_GE(compared.instructions, 250u);
    EXPECT_GE(compared.targets, 25u);
    RecordProperty("functions", static_cast<int>(compared.functions));
    RecordProperty("instructions", static_cast<int>(compared.instructions));
    RecordProperty("targets", static_cast<int>(compared.targets));
  }

  std::string Out() const { return (folder_.path() / "program.exe").string(); }
  static ProcessLimits Limits() {
    ProcessLimits limits;
    limits.cpu = std::chrono::seconds(600);
    limits.wall = std::chrono::minutes(20);
    limits.memory_bytes = std::uint64_t{1} << 34;
    limits.output_bytes = limits.file_bytes = std::uint64_t{1} << 30;
    return limits;
  }

  TestFolder folder_;
  std::string objdump_;
};

constexpr const char* kNoCompiler =
    "SKIPPED, LOUDLY: the compiler for it is not here; nothing checks the decoder of this machine against objdump";

TEST_F(AgainstObjdump, ElfOf64Bits) {
  // With the whole C library inside: strings by SSE, AVX and AVX-512, system calls, hand-written assembly.
  if (!Built("gcc", {"-O2", "-static"}) && !Built("gcc", {"-O2"})) GTEST_SKIP() << kNoCompiler;
  Agrees(Architecture::kX64, BinaryFormat::kElf);
}

TEST_F(AgainstObjdump, ElfOf64BitsWithVectors) {
  if (!Built("gcc",
             {"-O3", "-march=skylake-avx512", "-ffast-math", "-DBARE", "-nostdlib", "-static", "-ffreestanding"}))
    GTEST_SKIP() << kNoCompiler;
  Agrees(Architecture::kX64, BinaryFormat::kElf);
}

TEST_F(AgainstObjdump, ElfOf32Bits) {
  for (const char* level : {"-O0", "-O2", "-O3"}) {
    if (!Built("gcc", {level, "-m32", "-fno-pie", "-msse2", "-DBARE", "-nostdlib", "-static", "-ffreestanding"}))
      GTEST_SKIP() << kNoCompiler;
    Agrees(Architecture::kX86, BinaryFormat::kElf);
  }
}

TEST_F(AgainstObjdump, PeOf64Bits) {
  if (!Built("x86_64-w64-mingw32-gcc", {"-O2"})) GTEST_SKIP() << kNoCompiler;
  Agrees(Architecture::kX64, BinaryFormat::kPe);
}

TEST_F(AgainstObjdump, PeOf32Bits) {
  if (!Built("i686-w64-mingw32-gcc", {"-O2"})) GTEST_SKIP() << kNoCompiler;
  Agrees(Architecture::kX86, BinaryFormat::kPe);
}

}  // namespace
}  // namespace ascribe
