// ascribe export, and what other readers make of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(Export, WrongUseIsTwo) {
  const Machine machine;
  const std::string small = WriteSmallCase(machine / "case").string();
  for (const std::vector<std::string>& flags :
       std::vector<std::vector<std::string>>{{},
                                             {"--format", "pdf"},
                                             {"--format", ""},
                                             {"--format", "stix", "--tlp", "pink"},
                                             {"--format", "stix", "--tlp", ""},
                                             {"--format", "stix", "--as-of", "soon"}}) {
    std::vector<std::string> args = {"export", small};
    args.insert(args.end(), flags.begin(), flags.end());
    const Outcome outcome = machine.Run(args);
    EXPECT_EQ(outcome.exit_code, 2) << ::testing::PrintToString(flags) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(IsOneLine(outcome.err)) << outcome.err;
  }
  EXPECT_EQ(machine.Run({"export", (machine / "nothing").string(), "--format", "stix"}).exit_code, 3);
}

TEST(Export, TheCaseAndItsOutputsGiveTheSameBytes) {
  const Machine machine;
  const std::string small = WriteSmallCase(machine / "case").string();
  const auto files = machine.Investigate(small, machine / "o");
  const std::vector<std::pair<std::string, std::string>> formats = {
      {"stix", "stix.json"}, {"navigator", "layers.json"}, {"misp", "misp.json"}, {"md", "report.md"}};
  for (const auto& [format, file] : formats) {
    const Outcome from_case = machine.Run({"export", small, "--format", format});
    ASSERT_EQ(from_case.exit_code, 0) << from_case.err;
    EXPECT_EQ(from_case.out, files.at(file)) << format;
    EXPECT_EQ(from_case.err, "");
    EXPECT_EQ(machine.Run({"export", "o", "--format", format}).out, files.at(file)) << format;
    EXPECT_EQ(machine.Run({"export", "o", "--format", format, "--out", "x"}).exit_code, 0);
    EXPECT_EQ(ReadBytes(machine / "x"), files.at(file)) << format;
    EXPECT_EQ(machine.Run({"export", "o", "--format", format, "--tlp", "clear", "--out", "-"}).out, files.at(file))
        << "all of it is TLP:CLEAR";
  }
  const Outcome csv = machine.Run({"export", "o", "--format", "csv"});
  EXPECT_THAT(csv.out, ::testing::StartsWith("claim,kind,group,"));
  EXPECT_THAT(csv.out, HasSubstr("203.0.113.7"));
  EXPECT_EQ(machine.Run({"export", "o", "--format", "md", "--as-of", "2017-12-31"}).exit_code, 2);
  // An assessment that no longer follows does not go out.
  std::string changed = files.at("assessment.json");
  changed.replace(changed.find("\"engine\""), 8, "\"Engine\"");
  WriteBytes(machine / "o/assessment.json", changed);
  const Outcome other = machine.Run({"export", "o", "--format", "stix"});
  EXPECT_EQ(other.exit_code, 4);
  EXPECT_TRUE(IsOneLine(other.err)) << other.err;
}

TEST(Export, SaysWhatAMarkingKeepsBack) {
  const Machine machine;
  const std::string small = WriteSmallCase(machine / "case").string();
  std::string toml = ReadBytes(machine / "case/case.toml");
  WriteBytes(machine / "case/case.toml", toml + "tlp = \"RED\"\n");  // of evidence/good.ndjson, the last table
  const Outcome green = machine.Run({"export", small, "--format", "stix", "--tlp", "green"});
  ASSERT_EQ(green.exit_code, 0) << green.err;
  EXPECT_THAT(green.err, ::testing::AllOf(HasSubstr("left out above TLP:GREEN: 3 facts"), HasSubstr("TLP:RED")));
  EXPECT_TRUE(IsOneLine(green.err));
  EXPECT_EQ(green.out.find("203.0.113.7"), std::string::npos);
  toml.replace(toml.find("tlp = \"CLEAR\""), 13, "tlp = \"AMBER\"");
  WriteBytes(machine / "case/case.toml", toml);
  const Outcome nothing = machine.Run({"export", small, "--format", "stix", "--tlp", "clear"});
  EXPECT_EQ(nothing.exit_code, 3);
  EXPECT_EQ(nothing.out, "");
  EXPECT_TRUE(IsOneLine(nothing.err)) << nothing.err;
}

TEST(Diff, SaysWhatChangedAndWhy) {
  const Machine machine;
  const std::string small = WriteSmallCase(machine / "case").string();
  machine.Investigate(small, machine / "o1");
  WriteBytes(machine / "case/evidence/more.ndjson",
             "{\"relation\":\"contains\",\"object\":\"mutex:Global\\\\another\",\"known_on\":\"2017-12-02\",\"source\":"
             "\"vendor\"}\n");
  machine.Investigate(small, machine / "o2", {"--as-of", "2018-01-01"});
  const Outcome text = machine.Run({"diff", "o1", "o2"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_TRUE(IsTerminalSafe(text.out));
  EXPECT_THAT(text.out,
              ::testing::AllOf(HasSubstr("new evidence/more.ndjson"),
                               HasSubstr("as of: everything known -> 2018-01-01"), HasSubstr("mutex:Global\\another")));
  const Outcome json = machine.Run({"diff", "o1", "o2", "--json"});
  EXPECT_EQ(Json::parse(json.out).at("schema"), "ascribe-diff/1");
  EXPECT_EQ(Json::parse(json.out).at("evidence").size(), 1u);
  EXPECT_EQ(machine.Run({"diff", "o2", "o2"}).out, "Nothing changed.\n");
  // A saved scenario beside the case as it is.
  machine.Investigate(small, machine / "o2", {"--as-of", "2018-01-01", "--flat-prior", "--save", "flat"});
  EXPECT_THAT(machine.Run({"diff", "o2", "o2/scenario-flat.json"}).out, HasSubstr("scenario: the case as it is -> "));
  for (const std::string& bad : {std::string("nothing"), std::string("o1/case.json"), (machine / "case").string()}) {
    const Outcome outcome = machine.Run({"diff", "o1", bad});
    EXPECT_EQ(outcome.exit_code, 3) << bad;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(IsOneLine(outcome.err)) << outcome.err;
  }
}

// --- round trip ---------------------------------------------------------------------------------------------------

using Triple = std::string;  // "subject relation object"

// What our reader makes of a file, through `ascribe facts`.
std::set<Triple> FactsIn(const Machine& machine, const std::string& file) {
  const Outcome outcome = machine.Run({"facts", file, "--json"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  std::set<Triple> facts;
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line);
    if (!json.contains("relation")) continue;
    facts.insert(json.value("subject", "incident:self") + ' ' + json.at("relation").get<std::string>() + ' ' +
                 json.at("object").get<std::string>());
  }
  return facts;
}

std::string TypeOf(const std::string& entity) { return entity.substr(0, entity.find(':')); }

struct CaseFact {
  std::string subject, relation, object;
};

std::vector<CaseFact> FactsOf(const std::string& case_json) {
  std::vector<CaseFact> facts;
  const Json parsed = Json::parse(case_json);
  for (const Json& fact : parsed.at("facts"))
    if (fact.value("verified", "") != "unverified" && !fact.contains("retracted_on"))
      facts.push_back({fact.at("subject"), fact.at("relation"), fact.at("object")});
  return facts;
}

const std::set<std::string> kSeen = {"observed",          "contains",    "uses",
                                     "communicates-with", "connects-to", "operated-directly-from"};

// What each format can say, by type (docs/formats/stix-export.md, exports.md). The subject of a sample is lost in both:
// a reader of observables hears of the incident.
struct Carries {
  std::set<std::string> values;    ///< come back as observed or contained
  std::set<std::string> software;  ///< come back as used
  std::set<std::string> contacts;  ///< communicates-with comes back as such
  bool malware_contacts = false;   ///< of a malware too
};

void ExpectRoundTrip(const std::vector<CaseFact>& facts, const std::set<Triple>& back, const Carries& carries,
                     const std::set<std::string>& implied) {
  std::set<Triple> expected;
  std::set<std::string> known;  // every entity of the case
  std::size_t lost = 0;
  for (const CaseFact& f : facts) {
    known.insert(f.subject);
    known.insert(f.object);
    const std::string type = TypeOf(f.object), subject = TypeOf(f.subject);
    const bool of_case = subject == "incident" || subject == "sample" || subject == "malware";
    if (of_case && kSeen.count(f.relation) > 0 && carries.software.count(type) > 0)
      expected.insert("incident:self uses " + f.object);
    else if (subject == "incident" && f.relation == "communicates-with" && carries.contacts.count(type) > 0)
      expected.insert("incident:self communicates-with " + f.object);
    else if (of_case && kSeen.count(f.relation) > 0 && carries.values.count(type) > 0) {
      const bool inside =
          back.count("incident:self contains " + f.object) > 0;  // by type, as every reader of values does
      expected.insert("incident:self " + std::string(inside ? "contains " : "observed ") + f.object);
    } else if (subject == "incident" && f.relation == "targets" && (type == "sector" || type == "country"))
      expected.insert("incident:self targets " + f.object);
    else
      ++lost;
  }
  EXPECT_GT(expected.size(), 25u) << "the example says too little";
  EXPECT_GT(lost, 0u);
  for (const Triple& triple : expected) EXPECT_EQ(back.count(triple), 1u) << triple << " did not come back";
  // Nothing new: what comes back besides is the same thing said in another way.
  for (const Triple& triple : back) {
    if (expected.count(triple) > 0) continue;
    const std::size_t first = triple.find(' '), second = triple.find(' ', first + 1);
    const std::string relation = triple.substr(first + 1, second - first - 1), object = triple.substr(second + 1);
    EXPECT_EQ(implied.count(relation), 1u) << triple;
    if (relation != "named") {
      EXPECT_EQ(known.count(object), 1u) << triple << ": nobody said so";
    }
  }
}

class RoundTrip : public ::testing::TestWithParam<std::string> {};

TEST_P(RoundTrip, StixSaysTheSame) {
  const Machine machine;
  const auto files = machine.Investigate(Example(GetParam()), machine / "o");
  const Carries carries{{"file-md5", "file-sha1", "file-sha256", "file-name", "file-path", "ipv4", "ipv6", "cidr",
                         "domain", "url", "email", "mutex", "asn", "imphash", "service", "user-agent", "url-path"},
                        {"malware", "tool", "technique"},
                        {"ipv4", "ipv6", "domain", "url"}};
  ExpectRoundTrip(
      FactsOf(files.at("case.json")), FactsIn(machine, "o/stix.json"), carries,
      {"observed", "contains", "located-in", "resolves-to", "announced-by", "communicates-with", "uses", "named"});
}

TEST_P(RoundTrip, MispSaysTheSame) {
  const Machine machine;
  const auto files = machine.Investigate(Example(GetParam()), machine / "o");
  const Carries carries{{"file-md5", "file-sha1", "file-sha256", "file-name", "file-path", "cidr", "mutex", "pipe",
                         "service", "pdb-path", "string", "email", "url", "asn", "imphash"},
                        {"malware", "tool", "technique"},
                        {"ipv4", "ipv6"}};
  ExpectRoundTrip(FactsOf(files.at("case.json")), FactsIn(machine, "o/misp.json"), carries,
                  {"observed", "contains", "communicates-with", "resolves-to"});
}

INSTANTIATE_TEST_SUITE_P(Examples, RoundTrip, ::testing::Values("sony-2014", "olympic-destroyer-2018"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// --- schemas ------------------------------------------------------------------------------------------------------

class StixSchema : public ::testing::TestWithParam<std::string> {
 protected:
  static fs::path Schemas() { return Root() / "../shared/data/stix-schemas/schemas"; }
  // Exit code of the validator and what it printed. The system's python: the package is Debian's.
  static std::pair<int, std::string> Validate(const fs::path& bundle) {
    const std::string command = "/usr/bin/python3 '" + (Root() / "tests/cli/validate_stix.py").string() + "' '" +
                                Schemas().string() + "' '" + bundle.string() + "' 2>&1";
    std::string text;
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return {-1, "cannot start python3"};
    char buffer[4096];
    for (std::size_t got = 0; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, got);
    const int status = pclose(pipe);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text};
  }
  void SetUp() override {
    if (!fs::is_directory(Schemas()))
      GTEST_SKIP() << "SKIPPED, LOUDLY: ../shared/data/stix-schemas is not here; nothing holds our STIX against the "
                      "schemas of OASIS";
    if (!fs::exists("/usr/bin/python3") || std::system("/usr/bin/python3 -c 'import jsonschema' 2>/dev/null") != 0)
      GTEST_SKIP() << "SKIPPED, LOUDLY: python3-jsonschema is not installed; nothing holds our STIX against the "
                      "schemas of OASIS";
  }
};

TEST_P(StixSchema, Holds) {
  const Machine machine;
  machine.Investigate(Example(GetParam()), machine / "o");
  const auto [code, text] = Validate(machine / "o/stix.json");
  EXPECT_EQ(code, 0) << text;
  EXPECT_THAT(text, HasSubstr("valid: "));
}

TEST_P(StixSchema, FindsWhatIsWrong) {
  const Machine machine;
  Json bundle = Json::parse(machine.Investigate(Example(GetParam()), machine / "o").at("stix.json"));
  for (Json& object : bundle["objects"])
    if (object["type"] == "report") object.erase("published");
  WriteBytes(machine / "bad.json", bundle.dump());
  const auto [code, text] = Validate(machine / "bad.json");
  EXPECT_EQ(code, 1) << text;
  EXPECT_THAT(text, HasSubstr("published"));
}

INSTANTIATE_TEST_SUITE_P(Examples, StixSchema, ::testing::ValuesIn(ExampleNames()), [](const auto& test) {
  std::string name = test.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace ascribe::cli
