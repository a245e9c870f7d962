// kb add, list, show, verify, remove; and that investigate never adds to what is known.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "base/sha256.h"
#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

void WriteManifest(const fs::path& pack) {
  std::string manifest;
  fs::remove(pack / "manifest-sha256.txt");
  for (const auto& [name, bytes] : FilesBelow(pack)) manifest += Sha256Hex(bytes) + "  " + name + "\n";
  WriteBytes(pack / "manifest-sha256.txt", manifest);
}

// One earlier attack that holds what the small case holds.
fs::path WritePack(const fs::path& pack, const std::string& version, const std::string& actor) {
  WriteBytes(pack / "pack.toml", "format = \"ascribe-pack/1\"\nid = \"test-pack\"\nversion = \"" + version +
                                     "\"\ntitle = \"A pack\"\nlicence = \"CC0-1.0\"\nnotice = \"made up\"\n");
  WriteBytes(pack / "sources.toml",
             "[[source]]\nid = \"s\"\ntitle = \"t\"\npublisher = \"p\"\nurl = \"https://example.org\"\npublished = "
             "\"2015-01-01\"\nreliability = \"B\"\ncredibility = 2\n");
  const auto fact = [](const std::string& subject, const std::string& relation, const std::string& object,
                       const std::string& more = "") {
    return R"({"subject":")" + subject + R"(","relation":")" + relation + R"(","object":")" + object +
           R"(","known_on":"2015-01-01","source":"s")" + more + "}\n";
  };
  WriteBytes(pack / "facts.ndjson",
             fact("attack:made-up", "targets", "sector:media", R"(,"valid_from":"2014-06-01")") +
                 fact("attack:made-up", "contains", R"(mutex:Global\\good-one)") +
                 fact("attack:made-up", "attributed-to", "actor:" + actor, R"(,"confidence":0.9)") +
                 fact("actor:" + actor, "named", "text:Made Up " + actor));
  WriteManifest(pack);
  return pack;
}

TEST(Knowledge, InvestigateNeverAddsToIt) {
  const Machine machine;
  const Outcome before = machine.Run({"kb", "list"});
  ASSERT_EQ(before.exit_code, 0) << before.err;
  EXPECT_THAT(before.out, HasSubstr("shipped"));
  const auto fresh = machine.Investigate(Example("dnc-2016"), machine / "fresh");
  for (const std::string& name : ExampleNames()) machine.Investigate(Example(name), machine / "others" / name);
  EXPECT_EQ(machine.Run({"kb", "list"}).out, before.out);
  EXPECT_EQ(machine.Investigate(Example("dnc-2016"), machine / "again"), fresh);
  const Outcome verified = machine.Run({"kb", "verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
}

TEST(Knowledge, APackIsAddedOnceReplacedAndRemoved) {
  const Machine machine;
  const fs::path small = WriteSmallCase(machine / "case");
  const auto without = machine.Investigate(small, machine / "out");
  const std::string list = machine.Run({"kb", "list"}).out;

  const Outcome added = machine.Run({"kb", "add", WritePack(machine / "pack 1", "1", "one").string()});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  EXPECT_THAT(added.out, StartsWith("added test-pack@1"));
  EXPECT_THAT(machine.Run({"kb", "add", (machine / "pack 1").string()}).out, StartsWith("unchanged test-pack@1"));
  EXPECT_THAT(machine.Run({"kb", "list"}).out, HasSubstr("test-pack"));
  EXPECT_THAT(machine.Run({"kb", "show", "test-pack"}).out, HasSubstr("Global\\good-one"));
  const auto with = machine.Investigate(small, machine / "out");
  EXPECT_NE(with, without);
  EXPECT_THAT(with.at("assessment.json"), HasSubstr("actor:one"));

  ASSERT_EQ(machine.Run({"kb", "add", WritePack(machine / "pack 2", "2", "two").string()}).exit_code, 0);
  const std::string replaced = machine.Run({"kb", "list"}).out;
  EXPECT_EQ(replaced.find("test-pack"), replaced.rfind("test-pack")) << replaced;
  const std::string after = machine.Investigate(small, machine / "out").at("assessment.json");
  EXPECT_THAT(after, HasSubstr("actor:two"));
  EXPECT_THAT(after, Not(HasSubstr("actor:one")));

  const Outcome removed = machine.Run({"kb", "remove", "test-pack"});
  EXPECT_EQ(removed.exit_code, 0);
  EXPECT_THAT(removed.out, StartsWith("removed test-pack@2"));
  EXPECT_EQ(machine.Run({"kb", "list"}).out, list);
  EXPECT_EQ(machine.Investigate(small, machine / "out"), without);
  EXPECT_EQ(machine.Run({"kb", "remove", "test-pack"}).exit_code, 3);
  EXPECT_EQ(machine.Run({"kb", "show", "test-pack"}).exit_code, 3);
}

TEST(Knowledge, VerifyUsesWhatTheAssessmentWasMadeWith) {
  const Machine machine;
  const fs::path small = WriteSmallCase(machine / "case");
  const fs::path pack = WritePack(machine / "pack", "1", "a");
  machine.Investigate(small, machine / "before");
  ASSERT_EQ(machine.Run({"kb", "add", pack.string()}).exit_code, 0);
  const auto with = machine.Investigate(small, machine / "with");
  ASSERT_NE(with.at("assessment.json"), ReadBytes(machine / "before/assessment.json")) << "the pack does not matter, so this test says nothing";
  // Added since: left out, said so, and everything agrees.
  const Outcome before = machine.Run({"verify", "before"});
  EXPECT_EQ(before.exit_code, 0) << before.out;
  EXPECT_THAT(before.out, HasSubstr("knowledge test-pack@1 is left out"));
  const Outcome same = machine.Run({"verify", "with"});
  EXPECT_EQ(same.exit_code, 0) << same.out;
  EXPECT_THAT(same.out, Not(HasSubstr("left out")));
  // Replaced since: the old one is gone, the new one is not taken for it.
  ASSERT_EQ(machine.Run({"kb", "add", WritePack(machine / "newer", "2", "b").string()}).exit_code, 0);
  const Outcome replaced = machine.Run({"verify", "with"});
  EXPECT_EQ(replaced.exit_code, 4);
  EXPECT_THAT(replaced.out, HasSubstr("knowledge test-pack is not here any more as it was then"));
  EXPECT_EQ(machine.Run({"verify", "before"}).exit_code, 0);
  // A shipped pack replaced by the user's own of that id is still there for what was made with it.
  fs::path own = WritePack(machine / "own", "99", "c");
  std::string toml = ReadBytes(own / "pack.toml");
  const std::string id = "iran";  // of data/packs
  toml.replace(toml.find("test-pack"), 9, id);
  WriteBytes(own / "pack.toml", toml);
  WriteManifest(own);
  ASSERT_EQ(machine.Run({"kb", "add", own.string()}).exit_code, 0);
  const Outcome still = machine.Run({"verify", "before"});
  EXPECT_EQ(still.exit_code, 0) << still.out;
  EXPECT_THAT(still.out, HasSubstr("knowledge " + id + "@99 is left out"));
}

TEST(Knowledge, AChangedPackIsRefused) {
  const Machine machine;
  const fs::path pack = WritePack(machine / "pack", "1", "one");
  const std::string facts = ReadBytes(pack / "facts.ndjson");
  WriteBytes(pack / "facts.ndjson", facts + "\n");
  const Outcome refused = machine.Run({"kb", "add", pack.string()});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_TRUE(IsOneLine(refused.err));
  WriteBytes(pack / "facts.ndjson", facts);
  WriteBytes(pack / "extra.ndjson", facts);
  EXPECT_EQ(machine.Run({"kb", "add", pack.string()}).exit_code, 4) << "a file that the manifest does not list";
  EXPECT_THAT(machine.Run({"kb", "list"}).out, Not(HasSubstr("test-pack")));
}

TEST(Knowledge, AClosedCaseBecomesKnowledgeByKbAddAlone) {
  const Machine machine;
  const fs::path old_case = WriteSmallCase(machine / "old", "Old_Case");
  std::string text = ReadBytes(old_case / "case.toml");
  text.replace(text.find("2017-11-24"), 10, "2016-11-24");
  WriteBytes(old_case / "case.toml", text);
  const fs::path new_case = WriteSmallCase(machine / "new", "new");
  WriteBytes(new_case / "evidence/good.ndjson",
             "{\"relation\":\"contains\",\"object\":\"mutex:Global\\\\good-one\",\"known_on\":\"2017-12-02\"}\n");

  const auto before = machine.Investigate(new_case, machine / "before");
  machine.Investigate(old_case, machine / "old out");
  EXPECT_EQ(machine.Investigate(new_case, machine / "before 2"), before) << "looking at a case is not learning from it";

  const Outcome added =
      machine.Run({"kb", "add", old_case.string(), "--attributed-to", "actor:lazarus", "--confidence", "0.8"});
  ASSERT_EQ(added.exit_code, 0) << added.err;
  EXPECT_THAT(added.out, StartsWith("added case."));
  EXPECT_THAT(
      machine.Run({"kb", "add", old_case.string(), "--attributed-to", "actor:lazarus", "--confidence", "0.8"}).out,
      StartsWith("unchanged"));
  const Json after = Json::parse(machine.Investigate(new_case, machine / "after").at("assessment.json"));
  EXPECT_THAT(after.dump(), HasSubstr("case.old-case"));
  EXPECT_GT(after.at("claims").size(), Json::parse(before.at("assessment.json")).at("claims").size());
  EXPECT_EQ(machine.Run({"kb", "remove", "case.old-case"}).exit_code, 0);
  EXPECT_EQ(machine.Investigate(new_case, machine / "after"), before);

  EXPECT_EQ(machine.Run({"kb", "add", old_case.string(), "--attributed-to", "country:KP"}).exit_code, 3);
  EXPECT_EQ(machine.Run({"kb", "add", (machine / "nothing").string()}).exit_code, 3);
  fs::create_directories(machine / "empty");
  EXPECT_EQ(machine.Run({"kb", "add", (machine / "empty").string()}).exit_code, 3);
}

TEST(Knowledge, KbNamesAnotherFolder) {
  const Machine machine;
  const std::string kb = (machine / "elsewhere/deep er").string();
  ASSERT_EQ(machine.Run({"kb", "add", WritePack(machine / "pack", "1", "one").string(), "--kb", kb}).exit_code, 0);
  EXPECT_THAT(machine.Run({"kb", "list", "--kb", kb}).out, HasSubstr("test-pack"));
  EXPECT_THAT(machine.Run({"--kb", kb, "kb", "list"}).out, HasSubstr("test-pack"));
  EXPECT_THAT(machine.Run({"kb", "list"}).out, Not(HasSubstr("test-pack")));
  machine.Investigate(WriteSmallCase(machine / "case"), machine / "out", {"--kb", kb});
  EXPECT_EQ(machine.Run({"verify", "out", "--kb", kb}).exit_code, 0);
  EXPECT_EQ(machine.Run({"verify", "out"}).exit_code, 4) << "other knowledge, another assessment";
}

}  // namespace
}  // namespace ascribe::cli
