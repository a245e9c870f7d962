#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ascribe {

/// Options of `ascribe backtest`.
struct BacktestOptions {
  int gap = 0;  ///< days
  bool no_crimeware = false;
  std::string track = "core", from, to;
  std::filesystem::path predictions, html;
  bool library = false;            ///< the knowledge base instead of a file
  int least = 0;                   ///< earlier tests that the first scored year needs; 0: the default
  std::filesystem::path convert;   ///< write the corpus there
};

/// Options of `ascribe kb fit`.
struct FitOptions {
  std::string until;          ///< only tests before this day; empty: all
  bool with_crimeware = false;
};

/// Options of `ascribe investigate` that ask "what if"; as typed.
struct ScenarioOptions {
  std::vector<std::string> without, trust;
  bool flat_prior = false, saved = false;
  std::string name;  ///< --save
  std::string unknown_prior;  ///< empty: not given
};

/// Options of `ascribe export`.
struct TransferOptions {
  std::string format;  ///< stix, navigator, misp, md, csv
  std::string tlp;     ///< the highest marking that may go out, as typed; empty: all
};

/// Options of `ascribe compare`.
struct CompareOptions {
  bool functions = false;            ///< NDJSON, a line a function of A
  std::filesystem::path pool, html;  ///< a scorer's fixed pool; a page
};

/// Options of `ascribe match`.
struct MatchLineOptions {
  int top = 10;
  bool no_goodware = false;
  std::filesystem::path index_list;  ///< per query the samples that count
};

/// Options of `ascribe serve`.
struct ServeLineOptions {
  std::string host = "127.0.0.1";
  int port = 8417;
  std::filesystem::path token_file, cases = "out";
  bool read_only = false;
};

/// What the command line said, for every command. Each command prints its own errors (one clear line on stderr) and
/// returns an exit code of exit_codes.h.
struct CommandLine {
  std::filesystem::path kb;  ///< --kb; empty: the XDG data folder
  bool quiet = false, json = false;
  std::string as_of;         ///< --as-of as typed
  std::filesystem::path out;  ///< --out
  unsigned threads = 0;
  std::vector<std::string> paths;  ///< positional arguments
  std::string attributed_to, by;   ///< kb add CASE
  double confidence = 0;
  BacktestOptions backtest;
  FitOptions fit;
  CompareOptions compare;
  MatchLineOptions match;
  std::string label;      ///< kb add --label
  bool goodware = false;  ///< kb add --goodware
  std::string family;     ///< yara --family
  std::string known;      ///< kb add --label: since when
  ScenarioOptions scenario;
  ServeLineOptions serve;
  TransferOptions transfer;
};

int CmdInvestigate(const CommandLine& line);
int CmdDemo(const CommandLine& line);
int CmdExplain(const CommandLine& line);
int CmdExport(const CommandLine& line);
int CmdDiff(const CommandLine& line);
int CmdFacts(const CommandLine& line);
int CmdCompare(const CommandLine& line);
int CmdMatch(const CommandLine& line);
int CmdYara(const CommandLine& line);
int CmdKbAddCode(const CommandLine& line);
int CmdServe(const CommandLine& line);
int CmdBacktest(const CommandLine& line);
int CmdVerify(const CommandLine& line);
int CmdKbAdd(const CommandLine& line);
int CmdKbList(const CommandLine& line);
int CmdKbShow(const CommandLine& line);
int CmdKbVerify(const CommandLine& line);
int CmdKbRebuild(const CommandLine& line);
int CmdKbFit(const CommandLine& line);
int CmdKbRemove(const CommandLine& line);

/// "ascribe: <message>" on stderr, made safe for terminals; returns the exit code that belongs to the error.
struct Error;
int Report(const Error& error);

/// Talks on stderr. A stderr that takes nothing (closed, full disk) is not worth failing for.
void Talk(const std::string& text);

/// Writes to stdout; false when stdout does not take it (closed pipe, full disk), after one line on stderr.
[[nodiscard]] bool Print(const std::string& text);

}  // namespace ascribe
