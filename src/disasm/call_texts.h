#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "binary/executable.h"
#include "disasm/values.h"

namespace ascribe {

/// A function of the system and which of its arguments is a name (1: the first).
struct NamingCall {
  std::string_view function;  ///< common name: "CreateMutex" for both of its forms
  unsigned argument = 1;
};

/// A text in the data that the program gives to such a function.
struct CallText {
  std::uint64_t call = 0;     ///< address of the call
  std::uint64_t address = 0;  ///< of the text
  std::uint64_t bytes = 0;    ///< that the text takes in the file
  std::size_t naming = 0;     ///< index into `calls`
  std::string text;
};

/// A text that a function puts together on its stack.
struct StackText {
  std::uint64_t function = 0, end = 0;  ///< addresses
  std::string text;
};

struct SpokenTexts {
  std::vector<CallText> calls;     ///< by address of the call
  std::vector<CopiedConstant> constants;  ///< copied to the stack, by address, each once
  bool constants_cut = false;             ///< there were more than kMaxCopiedConstants
  std::vector<StackText> on_stack; ///< by address of the function, then as in memory
};

/// Decodes x86 and x64 PE code (other formats pass arguments otherwise: they give stack texts only). An argument is found
/// when its address is loaded or pushed within kArgumentWindow instructions before the call, also by way of one register.
/// Pure.
[[nodiscard]] SpokenTexts FindSpokenTexts(const Executable& executable, std::span<const NamingCall> calls);

/// Compilers set arguments right before a call; unoptimised code needs some fifteen instructions for five of them.
inline constexpr std::size_t kArgumentWindow = 24;
/// Characters of a stack text: shorter ones are numbers that look like letters.
inline constexpr std::size_t kMinStackText = 6;
/// Texts of each sort: generated code may build thousands.
inline constexpr std::size_t kMaxSpokenTexts = 2000;
/// Constants that are told: compilers copy texts of some 16 to 64 characters so, programs have hundreds.
inline constexpr std::size_t kMaxCopiedConstants = 20'000;

}  // namespace ascribe
