// Code of machines other than x86, assembled by hand (the instructions stand beside the words).
#ifdef ASCRIBE_CAPSTONE

#include "disasm/machine.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/dice.h"
#include "base/hash64.h"
#include "disasm/code_builder.h"
#include "disasm/function_body.h"
#include "disasm/import_names.h"
#include "disasm/program.h"
#include "disasm/values.h"

namespace ascribe {
namespace {

bool Has(const CodeFunction& f, std::uint64_t key) { return std::binary_search(f.features.begin(), f.features.end(), key); }
std::vector<std::uint64_t> Of(const CodeFunction& f, CodeChannel channel) {
  std::vector<std::uint64_t> keys;
  for (std::uint64_t key : f.features)
    if (ChannelOf(key) == static_cast<unsigned>(channel)) keys.push_back(key);
  return keys;
}
std::uint64_t TextKey(std::string_view text) { return FeatureKey(5, HashBytes(text, 0x7E47)); }
FunctionBody BodyOf(const Executable& e, std::uint64_t address, std::uint64_t end) {
  Decoder decoder(e);
  FunctionBody body;
  body.Read(decoder, e, address, end);
  return body;
}
CodeBuilder Builder(Architecture architecture, bool big_endian = false) {
  CodeBuilder builder;
  builder.architecture = architecture;
  builder.big_endian = big_endian;
  return builder;
}
constexpr std::string_view kText("some text of the tool\0\0\0", 24);

// `pages` more between the code and its data, `gap` bytes before the text.
std::vector<std::uint32_t> Arm64Code(std::uint32_t adrp, std::uint32_t low, std::uint32_t call) {
  return {0xA9BE7BFD,                      // stp x29, x30, [sp, #-32]!
          0x910003FD,                      // mov x29, sp
          adrp, 0x91000000 | low << 10,    // adrp x0, text; add x0, x0, :lo12:text
          0x52884821, 0x72A24681,          // mov w1, #0x4241; movk w1, #0x1234, lsl #16
          0x71018C1F, 0x54000088,          // cmp w0, #99; b.hi +16
          0x1B017C00, 0x521C1C00, call,    // mul w0, w0, w1; eor w0, w0, #0xff0; bl g
          0xA8C27BFD, 0xD65F03C0};         // ldp x29, x30, [sp], #32; ret
}

TEST(Arm64, FunctionsAreTheSameWhereverTheirDataStand) {
  CodeBuilder one = Builder(Architecture::kArm64), two = Builder(Architecture::kArm64);
  one.Data(kText);
  one.Words(Arm64Code(0xF00007E0, 0, 0x94000006));  // page 0x500000 from page 0x401000
  const std::uint64_t leaf = one.Words({0x11013400, 0xD65F03C0});  // add w0, w0, #77; ret
  two.Data(std::string("other bytes before it\0\0\0", 24));
  two.Data(kText);
  two.Words({0x11013400, 0xD65F03C0});
  two.Words(Arm64Code(0xF00007E0, 24, 0x97FFFFF2));
  const Executable a = one.Build(), b = two.Build();
  const Program left = AnalyseProgram(a), right = AnalyseProgram(b);
  ASSERT_EQ(left.functions.size(), 2u);
  ASSERT_EQ(right.functions.size(), 2u);
  const CodeFunction &f = left.functions[0], &g = right.functions[1];
  EXPECT_EQ(f.features, g.features);
  EXPECT_EQ(f.instructions, 13u);
  EXPECT_EQ(f.blocks, 3u);
  EXPECT_FALSE(Of(f, CodeChannel::kFunction).empty());
  EXPECT_TRUE(Has(f, TextKey("some text of the tool")));
  EXPECT_TRUE(Has(f, ConstantKey(0x12344241))) << "mov and movk are one number";
  EXPECT_FALSE(Has(f, ConstantKey(0x4241)));
  EXPECT_TRUE(Has(f, ConstantKey(100))) << "b.hi behind cmp 99 is at least 100";
  EXPECT_TRUE(Has(f, ConstantKey(0xFF0)));
  EXPECT_EQ(f.callees, std::vector<std::uint32_t>{static_cast<std::uint32_t>(left.Find(leaf))});
}

TEST(Arm64, StubsNameTheirImports) {
  CodeBuilder builder = Builder(Architecture::kArm64);
  builder.Data(std::string(32, '\0'));
  builder.imports.push_back({CodeBuilder::kData + 24, "libc.so.6", "__memcpy_chk"});
  // adrp x16, slot; ldr x17, [x16, #24]; add x16, x16, #24; br x17
  const std::uint64_t stub = builder.Words({0xF00007F0, 0xF9400E11, 0x91006210, 0xD61F0220});
  const std::uint64_t caller = builder.Words({0x94000000 | (0x3FFFFFF & static_cast<std::uint32_t>(-4)), 0xD65F03C0});  // bl stub; ret
  const Executable e = builder.Build();
  Decoder decoder(e);
  ImportNames names(e, decoder);
  EXPECT_EQ(names.AtStub(stub), "memcpy");
  const Program program = AnalyseProgram(e);
  EXPECT_TRUE(Has(program.functions.at(program.Find(caller)), FeatureKey(6, HashBytes("memcpy", 0x1A90))));
}

TEST(Arm64, TextsBuiltOnTheStackAreTexts) {
  CodeBuilder builder = Builder(Architecture::kArm64);
  // mov w8, "se"; movk w8, "cr", lsl 16; str w8, [sp]; mov w9, "et"; movk w9, "ly", lsl 16; str w9, [sp, #4]; strb wzr, [sp, #8]; ret
  builder.Words({0x528CAE68, 0x72AE4C68, 0xB90003E8, 0x528E8CA9, 0x72AF2D89, 0xB90007E9, 0x390023FF, 0xD65F03C0});
  const Executable e = builder.Build();
  const Program program = AnalyseProgram(e);
  EXPECT_TRUE(Has(program.functions.at(0), TextKey("secretly")));
}

std::vector<std::uint32_t> ArmCode(std::uint32_t text, std::uint32_t call) {
  return {0xE92D4010, 0xE59F0020, 0xE59F1020,  // push {r4, lr}; ldr r0, =text; ldr r1, =0x12344241
          0xE3500063, 0x8A000004, 0xE0000091,  // cmp r0, #99; bhi +24; mul r0, r1, r0
          0xE2200EFF, 0xE2804001, 0xE2444003,  // eor r0, r0, #0xff0; add r4, r0, #1; sub r4, r4, #3
          call, 0xE8BD8010, text, 0x12344241}; // bl g; pop {r4, pc}; two literals
}

TEST(Arm, LiteralsAreNumbersAndNoInstructions) {
  CodeBuilder one = Builder(Architecture::kArm), two = Builder(Architecture::kArm);
  one.Data(kText);
  one.Words(ArmCode(CodeBuilder::kData, 0xEB000005));
  const std::uint64_t leaf = one.Words({0xE280004D, 0xE12FFF1E});  // add r0, r0, #77; bx lr
  two.Data(std::string("other bytes before it\0\0\0", 24));
  two.Data(kText);
  two.Words({0xE280004D, 0xE12FFF1E});
  two.Words(ArmCode(CodeBuilder::kData + 24, 0xEBFFFFF1));
  const Executable a = one.Build(), b = two.Build();
  const Program left = AnalyseProgram(a), right = AnalyseProgram(b);
  ASSERT_EQ(left.functions.size(), 2u);
  ASSERT_EQ(right.functions.size(), 2u);
  const CodeFunction &f = left.functions[0], &g = right.functions[1];
  EXPECT_EQ(f.features, g.features);
  EXPECT_EQ(f.instructions, 11u);
  EXPECT_EQ(f.blocks, 3u);
  EXPECT_TRUE(Has(f, TextKey("some text of the tool")));
  EXPECT_TRUE(Has(f, ConstantKey(0x12344241)));
  EXPECT_TRUE(Has(f, ConstantKey(100)));
  EXPECT_EQ(f.callees, std::vector<std::uint32_t>{static_cast<std::uint32_t>(left.Find(leaf))});
}

// push {r4, lr}; ldr r0, =0x12344241; cmp r1, #3; bhi +6; tbb [pc, r1]; four entries; movs r0, #77; muls r0, r1; adds r0, #33;
// lsls r0, r0, #3; eors r0, r1; pop {r4, pc}; the literal
std::vector<int> Thumb() {
  return {0x10, 0xB5, 0x06, 0x48, 0x03, 0x29, 0x03, 0xD8, 0xDF, 0xE8, 0x01, 0xF0, 2,    2,    2,    2,
          0x4D, 0x20, 0x48, 0x43, 0x21, 0x30, 0xC0, 0x00, 0x48, 0x40, 0x10, 0xBD, 0x41, 0x42, 0x34, 0x12};
}

TEST(Arm, ThumbIsToldByItsMarkElseByItsBytes) {
  for (const CodeMode mode : {CodeMode::kUnknown, CodeMode::kThumb}) {
    CodeBuilder builder = Builder(Architecture::kArm);
    const std::uint64_t thumb = builder.Function(Thumb());
    builder.starts.back().mode = mode;
    for (int i = 0; i < 3; ++i) builder.Function(Thumb(), false);
    builder.Words(ArmCode(0, 0xEB000000));
    const Executable e = builder.Build();
    const Program program = AnalyseProgram(e);
    ASSERT_GE(program.functions.size(), 2u);
    EXPECT_EQ(program.functions[0].address, thumb);
    EXPECT_EQ(program.functions[0].instructions, 11u) << "neither the table of the switch nor the literal";
    EXPECT_TRUE(Has(program.functions[0], ConstantKey(0x12344241)));
    EXPECT_EQ(program.functions.back().instructions, 11u);
  }
  CodeBuilder floats = Builder(Architecture::kArm);
  floats.Function(Thumb());
  // push {r3, lr}; vcvt.f64.f32 d1, s1; vcvt.f64.f32 d0, s0; pop {r3, pc}: its words end like those of A32 code
  floats.Function({0x08, 0xB5, 0xB7, 0xEE, 0xE0, 0x1A, 0xB7, 0xEE, 0xC0, 0x0A, 0x08, 0xBD});
  const Executable f = floats.Build();
  EXPECT_EQ(AnalyseProgram(f).functions.at(1).instructions, 4u);
  CodeBuilder builder = Builder(Architecture::kArm);
  builder.Function(Thumb());
  builder.starts.back().mode = CodeMode::kArm;  // a mark that lies is believed
  const Executable e = builder.Build();
  EXPECT_NE(AnalyseProgram(e).functions.at(0).instructions, 11u);
}

TEST(Arm, StubsNameTheirImportsAlsoToThumbCode) {
  CodeBuilder builder = Builder(Architecture::kArm);
  builder.Data(std::string(64, '\0'));
  builder.imports.push_back({CodeBuilder::kCode + 12 + 0xFF000 + 16, "libc.so.6", "strlen"});
  builder.data.resize(0x1000);
  // bx pc; nop (Thumb)   add ip, pc, #0; add ip, ip, #0xff000; ldr pc, [ip, #16]!
  const std::uint64_t stub = builder.Words({0x46C04778, 0xE28FC000, 0xE28CCAFF, 0xE5BCF010});
  const Executable e = builder.Build();
  Decoder decoder(e);
  ImportNames names(e, decoder);
  EXPECT_EQ(names.AtStub(stub + 4), "strlen");
  EXPECT_EQ(names.AtStub(stub), "strlen");
}

TEST(Arm, CodeForAnyBaseCountsFromItself) {
  CodeBuilder builder = Builder(Architecture::kArm);
  builder.Data(kText);
  // ldr r0, [pc, #4]; add r0, pc, r0; bx lr; the distance of the text from the second instruction + 8
  const std::uint32_t distance = CodeBuilder::kData - (CodeBuilder::kCode + 4 + 8);
  builder.Words({0xE59F0004, 0xE08F0000, 0xE12FFF1E, distance});
  Executable e = builder.Build();
  e.image_base = 0;
  const Program program = AnalyseProgram(e);
  ASSERT_EQ(program.functions.size(), 1u);
  EXPECT_TRUE(Has(program.functions[0], TextKey("some text of the tool")));
  EXPECT_FALSE(Has(program.functions[0], ConstantKey(distance))) << "a distance is no number of the program";
}

std::vector<std::uint32_t> MipsCode(std::uint32_t low, std::uint32_t call) {
  return {0x27BDFFE0, 0xAFBF001C, 0x3C050050,        // addiu sp, sp, -32; sw ra, 28(sp); lui a1, %hi(text)
          0x3C021234, 0x34424241, 0x2C830064,        // lui v0, 0x1234; ori v0, v0, 0x4241; sltiu v1, a0, 100
          0x10600003, 0x70822002,                    // beqz v1, 1f; mul a0, a0, v0
          call, 0x24A40000 | low,                    // jal g; addiu a0, a1, %lo(text)
          0x38840FF0, 0x8FBF001C, 0x03E00008, 0x27BD0020};  // 1: xori a0, a0, 0xff0; lw ra; jr ra; addiu sp, sp, 32
}

TEST(Mips, BothByteOrdersAndDelaySlots) {
  std::vector<std::vector<std::uint64_t>> features;
  for (const bool big : {false, true}) {
    CodeBuilder one = Builder(Architecture::kMips, big), two = Builder(Architecture::kMips, big);
    one.Data(kText);
    one.Words(MipsCode(0, 0x0C100410));  // g stands at 0x401040
    const std::uint64_t leaf = one.Words({0x03E00008, 0x2442004D});  // jr ra; addiu v0, v0, 77
    two.Data(std::string("other bytes before it\0\0\0", 24));
    two.Data(kText);
    two.Words({0x03E00008, 0x2442004D});
    two.Words(MipsCode(24, 0x0C100400));
    const Executable a = one.Build(), b = two.Build();
    const Program left = AnalyseProgram(a), right = AnalyseProgram(b);
    ASSERT_EQ(left.functions.size(), 2u);
    ASSERT_EQ(right.functions.size(), 2u);
    const CodeFunction& f = left.functions[0];
    EXPECT_EQ(f.features, right.functions[1].features);
    EXPECT_EQ(f.instructions, 14u);
    EXPECT_TRUE(Has(f, TextKey("some text of the tool")));
    EXPECT_TRUE(Has(f, ConstantKey(0x12344241))) << "lui and ori are one number";
    EXPECT_FALSE(Has(f, ConstantKey(0x12340000)));
    EXPECT_TRUE(Has(f, ConstantKey(100)));
    EXPECT_EQ(f.callees, std::vector<std::uint32_t>{static_cast<std::uint32_t>(left.Find(leaf))});
    const FunctionBody body = BodyOf(a, CodeBuilder::kCode, f.end);
    EXPECT_EQ(body.leaders, (std::vector<std::uint32_t>{0, 8, 10})) << "what stands behind a branch belongs to it";
    features.push_back(f.features);
  }
  EXPECT_EQ(features[0], features[1]) << "the byte order of the machine is none of the program's";
}

TEST(Mips, ImportsAndFunctionsBehindTheGlobalTable) {
  for (const bool big : {false, true}) {
    CodeBuilder builder = Builder(Architecture::kMips, big);
    const std::uint64_t leaf = builder.Words({0x03E00008, 0x2442004D});
    // The table's second slot is an import; the first holds the page of the code, as linkers fill it in.
    for (int i = 0; i < 4; ++i) builder.data += static_cast<char>(0x400000u >> 8 * (big ? 3 - i : i));
    builder.data += std::string(12, '\0');
    builder.imports.push_back({CodeBuilder::kData + 4, "libc.so.6", "strlen"});
    const std::uint64_t f = CodeBuilder::kCode + 16;
    const std::uint32_t gp = static_cast<std::uint32_t>(CodeBuilder::kData + 0x7FF0 - f);
    const std::uint32_t high = (gp + 0x8000) >> 16, low = gp & 0xFFFF;
    // lui gp; addiu gp, gp; addu gp, gp, t9; lw t9, 4 of the table(gp); jalr t9; nop; lw gp, 16(sp);
    // lw t9, 0 of the table(gp); addiu t9, t9, leaf; jalr t9; nop; jr ra; nop
    builder.Words({0x3C1C0000 | high, 0x279C0000 | low, 0x0399E021, 0x8F998014, 0x0320F809, 0, 0x8FBC0010, 0x8F998010,
                   0x27390000 | static_cast<std::uint32_t>(leaf & 0xFFFF), 0x0320F809, 0, 0x03E00008, 0});
    Executable e = builder.Build();
    e.image_base = 0;
    for (BinarySection& s : e.sections)
      if (!s.executable) s.name = ".got";
    const Program program = AnalyseProgram(e);
    const CodeFunction& found = program.functions.at(program.Find(f));
    EXPECT_TRUE(Has(found, FeatureKey(6, HashBytes("strlen", 0x1A90))));
    EXPECT_EQ(found.callees, std::vector<std::uint32_t>{static_cast<std::uint32_t>(program.Find(leaf))});
    EXPECT_FALSE(Has(found, ConstantKey(gp)));
  }
}

TEST(Mips, ComparisonsIntoAnyFlagAreRead) {
  for (const bool big : {false, true}) {
    CodeBuilder builder = Builder(Architecture::kMips, big);
    builder.Words({0x4622043C, 0x46220032, 0x45100000, 0, 0x03E00008, 0});  // c.lt.d $fcc4, f0, f2; c.eq.d f0, f2; bc1f $fcc4; jr ra
    const Executable e = builder.Build();
    EXPECT_EQ(AnalyseProgram(e).functions.at(0).instructions, 4u);
  }
}

TEST(Machines, FunctionsAreFoundWithoutAnyTable) {
  CodeBuilder arm64 = Builder(Architecture::kArm64);
  std::vector<std::uint32_t> code = Arm64Code(0xF00007E0, 0, 0x94000003);
  code.insert(code.end(), {0x11013400, 0xD65F03C0});                          // a leaf right behind it, that it calls
  const std::vector<std::uint32_t> alone = {0xA9BF7BFD, 0x52800020, 0xA8C17BFD, 0xD65F03C0};
  code.insert(code.end(), alone.begin(), alone.end());                        // and one that nobody calls
  const std::uint64_t entry = arm64.Words(code, false);
  arm64.starts.push_back({entry, 0, FunctionSource::kEntry});
  CodeBuilder mips = Builder(Architecture::kMips, true);
  std::vector<std::uint32_t> m = MipsCode(0, 0x0C10040E);
  m.insert(m.end(), {0x03E00008, 0x2442004D});
  m.insert(m.end(), {0x27BDFFE0, 0x24020001, 0x03E00008, 0x27BD0020});
  mips.starts.push_back({mips.Words(m, false), 0, FunctionSource::kEntry});
  CodeBuilder arm = Builder(Architecture::kArm);
  std::vector<std::uint32_t> a = ArmCode(0, 0xEB000002);
  a.insert(a.end(), {0xE280004D, 0xE12FFF1E});
  a.insert(a.end(), {0xE92D4010, 0xE3A00001, 0xE8BD8010});
  arm.starts.push_back({arm.Words(a, false), 0, FunctionSource::kEntry});
  for (const auto& [builder, first, second] : {std::tuple{&arm64, 13u, 2u}, {&mips, 14u, 2u}, {&arm, 13u, 2u}}) {
    const Executable e = builder->Build();
    const std::vector<FunctionRange> found = FindFunctions(e);
    ASSERT_EQ(found.size(), 3u) << Name(e.architecture);
    EXPECT_EQ(found[0].address, entry);
    EXPECT_EQ(found[1].address, entry + 4 * first);
    EXPECT_EQ(found[1].source, FunctionSource::kCall);
    EXPECT_EQ(found[2].address, entry + 4 * (first + second));
    EXPECT_EQ(found[2].source, FunctionSource::kPrologue);
  }
}

TEST(Machines, NumbersOfMnemonicsKeepMachinesApart) {
  std::vector<std::uint64_t> shapes;
  for (const auto& [architecture, word] : {std::pair{Architecture::kArm64, 0x11013400u}, {Architecture::kArm, 0xE280004Du}, {Architecture::kMips, 0x2442004Du}}) {
    CodeBuilder builder = Builder(architecture);
    const std::uint64_t at = builder.Words({word});
    const Executable e = builder.Build();
    const FunctionBody body = BodyOf(e, at, at + 4);
    ASSERT_EQ(body.instructions.size(), 1u);
    EXPECT_EQ(body.instructions[0].operation, Operation::kSum);
    EXPECT_EQ(body.instructions[0].operands[2].value, 77);
    shapes.push_back(ShapeHash(body.instructions[0]));
  }
  std::sort(shapes.begin(), shapes.end());
  EXPECT_EQ(std::unique(shapes.begin(), shapes.end()), shapes.end());
}

TEST(Machines, PatternsLeaveOutAddresses) {
  CodeBuilder builder = Builder(Architecture::kArm64);
  builder.Data(kText);
  const std::uint64_t at = builder.Words(Arm64Code(0xF00007E0, 0, 0x94000006));
  const Executable e = builder.Build();
  Decoder decoder(e);
  FunctionBody body;
  body.Read(decoder, e, at, at + 52);
  std::string pattern;
  for (std::size_t i = 1; i < 5; ++i) pattern += decoder.Pattern(e.At(body.instructions[i].address), body.instructions[i]) + " ";
  EXPECT_EQ(pattern, "FD 03 00 91 ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ?? ");
  EXPECT_EQ(decoder.Text(e.At(at + 4), at + 4), "mov x29, sp");
}

TEST(Machines, AnyBytesAreReadWithoutHarm) {
  Dice dice(20261128);
  for (int round = 0; round < 120; ++round) {
    CodeBuilder builder = Builder(round % 3 == 0 ? Architecture::kArm : round % 3 == 1 ? Architecture::kArm64 : Architecture::kMips, round % 2 == 0 && round % 3 == 2);
    for (int i = 0; i < 600; ++i) builder.code += static_cast<char>(dice.Below(256));
    builder.data.resize(64);
    for (int i = 0; i < 20; ++i) {
      const std::uint64_t start = CodeBuilder::kCode + dice.Below(650);
      builder.starts.push_back({start, dice.Below(2) == 0 ? 0 : start + dice.Below(100), static_cast<FunctionSource>(dice.Below(7))});
    }
    const Executable e = builder.Build();
    const Program one = AnalyseProgram(e), again = AnalyseProgram(e);
    ASSERT_EQ(one.functions.size(), again.functions.size());
    for (std::size_t f = 0; f < one.functions.size(); ++f) {
      EXPECT_TRUE(std::is_sorted(one.functions[f].features.begin(), one.functions[f].features.end()));
      EXPECT_EQ(one.functions[f].features, again.functions[f].features);
    }
  }
}

}  // namespace
}  // namespace ascribe

#endif
