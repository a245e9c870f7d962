#include "disasm/program.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/dice.h"
#include "base/hash64.h"
#include "disasm/code_builder.h"
#include "disasm/decoder.h"
#include "disasm/forged_tables.h"
#include "disasm/import_names.h"
#include "disasm/table_lists.h"

namespace ascribe {
namespace {

bool Has(const CodeFunction& f, std::uint64_t key) { return std::binary_search(f.features.begin(), f.features.end(), key); }
std::vector<std::uint64_t> Of(const CodeFunction& f, CodeChannel channel) {
  std::vector<std::uint64_t> keys;
  for (std::uint64_t key : f.features)
    if (ChannelOf(key) == static_cast<unsigned>(channel)) keys.push_back(key);
  return keys;
}

// push rbx; mov ebx, edi; xor eax, eax; imul ecx, ebx, N; add eax, ecx; rol eax, 7; lea ebx,[rbx-1]; test ebx, ebx;
// jne back; mov edx, eax; mov ecx, edx; pop rbx; ret
std::vector<int> Loop() {
  return {0x53, 0x89, 0xFB, 0x31, 0xC0, 0x69, 0xCB, 0x41, 0x42, 0x0F, 0x00, 0x01, 0xC8, 0xC1,
                                                   0xC0, 0x07, 0x8D, 0x5B, 0xFF, 0x85, 0xDB, 0x75, 0xEE, 0x89, 0xC2, 0x89, 0xD1, 0x5B, 0xC3};
}
std::vector<int> LoopWithOtherNumber() {
  return {0x53, 0x89, 0xFB, 0x31, 0xC0, 0x69, 0xCB, 0x77, 0x33, 0x0E, 0x00, 0x01, 0xC8, 0xC1,
                                                   0xC0, 0x07, 0x8D, 0x5B, 0xFF, 0x85, 0xDB, 0x75, 0xEE, 0x89, 0xC2, 0x89, 0xD1, 0x5B, 0xC3};
}

TEST(Program, TheSameCodeElsewhereIsTheSame) {
  CodeBuilder one, two;
  one.Function(Loop());
  two.Function({0x31, 0xC0, 0xC3});
  two.Function(Loop());
  const Executable a = one.Build(), b = two.Build();
  const Program left = AnalyseProgram(a), right = AnalyseProgram(b);
  ASSERT_EQ(left.functions.size(), 1u);
  ASSERT_EQ(right.functions.size(), 2u);
  EXPECT_EQ(left.functions[0].features, right.functions[1].features);
  EXPECT_EQ(left.functions[0].blocks, 3u);
  EXPECT_EQ(left.functions[0].instructions, 13u);
  EXPECT_FALSE(Of(left.functions[0], CodeChannel::kFunction).empty());
}

TEST(Program, NumbersThatAreBytesOfTextsAreTold) {
  CodeBuilder b;
  const std::uint64_t text = b.Data(std::string("a text of the data\0", 19));
  const std::uint64_t distance = text - (CodeBuilder::kCode + 7);
  std::vector<int> code = {0x48, 0x8D, 0x3D};  // lea rdi, [rip+text]
  for (int shift = 0; shift < 32; shift += 8) code.push_back(static_cast<int>(distance >> shift & 0xFF));
  const std::vector<int> loop = Loop();
  code.insert(code.end(), loop.begin(), loop.end());
  b.Function(code);
  const Executable e = b.Build();
  const Program program = AnalyseProgram(e);
  const CodeFunction& f = program.functions.at(0);
  ASSERT_EQ(Of(f, CodeChannel::kText).size(), 1u);
  const std::vector<std::uint64_t> numbers = Of(f, CodeChannel::kConstant);
  ASSERT_EQ(numbers.size(), 2u) << "the number of the loop and the first bytes of the text";
  EXPECT_EQ(std::count_if(numbers.begin(), numbers.end(), [&](std::uint64_t key) { return std::binary_search(program.typed.begin(), program.typed.end(), key); }), 1);
  for (std::uint64_t key : Of(f, CodeChannel::kTable)) EXPECT_TRUE(std::binary_search(program.typed.begin(), program.typed.end(), key));
  CodeBuilder plain;
  plain.Function(Loop());
  const Executable without = plain.Build();
  EXPECT_TRUE(AnalyseProgram(without).typed.empty());
}

TEST(Program, AnotherNumberChangesTheCodeAndNotItsShape) {
  CodeBuilder one, two;
  one.Function(Loop());
  two.Function(LoopWithOtherNumber());
  const Executable a = one.Build(), b = two.Build();
  const CodeFunction f = AnalyseProgram(a).functions.at(0), g = AnalyseProgram(b).functions.at(0);
  EXPECT_NE(Of(f, CodeChannel::kFunction), Of(g, CodeChannel::kFunction));
  EXPECT_NE(Of(f, CodeChannel::kConstant), Of(g, CodeChannel::kConstant));
  EXPECT_EQ(Of(f, CodeChannel::kShape), Of(g, CodeChannel::kShape));
  EXPECT_EQ(Of(f, CodeChannel::kGram), Of(g, CodeChannel::kGram));
}

TEST(Program, AddressesOfDataAreMaskedAndTheirContentsKept) {
  CodeBuilder one, two;
  one.Data("some text of the tool");
  two.Data(std::string("other bytes before it\0\0\0", 24));
  const std::uint64_t text = two.Data("some text of the tool");
  // mov edi, ADDRESS; nine times inc eax; ret
  const auto code = [](std::uint64_t a) {
    return std::vector<int>{0xBF, int(a & 0xFF), int(a >> 8 & 0xFF), int(a >> 16 & 0xFF), 0};
  };
  std::string body = "\xFF\xC0\xFF\xC0\xFF\xC0\xFF\xC0\xFF\xC0\xFF\xC0\xFF\xC0\xFF\xC0\xFF\xC0\xC3";
  const auto add = [&](CodeBuilder& builder, std::uint64_t a) {
    builder.Function(code(a), false);
    builder.code += body;
    builder.starts.push_back({CodeBuilder::kCode, CodeBuilder::kCode + builder.code.size(), FunctionSource::kUnwind});
  };
  add(one, CodeBuilder::kData);
  add(two, text);
  one.data += '\0';
  two.data += '\0';
  const Executable a = one.Build(), b = two.Build();
  const CodeFunction f = AnalyseProgram(a).functions.at(0), g = AnalyseProgram(b).functions.at(0);
  EXPECT_EQ(Of(f, CodeChannel::kFunction), Of(g, CodeChannel::kFunction));
  EXPECT_EQ(Of(f, CodeChannel::kText), (std::vector<std::uint64_t>{FeatureKey(5, HashBytes("some text of the tool", 0x7E47))}));
  EXPECT_EQ(Of(f, CodeChannel::kText), Of(g, CodeChannel::kText));
}

TEST(Program, CallsLeadToFunctionsAndImports) {
  CodeBuilder builder;
  // the stub: jmp [rip + 0] -> slot right behind it, 16 bytes on
  const std::uint64_t stub = builder.Function({0xFF, 0x25, 0x0A, 0, 0, 0});
  builder.imports.push_back({stub + 16, "libc.so.6", "__memcpy_chk@GLIBC_2.3.4"});
  builder.Function({0, 0, 0, 0, 0, 0, 0, 0});  // the slot itself
  builder.starts.pop_back();
  const std::uint64_t callee = builder.Function({0x31, 0xC0, 0xC3});
  const std::uint64_t caller = CodeBuilder::kCode + ((builder.code.size() + 15) & ~std::size_t{15});
  const auto relative = [&](std::uint64_t from, std::uint64_t to, int byte) { return static_cast<int>((to - from - 5) >> (8 * byte) & 0xFF); };
  builder.Function({0xE8, relative(caller, stub, 0), relative(caller, stub, 1), relative(caller, stub, 2), relative(caller, stub, 3),
                    0xE8, relative(caller + 5, callee, 0), relative(caller + 5, callee, 1), relative(caller + 5, callee, 2), relative(caller + 5, callee, 3), 0xC3});
  const Executable e = builder.Build();
  const Program program = AnalyseProgram(e);
  const std::size_t at = program.Find(caller), called = program.Find(callee), stubbed = program.Find(stub);
  ASSERT_NE(at, Program::npos);
  ASSERT_NE(stubbed, Program::npos);
  EXPECT_EQ(program.functions[stubbed].import, "memcpy");
  EXPECT_EQ(program.functions[at].callees, std::vector<std::uint32_t>{static_cast<std::uint32_t>(called)});
  EXPECT_TRUE(Has(program.functions[at], FeatureKey(6, HashBytes("memcpy", 0x1A90))));
  EXPECT_EQ(program.callers_first[called + 1] - program.callers_first[called], 1u);
  EXPECT_EQ(program.callers[program.callers_first[called]], at);
}

TEST(Program, NamesOfImportsAreBroughtToOneForm) {
  for (const auto& [name, common] : {std::pair{"memcpy", "memcpy"}, {"__memcpy_chk", "memcpy"}, {"_memcpy@12", "memcpy"},
                                     {"printf@GLIBC_2.2.5", "printf"}, {"CreateFileW", "CreateFile"}, {"CreateFileA", "CreateFile"},
                                     {"__isoc99_sscanf", "sscanf"}, {"#12", "#12"}, {"_ZNSt6vectorIiE", "_ZNSt6vectorIiE"}, {"WSA", "WSA"}})
    EXPECT_EQ(CommonImportName(name), common);
}

TEST(Program, FunctionsAreFoundWithoutAnyTable) {
  CodeBuilder builder;
  builder.architecture = Architecture::kX86;
  // entry: push ebp; mov ebp, esp; call +11; pop ebp; ret   callee: behind padding, with a prologue; a third one that nobody calls
  const std::uint64_t entry = builder.Function({0x55, 0x89, 0xE5, 0xE8, 0x08, 0, 0, 0, 0x5D, 0xC3}, false);
  const std::uint64_t callee = builder.Function({0x31, 0xC0, 0xC3}, false);
  const std::uint64_t alone = builder.Function({0x55, 0x89, 0xE5, 0x31, 0xC0, 0x5D, 0xC3}, false);
  builder.starts.push_back({entry, 0, FunctionSource::kEntry});
  const Executable e = builder.Build();
  const std::vector<FunctionRange> found = FindFunctions(e);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].address, entry);
  EXPECT_EQ(found[1].address, callee);
  EXPECT_EQ(found[1].source, FunctionSource::kCall);
  EXPECT_EQ(found[2].address, alone);
  EXPECT_EQ(found[2].source, FunctionSource::kPrologue);
}

TEST(Program, StatedStartsThatOverlapNeverGiveOverlappingFunctions) {
  Dice dice(20261127);
  for (int round = 0; round < 300; ++round) {
    CodeBuilder builder;
    for (int i = 0; i < 400; ++i) builder.code += static_cast<char>(dice.Below(256));
    for (int i = 0; i < 30; ++i) {
      const std::uint64_t at = CodeBuilder::kCode + dice.Below(450);
      builder.starts.push_back({at, dice.Below(2) == 0 ? 0 : at + dice.Below(100), static_cast<FunctionSource>(dice.Below(7))});
    }
    const Executable e = builder.Build();
    std::uint64_t end = 0;
    for (const FunctionRange& f : FindFunctions(e)) {
      EXPECT_GE(f.address, end);
      EXPECT_GT(f.end, f.address);
      EXPECT_LE(f.end, CodeBuilder::kCode + builder.code.size());
      end = f.end;
    }
    const Program program = AnalyseProgram(e);  // random bytes: no crash, features in order
    for (const CodeFunction& f : program.functions) EXPECT_TRUE(std::is_sorted(f.features.begin(), f.features.end()));
  }
}

TEST(Program, BlocksForPeopleAreThoseOfTheFeatures) {
  CodeBuilder builder;
  const std::uint64_t address = builder.Function(Loop());
  const Executable e = builder.Build();
  const Program program = AnalyseProgram(e);
  std::size_t named = 0;
  std::uint64_t at = address;
  for (const CodeBlock& block : BlocksOf(e, address, program.functions[0].end)) {
    EXPECT_EQ(block.address, at) << "blocks follow one another";
    at = block.end;
    if (block.feature == 0) continue;
    ++named;
    EXPECT_TRUE(Has(program.functions[0], block.feature));
  }
  EXPECT_EQ(named, Of(program.functions[0], CodeChannel::kBlock).size());
  EXPECT_GE(named, 1u);
}

// A mebibyte is read of a small file; beyond, one line says how many tables were not.
TEST(Program, TablesBeyondTheLimitAreCounted) {
  const auto skipped = [](std::size_t tables) {
    const std::string file = ForgedTables(tables);
    const auto executable = ParseElf(ByteView(file));
    EXPECT_TRUE(executable);
    return AnalyseProgram(*executable).skipped;
  };
  EXPECT_EQ(skipped(1000), "");
  EXPECT_EQ(skipped(1024), "");
  EXPECT_EQ(skipped(1100), "76 tables were skipped after 1 MiB of table bytes (limit kFreeTableBytes)");
}

TEST(Program, PairsOfListsBeyondTheLimitAreCounted) {
  // Ciphers in an order that somebody chose; 64 pairs of each list are kept.
  const auto skipped = [](std::size_t lists) {
    CodeBuilder b;
    std::vector<int> code;
    for (std::size_t i = 0; i < lists; ++i) {
      std::string list;
      for (std::size_t k = 0; k < 64; ++k) list += {static_cast<char>(0xC0), static_cast<char>((k * 37 + i) % 128)};
      const std::uint64_t table = b.Data(list), distance = table - (CodeBuilder::kCode + code.size() + 7);
      code.insert(code.end(), {0x48, 0x8D, 0x05});
      for (int shift = 0; shift < 32; shift += 8) code.push_back(static_cast<int>(distance >> shift & 0xFF));
    }
    code.push_back(0xC3);
    b.Function(code);
    return AnalyseProgram(b.Build()).skipped;
  };
  const std::size_t whole = kMaxProgramListPairs / kMaxListPairs;
  EXPECT_EQ(skipped(whole), "");
  EXPECT_EQ(skipped(whole + 2), "128 pairs of entries of lists were skipped after 4096 (limit kMaxProgramListPairs)");
}

TEST(Program, OtherMachinesHaveNoFunctions) {
  CodeBuilder builder;
  builder.architecture = Architecture::kPowerPc;
  builder.Function(Loop());
  const Executable e = builder.Build();
  EXPECT_TRUE(AnalyseProgram(e).functions.empty());
}

TEST(Decoder, SaysWhyItCannotDecode) {
  CodeBuilder builder;
  builder.architecture = Architecture::kPowerPc;
  builder.Function(Loop());
  EXPECT_EQ(Decoder::WhyUnknown(builder.Build()), "code for ppc is not decoded");
#ifndef ASCRIBE_CAPSTONE
  builder.architecture = Architecture::kMips;
  EXPECT_EQ(Decoder::WhyUnknown(builder.Build()), "code for mips is not decoded: built without Capstone");
  const Executable e = builder.Build();
  EXPECT_TRUE(AnalyseProgram(e).functions.empty());
#endif
}

TEST(Decoder, SaysWhatPeopleRead) {
  CodeBuilder builder;
  builder.Function({0xE8, 0xFB, 0xFF, 0xFF, 0xFF});
  const Executable e = builder.Build();
  Decoder decoder(e);
  EXPECT_EQ(decoder.Text(e.At(CodeBuilder::kCode), CodeBuilder::kCode), "call 0x0000000000401000");
  Instruction in;
  ASSERT_TRUE(decoder.Decode(e.At(CodeBuilder::kCode), CodeBuilder::kCode, in));
  EXPECT_EQ(in.target, CodeBuilder::kCode);
  EXPECT_EQ(in.flow, Flow::kCall);
  EXPECT_FALSE(decoder.Decode(ByteView("\x0F"), 0x10, in)) << "cut off";
  EXPECT_EQ(in.target, CodeBuilder::kCode) << "a failed decode changes nothing";
}

}  // namespace
}  // namespace ascribe
