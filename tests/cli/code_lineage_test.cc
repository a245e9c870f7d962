// The code exercise (examples/code-exercise), built here with whatever compilers are there, and the commands on it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "json_schema.h"
#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kExercise = std::string(ASCRIBE_SOURCE_DIR) + "/examples/code-exercise/";

bool Have(const std::string& compiler) { return std::system(("command -v " + compiler + " >/dev/null 2>&1").c_str()) == 0; }

// Builds one program of the exercise; sources are named below its folder.
void Build(const std::string& command, const fs::path& out, const std::vector<std::string>& sources) {
  std::string line = "env -u CFLAGS " + command + " -o '" + out.string() + "'";
  for (const std::string& source : sources) line += " '" + kExercise + source + "'";
  ASSERT_EQ(std::system((line + " 2>/dev/null").c_str()), 0) << line;
}

class CodeLineage : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Have("cc")) GTEST_SKIP() << "SKIPPED, LOUDLY: no C compiler here, the code exercise cannot be built";
    Build("cc -O2", machine / "courier1", {"courier/courier.c", "workshop/workshop.c"});
    Build("cc -O1 -DCOURIER_VERSION=2", machine / "courier2", {"courier/courier.c", "workshop/workshop.c"});
    Build("cc -O2 -s", machine / "lantern", {"lantern/lantern.c", "workshop/workshop.c"});
    Build("cc -O2", machine / "harbour", {"harbour/harbour.c"});
    WriteBytes(machine / "empty.c", "int main(void) { return 0; }\n");
    ASSERT_EQ(std::system(("cc -O2 -o '" + (machine / "empty").string() + "' '" + (machine / "empty.c").string() + "'").c_str()), 0);
    ASSERT_EQ(machine.Run({"kb", "add", "--goodware", "--label", "package=runtime", "empty"}).exit_code, 0);
    const Outcome added = machine.Run({"kb", "add", "--label", "actor=Mill,family=Courier,version=1", "--known", "2020-01-01", "courier1"});
    ASSERT_EQ(added.exit_code, 0) << added.err;
    ASSERT_THAT(added.out, HasSubstr("1 added"));
  }
  Json Match(const std::string& file) const {
    const Outcome run = machine.Run({"match", "--json", file});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return Json::parse(run.out);
  }
  const Machine machine;
};

TEST_F(CodeLineage, AnotherVersionIsTheSameToolAndTheRivalIsNot) {
  const Json second = Match("courier2"), lantern = Match("lantern"), rival = Match("harbour");
  ASSERT_FALSE(second["matches"].empty());
  EXPECT_EQ(second["matches"][0]["family"], "Courier");
  EXPECT_EQ(second["matches"][0]["kind"], "same tool");
  EXPECT_GE(second["matches"][0]["lr"], 10.0);
  EXPECT_LT(second["p_unknown"], .2);
  ASSERT_FALSE(lantern["matches"].empty());
  EXPECT_GE(lantern["matches"][0]["lr"], 10.0) << "the workshop's functions are in both";
  EXPECT_LT(lantern["matches"][0]["score"], second["matches"][0]["score"]);
  const double like = rival["matches"].empty() ? 0 : rival["matches"][0]["lr"].get<double>();
  EXPECT_LT(like, 10);
  EXPECT_GT(rival["p_unknown"], .5);
}

TEST_F(CodeLineage, CompilersDoNotHideTheTool) {
  for (const std::string compiler : {"clang -O2", "clang -O0", "cc -O0", "cc -O3", "x86_64-w64-mingw32-gcc -O2", "i686-w64-mingw32-gcc -O2"}) {
    if (!Have(compiler.substr(0, compiler.find(' ')))) {
      GTEST_LOG_(WARNING) << "SKIPPED, LOUDLY: " << compiler << " is not here";
      continue;
    }
    Build(compiler + " -DCOURIER_VERSION=2", machine / "built", {"courier/courier.c", "workshop/workshop.c"});
    Build(compiler, machine / "other", {"harbour/harbour.c"});
    const Json tool = Match("built"), rival = Match("other");
    ASSERT_FALSE(tool["matches"].empty()) << compiler;
    const double score = tool["matches"][0]["score"];
    const double against = rival["matches"].empty() ? 0 : rival["matches"][0]["score"].get<double>();
    EXPECT_GT(score, 2 * against) << compiler;
  }
}

TEST_F(CodeLineage, ACaseWithASampleGetsAClaimThatLeadsToBytes) {
  fs::create_directories(machine / "case/evidence");
  WriteBytes(machine / "case/case.toml",
             "format = \"ascribe-case/1\"\nid = \"exercise\"\ntitle = \"Exercise\"\n[dates]\nincident = \"2021-05-01\"\n"
             "[[source]]\nid = \"lab\"\ntitle = \"Sample\"\npublisher = \"Lab\"\nreliability = \"A\"\ncredibility = 1\npublished = \"2021-05-02\"\n"
             "[[evidence]]\nfile = \"evidence/found.bin\"\nsource = \"lab\"\n");
  fs::copy_file(machine / "courier2", machine / "case/evidence/found.bin");
  const Outcome run = machine.Run({"investigate", "case", "--out", "out", "--threads", "1"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json assessment = Json::parse(ReadBytes(machine / "out/assessment.json"));
  std::string claim;
  for (const Json& c : assessment.at("claims"))
    if (c.at("kind") == "same-tool") claim = c.at("id");
  ASSERT_FALSE(claim.empty()) << run.out;
  const Outcome explained = machine.Run({"explain", "case", claim});
  EXPECT_THAT(explained.out, HasSubstr("a block, in 1 family"));
  EXPECT_THAT(explained.out, HasSubstr("actor:mill"));
  EXPECT_THAT(explained.out, HasSubstr("like Courier 1"));
  EXPECT_EQ(machine.Run({"verify", "out"}).exit_code, 0);
  // Before its label was known, nobody could say so.
  const Outcome before = machine.Run({"investigate", "case", "--as-of", "2019-12-31", "--json"});
  EXPECT_THAT(before.out, Not(HasSubstr("actor:mill")));
  ASSERT_EQ(machine.Run({"investigate", "case", "--out", "out2", "--threads", "2"}).exit_code, 0);
  EXPECT_EQ(ReadBytes(machine / "out2/assessment.json"), ReadBytes(machine / "out/assessment.json"));
}

// A case whose evidence is one program.
fs::path CaseOf(const Machine& machine, const std::string& name, const std::vector<std::string>& samples) {
  fs::create_directories(machine / (name + "/evidence"));
  WriteBytes(machine / (name + "/case.toml"),
             "format = \"ascribe-case/1\"\nid = \"exercise\"\ntitle = \"Exercise\"\n[dates]\nincident = \"2021-05-01\"\n"
             "[[source]]\nid = \"lab\"\ntitle = \"Sample\"\npublisher = \"Lab\"\nreliability = \"A\"\ncredibility = 1\npublished = \"2021-05-02\"\n"
             "[[evidence]]\nfile = \"evidence/" + samples.front() + "\"\nsource = \"lab\"\n");
  for (const std::string& sample : samples) fs::copy_file(machine / sample, machine / (name + "/evidence/" + sample));
  return machine / name;
}

std::string HexAt(const std::string& file, std::size_t offset, std::size_t digits) {
  std::string hex;
  for (std::size_t i = 0; i < digits / 2; ++i) {
    constexpr char kDigits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(file.at(offset + i));
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

TEST_F(CodeLineage, ALinkShowsBothFunctionsDownToTheBytesOfBothFiles) {
  CaseOf(machine, "case", {"courier2"});
  const Outcome run = machine.Run({"investigate", "case", "--out", "out"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json assessment = Json::parse(ReadBytes(machine / "out/assessment.json"));
  EXPECT_THAT(SchemaFindings(Json::parse(ReadBytes(Root() / "docs/formats/assessment.schema.json")), assessment), ::testing::IsEmpty());
  ASSERT_EQ(assessment.at("code").size(), 1u);
  const Json& code = assessment.at("code")[0];
  EXPECT_EQ(code.at("other_known"), "2020-01-01");
  EXPECT_TRUE(code.at("missing").is_null());
  EXPECT_GE(code.at("functions").size(), 2u);
  EXPECT_LE(code.at("functions").size(), 5u);
  const std::string a = ReadBytes(machine / "courier2"), b = ReadBytes(machine / "courier1");
  std::size_t rows = 0, marked = 0;
  for (const Json& f : code.at("functions")) {
    EXPECT_LE(f.at("rows").size(), 48u);
    for (const Json& row : f.at("rows")) {
      ++rows;
      for (const auto& [side, file] : {std::pair<int, const std::string*>{2, &a}, {3, &b}}) {
        if (row[side].is_null()) continue;
        const std::string bytes = row[side][2];
        EXPECT_EQ(HexAt(*file, row[side][1].get<std::size_t>(), bytes.size()), bytes) << row.dump();
        marked += row[side].size() == 5;
      }
    }
  }
  EXPECT_GT(rows, 20u);
  EXPECT_GT(marked, 0u) << "two versions, two optimisation levels: some operands differ";
  const Outcome explained = machine.Run({"explain", "case", code.at("claim").get<std::string>()});
  EXPECT_THAT(explained.out, HasSubstr("CODE SIDE BY SIDE"));
  EXPECT_THAT(explained.out, HasSubstr(code.at("other").get<std::string>()));
  EXPECT_THAT(explained.out, HasSubstr("blocks equal"));
  const std::string report = ReadBytes(machine / "out/report.md");
  EXPECT_THAT(report, HasSubstr("## Code side by side"));
  EXPECT_THAT(report, HasSubstr(code.at("other").get<std::string>()));
  EXPECT_EQ(machine.Run({"verify", "out"}).exit_code, 0);
  EXPECT_EQ(machine.Run({"export", "--format", "md", "out"}).out, report);
  ASSERT_EQ(machine.Run({"investigate", "case", "--out", "one", "--threads", "1"}).exit_code, 0);
  EXPECT_EQ(ReadBytes(machine / "one/assessment.json"), ReadBytes(machine / "out/assessment.json"));
  EXPECT_EQ(ReadBytes(machine / "one/report.html"), ReadBytes(machine / "out/report.html"));
}

TEST_F(CodeLineage, CodeKnownAfterTheDateIsNotShown) {
  CaseOf(machine, "case", {"courier2"});
  const Outcome then = machine.Run({"investigate", "case", "--as-of", "2021-06-01", "--out", "then"});
  ASSERT_EQ(then.exit_code, 0) << then.err;
  EXPECT_TRUE(Json::parse(ReadBytes(machine / "then/assessment.json")).contains("code"));
  // Another version of the same tool, known a year later only: of one family the better match is shown.
  ASSERT_EQ(machine.Run({"kb", "add", "--label", "actor=Mill,family=Courier,version=2a", "--known", "2022-01-01", "lantern"}).exit_code, 0);
  Build("cc -O3 -s", machine / "lantern3", {"lantern/lantern.c", "workshop/workshop.c"});
  CaseOf(machine, "late", {"lantern3"});
  const auto others = [&](const std::string& as_of) {
    EXPECT_EQ(machine.Run({"investigate", "late", "--as-of", as_of, "--out", as_of}).exit_code, 0);
    const Json assessment = Json::parse(ReadBytes(machine / (as_of + "/assessment.json")));
    std::set<std::string> days;
    for (const Json& code : assessment.value("code", Json::array())) days.insert(code.at("other_known"));
    return days;
  };
  EXPECT_EQ(others("2022-06-01"), std::set<std::string>{"2022-01-01"});
  EXPECT_TRUE(others("2021-12-31").empty());
}

TEST_F(CodeLineage, TheBestAreGivenEvenWhereNothingIsShared) {
  // Nothing that the run-time does not have.
  WriteBytes(machine / "other.c", "int main(void) { return 3; }\n");
  ASSERT_EQ(std::system(("cc -O2 -o '" + (machine / "other").string() + "' '" + (machine / "other.c").string() + "'").c_str()), 0);
  const Json line = Match("other");
  ASSERT_EQ(line["matches"].size(), 1u) << "all that is known";
  EXPECT_EQ(line["matches"][0]["family"], "Courier");
  EXPECT_LE(line["matches"][0]["lr"], 1.0);
}

TEST_F(CodeLineage, ALostIndexIsMadeAnew) {
  const auto ask = [&] { return machine.Run({"match", "--json", "courier2"}); };
  const Outcome before = ask();
  ASSERT_EQ(before.exit_code, 0);
  std::vector<fs::path> indexes;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(machine / ""))
    if (entry.is_directory() && entry.path().filename() == "index") indexes.push_back(entry.path());
  ASSERT_FALSE(indexes.empty());
  ASSERT_EQ(indexes.size(), 2u) << "of samples and of goodware";
  for (const fs::path& index : indexes) {
    fs::rename(index, machine / "aside");
    const Outcome verify = machine.Run({"kb", "verify"});
    EXPECT_EQ(verify.exit_code, 4) << index;
    EXPECT_THAT(verify.out, HasSubstr("WRONG: " + index.string() + ": the index of 1 stored samples is gone; `ascribe kb rebuild` makes the index anew\n"));
    // No answer as if nothing were known, and no new index in the lost one's place.
    EXPECT_EQ(ask().exit_code, 4);
    fs::rename(machine / "aside", index);
  }
  EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);
  for (const fs::path& index : indexes) fs::remove_all(index);
  EXPECT_EQ(machine.Run({"kb", "add", "--label", "family=Lantern", "--known", "2020-01-01", "lantern"}).exit_code, 4);
  const Outcome rebuilt = machine.Run({"kb", "rebuild"});
  EXPECT_EQ(rebuilt.exit_code, 0) << rebuilt.err;
  EXPECT_THAT(rebuilt.out, HasSubstr("index made anew: "));
  EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);
  EXPECT_EQ(ask().out, before.out);
}

TEST_F(CodeLineage, AManifestOrASegmentThatIsGoneIsFound) {
  for (const std::string ending : {"MANIFEST", ".seg"}) {
    std::vector<fs::path> gone;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(machine / ""))
      if (entry.path().string().ends_with(ending) && entry.path().string().find("/goodware/") != std::string::npos) gone.push_back(entry.path());
    ASSERT_EQ(gone.size(), 1u) << ending;
    fs::remove(gone[0]);
    const Outcome verify = machine.Run({"kb", "verify"});
    EXPECT_EQ(verify.exit_code, 4) << ending;
    EXPECT_EQ(std::count(verify.out.begin(), verify.out.end(), '\n'), 2) << verify.out;
    EXPECT_THAT(verify.out, HasSubstr(gone[0].parent_path().string()));
    EXPECT_THAT(verify.out, HasSubstr("`ascribe kb rebuild` makes the index anew\nnot verified\n"));
    EXPECT_EQ(machine.Run({"kb", "rebuild"}).exit_code, 0);
    EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);
  }
}

TEST_F(CodeLineage, APartThatIsGoneWithItsFilesIsFound) {
  fs::path code;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(machine / ""))
    if (entry.is_directory() && entry.path().filename() == "goodware" && fs::exists(entry.path() / "index")) code = entry.path().parent_path();
  ASSERT_FALSE(code.empty());
  for (const std::string part : {"samples", "goodware", ""}) {
    fs::remove_all(code / part);
    const Outcome verify = machine.Run({"kb", "verify"});
    EXPECT_EQ(verify.exit_code, 4) << part;
    EXPECT_EQ(std::count(verify.out.begin(), verify.out.end(), '\n'), part.empty() ? 3 : 2) << verify.out;
    EXPECT_THAT(verify.out, HasSubstr((code / part).string()));
    EXPECT_THAT(verify.out, HasSubstr("gone with all features files: put the folder back, or add the samples again after `ascribe kb rebuild`"));
    EXPECT_EQ(machine.Run({"match", "courier2"}).exit_code, 4);
    EXPECT_EQ(machine.Run({"kb", "rebuild"}).exit_code, 0);
    EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0) << "given up knowingly";
  }
  EXPECT_EQ(machine.Run({"kb", "add", "--label", "family=Lantern", "--known", "2020-01-01", "lantern"}).exit_code, 0);
  EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);
}

TEST(CodeBaseVerify, ABaseThatNeverHeldCodeIsWhole) {
  const Machine machine;
  EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);
  EXPECT_EQ(machine.Run({"kb", "rebuild"}).exit_code, 0);
  EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);
}

TEST_F(CodeLineage, ABaseWithoutKeptCodeSaysSoUntilTheSampleIsAddedAgain) {
  const auto kept = [&] {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(machine / ""))
      if (entry.path().extension() == ".kept") return entry.path();
    return fs::path();
  };
  const fs::path file = kept();
  ASSERT_FALSE(file.empty());
  EXPECT_THAT(file.parent_path().filename().string(), "samples") << "none of goodware";
  fs::remove(file);  // as a version before left it
  EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);
  CaseOf(machine, "case", {"courier2"});
  const auto missing = [&](const std::string& name, const std::string& out) {
    EXPECT_EQ(machine.Run({"investigate", name, "--out", out}).exit_code, 0);
    EXPECT_EQ(machine.Run({"verify", out}).exit_code, 0);
    return Json::parse(ReadBytes(machine / (out + "/assessment.json"))).at("code")[0].at("missing");
  };
  EXPECT_EQ(missing("case", "out1"), "the older sample's code was not kept; add it again to see it");
  // The file itself in the same case does as well.
  CaseOf(machine, "both", {"courier2", "courier1"});
  EXPECT_TRUE(missing("both", "out2").is_null());
  const Json both = Json::parse(ReadBytes(machine / "out2/assessment.json"));
  EXPECT_EQ(both.at("code")[0].at("other_in_case"), true);
  EXPECT_FALSE(both.at("code")[0].at("functions")[0].at("rows").empty());
  const Outcome again = machine.Run({"kb", "add", "--label", "actor=Mill,family=Courier,version=1", "--known", "2020-01-01", "courier1"});
  EXPECT_THAT(again.out, HasSubstr("1 known already"));
  EXPECT_THAT(again.out, HasSubstr("is kept now"));
  EXPECT_TRUE(missing("case", "out3").is_null());
  // Damage is found, told, and mended in the same way.
  fs::resize_file(file, fs::file_size(file) - 1);
  const Outcome verify = machine.Run({"kb", "verify"});
  EXPECT_EQ(verify.exit_code, 4);
  EXPECT_THAT(verify.out, HasSubstr(".kept"));
  EXPECT_THAT(missing("case", "out4").get<std::string>(), HasSubstr("cannot be read"));
  EXPECT_EQ(machine.Run({"kb", "add", "--label", "actor=Mill,family=Courier,version=1", "--known", "2020-01-01", "courier1"}).exit_code, 0);
  EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);
}

TEST_F(CodeLineage, VerifyNoticesCodeThatTheBytesDoNotGive) {
  CaseOf(machine, "case", {"courier2"});
  ASSERT_EQ(machine.Run({"investigate", "case", "--out", "out"}).exit_code, 0);
  std::string forged = ReadBytes(machine / "out/assessment.json");
  const std::size_t code = forged.find("\"code\": ["), at = forged.find("\"mov ", code);
  ASSERT_NE(at, std::string::npos);
  forged.replace(at, 4, "\"lea");
  WriteBytes(machine / "out/assessment.json", forged);
  const Outcome verify = machine.Run({"verify", "out"});
  EXPECT_EQ(verify.exit_code, 4);
  EXPECT_THAT(verify.out, HasSubstr("is not what their bytes say"));
}

// Killed at any moment, the base is whole, and the next run ends the work.
TEST_F(CodeLineage, AKilledAddLeavesAWholeBase) {
  std::size_t killed = 0;
  for (std::uint64_t i = 0; i < 12; ++i) {
    RunOptions options;
    options.kill_after_us = 2'000 + i * 9'000;
    killed += machine.Run({"kb", "add", "--label", "family=Lantern", "--known", "2020-01-01", "lantern", "harbour"}, options).signal != 0;
    const Outcome verify = machine.Run({"kb", "verify"});
    EXPECT_EQ(verify.exit_code, 0) << verify.out;
  }
  RecordProperty("killed", static_cast<int>(killed));
  ASSERT_EQ(machine.Run({"kb", "add", "--label", "family=Lantern", "--known", "2020-01-01", "lantern", "harbour"}).exit_code, 0);
  EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);
  std::size_t kept = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(machine / "")) kept += entry.path().extension() == ".kept";
  EXPECT_EQ(kept, 3u);
}

// A harbour that carries courier's build data and texts (examples/code-exercise/forge.py), both 64-bit PE.
TEST_F(CodeLineage, AForgedHeaderMovesNobodyAndRaisesDeception) {
  if (!Have("x86_64-w64-mingw32-gcc") || !Have("python3"))
    GTEST_SKIP() << "SKIPPED, LOUDLY: no mingw or no python3 here, the forged harbour cannot be made";
  const std::string mingw = "x86_64-w64-mingw32-gcc -s";
  Build(mingw + " -O2", machine / "courier.exe", {"courier/courier.c", "workshop/workshop.c"});
  Build(mingw + " -O2", machine / "harbour1.exe", {"harbour/harbour.c"});
  Build(mingw + " -O1", machine / "harbour2.exe", {"harbour/harbour.c"});
  // mingw links its own printf into every program: goodware must have it.
  WriteBytes(machine / "goods.c", "#include <stdio.h>\nint main(int c, char** v) { return printf(\"%s %zu %04X %f\\n\", v[0], (size_t)c, (unsigned)c, c * .5); }\n");
  ASSERT_EQ(std::system((mingw + " -O2 -o '" + (machine / "goods.exe").string() + "' '" + (machine / "goods.c").string() + "'").c_str()), 0);
  const auto forge = [&](const std::string& arguments) {
    const std::string line = "cd '" + (machine / "").string() + "' && python3 '" + kExercise + "forge.py' " + arguments + " >/dev/null";
    ASSERT_EQ(std::system(line.c_str()), 0) << line;
  };
  forge("--mark courier.exe marked.exe --products 260.26706.12,261.26706.5,258.26706.1 --stamp-at 1420070400 --pdb 'D:\\mill\\Courier\\courier.pdb'");
  forge("marked.exe harbour2.exe forged.exe");
  ASSERT_EQ(machine.Run({"kb", "add", "--goodware", "--label", "package=mingw", "goods.exe"}).exit_code, 0);
  ASSERT_EQ(machine.Run({"kb", "add", "--label", "actor=Mill,family=Courier,version=1w", "--known", "2020-01-01", "marked.exe"}).exit_code, 0);
  ASSERT_EQ(machine.Run({"kb", "add", "--label", "actor=Quay,family=Harbour,version=1", "--known", "2020-01-01", "harbour1.exe"}).exit_code, 0);

  const Json honest = Match("harbour2.exe"), forged = Match("forged.exe");
  ASSERT_FALSE(honest["matches"].empty());
  ASSERT_FALSE(forged["matches"].empty());
  EXPECT_EQ(honest["matches"][0]["family"], "Harbour");
  EXPECT_EQ(forged["matches"][0]["family"], "Harbour");
  EXPECT_GE(forged["matches"][0]["lr"], 10.0);
  for (const Json& m : forged["matches"]) {
    if (m["family"] == "Courier") {
      EXPECT_LT(m["lr"], 10.0) << "texts and headers alone link nobody";
    }
  }
  EXPECT_TRUE(honest["foreign"].empty()) << honest["foreign"].dump();
  ASSERT_FALSE(forged["foreign"].empty());
  EXPECT_EQ(forged["foreign"][0]["family"], "Courier");

  const auto investigate = [&](const std::string& sample) {
    fs::create_directories(machine / (sample + "-case/evidence"));
    WriteBytes(machine / (sample + "-case/case.toml"),
               "format = \"ascribe-case/1\"\nid = \"exercise\"\ntitle = \"Exercise\"\n[dates]\nincident = \"2021-05-01\"\n"
               "[[source]]\nid = \"lab\"\ntitle = \"Sample\"\npublisher = \"Lab\"\nreliability = \"A\"\ncredibility = 1\npublished = \"2021-05-02\"\n"
               "[[evidence]]\nfile = \"evidence/found.bin\"\nsource = \"lab\"\n");
    fs::copy_file(machine / sample, machine / (sample + "-case/evidence/found.bin"));
    const Outcome run = machine.Run({"investigate", sample + "-case", "--out", sample + "-out"});
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return Json::parse(ReadBytes(machine / (sample + "-out/assessment.json")));
  };
  const Json plain = investigate("harbour2.exe"), blamed = investigate("forged.exe");
  std::set<std::string> rules, before;
  for (const Json& c : plain.at("contradictions")) before.insert(c.at("rule"));
  bool mill_is_posed_as = false;
  for (const Json& c : blamed.at("contradictions")) {
    rules.insert(c.at("rule"));
    if (c.at("rule") == "metadata-against-code") mill_is_posed_as = mill_is_posed_as || c.dump().find("actor:mill") != std::string::npos;
  }
  EXPECT_TRUE(before.empty());
  EXPECT_EQ(rules, (std::set<std::string>{"foreign-header", "metadata-against-code"}));
  EXPECT_TRUE(mill_is_posed_as) << blamed.at("contradictions").dump();
  EXPECT_EQ(blamed.at("verdict").at("name"), plain.at("verdict").at("name"));
  const auto best_actor = [](const Json& assessment) {
    for (const Json& h : assessment.at("levels").at("operator").at("ranked"))
      if (h.at("id").get<std::string>().starts_with("actor:")) return h.at("id").get<std::string>();
    return std::string();
  };
  EXPECT_EQ(best_actor(plain), "actor:quay");
  EXPECT_EQ(best_actor(blamed), "actor:quay");
}

TEST_F(CodeLineage, CompareShowsFunctionsSideBySide) {
  const Outcome text = machine.Run({"compare", "courier1", "courier2"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("answer to one of B"));
  EXPECT_THAT(text.out, HasSubstr("0x5851F42D")) << "the stream transform's multiplier";
  const Outcome page = machine.Run({"compare", "courier1", "courier2", "--html", "pairs.html"});
  ASSERT_EQ(page.exit_code, 0) << page.err;
  const std::string html = ReadBytes(machine / "pairs.html");
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  // The operand that differs, not only its line.
  EXPECT_THAT(text.out, ::testing::ContainsRegex("\\{[^}]+\\}.* ~ "));
  EXPECT_THAT(html, ::testing::ContainsRegex("<tr class=\"d[^<]*<td>[^<]*</td><td>[^<]*<mark>[^<]+</mark>"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  const Outcome lines = machine.Run({"compare", "--functions", "courier1", "courier2"});
  const Json first = Json::parse(lines.out.substr(0, lines.out.find('\n')));
  EXPECT_TRUE(first.contains("a_addr"));
  EXPECT_LE(first["candidates"].size(), 10u);
}

TEST_F(CodeLineage, DamageIsFoundAndBadInputIsOneLine) {
  EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);
  WriteBytes(machine / "text.txt", "no program\n");
  const Outcome bad = machine.Run({"match", "text.txt"});
  EXPECT_EQ(bad.exit_code, 3);
  EXPECT_EQ(std::count(bad.err.begin(), bad.err.end(), '\n'), 1);
  EXPECT_EQ(machine.Run({"compare", "text.txt", "courier1"}).exit_code, 3);
  EXPECT_EQ(machine.Run({"kb", "add", "--label", "famly=x", "courier1"}).exit_code, 3);
  EXPECT_EQ(machine.Run({"kb", "add", "--label", "family=x", "--known", "soon", "courier2"}).exit_code, 3);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(machine / ""))
    if (entry.path().extension() == ".code" && entry.path().parent_path().filename() == "samples")
      fs::resize_file(entry.path(), fs::file_size(entry.path()) - 1);
  const Outcome verify = machine.Run({"kb", "verify"});
  EXPECT_EQ(verify.exit_code, 4);
  EXPECT_THAT(verify.out, HasSubstr("digest does not match"));
}

}  // namespace
}  // namespace ascribe::cli
