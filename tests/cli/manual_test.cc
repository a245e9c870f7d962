// The manual and the completions against what --help says: help is written by the parser, they by our own walk over it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "program.h"

namespace ascribe::cli {
namespace {
namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

// What one --help lists.
struct Help {
  std::vector<std::string> path, options, commands;
};

void ReadHelp(const Machine& machine, const std::vector<std::string>& path, std::vector<Help>& all) {
  std::vector<std::string> args = path;
  args.emplace_back("--help");
  const Outcome outcome = machine.Run(args);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  Help help;
  help.path = path;
  std::istringstream lines(outcome.out);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with(":")) section = line;
    if (line.empty()) section.clear();
    if (!line.starts_with("  ") || line.starts_with("   ")) continue;
    const std::string word = line.substr(2, line.find(' ', 2) - 2);
    if (section == "Subcommands:") help.commands.push_back(word);
    if (section != "Options:") continue;
    std::istringstream names(word);
    for (std::string name; std::getline(names, name, ',');)
      if (path.empty() || (name != "-h" && name != "--help")) help.options.push_back(name);  // the program's own stands for all
  }
  all.push_back(help);
  for (const std::string& command : help.commands) {
    std::vector<std::string> below = path;
    below.push_back(command);
    ReadHelp(machine, below, all);
  }
}

std::vector<Help> AllHelp(const Machine& machine) {
  std::vector<Help> all;
  ReadHelp(machine, {}, all);
  return all;
}

std::string Printed(const Machine& machine, const std::vector<std::string>& args) {
  const Outcome outcome = machine.Run(args);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, machine.Run(args).out);
  return outcome.out;
}

std::string Path(const Help& help) {
  std::string path;
  for (const std::string& word : help.path) path += (path.empty() ? "" : " ") + word;
  return path;
}

// From `begin` up to the next `end` behind it; empty when `begin` is not there.
std::string Between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t from = text.find(begin);
  if (from == text.npos) return {};
  return text.substr(from, text.find(end, from + begin.size()) - from);
}

// As roff writes it.
std::string Hyphens(std::string text) {
  for (std::size_t at = 0; (at = text.find('-', at)) != text.npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

TEST(Manual, ManPageHasEveryCommandAndOption) {
  const Machine machine;
  const std::string page = Printed(machine, {"--print-man"});
  std::size_t options = 0;
  for (const Help& help : AllHelp(machine)) {
    const std::string section = help.path.empty() ? Between(page, ".SH OPTIONS\n", ".SH") : Between(page, ".SS " + Path(help) + "\n", ".S");
    EXPECT_NE(section, "") << Path(help);
    for (const std::string& option : help.options) {
      EXPECT_THAT(section, HasSubstr("\\fB" + Hyphens(option) + "\\fR")) << Path(help);
      ++options;
    }
  }
  EXPECT_GT(options, 40u) << "the help was not read";
  EXPECT_THAT(page, ::testing::Not(HasSubstr("print\\-man"))) << "hidden";
}

TEST(Manual, HelpOfACommandHasItsOwnExamplesOnly) {
  const Machine machine;
  for (const Help& help : AllHelp(machine)) {
    std::vector<std::string> args = help.path;
    args.emplace_back("--help");
    const std::string text = machine.Run(args).out;
    const std::string examples = Between(text, "Examples:\n", "\n\n");
    const std::string start = "  ascribe" + (help.path.empty() ? "" : " " + Path(help));
    std::istringstream lines(examples);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line);) {
      if (line == "Examples:") continue;
      EXPECT_TRUE((line + " ").starts_with(start + " ")) << Path(help) << ": " << line;
      ++count;
    }
    EXPECT_GE(count, help.path.empty() ? 10u : 1u) << Path(help);
    EXPECT_THAT(text, HasSubstr("Exit codes: 0 done")) << Path(help);
  }
}

// Runs a shell over a script; empty when there is no such shell.
std::string Shell(const Machine& machine, const std::string& shell, const std::string& script) {
  WriteBytes(machine / "script", script);
  const std::string command = "cd '" + machine.path().string() + "' && HOME=home " + shell + " script >said 2>&1 </dev/null";
  const int status = std::system(command.c_str());
  EXPECT_EQ(status, 0) << ReadBytes(machine / "said");
  return ReadBytes(machine / "said");
}

bool Have(const std::string& program) { return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0; }

// One line of what bash offers for each query; a query is the words, the last being completed.
std::string BashOffers(const Machine& machine, const std::vector<std::vector<std::string>>& queries) {
  std::string script = Printed(machine, {"--print-completion", "bash"});
  for (const std::vector<std::string>& query : queries) {
    script += "COMP_WORDS=(ascribe";
    for (const std::string& word : query) script += " '" + word + "'";
    script += "); COMP_CWORD=" + std::to_string(query.size()) + "; _ascribe; echo \"${COMPREPLY[*]} \"\n";
  }
  return Shell(machine, "bash", script);
}

TEST(Manual, BashOffersEveryCommandAndOption) {
  const Machine machine;
  std::vector<std::vector<std::string>> queries;
  const std::vector<Help> all = AllHelp(machine);
  for (const Help& help : all) {
    std::vector<std::string> query = help.path;
    query.emplace_back("--");
    queries.push_back(query);
    query.back() = "";
    queries.push_back(query);
  }
  std::istringstream lines(BashOffers(machine, queries));
  for (const Help& help : all) {
    std::string options, commands;
    ASSERT_TRUE(std::getline(lines, options) && std::getline(lines, commands));
    for (const std::string& option : help.options) {
      if (!option.starts_with("--")) continue;
      EXPECT_THAT(" " + options, HasSubstr(" " + option + " ")) << Path(help);
    }
    EXPECT_THAT(" " + options, AllOf(HasSubstr(" --kb "), HasSubstr(" --help "))) << "options of the program may follow any command";
    std::string wanted;
    for (const std::string& command : help.commands) wanted += command + " ";
    EXPECT_EQ(commands, wanted.empty() ? " " : wanted) << Path(help);
  }
}

TEST(Manual, BashKnowsWhereItStands) {
  const Machine machine;
  EXPECT_EQ(BashOffers(machine, {{"--kb", "kb", "inv"},             // a value is no command
                                 {"--kb", "=", "kb", "inv"},        // --kb=kb
                                 {"backtest", "--track", "m"},      // choices
                                 {"backtest", "--track", "=", "c"},
                                 {"investigate", "--out", ""},      // a file: readline's turn
                                 {"kb", "kb", "ver"},
                                 {"verify", "kb", "--la"}}),        // of a command that has no --label
            "investigate \ninvestigate \nmaltrail \ncore \n \nverify \n \n");
}

TEST(Manual, ZshHasEveryCommandAndOption) {
  const Machine machine;
  const std::string text = Printed(machine, {"--print-completion", "zsh"});
  ASSERT_TRUE(text.starts_with("#compdef ascribe\n"));
  for (const Help& help : AllHelp(machine)) {
    std::string function = "_ascribe";
    for (const std::string& word : help.path) function += "_" + word;
    const std::string body = Between("\n" + text, "\n" + function + "() {\n", "\n}\n");
    EXPECT_NE(body, "") << function;
    for (const std::string& option : help.options) EXPECT_THAT(body, HasSubstr(option + "[")) << function;
    for (const std::string& command : help.commands) {
      EXPECT_THAT(body, HasSubstr("'" + command + ":")) << function;
      EXPECT_THAT(body, HasSubstr("  " + command + ") " + function + "_" + command + " ;;")) << function;
    }
  }
  if (Have("zsh")) Shell(machine, "zsh -n", text);
}

TEST(Manual, FishHasEveryCommandAndOption) {
  const Machine machine;
  const std::string text = Printed(machine, {"--print-completion", "fish"});
  for (const Help& help : AllHelp(machine)) {
    const std::string when = help.path.empty() ? "complete -c ascribe" : "complete -c ascribe -n '__ascribe_at " + Path(help) + "'";
    std::string lines;
    std::istringstream all(text);
    for (std::string line; std::getline(all, line);)
      if (line.starts_with(when)) lines += line + " \n";
    for (const std::string& option : help.options)
      EXPECT_THAT(lines, HasSubstr(option.starts_with("--") ? " -l " + option.substr(2) + " " : " -s " + option.substr(1) + " ")) << Path(help);
    for (const std::string& command : help.commands) EXPECT_THAT(lines, HasSubstr(" -f -a " + command + " -d ")) << Path(help);
  }
}

TEST(Manual, FishOffersWhatItShould) {
  if (!Have("fish")) GTEST_SKIP() << "no fish here";
  const Machine machine;
  const std::string text = Printed(machine, {"--print-completion", "fish"}) +
                           "complete -C 'ascribe inv' | string replace -r '\\t.*' ''\n"
                           "complete -C 'ascribe --kb kb kb ver' | string replace -r '\\t.*' ''\n"
                           "complete -C 'ascribe backtest --track m' | string replace -r '\\t.*' ''\n"
                           "complete -C 'ascribe kb add --lab' | string replace -r '\\t.*' ''\n";
  EXPECT_EQ(Shell(machine, "fish --no-config", text), "investigate\nverify\nmaltrail\n--label\n");
}

TEST(Manual, AnUnknownShellIsUsage) {
  const Machine machine;
  const Outcome outcome = machine.Run({"--print-completion", "tcsh"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
}

TEST(Manual, AFullDiskIsAFailure) {
  const Machine machine;
  RunOptions full;
  full.out_path = "/dev/full";
  EXPECT_EQ(machine.Run({"--print-man"}, full).exit_code, 1);
}

TEST(Demo, IsTheExampleInvestigated) {
  const Machine machine;
  const Outcome outcome = machine.Run({"demo"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(outcome.out.ends_with("Files     out/sony-2014\nPage      out/sony-2014/report.html\n")) << outcome.out;
  EXPECT_EQ(FilesBelow(machine / "out/sony-2014"), machine.Investigate(Example("sony-2014"), machine / "other"));
  EXPECT_EQ(machine.Run({"verify", "out/sony-2014"}).exit_code, 0);
}

// The installed program, away from the repository, finds what was installed with it.
TEST(Install, FindsItsDataFolder) {
  const Machine machine;
  const std::string prefix = (machine / "prefix").string();
  ASSERT_EQ(std::system((std::string("'") + ASCRIBE_CMAKE + "' --install '" + ASCRIBE_BUILD_DIR + "' --prefix '" + prefix + "' >/dev/null").c_str()), 0);
  for (const char* file : {"share/ascribe/parameters.toml", "share/ascribe/examples/sony-2014/case.toml", "share/man/man1/ascribe.1",
                           "share/bash-completion/completions/ascribe", "share/zsh/vendor-completions/_ascribe",
                           "share/fish/vendor_completions.d/ascribe.fish", "share/doc/ascribe/copyright", "share/doc/ascribe/docs/weighing.md"})
    EXPECT_TRUE(fs::is_regular_file(prefix + "/" + file)) << file;
  const std::string installed = "cd '" + machine.path().string() + "' && env -u ASCRIBE_DATA HOME=home XDG_DATA_HOME=data prefix/bin/ascribe ";
  ASSERT_EQ(std::system((installed + "kb list >listed").c_str()), 0);
  EXPECT_EQ(ReadBytes(machine / "listed"), machine.Run({"kb", "list"}).out);
  EXPECT_EQ(std::system((installed + "demo --quiet").c_str()), 0);
  EXPECT_TRUE(fs::is_regular_file(machine / "out/sony-2014/report.html"));
  fs::remove_all(machine / "prefix/share/ascribe/examples");
  EXPECT_NE(std::system((installed + "demo --quiet 2>said").c_str()), 0);
  EXPECT_THAT(ReadBytes(machine / "said"), HasSubstr("holds no examples/sony-2014"));
}

}  // namespace
}  // namespace ascribe::cli
