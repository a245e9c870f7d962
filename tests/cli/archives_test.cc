// Samples as they come: in archives with a password, in documents. Claim, fact, locator, member, archive.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "binary/pe_builder.h"
#include "container/archive_builder.h"
#include "disasm/forged_tables.h"
#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPdb = "D:\\work\\courier\\in.pdb";

std::string Pe() {
  PeBuilder b;
  b.code_size = 64;
  b.pdb_path = kPdb;
  const Bytes bytes = b.Build();
  return {bytes.begin(), bytes.end()};
}

// A list of a JSON document, by value: the document is gone afterwards.
Json Listed(const std::string& document, const char* key) { return Json::parse(document)[key]; }

class Archives : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = WriteSmallCase(machine / "case");
    ArchiveBuilder zip;
    zip.password = "S3cret of the case";
    zip.files = {{"../../dir/evil.exe", Pe()}, {"note.txt", "They used 203.0.113.77 and nothing else.\n"}};
    archive = zip.Text();
    WriteBytes(folder / "evidence/sample.zip", archive);
    WriteBytes(folder / "evidence/doc.bin", std::string("\0\1\2\3 document ", 14) + Pe());
  }
  void AddPassword() const {
    WriteBytes(folder / "case.toml",
               ReadBytes(folder / "case.toml") + "\n[archives]\npasswords = [\"S3cret of the case\"]\n");
  }
  // What case.json says of the first evidence whose name ends so.
  static Json EvidenceNamed(const std::map<std::string, std::string>& out, const std::string& end) {
    for (const Json& e : Listed(out.at("case.json"), "evidence"))
      if (e["name"].get<std::string>().ends_with(end)) return e;
    return {};
  }
  const Machine machine;
  fs::path folder;
  std::string archive;
};

TEST_F(Archives, AFactOfAMemberLeadsBackToTheArchive) {
  AddPassword();
  const auto out = machine.Investigate(folder, machine / "out", {"--threads", "1"});
  const Json member = EvidenceNamed(out, "sample.zip!note.txt");
  ASSERT_FALSE(member.is_null());
  EXPECT_EQ(member["parent"], Sha256Hex(archive));
  EXPECT_THAT(out.at("custody.jsonl"), HasSubstr("\"parent\":\"" + Sha256Hex(archive)));
  for (const auto& [name, content] : out) EXPECT_THAT(content, Not(HasSubstr("S3cret"))) << name;
  std::string id;
  for (const Json& fact : Listed(out.at("case.json"), "facts"))
    if (fact["object"] == "ipv4:203.0.113.77") id = fact["id"];
  ASSERT_FALSE(id.empty());
  const Outcome explained = machine.Run({"explain", folder.string(), id});
  EXPECT_EQ(explained.exit_code, 0) << explained.err;
  EXPECT_THAT(explained.out, HasSubstr("from: evidence/sample.zip!note.txt at bytes 0xa+12"));
  EXPECT_THAT(explained.out, HasSubstr("bytes: 203.0.113.77"));
  EXPECT_THAT(explained.out, HasSubstr("sha256: " + member["sha256"].get<std::string>()));
  EXPECT_THAT(explained.out, HasSubstr("in sha256: " + Sha256Hex(archive)));
  const Outcome verified = machine.Run({"verify", (machine / "out").string()});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;

  // The same from the ledger, on more threads, and on a machine that knows nothing.
  EXPECT_EQ(machine.Investigate(folder, machine / "again", {"--threads", "4"}), out);
  EXPECT_EQ(Machine().Investigate(folder, machine / "elsewhere", {"--threads", "4"}), out);
  EXPECT_FALSE(fs::exists(folder.parent_path() / "dir")) << "nothing is unpacked";

  // An archive that is no longer the same is found.
  WriteBytes(folder / "evidence/sample.zip", archive + "x");
  EXPECT_EQ(machine.Run({"verify", (machine / "out").string()}).exit_code, 4);
}

TEST_F(Archives, WithoutThePasswordOneLineSaysSo) {
  const auto out = machine.Investigate(folder, machine / "out");
  std::size_t said = 0;
  for (const Json& d : Listed(out.at("case.json"), "diagnostics")) said += d["code"] == "archive-password";
  EXPECT_EQ(said, 1u);
  EXPECT_TRUE(EvidenceNamed(out, "!note.txt").is_null());
  EXPECT_EQ(machine.Run({"verify", (machine / "out").string()}).exit_code, 0);
  // The password changes what the same bytes say; the reading without it is not taken from the ledger.
  AddPassword();
  EXPECT_FALSE(EvidenceNamed(machine.Investigate(folder, machine / "with"), "!note.txt").is_null());
}

TEST_F(Archives, AnEmbeddedProgramIsReadAndACopyCountsOnce) {
  AddPassword();
  const auto out = machine.Investigate(folder, machine / "out");
  // The program lies in both files: the shorter name is kept, its facts stand once.
  const Json member = EvidenceNamed(out, "doc.bin#0xe");
  ASSERT_FALSE(member.is_null());
  EXPECT_EQ(member["sha256"], Sha256Hex(Pe()));
  EXPECT_TRUE(EvidenceNamed(out, "evil.exe").is_null());
  std::size_t pdb = 0, contains = 0;
  for (const Json& fact : Listed(out.at("case.json"), "facts")) {
    pdb += fact["object"] == std::string("pdb-path:") + kPdb;
    contains += fact["relation"] == "contains" && fact["object"] == "file-sha256:" + Sha256Hex(Pe());
  }
  EXPECT_EQ(pdb, 1u);
  EXPECT_EQ(contains, 1u);
}

TEST_F(Archives, FactsTellsEveryMember) {
  ArchiveBuilder zip;
  zip.password = "infected";
  zip.files = {{"a.exe", Pe()}};
  const std::string text = zip.Text();  // encryption is salted: another time gives other bytes
  WriteBytes(machine / "s.zip", text);
  const Outcome run = machine.Run({"facts", "s.zip"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("s.zip!a.exe  pe@3"));
  const Outcome json = machine.Run({"facts", "--json", "s.zip"});
  EXPECT_THAT(json.out, HasSubstr("s.zip!a.exe lies in sha256 " + Sha256Hex(text)));
}

TEST_F(Archives, CodeCommandsTakeArchives) {
  const std::string exercise = std::string(ASCRIBE_SOURCE_DIR) + "/examples/code-exercise/";
  const std::string sources = " '" + exercise + "courier/courier.c' '" + exercise + "workshop/workshop.c'";
  if (std::system(("cc -O2 -o '" + (machine / "one").string() + "'" + sources + " 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "SKIPPED, LOUDLY: no C compiler here, the code exercise cannot be built";
  ASSERT_EQ(std::system(("cc -O1 -DCOURIER_VERSION=2 -o '" + (machine / "two").string() + "'" + sources).c_str()), 0);
  ArchiveBuilder known, fresh{"pax", "gzip"};
  known.password = "infected";
  known.files = {{"old/one", ReadBytes(machine / "one")}};
  fresh.files = {{"readme", "no program"}, {"two", ReadBytes(machine / "two")}};
  WriteBytes(machine / "known.zip", known.Text());
  WriteBytes(machine / "fresh.tgz", fresh.Text());
  const Outcome added = machine.Run({"kb", "add", "--label", "actor=Mill,family=Courier,version=1", "known.zip"});
  EXPECT_EQ(added.exit_code, 0) << added.err;
  EXPECT_THAT(added.out, HasSubstr("1 added"));

  const Outcome match = machine.Run({"match", "--json", "fresh.tgz"});
  ASSERT_EQ(match.exit_code, 0) << match.err;
  const Json line = Json::parse(match.out);
  EXPECT_EQ(line["file"], "fresh.tgz!two");
  EXPECT_EQ(line["sha256"], Sha256Hex(ReadBytes(machine / "two")));
  ASSERT_FALSE(line["matches"].empty());
  EXPECT_EQ(line["matches"][0]["family"], "Courier");
  EXPECT_NE(machine.Run({"match", "case/evidence/sample.zip"}).exit_code, 0) << "its password is not known";

  const Outcome compared = machine.Run({"compare", "known.zip!old/one", "fresh.tgz"});
  EXPECT_EQ(compared.exit_code, 0) << compared.err;
  EXPECT_EQ(machine.Run({"compare", "known.zip!other", "fresh.tgz"}).exit_code,
            machine.Run({"compare", "missing", "fresh.tgz"}).exit_code);

  // The sample of a case, in its archive, is held against known code.
  fs::copy_file(machine / "fresh.tgz", folder / "evidence/fresh.tgz");
  for (const char* out : {"first", "from-ledger"}) {
    const auto files = machine.Investigate(folder, machine / out);
    std::size_t links = 0;
    for (const Json& fact : Listed(files.at("case.json"), "facts"))
      links += fact["relation"] == "same-tool-as" && fact["evidence"] == line["sha256"];
    EXPECT_EQ(links, 1u) << out;
    EXPECT_EQ(machine.Run({"verify", (machine / out).string()}).exit_code, 0);
  }
}

// What stands behind a program and inside it has a line of its own after that of its carrier, and is known after kb add.
TEST_F(Archives, CodeCommandsLookIntoPrograms) {
  const std::string exercise = std::string(ASCRIBE_SOURCE_DIR) + "/examples/code-exercise/";
  const std::string sources = " '" + exercise + "courier/courier.c' '" + exercise + "workshop/workshop.c'";
  WriteBytes(machine / "host.c", "int main(int n, char** v) { int s = 0; for (int i = 0; i < n; ++i) s += v[i][0] * 31; return s; }\n");
  if (std::system(("cc -O2 -o '" + (machine / "one").string() + "'" + sources + " 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "SKIPPED, LOUDLY: no C compiler here, the code exercise cannot be built";
  ASSERT_EQ(std::system(("cc -O1 -DCOURIER_VERSION=2 -o '" + (machine / "two").string() + "'" + sources).c_str()), 0);
  ASSERT_EQ(std::system(("cc -O2 -o '" + (machine / "host").string() + "' '" + (machine / "host.c").string() + "'").c_str()), 0);
  const std::string host = ReadBytes(machine / "host"), one = ReadBytes(machine / "one"), two = ReadBytes(machine / "two");
  std::string masked = Pe();
  for (char& c : masked) c = static_cast<char>(c ^ 0x5A);
  const std::string first = host + std::string(100, '\0') + one, second = host + std::string(28, '\1') + two + masked;
  WriteBytes(machine / "first", first);
  WriteBytes(machine / "second", second);
  const Outcome added = machine.Run({"kb", "add", "--label", "actor=Mill,family=Courier,version=1", "first"});
  EXPECT_EQ(added.exit_code, 0) << added.err;
  EXPECT_THAT(added.out, HasSubstr("2 added"));
  EXPECT_EQ(machine.Run({"kb", "verify"}).exit_code, 0);

  const Outcome match = machine.Run({"match", "--json", "second"});
  ASSERT_EQ(match.exit_code, 0) << match.err;
  std::vector<Json> lines;
  for (std::size_t at = 0, end = 0; (end = match.out.find('\n', at)) != std::string::npos; at = end + 1)
    lines.push_back(Json::parse(match.out.substr(at, end - at)));
  ASSERT_EQ(lines.size(), 3u) << match.out;
  EXPECT_EQ(lines[0]["file"], "second");
  EXPECT_EQ(lines[0]["sha256"], Sha256Hex(second));
  const auto hex = [](std::size_t at) {
    char text[32];
    std::snprintf(text, sizeof text, "#0x%zx", at);
    return std::string(text);
  };
  const std::string name = "second" + hex(host.size() + 28);
  EXPECT_EQ(lines[1]["file"], name);
  EXPECT_EQ(lines[1]["sha256"], Sha256Hex(two));
  ASSERT_FALSE(lines[1]["matches"].empty());
  EXPECT_EQ(lines[1]["matches"][0]["family"], "Courier");
  EXPECT_EQ(lines[1]["matches"][0]["sha256"], Sha256Hex(one));
  EXPECT_EQ(lines[2]["file"], "second" + hex(second.size() - masked.size()) + "^0x5a");
  EXPECT_EQ(lines[2]["sha256"], Sha256Hex(Pe()));

  // The names are those of investigate, and compare takes them.
  fs::copy_file(machine / "second", folder / "evidence/second");
  const auto out = machine.Investigate(folder, machine / "out");
  EXPECT_EQ(EvidenceNamed(out, name)["sha256"], Sha256Hex(two));
  EXPECT_EQ(machine.Run({"compare", name, "one"}).exit_code, 0);
  EXPECT_EQ(machine.Run({"compare", "second", "one"}).exit_code, 0) << "the file itself";

  // A list says what is asked about: one line a file.
  WriteBytes(machine / "list", Sha256Hex(second) + " " + Sha256Hex(one) + "\n");
  const Outcome listed = machine.Run({"match", "--json", "--index-list", "list", "second"});
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_EQ(Json::parse(listed.out)["sha256"], Sha256Hex(second));
}

// libarchive does not decrypt 7z: every command says so in one line, and what to do.
TEST_F(Archives, AnEncryptedSevenZipIsOneLineEverywhere) {
  const std::string what = "encryption of 7z archives is not read", remedy = "unpack it with its password (7z x) and give the folder or its files instead";
  WriteBytes(machine / "locked.7z", EncryptedSevenZip());
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"match", "locked.7z"}, {"match", "--json", "locked.7z"}, {"kb", "add", "--label", "family=Courier", "locked.7z"}}) {
    const Outcome run = machine.Run(command);
    EXPECT_EQ(run.exit_code, 3) << command[0];
    std::size_t about = 0;
    for (std::size_t at = 0, end = 0; (end = run.err.find('\n', at)) != std::string::npos; at = end + 1) {
      const std::string line = run.err.substr(at, end - at);
      if (line.find("locked.7z") == std::string::npos) continue;
      ++about;
      EXPECT_THAT(line, HasSubstr(what));
      EXPECT_THAT(line, HasSubstr(remedy));
    }
    EXPECT_EQ(about, 1u) << run.err;
  }
  WriteBytes(folder / "evidence/locked.7z", EncryptedSevenZip());
  std::size_t said = 0;
  for (const Json& d : Listed(machine.Investigate(folder, machine / "out").at("case.json"), "diagnostics")) {
    if (d["code"] != "archive-encrypted") continue;
    ++said;
    EXPECT_THAT(d["text"].get<std::string>(), HasSubstr(remedy));
    EXPECT_EQ(d["evidence"], Sha256Hex(EncryptedSevenZip()));
  }
  EXPECT_EQ(said, 1u);
}

TEST_F(Archives, TablesThatWereSkippedAreOneLineOfTheCommand) {
  const std::string line = "ascribe: forged: more tables than are read: 76 tables were skipped after 1 MiB of table bytes (limit kFreeTableBytes); ";
  WriteBytes(machine / "forged", ForgedTables(1100));
  const auto count = [&](const std::string& text) {
    std::size_t lines = 0;
    for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) ++lines;
    return lines;
  };
  const Outcome added = machine.Run({"kb", "add", "--label", "family=Courier", "forged"});
  EXPECT_EQ(added.exit_code, 0) << added.err;
  EXPECT_EQ(count(added.err), 1u) << added.err;
  const Outcome match = machine.Run({"match", "--json", "forged"});
  EXPECT_EQ(match.exit_code, 0) << match.err;
  EXPECT_EQ(count(match.err), 1u) << match.err;
  WriteBytes(folder / "evidence/forged", ForgedTables(1100));
  std::size_t said = 0;
  for (const Json& d : Listed(machine.Investigate(folder, machine / "out").at("case.json"), "diagnostics")) said += d["code"] == "limit-code-tables";
  EXPECT_EQ(said, 1u);
}

}  // namespace
}  // namespace ascribe::cli
