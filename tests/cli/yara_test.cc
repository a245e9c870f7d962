// Rules that `ascribe yara` writes for programs built here, compiled and tried by yara(1).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/process.h"
#include "base/text.h"
#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Programs of a family: functions with numbers of its own, functions that every program has, and one that changes with
// the version.
constexpr std::string_view kProgram = R"(#include <stdio.h>
#define MIX(name, seed) \
  __attribute__((noinline, noclone)) unsigned name(unsigned a, unsigned b) { \
    a = a * (seed * 2654435761u + 1) ^ b; b = (b << 7 | b >> 25) + (seed * 40503u + 77); a ^= b >> 3; b *= a; a += seed * 0x9E37u; \
    return a ^ (b << 11 | b >> 21); \
  }
MIX(own1, (10 * FAMILY + 1)) MIX(own2, (10 * FAMILY + 2)) MIX(own3, (10 * FAMILY + 3)) MIX(own4, (10 * FAMILY + 4))
MIX(all1, 1001) MIX(all2, 1002) MIX(all3, 1003) MIX(all4, 1004)
MIX(latest, (100 * FAMILY + 5 + VERSION))
int main(int c, char** v) {
  unsigned a = (unsigned)c, b = v[0][0];
  printf("%x\n", own1(a, b) + own2(a, b) + own3(a, b) + own4(a, b) + all1(a, b) + all2(a, b) + all3(a, b) + all4(a, b) + latest(a, b));
  return 0;
}
)";

class YaraCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto compiler = FindProgram("cc");
    if (!compiler) GTEST_SKIP() << "SKIPPED, LOUDLY: no C compiler here, there are no programs to make rules of";
    WriteBytes(machine / "program.c", kProgram);
    WriteBytes(machine / "empty.c", "int main(void) { return 0; }\n");
    fs::create_directories(machine / "files");
    const auto build = [&](const std::string& out, std::vector<std::string> arguments) {
      arguments.insert(arguments.begin(), {*compiler, "-O2", "-o", (machine / ("files/" + out)).string()});
      const auto outcome = RunProcess(arguments, ByteView(), Limits());
      ASSERT_TRUE(outcome && outcome->end == ProcessEnd::kExited && outcome->status == 0)
          << out << ": " << (outcome ? outcome->errors : outcome.error().message);
    };
    const std::string source = (machine / "program.c").string();
    build("mill1", {"-DFAMILY=1", "-DVERSION=1", source});
    build("mill2", {"-DFAMILY=1", "-DVERSION=2", source});
    build("quay", {"-DFAMILY=2", "-DVERSION=1", source});
    build("empty", {(machine / "empty.c").string()});
    ASSERT_EQ(machine.Run({"kb", "add", "--goodware", "--label", "package=runtime", "files/empty"}).exit_code, 0);
    for (const char* family : {"mill1", "quay"})
      ASSERT_EQ(machine
                    .Run({"kb", "add", "--label", std::string("family=") + family, "--known", "2020-01-01",
                          std::string("files/") + family})
                    .exit_code,
                0);
  }

  static ProcessLimits Limits() {
    ProcessLimits limits;
    limits.cpu = std::chrono::seconds(600);
    limits.wall = std::chrono::minutes(20);
    limits.memory_bytes = std::uint64_t{1} << 34;
    limits.file_bytes = std::uint64_t{1} << 30;
    return limits;
  }

  // Names of the files that a rule hits. Empty and a failure when yara does not take the rule.
  std::set<std::string> Hits(const std::string& yara, const std::string& rule) {
    WriteBytes(machine / "rule.yar", rule);
    const auto outcome =
        RunProcess({yara, "--fail-on-warnings", (machine / "rule.yar").string(), (machine / "files").string()},
                   ByteView(), Limits());
    EXPECT_TRUE(outcome && outcome->end == ProcessEnd::kExited && outcome->status == 0)
        << (outcome ? outcome->errors : outcome.error().message) << rule;
    std::set<std::string> hits;
    if (!outcome) return hits;
    for (std::string_view line : Split(outcome->output, '\n'))
      if (const std::size_t slash = line.rfind('/'); slash != std::string_view::npos)
        hits.emplace(line.substr(slash + 1));
    return hits;
  }

  const Machine machine;
};

TEST_F(YaraCommand, TheRuleHitsTheFamilyAndNobodyElse) {
  const auto yara = FindProgram("yara");
  if (!yara) GTEST_SKIP() << "SKIPPED, LOUDLY: yara is not installed; nobody compiles the rules";
  const Outcome run = machine.Run({"yara", "files/mill1", "files/mill2"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(Hits(*yara, run.out), (std::set<std::string>{"mill1", "mill2"}));
  EXPECT_THAT(run.out, HasSubstr("validated_samples = 1\n    validated_families = 1\n"));
  EXPECT_THAT(run.err, HasSubstr("held against the code of 1 samples of 1 other families"));
  EXPECT_EQ(machine.Run({"yara", "files/mill1", "files/mill2"}).out, run.out);
  // What all of them have is a mark of them when both are the samples.
  const Outcome shared = machine.Run({"yara", "files/mill1", "files/quay"});
  ASSERT_EQ(shared.exit_code, 0) << shared.err;
  EXPECT_EQ(Hits(*yara, shared.out), (std::set<std::string>{"mill1", "mill2", "quay"}));
}

TEST_F(YaraCommand, NoLabelMakesARuleThatDoesNotCompile) {
  const auto yara = FindProgram("yara");
  if (!yara) GTEST_SKIP() << "SKIPPED, LOUDLY: yara is not installed; nobody compiles the rules";
  for (const std::string family :
       {"all", "7ev3n", "x\" } rule y { condition: true } //\\", "caf\xC3\xA9\n", "\"", "$a"}) {
    const Outcome run = machine.Run({"yara", "files/quay", "--family", family});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(Hits(*yara, run.out), std::set<std::string>{"quay"}) << family;
  }
}

TEST_F(YaraCommand, ArchivesStandForTheirPrograms) {
  const auto tar = FindProgram("tar");
  if (!tar) GTEST_SKIP() << "SKIPPED, LOUDLY: tar is not installed";
  const auto pack =
      RunProcess({*tar, "-cf", (machine / "both.tar").string(), "-C", (machine / "files").string(), "mill1", "mill2"},
                 ByteView(), Limits());
  ASSERT_TRUE(pack && pack->status == 0);
  const Outcome packed = machine.Run({"yara", "both.tar"}), plain = machine.Run({"yara", "files/mill1", "files/mill2"});
  ASSERT_EQ(packed.exit_code, 0) << packed.err;
  EXPECT_EQ(packed.out, plain.out);
  EXPECT_EQ(machine.Run({"yara", "both.tar", "files/mill1"}).out, plain.out) << "each program counts once";
}

TEST_F(YaraCommand, NothingOfTheirOwnIsOneLine) {
  const Outcome none = machine.Run({"yara", "files/empty"});
  EXPECT_EQ(none.exit_code, 3);
  EXPECT_EQ(none.out, "");
  EXPECT_TRUE(IsOneLine(none.err));
  EXPECT_THAT(none.err, HasSubstr("too little code of their own for a rule"));
  WriteBytes(machine / "text.txt", "no program\n");
  const Outcome text = machine.Run({"yara", "text.txt"});
  EXPECT_EQ(text.exit_code, 3);
  EXPECT_TRUE(IsOneLine(text.err));
  EXPECT_THAT(text.err, HasSubstr("text.txt: neither PE, ELF nor Mach-O"));
}

}  // namespace
}  // namespace ascribe::cli
