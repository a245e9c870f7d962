// What investigate writes depends on evidence, knowledge and the as-of date alone.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;

// A copy whose files were created in another order, which is the order in which a folder lists them on many file
// systems.
void CopyShuffled(const fs::path& from, const fs::path& to, unsigned seed) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(from))
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(from));
  std::sort(files.begin(), files.end());
  std::shuffle(files.begin(), files.end(), std::mt19937(seed));
  for (const fs::path& file : files) {
    fs::create_directories((to / file).parent_path());
    fs::copy_file(from / file, to / file);
  }
}

class OutputsOf : public ::testing::TestWithParam<std::string> {};

TEST_P(OutputsOf, DependOnTheCaseAlone) {
  const fs::path example = Example(GetParam());
  const Machine first;
  const Outcome json = first.Run({"investigate", example.string(), "--json", "--out", "o"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  const auto expected = FilesBelow(first / "o");
  ASSERT_THAT(expected, ::testing::SizeIs(::testing::Ge(6u)));
  EXPECT_EQ(json.out, expected.at("assessment.json"));
  EXPECT_EQ(first.Investigate(example, first / "o"), expected) << "again into the same folder";
  EXPECT_EQ(first.Investigate(example, first / "other place/o"), expected) << "warm, other folder";

  // Another machine: another home, another path, with spaces, files in another order, one thread.
  const Machine second;
  CopyShuffled(example, second / "a case with spaces", 1);
  EXPECT_EQ(second.Investigate(second / "a case with spaces", second / "out 1", {"--threads", "1"}), expected);
  // Other cases first, and other numbers of threads, in a ledger of its own each time.
  for (const char* threads : {"2", "7"}) {
    const std::string kb = (second / (std::string("kb") + threads)).string();
    for (const std::string& other : {std::string("shamoon-2012"), std::string("dnc-2016")})
      second.Investigate(Example(other), second / "others", {"--kb", kb});
    CopyShuffled(example, second / threads, 2 + static_cast<unsigned>(threads[0]));
    EXPECT_EQ(second.Investigate(second / threads, second / ("out" + std::string(threads)),
                                 {"--kb", kb, "--threads", threads}),
              expected)
        << threads << " threads, after other cases";
  }
  // Further copies of evidence change nothing.
  const fs::path doubled = second / "doubled";
  CopyShuffled(example, doubled, 9);
  fs::create_directories(doubled / "evidence/copies");
  for (const auto& [name, bytes] : FilesBelow(example / "evidence")) {
    WriteBytes(doubled / "evidence/copies" / (name + "-copy"), bytes);
    WriteBytes(doubled / "evidence" / ("zz-" + name), bytes);
  }
  EXPECT_EQ(second.Investigate(doubled, second / "out doubled"), expected) << "every file three times";
  EXPECT_EQ(second.Investigate(doubled, second / "out doubled 2", {"--kb", (second / "new kb").string()}), expected);
}

TEST_P(OutputsOf, VerifyAndShowWhoChangedThem) {
  const Machine machine;
  fs::copy(Example(GetParam()), machine / "case", fs::copy_options::recursive);
  const auto files = machine.Investigate(machine / "case", machine / "out");
  const Outcome verified = machine.Run({"verify", "out"});
  ASSERT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_THAT(verified.out, ::testing::HasSubstr("agrees bit for bit"));
  for (const auto& [name, bytes] : files) {
    std::string changed = bytes;
    const std::size_t at = changed.find_first_of("0123456789", changed.size() / 2);
    ASSERT_NE(at, std::string::npos) << name;
    changed[at] = changed[at] == '1' ? '2' : '1';
    WriteBytes(machine / "out" / name, changed);
    EXPECT_EQ(machine.Run({"verify", "out"}).exit_code, 4) << name;
    WriteBytes(machine / "out" / name, bytes);
    fs::remove(machine / "out" / name);
    EXPECT_EQ(machine.Run({"verify", "out"}).exit_code, 4) << name << " removed";
    WriteBytes(machine / "out" / name, bytes);
  }
  // Who changes a file and the manifest with it is found by the recomputation.
  const auto forge = [&](const std::string& name, const std::string& bytes) {
    WriteBytes(machine / "out" / name, bytes);
    std::string manifest;
    for (const auto& [other, content] : FilesBelow(machine / "out"))
      if (other != "manifest-sha256.txt") manifest += Sha256Hex(content) + "  " + other + "\n";
    WriteBytes(machine / "out/manifest-sha256.txt", manifest);
  };
  for (const char* name : {"assessment.json", "facts.csv", "report.txt", "custody.jsonl"}) {
    std::string changed = files.at(name);
    const std::size_t at = changed.find_first_of("23456789", changed.size() / 2);
    changed[at] = '1';
    forge(name, changed);
    const Outcome found = machine.Run({"verify", "out"});
    EXPECT_EQ(found.exit_code, 4) << name << found.out;
    forge(name, files.at(name));
  }
  ASSERT_EQ(machine.Run({"verify", "out"}).exit_code, 0);
  // The evidence itself.
  const auto evidence = FilesBelow(machine / "case/evidence");
  const auto& [name, bytes] = *evidence.begin();
  WriteBytes(machine / "case/evidence" / name, bytes + " ");
  const Outcome found = machine.Run({"verify", "out"});
  EXPECT_EQ(found.exit_code, 4);
  EXPECT_THAT(found.out, ::testing::HasSubstr("no longer the bytes"));
}

// Two cases with the same files: the ledger knows both places, so either case may be moved or changed.
TEST(Outputs, VerifyTriesEveryPlaceOfEqualBytes) {
  const Machine machine;
  const fs::path first = machine / "first", second = machine / "second", away = machine / "away";
  WriteSmallCase(first);
  fs::copy(first, second, fs::copy_options::recursive);
  machine.Investigate(first, machine / "out1");
  machine.Investigate(second, machine / "out2");
  for (const fs::path& moved : {first, second}) {
    fs::rename(moved, away);
    for (const char* out : {"out1", "out2"}) {
      const Outcome verified = machine.Run({"verify", out});
      EXPECT_EQ(verified.exit_code, 0) << verified.out;
      EXPECT_THAT(verified.out, ::testing::HasSubstr("2 of 2 pieces of evidence hashed and read again")) << moved;
      EXPECT_THAT(verified.out, ::testing::EndsWith("\nverified\n"));
    }
    fs::rename(away, moved);
  }
  WriteBytes(second / "evidence/good.ndjson", "changed");
  const Outcome copy = machine.Run({"verify", "out1"});
  EXPECT_EQ(copy.exit_code, 0) << copy.out;
  EXPECT_THAT(copy.out, ::testing::HasSubstr("a copy is no longer the bytes that were taken in"));
  WriteBytes(first / "evidence/good.ndjson", "changed too");
  const Outcome both = machine.Run({"verify", "out1"});
  EXPECT_EQ(both.exit_code, 4) << both.out;
  EXPECT_THAT(both.out, ::testing::HasSubstr("WRONG: evidence evidence/good.ndjson is no longer the bytes"));
}

INSTANTIATE_TEST_SUITE_P(Examples, OutputsOf, ::testing::ValuesIn(ExampleNames()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Marking, OfACaseIsThatOfItsMostRestrictedEvidence) {
  const Machine machine;
  const fs::path folder = WriteSmallCase(machine / "case");
  WriteBytes(folder / "case.toml", ReadBytes(folder / "case.toml") + "tlp = \"RED\"\n");  // of the last table, the evidence
  const auto files = machine.Investigate(folder, machine / "out");
  EXPECT_EQ(nlohmann::json::parse(files.at("assessment.json")).at("case").at("tlp"), "RED");
  EXPECT_THAT(files.at("report.txt"), ::testing::HasSubstr("TLP:RED"));
  EXPECT_THAT(files.at("report.html"), ::testing::HasSubstr("\"tlp\":\"RED\""));
}

TEST(Investigate, PrintsEightyColumnsWithoutColour) {
  const Machine machine;
  for (const std::string& name : ExampleNames()) {
    const Outcome outcome = machine.Run({"investigate", Example(name).string(), "--out", "o"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(IsTerminalSafe(outcome.out));
    std::size_t columns = 0;
    for (const char c : outcome.out) {
      columns = c == '\n' ? 0 : columns + ((static_cast<unsigned char>(c) & 0xC0) != 0x80);
      ASSERT_LE(columns, 80u) << name << "\n" << outcome.out;
    }
    EXPECT_THAT(outcome.out, ::testing::AllOf(::testing::HasSubstr("\nRests on"), ::testing::HasSubstr("\nRival"),
                                              ::testing::HasSubstr("\nTrail"), ::testing::HasSubstr("\nNext"),
                                              ::testing::HasSubstr("\nFiles     o\n")))
        << name;
    EXPECT_THAT(outcome.out, ::testing::HasSubstr(machine.Investigate(Example(name), machine / "o").at("report.txt")));
  }
}

TEST(Investigate, WritesBelowTheWorkingFolderByDefault) {
  const Machine machine;
  ASSERT_EQ(machine.Run({"investigate", WriteSmallCase(machine / "case").string(), "--quiet"}).exit_code, 0);
  EXPECT_TRUE(fs::is_regular_file(machine / "out/small/assessment.json"));
  EXPECT_TRUE(fs::is_regular_file(machine.ledger())) << "the ledger follows XDG_DATA_HOME";
}

}  // namespace
}  // namespace ascribe::cli
