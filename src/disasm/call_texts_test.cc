#include "disasm/call_texts.h"

#include <gtest/gtest.h>

#include <array>

#include "disasm/code_builder.h"

namespace ascribe {
namespace {

constexpr std::array<NamingCall, 2> kCalls = {{{"CreateMutex", 3}, {"OpenService", 2}}};
constexpr std::uint64_t kSlot = CodeBuilder::kData + 0x40;

// Four bytes of a number, appended.
void Put(std::vector<int>& code, std::uint64_t value) {
  for (int i = 0; i < 4; ++i) code.push_back(static_cast<int>((value >> (8 * i)) & 0xFF));
}

Executable Made(CodeBuilder& builder, const std::vector<int>& code) {
  std::string data = "CourierRunsOnce";
  data.resize(0x48, '\0');
  builder.Data(data);
  builder.imports = {{kSlot, "kernel32.dll", "CreateMutexA"}};
  builder.Function(code);
  Executable e = builder.Build();
  e.format = BinaryFormat::kPe;
  return e;
}

// lea REG, [text]; xor edx, edx; REST; call [slot]; ret
std::vector<int> X64(const std::vector<int>& lea, const std::vector<int>& rest) {
  std::vector<int> code = lea;
  Put(code, CodeBuilder::kData - (CodeBuilder::kCode + code.size() + 4));
  code.insert(code.end(), {0x31, 0xD2});
  code.insert(code.end(), rest.begin(), rest.end());
  code.insert(code.end(), {0xFF, 0x15});
  Put(code, kSlot - (CodeBuilder::kCode + code.size() + 4));
  code.push_back(0xC3);
  return code;
}

TEST(CallTexts, TheNameGivenToTheSystem) {
  CodeBuilder direct;
  const SpokenTexts found = FindSpokenTexts(Made(direct, X64({0x4C, 0x8D, 0x05}, {0x31, 0xC9})), kCalls);  // lea r8
  ASSERT_EQ(found.calls.size(), 1u);
  EXPECT_EQ(found.calls[0].text, "CourierRunsOnce");
  EXPECT_EQ(found.calls[0].address, CodeBuilder::kData);
  EXPECT_EQ(found.calls[0].naming, 0u);
  CodeBuilder moved;  // lea rax; mov r8, rax
  EXPECT_EQ(FindSpokenTexts(Made(moved, X64({0x48, 0x8D, 0x05}, {0x49, 0x89, 0xC0})), kCalls).calls.size(), 1u);
}

TEST(CallTexts, AnotherArgumentOrAnotherCallBetweenIsNone) {
  CodeBuilder other;  // lea rcx: the first argument is no name
  EXPECT_TRUE(FindSpokenTexts(Made(other, X64({0x48, 0x8D, 0x0D}, {0x45, 0x31, 0xC0})), kCalls).calls.empty());
  CodeBuilder overwritten;  // xor r8d, r8d behind it
  EXPECT_TRUE(FindSpokenTexts(Made(overwritten, X64({0x4C, 0x8D, 0x05}, {0x45, 0x31, 0xC0})), kCalls).calls.empty());
  CodeBuilder called;  // call $+5 in between destroys r8
  EXPECT_TRUE(FindSpokenTexts(Made(called, X64({0x4C, 0x8D, 0x05}, {0xE8, 0, 0, 0, 0})), kCalls).calls.empty());
}

TEST(CallTexts, PushedArgumentsCountFromTheCall) {
  CodeBuilder builder;
  builder.architecture = Architecture::kX86;
  std::vector<int> code = {0x68};
  Put(code, CodeBuilder::kData);
  code.insert(code.end(), {0x6A, 0x00, 0x6A, 0x00, 0xFF, 0x15});
  Put(code, kSlot);
  code.push_back(0xC3);
  const SpokenTexts found = FindSpokenTexts(Made(builder, code), kCalls);
  ASSERT_EQ(found.calls.size(), 1u);
  EXPECT_EQ(found.calls[0].text, "CourierRunsOnce");
}

TEST(CallTexts, TextsPutTogetherOnTheStack) {
  CodeBuilder builder;  // mov dword [rsp+8], "cour"; mov dword [rsp+12], "ier\0"; ret
  const Executable e = Made(builder, {0xC7, 0x44, 0x24, 0x08, 'c', 'o', 'u', 'r', 0xC7, 0x44, 0x24, 0x0C, 'i', 'e', 'r', 0, 0xC3});
  const SpokenTexts found = FindSpokenTexts(e, kCalls);
  ASSERT_EQ(found.on_stack.size(), 1u);
  EXPECT_EQ(found.on_stack[0].text, "courier");
  EXPECT_EQ(found.on_stack[0].function, CodeBuilder::kCode);
}

// Two constants of sixteen bytes, laid over each other: what compilers make of `char host[] = "hostname-of-mine.example.cx"`.
TEST(CallTexts, ConstantsCopiedToTheStackAreLaidOverEachOther) {
  CodeBuilder builder;
  const std::uint64_t first = builder.Data("hostname-of-mine");
  const std::uint64_t second = builder.Data(std::string("mine.example.cx\0", 16));
  std::vector<int> code;
  const auto load = [&](std::uint64_t address) {  // movdqa xmm0, [rip + ...]
    code.insert(code.end(), {0x66, 0x0F, 0x6F, 0x05});
    Put(code, address - (CodeBuilder::kCode + code.size() + 4));
  };
  load(first);
  code.insert(code.end(), {0x0F, 0x29, 0x44, 0x24, 0x10});  // movaps [rsp+0x10], xmm0
  load(second);
  code.insert(code.end(), {0x0F, 0x11, 0x44, 0x24, 0x1C});  // movups [rsp+0x1c], xmm0
  code.push_back(0xC3);
  builder.Function(code);
  const Executable e = builder.Build();
  const SpokenTexts found = FindSpokenTexts(e, kCalls);
  ASSERT_EQ(found.on_stack.size(), 1u);
  EXPECT_EQ(found.on_stack[0].text, "hostname-of-mine.example.cx");
  ASSERT_EQ(found.constants.size(), 2u);
  EXPECT_EQ(found.constants[0].address, first);
  EXPECT_EQ(found.constants[1].address, second);
  EXPECT_EQ(found.constants[1].bytes, 16u);
  // A register that something else has changed in between holds no constant: pxor xmm0, xmm0.
  CodeBuilder changed;
  changed.Data(std::string("hostname-of-mine\0", 17));
  code.clear();
  load(CodeBuilder::kData);
  code.insert(code.end(), {0x66, 0x0F, 0xEF, 0xC0, 0x0F, 0x29, 0x44, 0x24, 0x10, 0xC3});
  changed.Function(code);
  const Executable other = changed.Build();
  EXPECT_TRUE(FindSpokenTexts(other, kCalls).on_stack.empty());
}

TEST(CallTexts, OneTextMayStandRightBehindAnother) {
  CodeBuilder builder;  // mov dword [rsp], "cour"; [rsp+4] "ier\0"; [rsp+8] "mill"; [rsp+12] "er!\0"; ret
  const Executable e = Made(builder, {0xC7, 0x04, 0x24, 'c', 'o', 'u', 'r', 0xC7, 0x44, 0x24, 4, 'i', 'e', 'r', 0, 0xC7, 0x44, 0x24, 8, 'm', 'i', 'l', 'l',
                                      0xC7, 0x44, 0x24, 12, 'e', 'r', '!', 0, 0xC3});
  const SpokenTexts found = FindSpokenTexts(e, kCalls);
  ASSERT_EQ(found.on_stack.size(), 2u);
  EXPECT_EQ(found.on_stack[0].text, "courier");
  EXPECT_EQ(found.on_stack[1].text, "miller!");
}

}  // namespace
}  // namespace ascribe
