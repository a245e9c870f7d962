// tools/goodware.sh where npm is missing: packages of npm by curl. No network is asked: curl, apt-get and ascribe are
// stand-ins.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "container/archive_builder.h"
#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class Goodware : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(machine / "tools");
    fs::create_directories(machine / "bin");
    fs::copy_file(Root() / "tools/goodware.sh", machine / "tools/goodware.sh");
    ArchiveBuilder package{"pax", "gzip"};
    package.files = {{"package/code.node", "no program, but a file"}};
    WriteBytes(machine / "good.tgz", package.Text());
    for (const char* tool : {"bash", "mkdir", "rm", "mv", "cp", "cat", "tar", "gzip", "grep", "sha512sum", "mktemp",
                             "touch", "dirname", "timeout"}) {
      const std::string link =
          "ln -s \"$(command -v " + std::string(tool) + ")\" '" + (machine / "bin").string() + "/'";
      if (std::system(link.c_str()) != 0) GTEST_SKIP() << "SKIPPED, LOUDLY: no " << tool << " here";
    }
    // The list names the good archive twice; what curl gives for each is decided by the test.
    ASSERT_EQ(std::system(("cd '" + machine.path().string() +
                           "' && s=$(sha512sum <good.tgz) && printf '# list\\none@1.0.0 %s\\n@of/two@2.0.0 %s\\n' "
                           "\"${s%% *}\" \"${s%% *}\" >tools/goodware-npm.txt")
                              .c_str()),
              0);
    Tool("ascribe", "echo \"$@\" >>asked");
    Tool("apt-get", "touch \"$3_1.deb\"");
    Tool("dpkg-deb", "mkdir \"$3\"");
    Curl("cp good.tgz \"$out\"");
  }
  void Tool(const std::string& name, const std::string& lines) const {
    const fs::path path = machine / ("bin/" + name);
    WriteBytes(path, "#!" + (machine / "bin/bash").string() + "\n" +
                         (name == "ascribe" || name == "curl" ? "cd '" + machine.path().string() + "'\n" : "") + lines +
                         "\n");
    fs::permissions(path, fs::perms::owner_all);
  }
  // `lines` see the file to write as $out and the address as $url.
  void Curl(const std::string& lines) const {
    Tool("curl",
         "while (($#)); do case $1 in -o) out=$2; shift 2;; --max-time) shift 2;; -*) shift;; *) url=$1; shift;; esac; "
         "done\necho \"$url\" >>addresses\n" +
             lines);
  }
  struct Run {
    int status;
    std::string said, asked, addresses;
  };
  [[nodiscard]] Run Script() const {
    const std::string here = machine.path().string();
    for (const char* old : {"asked", "addresses"}) fs::remove(machine / old);
    const int status =
        std::system(("env -i PATH='" + here + "/bin' HOME='" + here + "' XDG_CACHE_HOME='" + here + "/cache' bash '" +
                     here + "/tools/goodware.sh' '" + here + "/bin/ascribe' 2>'" + here + "/said' >/dev/null")
                        .c_str());
    const auto read = [&](const char* name) {
      return fs::exists(machine / name) ? ReadBytes(machine / name) : std::string();
    };
    std::string said = read("said");
    const std::size_t first = said.find('\n');  // that it begins
    return {status, first == std::string::npos ? said : said.substr(first + 1), read("asked"), read("addresses")};
  }
  void NothingHalfWritten() const {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(machine / "cache")) {
      EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".new")));
      EXPECT_NE(entry.path().extension(), ".tgz");
      EXPECT_NE(entry.path().extension(), ".deb");
    }
  }
  [[nodiscard]] bool Done() const { return fs::exists(machine / "cache/ascribe/goodware/added-2"); }
  const Machine machine;
};

TEST_F(Goodware, CurlFetchesWhatNpmWould) {
  fs::create_directories(machine / "cache/ascribe/goodware/npm/one@1.0.0.new/half");  // of a run that was stopped
  const Run run = Script();
  EXPECT_EQ(run.status, 0);
  EXPECT_EQ(run.said, "");
  EXPECT_EQ(run.addresses,
            "https://registry.npmjs.org/one/-/one-1.0.0.tgz\nhttps://registry.npmjs.org/@of/two/-/two-2.0.0.tgz\n");
  EXPECT_THAT(run.asked, HasSubstr("kb add --goodware --label package=npm-one_1.0.0 "));
  EXPECT_THAT(run.asked, HasSubstr("kb add --goodware --label package=npm-_of_two_2.0.0 "));
  EXPECT_TRUE(fs::exists(machine / "cache/ascribe/goodware/npm/one@1.0.0/package/code.node"));
  NothingHalfWritten();
  EXPECT_TRUE(Done());
}

TEST_F(Goodware, AnotherArchiveThanTheListedOneIsRefusedInOneLine) {
  Curl("if [[ $url == *one* ]]; then echo changed >\"$out\"; else cp good.tgz \"$out\"; fi");
  const Run run = Script();
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(IsOneLine(run.said)) << run.said;
  EXPECT_THAT(
      run.said,
      HasSubstr("goodware: one@1.0.0: what was fetched has not the SHA-512 of tools/goodware-npm.txt and is not used"));
  EXPECT_THAT(run.asked, Not(HasSubstr("npm-one")));
  EXPECT_THAT(run.asked, HasSubstr("npm-_of_two"));
  EXPECT_FALSE(fs::exists(machine / "cache/ascribe/goodware/npm/one@1.0.0"));
  NothingHalfWritten();
  EXPECT_FALSE(Done()) << "the next run tries again";
}

TEST_F(Goodware, WithoutNetworkOneLineSaysSoAndNobodyIsAskedTwice) {
  Tool("apt-get", "exit 100");
  Curl("echo half >\"$out\"; echo 'curl: (6) Could not resolve host: registry.npmjs.org' >&2; exit 6");
  const Run run = Script();
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(IsOneLine(run.said)) << run.said;
  EXPECT_THAT(run.said, HasSubstr("could not be fetched (npm's registry is not reached: curl: (6) Could not resolve "
                                  "host: registry.npmjs.org); run tools/goodware.sh again later"));
  EXPECT_EQ(run.addresses, "https://registry.npmjs.org/one/-/one-1.0.0.tgz\n");
  NothingHalfWritten();
  EXPECT_FALSE(Done());
}

TEST_F(Goodware, APackageThatIsGoneDoesNotHideTheOthers) {
  Curl(
      "if [[ $url == *one* ]]; then echo 'curl: (22) The requested URL returned error: 404' >&2; exit 22; else cp "
      "good.tgz \"$out\"; fi");
  const Run run = Script();
  EXPECT_TRUE(IsOneLine(run.said)) << run.said;
  EXPECT_THAT(run.said, HasSubstr("goodware: 1 of "));
  EXPECT_THAT(run.said, HasSubstr("(one@1.0.0: curl: (22)"));
  EXPECT_THAT(run.asked, HasSubstr("npm-_of_two"));
  NothingHalfWritten();
  EXPECT_FALSE(Done());
}

TEST_F(Goodware, WithNeitherNpmNorCurlOneLineSaysSo) {
  fs::remove(machine / "bin/curl");
  const Run run = Script();
  EXPECT_TRUE(IsOneLine(run.said)) << run.said;
  EXPECT_THAT(run.said, HasSubstr("2 of "));
  EXPECT_THAT(run.said, HasSubstr("neither npm nor curl is installed"));
  NothingHalfWritten();
}

}  // namespace
}  // namespace ascribe::cli
