// This test program itself, as ParseElf and as readelf (binutils) see it.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string>

#include "base/io.h"
#include "base/process.h"
#include "base/text.h"
#include "binary/executable.h"

namespace ascribe {
namespace {

std::vector<std::string> Words(std::string_view line) {
  std::vector<std::string> words;
  for (std::string_view word : Split(line, ' '))
    if (!Trim(word).empty()) words.emplace_back(Trim(word));
  return words;
}

std::uint64_t Hex(std::string_view text) {
  std::uint64_t value = 0;
  if (text.starts_with("0x")) text.remove_prefix(2);
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

class ElfAgainstReadelf : public ::testing::Test {
 protected:
  void SetUp() override {
    const Result<std::string> program = FindProgram("readelf");
    if (!program) GTEST_SKIP() << "SKIPPED: readelf (binutils) is not installed; nothing checks ParseElf against it";
    readelf_ = *program;
    const auto bytes = ReadFile("/proc/self/exe", std::size_t{1} << 30);
    ASSERT_TRUE(bytes.has_value()) << bytes.error().message;
    bytes_ = *bytes;
    const Result<Executable> e = ParseExecutable(bytes_);
    ASSERT_TRUE(e.has_value()) << e.error().message;
    executable_ = *e;
  }

  // Its lines; it reads the file through a descriptor of its own, as /proc/self is another process there.
  std::vector<std::vector<std::string>> Lines(std::string_view option) {
    const auto outcome =
        RunProcess({readelf_, "-W", std::string(option), "/proc/" + std::to_string(::getpid()) + "/exe"}, ByteView(),
                   ProcessLimits{});
    if (!outcome || outcome->end != ProcessEnd::kExited || outcome->status != 0) {
      ADD_FAILURE() << "readelf " << option << ": " << (outcome ? outcome->errors : outcome.error().message);
      return {};
    }
    std::vector<std::vector<std::string>> lines;
    for (std::string_view line : Split(outcome->output, '\n')) lines.push_back(Words(line));
    return lines;
  }

  std::string readelf_;
  Bytes bytes_;
  Executable executable_;
};

TEST_F(ElfAgainstReadelf, Sections) {
  // "[ 1] .text PROGBITS address offset size entry flags link info align"; "[ 1]" may be one word or two.
  std::map<std::uint64_t, std::string> theirs, ours;
  for (std::vector<std::string> words : Lines("-S")) {
    while (!words.empty() && words[0].find(']') == std::string::npos && words[0].starts_with('['))
      words.erase(words.begin());
    if (words.size() != 11 && words.size() != 10) continue;
    if (words[0].find(']') == std::string::npos || words[7].find('A') == std::string::npos || Hex(words[5]) == 0)
      continue;
    if (words[2] == "NOBITS" && words[7].find('T') != std::string::npos) continue;
    theirs[Hex(words[3])] = words[1].substr(0, 64) + " " + std::to_string(Hex(words[4])) + " " +
                            std::to_string(Hex(words[5])) + (words[7].find('X') != std::string::npos ? " x" : "") +
                            (words[7].find('W') != std::string::npos ? " w" : "");
  }
  for (const BinarySection& s : executable_.sections)
    ours[s.address] = s.name + " " + std::to_string(s.offset) + " " + std::to_string(s.virtual_size) +
                      (s.executable ? " x" : "") + (s.writable ? " w" : "");
  EXPECT_GT(theirs.size(), 15u) << "readelf's table was not understood";
  EXPECT_EQ(ours, theirs);
}

TEST_F(ElfAgainstReadelf, Functions) {
  // "12: address size FUNC GLOBAL DEFAULT section name"
  std::set<std::uint64_t> theirs;
  for (const std::vector<std::string>& words : Lines("-s")) {
    if (words.size() < 8 || words[6] == "UND" || (words[3] != "FUNC" && words[3] != "IFUNC")) continue;
    theirs.insert(Hex(words[1]));
  }
  ASSERT_GT(theirs.size(), 1000u) << "readelf's table was not understood, or the test program is stripped";
  std::set<std::uint64_t> ours;
  for (const FunctionStart& s : executable_.starts) ours.insert(s.address);
  for (std::uint64_t address : theirs) EXPECT_EQ(ours.count(address), 1u) << std::hex << address;
}

TEST_F(ElfAgainstReadelf, UnwindTable) {
  // "00000018 00000014 0000001c FDE cie=00000000 pc=begin..end"
  std::map<std::uint64_t, std::uint64_t> theirs;
  for (const std::vector<std::string>& words : Lines("--debug-dump=frames")) {
    if (words.size() != 6 || words[3] != "FDE" || !words[5].starts_with("pc=")) continue;
    const std::size_t dots = words[5].find("..");
    theirs[Hex(std::string_view(words[5]).substr(3, dots - 3))] = Hex(std::string_view(words[5]).substr(dots + 2));
  }
  ASSERT_GT(theirs.size(), 100u) << "readelf's table was not understood";
  std::map<std::uint64_t, std::uint64_t> ours;
  for (const FunctionStart& s : executable_.starts)
    if (s.source == FunctionSource::kUnwind) ours[s.address] = s.end;
  EXPECT_EQ(ours, theirs);
}

TEST_F(ElfAgainstReadelf, Imports) {
  // "slot info R_X86_64_JUMP_SLOT value name@VERSION + addend"
  std::set<std::pair<std::uint64_t, std::string>> theirs, ours;
  for (const std::vector<std::string>& words : Lines("-r")) {
    if (words.size() < 5 || (!words[2].ends_with("_JUMP_SLOT") && !words[2].ends_with("_JUMP_SLO") &&
                             !words[2].ends_with("_JMP_SLOT") && !words[2].ends_with("_GLOB_DAT")))
      continue;
    if (Hex(words[3]) != 0) continue;  // defined here
    theirs.emplace(Hex(words[0]), words[4].substr(0, words[4].find('@')));
  }
  for (const BinaryImport& i : executable_.imports) ours.emplace(i.slot, i.name);
  ASSERT_GT(theirs.size(), 50u) << "readelf's table was not understood";
  EXPECT_EQ(ours, theirs);
  for (const BinaryImport& i : executable_.imports) {
    if (i.name == "__libc_start_main") {
      EXPECT_TRUE(i.library.starts_with("libc.so")) << i.library;
    }
  }
}

}  // namespace
}  // namespace ascribe
