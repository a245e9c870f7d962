// Programs that the installed mingw-w64 builds, against what its `objdump` says of their symbols. Nothing that is built
// is run.

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>

#include "base/io.h"
#include "base/process.h"
#include "base/test_folder.h"
#include "base/text.h"
#include "binary/executable.h"

namespace ascribe {
namespace {

constexpr std::string_view kProgram = R"(
static int a_function_with_a_name_of_its_own(int n) { return n * 3 + 1; }
int (*volatile chosen)(int) = a_function_with_a_name_of_its_own;
int twice(int n) { return chosen(n) + chosen(n + 1); }
int main(int count, char **arguments) { return twice(count) + arguments[0][0]; }
)";

class PeSymbols : public testing::TestWithParam<std::string> {
 protected:
  std::string Run(std::vector<std::string> argv) {
    ProcessLimits limits;
    limits.cpu = std::chrono::seconds(120);
    limits.wall = std::chrono::minutes(5);
    limits.memory_bytes = std::uint64_t{1} << 32;
    limits.file_bytes = std::uint64_t{1} << 26;
    argv.insert(argv.begin(), {"/usr/bin/env", "PATH=/usr/bin:/bin"});  // the compiler starts its assembler
    const auto outcome = RunProcess(argv, ByteView(), limits);
    EXPECT_TRUE(outcome && outcome->end == ProcessEnd::kExited && outcome->status == 0)
        << (outcome ? outcome->errors : outcome.error().message);
    return outcome ? outcome->output : std::string();
  }
};

// "[ 23](sec  1)(fl 0x00)(ty   20)(scl   2) (nx 1) 0x000004e0 _main": section from 1, type in hex, place in the
// section.
struct Line {
  unsigned section = 0, type = 0;
  std::uint64_t value = 0;
  std::string_view name;
};
std::optional<Line> ReadLine(std::string_view text) {
  const std::size_t section = text.find("(sec"), type = text.find("(ty"),
                    value = text.find(" 0x", type == std::string_view::npos ? 0 : type);
  if (section == std::string_view::npos || type == std::string_view::npos || value == std::string_view::npos)
    return std::nullopt;
  const auto number = [&](std::size_t at, auto& out, int base) {
    while (at < text.size() && text[at] == ' ') ++at;
    return std::from_chars(text.data() + at, text.data() + text.size(), out, base).ec == std::errc();
  };
  Line line;
  if (!number(section + 4, line.section, 10) || !number(type + 3, line.type, 16) || !number(value + 3, line.value, 16))
    return std::nullopt;
  line.name = Trim(text.substr(text.find(' ', value + 1)));
  return line;
}

TEST_P(PeSymbols, AgreeWithObjdump) {
  const auto compiler = FindProgram(GetParam() + "-w64-mingw32-gcc"),
             objdump = FindProgram(GetParam() + "-w64-mingw32-objdump");
  if (!compiler || !objdump)
    GTEST_SKIP() << "SKIPPED: mingw-w64 for " << GetParam()
                 << " is not installed; nothing checks the symbols of PE files against objdump";
  const TestFolder folder;
  const std::string source = (folder.path() / "program.c").string(), program = (folder.path() / "program.exe").string();
  ASSERT_TRUE(WriteFileAtomic(source, kProgram).has_value());
  Run({*compiler, "-O1", "-fno-inline", "-o", program, source});
  const auto bytes = ReadFile(program, std::size_t{1} << 26);
  ASSERT_TRUE(bytes.has_value());
  const Result<Executable> e = ParseExecutable(*bytes);
  ASSERT_TRUE(e.has_value()) << e.error().message;
  EXPECT_TRUE(e->oddities.empty()) << e->oddities.front();
  const auto code =
      std::find_if(e->sections.begin(), e->sections.end(), [](const BinarySection& s) { return s.name == ".text"; });
  ASSERT_NE(code, e->sections.end());
  const std::string listing = Run({*objdump, "-t", program});
  std::multimap<std::uint64_t, std::string> functions;
  for (std::string_view text : Split(listing, '\n')) {
    const auto line = ReadLine(text);
    if (line && line->section == 1 && line->type == 0x20) functions.emplace(code->address + line->value, line->name);
  }
  ASSERT_GT(functions.size(), 40u) << "those of the run-time too";
  std::size_t own = 0;
  for (const auto& [address, name] : functions) {
    const bool begins = std::any_of(e->starts.begin(), e->starts.end(),
                                    [&, at = address](const FunctionStart& s) { return s.address == at; });
    EXPECT_TRUE(begins) << name;
    EXPECT_FALSE(e->NameAt(address).empty()) << name;
    for (std::string_view mine : {"a_function_with_a_name_of_its_own", "twice", "main"})
      own += name == mine || name == "_" + std::string(mine) ? 1 : 0;
  }
  EXPECT_EQ(own, 3u);
  for (const FunctionName& name : e->names) {
    const auto [first, last] = functions.equal_range(name.address);
    EXPECT_TRUE(std::any_of(first, last, [&](const auto& f) { return f.second == name.name; })) << name.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Mingw, PeSymbols, testing::Values("i686", "x86_64"),
                         [](const auto& one) { return one.param; });

}  // namespace
}  // namespace ascribe
