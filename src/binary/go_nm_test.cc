// A program that the installed Go builds, stripped, against what `go tool nm` says of the same program with its symbols.
// Only the runtime is compiled, no package of the network; nothing that is built is run.

#include <gmock/gmock.h>
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

constexpr std::string_view kProgram = R"(package main

type shape interface{ area(int) int }
type square struct{ side int }

func (s *square) area(n int) int { return s.side * s.side * n }

//go:noinline
func sum[T int | float64](of []T) (all T) {
	for _, one := range of {
		all += one
	}
	return
}

func main() {
	var s shape = &square{3}
	each := func(n int) int { return s.area(n) + sum([]int{n, 2}) }
	println(each(4), sum([]float64{1.5, 2}))
}
)";

// "main.sum[...]" in the table is "main.sum[go.shape.int_0]" in the symbols; nm adds ".abi0" to assembly.
std::string Plain(std::string_view name) {
  if (name.ends_with(".abi0")) name.remove_suffix(5);
  return std::string(name.substr(0, name.find('[')));
}

TEST(GoTable, AgreesWithGoItself) {
  const Result<std::string> go = FindProgram("go");
  if (!go) GTEST_SKIP() << "SKIPPED: go (golang-go) is not installed; nothing checks the table of functions against it";
  const TestFolder folder;
  const std::string at = folder.path().string();
  ASSERT_TRUE(WriteFileAtomic(folder.path() / "main.go", kProgram).has_value());
  ProcessLimits limits;  // the compiler reserves addresses it never uses
  limits.cpu = std::chrono::seconds(600);
  limits.wall = std::chrono::minutes(20);
  limits.memory_bytes = std::uint64_t{1} << 38;
  limits.file_bytes = std::uint64_t{1} << 30;
  const auto run = [&](std::vector<std::string> arguments) {
    std::vector<std::string> argv = {"/usr/bin/env", "HOME=" + at, "GOCACHE=" + at + "/cache", "GOTMPDIR=" + at, "GOFLAGS=-mod=mod", "GOPROXY=off",
                                     "CGO_ENABLED=0", "GO111MODULE=off", *go};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const auto outcome = RunProcess(argv, ByteView(), limits);
    EXPECT_TRUE(outcome && outcome->end == ProcessEnd::kExited && outcome->status == 0)
        << arguments.front() << ": " << (outcome ? outcome->errors : outcome.error().message);
    return outcome ? outcome->output : std::string();
  };
  run({"build", "-o", at + "/whole", at + "/main.go"});
  run({"build", "-ldflags=-s -w", "-o", at + "/stripped", at + "/main.go"});
  std::map<std::uint64_t, std::vector<std::string>> symbols;
  const std::string text = run({"tool", "nm", at + "/whole"});
  for (std::string_view line : Split(text, '\n')) {
    const std::string_view entry = Trim(line);  // address, kind, name; names of types have spaces
    const std::size_t kind = entry.find(' ');
    if (kind == std::string_view::npos || kind + 3 > entry.size() || (entry[kind + 1] != 'T' && entry[kind + 1] != 't')) continue;
    const std::string_view name = Trim(entry.substr(kind + 2));
    // The two marks around the code are no functions; the first stands where a function does.
    if (name == "runtime.text" || name == "runtime.etext") continue;
    std::uint64_t address = 0;
    std::from_chars(entry.data(), entry.data() + kind, address, 16);
    symbols[address].push_back(Plain(name));
  }
  ASSERT_GT(symbols.size(), 500u);
  const auto bytes = ReadFile(folder.path() / "stripped", std::size_t{1} << 30);
  ASSERT_TRUE(bytes.has_value());
  const Result<Executable> e = ParseExecutable(*bytes);
  ASSERT_TRUE(e.has_value()) << e.error().message;
  std::map<std::uint64_t, std::vector<std::string>> missing = symbols;
  bool generic = false;
  for (const FunctionName& name : e->names) {
    const auto symbol = symbols.find(name.address);
    if (symbol == symbols.end()) {
      ADD_FAILURE() << name.name << ": no symbol stands there";
      continue;
    }
    EXPECT_THAT(symbol->second, ::testing::Contains(Plain(name.name)));
    generic = generic || name.name == "main.sum[...]";
    missing.erase(name.address);
  }
  for (const auto& [address, names] : missing) ADD_FAILURE() << names.front() << " is not in the table";
  EXPECT_TRUE(generic);
  for (const FunctionName& name : e->names) {
    const bool begins = std::any_of(e->starts.begin(), e->starts.end(), [&](const FunctionStart& s) { return s.address == name.address; });
    EXPECT_TRUE(begins) << name.name;
  }
}

}  // namespace
}  // namespace ascribe
