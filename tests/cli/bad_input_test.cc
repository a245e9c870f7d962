// Evidence comes from attackers. Whatever it holds: a diagnostic or one clear line, the documented exit code, the rest
// of the case goes on, nothing hostile reaches the terminal.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::size_t kDeep = 1'000'000;

std::string Repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// A deflate stream (fixed codes, RFC 1951) that expands to `text` and `copies` times 258 bytes which repeat it: a
// thousand bytes or so of output for one of input, as in a zip bomb. `text` has 6 bytes.
std::string DeflateBomb(std::string_view text, std::size_t copies) {
  std::string out = {'\x78', '\x9c'};
  std::uint32_t buffer = 0, bits = 0;
  const auto put = [&](std::uint32_t value, std::uint32_t count, bool high_first) {
    for (std::uint32_t i = 0; i < count; ++i) {
      buffer |= (high_first ? (value >> (count - 1 - i)) & 1 : (value >> i) & 1) << bits;
      if (++bits < 8) continue;
      out += static_cast<char>(buffer);
      buffer = bits = 0;
    }
  };
  put(1, 1, false), put(1, 2, false);
  for (const char c : text) put(0x30U + static_cast<std::uint8_t>(c), 8, true);
  for (std::size_t i = 0; i < copies; ++i) {
    put(0xC5, 8, true);  // length 258
    put(4, 5, true);     // distance 5 or 6 ...
    put(1, 1, false);    // ... 6
  }
  put(0, 7, true);
  if (bits > 0) put(0, 8 - bits, false);
  return out + std::string(4, '\0');
}

std::string PdfWith(const std::string& stream) {
  return "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
         "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype"
         "/Type1/BaseFont/Helvetica>>>>>>>>endobj\n4 0 obj<</Filter/FlateDecode/Length " +
         std::to_string(stream.size()) + ">>stream\n" + stream + "\nendstream endobj\ntrailer<</Root 1 0 R>>\n";
}

// Runs a case with one more file than the small one: it must end with 0, keep the good facts, list the file, and say
// something printable about it. Gives the codes of the diagnostics on it.
std::vector<std::string> WithFile(const std::string& name, std::string_view bytes) {
  const Machine machine;
  const fs::path folder = WriteSmallCase(machine / "case");
  WriteBytes(folder / "evidence" / name, bytes);
  const Outcome outcome = machine.Run({"investigate", folder.string(), "--out", "out"});
  EXPECT_EQ(outcome.exit_code, 0) << name << ": signal " << outcome.signal << " " << outcome.err;
  EXPECT_TRUE(IsTerminalSafe(outcome.out)) << name;
  EXPECT_TRUE(IsTerminalSafe(outcome.err)) << name;
  std::vector<std::string> codes;
  const auto files = FilesBelow(machine / "out");
  if (files.count("case.json") == 0) return codes;
  EXPECT_THAT(files.at("facts.csv"), HasSubstr("good-one")) << name << ": the rest of the case was lost";
  const Json data = Json::parse(files.at("case.json"));
  const std::string sha256 = Sha256Hex(std::string(bytes));
  EXPECT_TRUE(std::any_of(data.at("evidence").begin(), data.at("evidence").end(),
                          [&](const Json& e) { return e.at("sha256") == sha256; }))
      << name << " is not listed as evidence";
  for (const Json& d : data.at("diagnostics"))
    if (d.value("evidence", "") == sha256) codes.push_back(d.at("code"));
  EXPECT_EQ(machine.Run({"verify", "out"}).exit_code, 0) << name;
  EXPECT_EQ(FilesBelow(machine / "out"), files);
  return codes;
}

TEST(BadInput, MalformedFilesAreDiagnostics) {
  const std::string bundle = R"({"type":"bundle","id":"bundle--1","objects":[{"type":"indicator","pattern":)";
  const std::map<std::string, std::string> files = {
      {"truncated.stix.json", bundle},
      {"wrong-types.stix.json",
       R"({"type":"bundle","id":7,"objects":[1,"x",null,[],{"type":5},{"type":"indicator","pattern":[]}]})"},
      {"objects-no-list.json", R"({"type":"bundle","objects":{"type":"indicator"}})"},
      {"truncated-misp.json", R"({"Event":{"info":"x","Attribute":[{"type":"ip-dst","value":)"},
      {"wrong-types-misp.json", R"({"Event":{"info":5,"Attribute":[{"type":[],"value":{}},7],"Object":"no"}})"},
      {"deep.json", R"({"type":"bundle","objects":)" + std::string(kDeep, '[') + std::string(kDeep, ']') + "}"},
      {"deep-open.json", R"({"type":"bundle","objects":)" + Repeat(R"({"a":)", kDeep)},
      {"deep.ndjson", R"({"relation":"uses","object":)" + std::string(400'000, '[') + "\n"},
      {"truncated.ndjson", "{\"relation\":\"contains\",\"object\":\"mutex:a\"}\n{\"relation\":\"cont"},
      {"wrong-types.ndjson",
       "{\"relation\":5,\"object\":[]}\n[]\nnull\n7\n{\"relation\":\"contains\",\"object\":\"nonsense\"}\n"},
      {"wrong.csv", "relation,object\ncontains\n\"contains,mutex:a\ncontains,mutex:b,c,d\n"},
      {"truncated.toml", "format = \"ascribe-statements/1\"\n[[statement]]\nkind = \"official"},
      {"wrong-types.toml", "format = \"ascribe-statements/1\"\nstatement = 5\n"},
      {"deep-values.toml", "format = \"ascribe-statements/1\"\nx = " + std::string(kDeep, '[')},
      {"deep-key.toml", "format = \"ascribe-statements/1\"\n" + Repeat("a.", kDeep) + "a = 1\n"},
      {"truncated.pdf", "%PDF-1.4\n1 0 obj<</Type/Cat"},
      {"noise.pdf", "%PDF-1.7\n" + Repeat("\xff\x00\x01stream", 1000)},
  };
  for (const auto& [name, bytes] : files) EXPECT_THAT(WithFile(name, bytes), Not(::testing::IsEmpty())) << name;
}

TEST(BadInput, OddButReadableFilesAreTaken) {
  // Their own readers decide how much of them is worth a remark.
  const std::map<std::string, std::string> files = {
      {"empty.json", ""},
      {"empty.csv", ""},
      {"invalid-utf8.txt", "the server 203.0.113.99 \xff\xfe\xc0\xaf and \xed\xa0\x80 more text of a report\n"},
      {"invalid-utf8.ndjson", "{\"relation\":\"contains\",\"object\":\"mutex:\xff\xfe\"}\n"},
      {"nul.txt", std::string("text\0with\0nul and 203.0.113.98\n", 32)},
      {"deep.html", "<html><body>" + Repeat("<div>", kDeep) + "203.0.113.97"},
      {"long-line.txt", "report " + std::string(20'000'000, 'a') + " 203.0.113.96\n"},
      {"truncated.exe", std::string("MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", 16)},
      {"bomb.zip", std::string("PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\x10\0\0\0\xff\xff\xff\xff\x01\0\0\0a", 31) +
                       DeflateBomb("aaaaaa", 100'000)},
      {"bomb.json.gz", "\x1f\x8b\x08" + std::string(7, '\0') + DeflateBomb("aaaaaa", 100'000)},
  };
  for (const auto& [name, bytes] : files) WithFile(name, bytes);
}

TEST(BadInput, APdfThatExpandsWithoutEndIsStopped) {
  const Machine machine;
  const fs::path folder = WriteSmallCase(machine / "case");
  // 50 MB of page description from 340 kB, all of it text.
  WriteBytes(folder / "evidence/bomb.pdf", PdfWith(DeflateBomb("(A)'\n ", 200'000)));
  const Outcome outcome = machine.Run({"investigate", folder.string(), "--out", "out", "--quiet"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_LT(outcome.peak_kib, 1'100'000u);
  EXPECT_THAT(ReadBytes(machine / "out/facts.csv"), HasSubstr("good-one"));
}

TEST(BadInput, TextInUtf16IsReadAndExplained) {
  const Machine machine;
  const fs::path folder = WriteSmallCase(machine / "case");
  const std::string text = "relation,object\nobserved,domain:evil-utf.com\n";
  std::string little = "\xff\xfe", big = "\xfe\xff";
  for (const char c : text) little += c, little += '\0', big += '\0', big += c;
  for (const std::string& bytes : {little, big}) {
    WriteBytes(folder / "evidence/notes.csv", bytes);
    const auto files = machine.Investigate(folder, machine / "out");
    const Json data = Json::parse(files.at("case.json"));
    std::string id;
    for (const Json& fact : data.at("facts"))
      if (fact.at("object") == "domain:evil-utf.com") id = fact.at("id");
    ASSERT_FALSE(id.empty()) << files.at("case.json");
    const Outcome explained = machine.Run({"explain", folder.string(), id});
    EXPECT_EQ(explained.exit_code, 0) << explained.err;
    EXPECT_THAT(explained.out, HasSubstr("bytes: observed,domain:evil-utf.com"));
    EXPECT_EQ(machine.Run({"verify", "out"}).exit_code, 0);
  }
}

TEST(BadInput, AHugeFileIsHashedNotHeld) {
  const Machine machine;
  const fs::path folder = WriteSmallCase(machine / "case");
  WriteBytes(folder / "evidence/huge.json", "{\"type\":\"bundle\",");
  ASSERT_EQ(::truncate((folder / "evidence/huge.json").c_str(), off_t{2} << 30), 0);
  const Outcome outcome = machine.Run({"investigate", folder.string(), "--out", "out"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("limit-file-size"));
  EXPECT_THAT(ReadBytes(machine / "out/facts.csv"), HasSubstr("good-one"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(outcome.peak_kib, 200'000u);
#endif
  const Outcome facts = machine.Run({"facts", (folder / "evidence/huge.json").string()});
  EXPECT_EQ(facts.exit_code, 3);
  EXPECT_TRUE(IsOneLine(facts.err));
}

TEST(BadInput, ACaseFileThatIsNoneIsThree) {
  const std::string head = "format = \"ascribe-case/1\"\nid = \"x\"\n";
  const std::map<std::string, std::string> texts = {
      {"empty", ""},
      {"no format", "id = \"x\"\n"},
      {"truncated", head + "[victim\nname ="},
      {"wrong types", "format = \"ascribe-case/1\"\nid = 5\n"},
      {"deep value", head + "x = " + std::string(kDeep, '[')},
      {"deep key", head + Repeat("a.", kDeep) + "a = 1\n"},
      {"bytes", std::string("\xff\xfe\0\0", 4)},
      {"id that is a path", "format = \"ascribe-case/1\"\nid = \"../../evil\"\n[dates]\nincident = \"2014-01-01\"\n"},
  };
  for (const auto& [name, text] : texts) {
    const Machine machine;
    WriteBytes(machine / "case/case.toml", text);
    const Outcome outcome = machine.Run({"investigate", (machine / "case").string()});
    EXPECT_EQ(outcome.exit_code, 3) << name << ": signal " << outcome.signal;
    EXPECT_TRUE(IsOneLine(outcome.err)) << name;
    EXPECT_TRUE(IsTerminalSafe(outcome.err)) << name;
    EXPECT_FALSE(fs::exists(machine / "out")) << name;
  }
}

TEST(BadInput, NoEvidenceIsNoError) {
  const Machine machine;
  const fs::path folder = WriteSmallCase(machine / "case");
  fs::remove_all(folder / "evidence");
  for (const bool exists : {false, true}) {
    if (exists) fs::create_directories(folder / "evidence");
    const Outcome outcome = machine.Run({"investigate", folder.string(), "--json", "--out", "out"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_TRUE(Json::parse(outcome.out).at("verdict").at("name").is_null());
    EXPECT_EQ(machine.Run({"verify", "out"}).exit_code, 0);
  }
}

// ESC sequences, an 8-bit CSI, a direction override, zero-width characters, a carriage return that overwrites the line.
const std::string& Hostile() {
  static const std::string text =
      "\x1b]0;owned\x07\x1b[2J\x1b[31m\xc2\x9b"
      "2J\xe2\x80\xae"
      "gpj.exe\xe2\x81\xa6\xe2\x80\x8b\x7f\rnothing here";
  return text;
}

std::string TomlEscaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    char code[8];
    std::snprintf(code, sizeof code, "\\u%04X", static_cast<unsigned char>(c));
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    out += control ? std::string(code) : std::string(1, c);
  }
  return out;
}

TEST(BadInput, NothingHostileReachesTheTerminal) {
  const Machine machine;
  const std::string evil = TomlEscaped(Hostile());
  const fs::path folder = WriteSmallCase(machine / "case");
  WriteBytes(folder / "case.toml",
             "format = \"ascribe-case/1\"\nid = \"evil\"\ntitle = \"" + evil + "\"\ntlp = \"CLEAR\"\nquestions = [\"" +
                 evil + "\"]\n[victim]\nname = \"" + evil + "\"\nsector = \"" + evil +
                 "\"\ncountry = \"US\"\n[dates]\nincident = \"2017-11-24\"\n[[source]]\nid = \"vendor\"\ntitle = \"" +
                 evil + "\"\npublisher = \"" + evil + "\"\nurl = \"https://example.org/" + evil +
                 "\"\npublished = \"2017-12-01\"\nreliability = \"B\"\ncredibility = 2\n[[evidence]]\nfile = "
                 "\"evidence/" +
                 evil + "\"\nsource = \"vendor\"\n[\"" + evil + "\"]\n");
  // Values, notes, unknown names, file names (also no UTF-8), as far as the file system takes them.
  std::string lines;
  for (const char* type : {"mutex", "file-name", "pdb-path", "string", "domain", "url", "persona-trait", "host"})
    lines += R"({"relation":"observed","object":")" + std::string(type) + ":" + evil + R"(","source":")" + evil +
             R"(","note":")" + evil + R"(",")" + evil + R"(":"x"})" + "\n";
  lines += R"({"relation":")" + evil + R"(","object":"mutex:a"})" + "\n";
  lines += R"({"relation":"connects-to","subject":"host:)" + evil +
           R"(","object":"host:other","known_on":"2017-12-01","source":"vendor"})" + "\n";
  WriteBytes(folder / "evidence" / (Hostile() + ".ndjson"), lines);
  WriteBytes(folder / "evidence" / "bad-\xff\xfe.ndjson", lines + "\n");
  WriteBytes(folder / "evidence" / (Hostile() + ".bin"), "\x01\x02");
  WriteBytes(folder / "evidence" / "report.txt",
             "A report on 203.0.113.9 and evil" + Hostile() + "[.]com, C:\\" + Hostile() + "\\x.pdb\n");
  WriteBytes(folder / "evidence" / "s.toml",
             "format = \"ascribe-statements/1\"\n[[statement]]\nkind = \"" + evil +
                 "\"\n[[statement]]\nkind = \"observation\"\nsource = \"" + evil + "\"\nsummary = \"" + evil +
                 "\"\nfacts = [{ relation = \"exhibits\", object = \"circumstance:" + evil + "\" }]\n");
  const auto check = [&](const std::vector<std::string>& args, int exit_code) {
    const Outcome outcome = machine.Run(args);
    EXPECT_EQ(outcome.exit_code, exit_code) << ::testing::PrintToString(args) << outcome.err;
    EXPECT_TRUE(IsTerminalSafe(outcome.out)) << ::testing::PrintToString(args);
    EXPECT_TRUE(IsTerminalSafe(outcome.err)) << ::testing::PrintToString(args);
    return outcome;
  };
  check({"investigate", folder.string(), "--out", "out"}, 0);
  check({"investigate", folder.string(), "--out", "out", "--json"}, 0);
  check({"verify", "out"}, 0);
  check({"explain", folder.string(), "verdict"}, 0);
  const Json data = Json::parse(ReadBytes(machine / "out/case.json"));
  EXPECT_GT(data.at("facts").size(), 8u) << "the hostile values were not read at all";
  for (const Json& fact : data.at("facts")) check({"explain", folder.string(), fact.at("id")}, 0);
  for (const Json& evidence : data.at("evidence")) check({"explain", folder.string(), evidence.at("sha256")}, 0);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "evidence")) {
    const int code = entry.path().extension() == ".bin" ? 3 : 0;
    check({"facts", entry.path().string()}, code);
    check({"facts", entry.path().string(), "--json"}, code);
  }
  check({"kb", "add", folder.string()}, 0);
  check({"kb", "list"}, 0);
  check({"kb", "show", "case.evil"}, 0);
  check({"kb", "verify"}, 0);
  // What was typed, or what a shell expanded from hostile names.
  check({"investigate", Hostile()}, 3);
  check({"facts", Hostile()}, 3);
  check({"verify", Hostile()}, 3);
  check({"kb", "add", Hostile()}, 3);
  check({"kb", "show", Hostile()}, 3);
  check({"kb", "remove", Hostile()}, 3);
  check({"explain", folder.string(), Hostile()}, 3);
  check({"--" + Hostile()}, 2);
  check({"investigate", folder.string(), "--as-of", Hostile()}, 2);
}

TEST(BadInput, ASpreadsheetRunsNothing) {
  const Machine machine;
  const fs::path folder = WriteSmallCase(machine / "case");
  std::string lines;
  for (const char* value : {"=cmd|' /C calc'!A0", "+1+1", "-1", "@SUM(A1)", "a\\\",=1+1", "a\\n=1+1", "\\t=1"})
    lines += R"({"relation":"contains","object":"string:)" + std::string(value) +
             R"(","source":"=HYPERLINK 1","known_on":"2017-12-01"})" + "\n";
  WriteBytes(folder / "evidence/=1+1.ndjson", lines);
  const std::string csv = machine.Investigate(folder, machine / "out").at("facts.csv");
  // Every cell, by RFC 4180.
  std::size_t cells = 0;
  std::string cell;
  bool quoted = false, begun = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (c == '"') {
      if (quoted && i + 1 < csv.size() && csv[i + 1] == '"')
        cell += csv[++i];
      else
        quoted = !quoted;
      begun = true;
    } else if (!quoted && (c == ',' || c == '\n')) {
      ++cells;
      EXPECT_EQ(std::string("=+-@\t\r").find(cell.empty() ? 'x' : cell[0]), std::string::npos) << cell;
      cell.clear();
      begun = false;
    } else if (!(c == '\r' && !quoted)) {
      cell += c;
    }
  }
  EXPECT_FALSE(quoted || begun);
  EXPECT_GT(cells, 100u);
  EXPECT_THAT(csv, HasSubstr("'=HYPERLINK 1"));
}

TEST(BadInput, LinksLoopsAndPipesAreSkipped) {
  const Machine machine;
  const fs::path folder = WriteSmallCase(machine / "case");
  const auto without = machine.Investigate(folder, machine / "without");
  const fs::path evidence = folder / "evidence";
  fs::create_symlink("loop", evidence / "loop");
  fs::create_directory_symlink("..", evidence / "up");
  fs::create_directory_symlink(".", evidence / "here");
  fs::create_symlink("/etc/passwd", evidence / "outside.txt");
  fs::create_symlink("gone", evidence / "dangling.json");
  ASSERT_EQ(::mkfifo((evidence / "pipe.json").c_str(), 0644), 0);
  fs::path deep = evidence;
  for (int i = 0; i < 40; ++i) deep /= "d";
  WriteBytes(deep / "deep.txt", "203.0.113.55\n");
  const Outcome outcome = machine.Run({"investigate", folder.string(), "--out", "out"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto files = FilesBelow(machine / "out");
  const Json data = Json::parse(files.at("case.json"));
  EXPECT_EQ(data.at("evidence").size(), 2u);
  EXPECT_EQ(std::count_if(data.at("diagnostics").begin(), data.at("diagnostics").end(),
                          [](const Json& d) { return d.at("code") == "skipped"; }),
            7);
  EXPECT_EQ(files.at("assessment.json"), without.at("assessment.json"));
  EXPECT_EQ(machine.Run({"facts", (evidence / "pipe.json").string()}).exit_code, 3) << "a pipe must not hang";
}

TEST(BadInput, UnreadableFilesAreDiagnostics) {
  const Machine machine;
  const fs::path folder = WriteSmallCase(machine / "case");
  WriteBytes(folder / "evidence/secret.txt", "203.0.113.55\n");
  WriteBytes(folder / "evidence/locked/inside.txt", "203.0.113.56\n");
  ASSERT_EQ(::chmod((folder / "evidence/secret.txt").c_str(), 0), 0);
  ASSERT_EQ(::chmod((folder / "evidence/locked").c_str(), 0), 0);
  RunOptions options;
  options.as_nobody = ::geteuid() == 0;  // root reads everything
  const Outcome outcome = machine.Run({"investigate", folder.string(), "--out", "out"}, options);
  ::chmod((folder / "evidence/locked").c_str(), 0700);
  if (outcome.exit_code == 126 || outcome.exit_code == 127)
    GTEST_SKIP() << "another user cannot start the program here, and root reads everything: run the tests as a user";
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("unreadable"), HasSubstr("secret.txt"), HasSubstr("locked")));
  EXPECT_THAT(ReadBytes(machine / "out/facts.csv"), HasSubstr("good-one"));
}

TEST(Kill, InvestigateLeavesNothingHalf) {
  const Machine machine;
  const fs::path example = Example("sony-2014");
  const auto expected = machine.Investigate(example, machine / "undisturbed", {"--kb", "kb1"});
  const std::string known = machine.Run({"kb", "list", "--kb", "kb1"}).out;
  const int rounds = ::getenv("ASCRIBE_SLOW") != nullptr ? 150 : 30;
  int killed = 0;
  for (int round = 0; round < rounds; ++round) {
    // Every fifth round begins with nothing, so that the making of the ledger is met too.
    if (round % 5 == 0) {
      fs::remove_all(machine / "kb2");
      fs::remove_all(machine / "disturbed");
    }
    RunOptions options;
    options.kill_after_us = static_cast<std::uint64_t>(round * 7919 % 300) * 1000;
    const Outcome outcome =
        machine.Run({"investigate", example.string(), "--kb", "kb2", "--out", "disturbed"}, options);
    killed += outcome.signal != 0;
    // Whatever stands there stands there whole.
    for (const auto& [name, bytes] : FilesBelow(machine / "disturbed")) {
      if (!name.ends_with(".tmp")) {
        EXPECT_EQ(bytes, expected.at(name)) << "round " << round;
      }
    }
  }
  EXPECT_GT(killed, rounds / 4) << "the kills came too late";
  EXPECT_EQ(machine.Investigate(example, machine / "disturbed", {"--kb", "kb2"}), expected);
  EXPECT_EQ(machine.Run({"kb", "list", "--kb", "kb2"}).out, known);
  EXPECT_EQ(machine.Run({"kb", "verify", "--kb", "kb2"}).exit_code, 0);
}

}  // namespace
}  // namespace ascribe::cli
