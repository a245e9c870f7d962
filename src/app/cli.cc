#include "app/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>

#include "app/command_table.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "base/text.h"
#include "report/assessment_json.h"

namespace ascribe {
namespace {

constexpr const char* kExamples = R"(  ascribe demo
  ascribe investigate examples/sony-2014
  ascribe investigate examples/sony-2014 --as-of 2014-12-18 --json
  ascribe investigate examples/sony-2014 --without code --save no-code
  ascribe explain examples/sony-2014 verdict
  ascribe export examples/sony-2014 --format stix --tlp green --out sony.stix.json
  ascribe facts report.pdf sample.bin --json
  ascribe compare old.exe new.exe --html pairs.html
  ascribe kb add my-pack/ enterprise-attack.json
  ascribe kb add --label actor=X,family=Y,version=2 old.exe
  ascribe match new.exe --json
  ascribe diff out/sony-2014 out/sony-2014/scenario-no-code.json
  ascribe verify out/sony-2014
  ascribe serve --cases out
  ascribe backtest reports.jsonl.xz --gap 30 --no-crimeware)";
// Of commands that the examples above do not show; in their own help only.
constexpr const char* kMoreExamples = R"(  ascribe yara old.exe new.exe --family X
  ascribe kb list
  ascribe kb show sony-2014
  ascribe kb verify
  ascribe kb rebuild
  ascribe kb remove my-pack
  ascribe kb fit reports.jsonl.xz --until 2020-01-01)";
constexpr const char* kExitCodes = "0 done, 1 failure, 2 usage, 3 input not readable, 4 integrity, 5 ledger locked.";

// What stands below the help of a command: its own examples. `path`: "kb add"; empty: the program.
std::string Footer(const std::string& path) {
  const std::string start = "  ascribe" + (path.empty() ? "" : " " + path);
  std::string examples;
  for (const char* list : {kExamples, kMoreExamples})
    for (std::string_view row : Split(list, '\n')) {
      if (path.empty() && list == kMoreExamples) continue;
      if (row.starts_with(start) && (row.size() == start.size() || row[start.size()] == ' ')) examples += std::string(row) + "\n";
    }
  return (examples.empty() ? "" : "Examples:\n" + examples + "\n") + "Exit codes: " + kExitCodes;
}

void SetFooters(CLI::App& app, const std::string& path) {
  app.footer(Footer(path));
  for (CLI::App* sub : app.get_subcommands({})) SetFooters(*sub, path + (path.empty() ? "" : " ") + sub->get_name());
}

// "TEXT:DATE" is a DATE, "INT:INT in [0 - 9]" is 0..9, "TEXT:{a,b}" is a|b with its choices.
void DescribeValue(std::string type, CommandOption& option) {
  if (const std::size_t colon = type.find(':'); colon != type.npos) type.erase(0, colon + 1);
  if (const std::size_t range = type.find(" in ["); range != type.npos) {
    type = type.substr(range + 5, type.find(']') - range - 5);
    if (const std::size_t dash = type.find(" - "); dash != type.npos) type.replace(dash, 3, "..");
  }
  if (type.starts_with('{') && type.ends_with('}')) {
    std::string choices = type.substr(1, type.size() - 2);
    std::replace(choices.begin(), choices.end(), ',', '|');
    for (std::string_view rest = choices; !rest.empty();) {
      const std::size_t end = std::min(rest.find('|'), rest.size());
      option.choices.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    type = choices;
  }
  option.value = type;
}

// The one table that the manual and the completions are written from: what the parser itself was told.
Command Describe(const CLI::App& app) {
  Command command;
  command.name = app.get_name();
  command.help = app.get_description();
  for (const CLI::Option* given : app.get_options()) {
    if (given->get_group().empty()) continue;                                   // hidden
    if (given == app.get_help_ptr() && app.get_parent() != nullptr) continue;  // the program's own stands for all
    CommandOption option;
    option.help = given->get_description();
    const bool many = given->get_items_expected_max() > 1;
    if (given->get_snames().empty() && given->get_lnames().empty()) {
      option.names = {given->get_name(true)};
      option.repeatable = many && option.names.front().find(' ') == std::string::npos;
      command.positionals.push_back(std::move(option));
      continue;
    }
    for (const std::string& name : given->get_snames()) option.names.push_back("-" + name);
    for (const std::string& name : given->get_lnames()) option.names.push_back("--" + name);
    option.repeatable = many || given->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    if (given->get_items_expected_max() > 0) DescribeValue(given->get_type_name(), option);
    command.options.push_back(std::move(option));
  }
  for (const CLI::App* sub : app.get_subcommands({})) command.commands.push_back(Describe(*sub));
  return command;
}

std::string Generate(const CLI::App& app, const std::string& what) {
  const Command program = Describe(app);
  if (what == "man") return ManPage(program, {kEngineVersion, kExamples, kExitCodes});
  if (what == "bash") return BashCompletion(program);
  return what == "zsh" ? ZshCompletion(program) : FishCompletion(program);
}

}  // namespace

int RunCli(int argc, const char* const* argv) {
  // A closed pipe or a limit on file sizes is a write error with its line, not a silent death.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  CommandLine line;
  CLI::App app{"ascribe: who did this, on what evidence, and how sure are we?", "ascribe"};
  app.set_version_flag("--version", std::string("ascribe ") + kEngineVersion);
  app.require_subcommand(1);
  app.fallthrough();
  std::string kb, out;
  app.add_option("--kb", kb, "folder of the ledger (default: $XDG_DATA_HOME/ascribe)");
  app.add_option("--threads", line.threads, "threads (default: one per core)")->check(CLI::Range(1, 256));
  app.add_flag("--quiet,-q", line.quiet, "no talk, no progress");
  // For those who make packages; hidden, and nothing else is done then.
  std::string print;
  const auto choose_print = [&print](const std::string& what) {
    if (what != "man" && what != "bash" && what != "zsh" && what != "fish") throw CLI::ValidationError("--print-completion", "write bash, zsh or fish");
    print = what;
    throw CLI::Success();
  };
  app.add_flag_callback("--print-man", [&] { choose_print("man"); })->group("");
  app.add_option_function<std::string>("--print-completion", choose_print)->group("");

  int (*command)(const CommandLine&) = nullptr;
  const auto choose = [&](int (*run)(const CommandLine&)) { return [&command, run] { command = run; }; };
  const auto positional = [&](CLI::App* sub, const char* name, const char* help, int least, int most) {
    sub->add_option(name, line.paths, help)->required()->expected(least, most);
  };

  CLI::App* investigate = app.add_subcommand("investigate", "attribute a case");
  positional(investigate, "CASE", "folder with case.toml and evidence/", 1, 1);
  // An empty date is a slip of a script, not "everything known".
  const auto given = [](const std::string& date) { return date.empty() ? std::string("write YYYY-MM-DD") : std::string(); };
  const auto level = [](const std::string& tlp) { return tlp.empty() ? std::string("write a level") : std::string(); };
  investigate->add_option("--as-of", line.as_of, "replay what could be known on YYYY-MM-DD (or YYYY-MM: its last day)")->check(given, "DATE");
  investigate->add_option("--out", out, "where the files go (default: out/<case id>)");
  investigate->add_flag("--json", line.json, "assessment.json on stdout");
  ScenarioOptions& what_if = line.scenario;
  investigate->add_option("--without", what_if.without, "what if this were not there: claim, fact, source or kind of evidence (code, infrastructure...); repeatable")
      ->take_all()->expected(1)->type_name("ID|SOURCE");
  investigate->add_option("--trust", what_if.trust, "what if what SOURCE states, or what a claim says, were so with chance p (0..1); repeatable")
      ->take_all()->expected(1)->type_name("SOURCE|CLAIM=p");
  investigate->add_option("--unknown-prior", what_if.unknown_prior, "what if \"somebody unknown\" started with this chance (0.01..0.99)")->type_name("P");
  investigate->add_flag("--flat-prior", what_if.flat_prior, "what if every known actor started alike");
  CLI::Option* save = investigate->add_option("--save", what_if.name, "keep the scenario in OUT under this name and compare it with the others");
  investigate->callback(choose(CmdInvestigate));

  CLI::App* demo = app.add_subcommand("demo", "investigate the example that comes with the program (Sony Pictures, 2014)");
  demo->add_option("--out", out, "where the files go (default: out/sony-2014)");
  demo->callback(choose(CmdDemo));

  CLI::App* explain = app.add_subcommand("explain", "walk from a claim, fact, hypothesis or the verdict to the bytes");
  positional(explain, "CASE ID", "the case and an id of its assessment.json, \"verdict\", \"ach\" (competing hypotheses) or \"response\" (what to do about it)", 2, 2);
  explain->add_option("--as-of", line.as_of, "as in investigate")->check(given, "DATE");
  explain->callback(choose(CmdExplain));

  CLI::App* transfer = app.add_subcommand("export", "a case and its assessment for other programs");
  positional(transfer, "CASE", "the case, or a folder written by investigate", 1, 1);
  transfer->add_option("--format", line.transfer.format, "stix (2.1 bundle), navigator (layers 4.5), misp (event), md (report), csv (evidence)")
      ->required()->check(CLI::IsMember({"stix", "navigator", "misp", "md", "csv"}));
  transfer->add_option("--out", out, "where the file goes (default: -, standard output)");
  transfer->add_option("--tlp", line.transfer.tlp, "leave out what is marked higher: clear, green, amber, amber+strict, red")->check(level, "LEVEL");
  transfer->add_option("--as-of", line.as_of, "as in investigate")->check(given, "DATE");
  transfer->callback(choose(CmdExport));

  CLI::App* diff = app.add_subcommand("diff", "what changed between two assessments, and why");
  positional(diff, "OUT1 OUT2", "two folders written by investigate, or saved scenarios in them", 2, 2);
  diff->add_flag("--json", line.json, "ascribe-diff/1 on stdout");
  diff->callback(choose(CmdDiff));

  CLI::App* facts = app.add_subcommand("facts", "print what a reader extracts");
  positional(facts, "FILE", "files of any supported kind", 1, 100000);
  facts->add_flag("--json", line.json, "NDJSON with locators");
  facts->callback(choose(CmdFacts));

  CLI::App* compare = app.add_subcommand("compare", "which function of sample A is which of sample B, and what differs");
  positional(compare, "A B", "two samples; with --pool the folder that it names files in", 1, 2);
  compare->add_flag("--functions", line.compare.functions, "one JSON line a function of A: its ten best candidates in B");
  compare->add_flag("--json", line.json, "one JSON object: the pairs, with scores by kind of evidence");
  std::string compare_html, compare_pool;
  compare->add_option("--html", compare_html, "write the pairs, side by side, as a page");
  compare->add_option("--pool", compare_pool, "rank within the fixed pools of a scorer (docs/bench-code.md)");
  compare->callback(choose(CmdCompare));

  CLI::App* match = app.add_subcommand("match", "which known samples share code with FILES; nothing is stored");
  positional(match, "FILE", "samples", 1, 1'000'000);
  match->add_option("--top", line.match.top, "matches to give, also below every threshold")->check(CLI::Range(1, 1000));
  match->add_flag("--json", line.json, "one JSON line a file");
  match->add_flag("--no-goodware", line.match.no_goodware, "do not leave out code that goodware has");
  std::string index_list;
  match->add_option("--index-list", index_list, "lines \"QUERY-SHA256 SHA256...\": what the index holds when that query is asked");
  match->callback(choose(CmdMatch));

  CLI::App* yara = app.add_subcommand("yara", "a YARA rule from code that only FILES have");
  positional(yara, "FILE", "samples of one tool", 1, 1000);
  yara->add_option("--family", line.family, "their family in the knowledge base: its samples are no strangers");
  yara->callback(choose(CmdYara));

  CLI::App* verify = app.add_subcommand("verify", "recompute every digest and the assessment");
  positional(verify, "OUT", "a folder written by investigate", 1, 1);
  verify->callback(choose(CmdVerify));

  CLI::App* serve = app.add_subcommand("serve", "a local web page and API over the folder of cases (docs/serve.md)");
  std::string token_file, cases = line.serve.cases.string();
  serve->add_option("--port", line.serve.port, "port; 0 takes a free one")->check(CLI::Range(0, 65535))->capture_default_str();
  serve->add_option("--host", line.serve.host, "address; one that other machines reach needs a token")->capture_default_str();
  serve->add_option("--token-file", token_file, "file whose first line is the token (or set ASCRIBE_TOKEN)");
  serve->add_flag("--read-only", line.serve.read_only, "refuse everything that changes something");
  serve->add_option("--cases", cases, "folder of the cases")->capture_default_str();
  serve->callback(choose(CmdServe));

  CLI::App* backtest = app.add_subcommand("backtest", "replay a corpus of dated reports and score the answers");
  backtest->add_option("REPORTS", line.paths, "JSON Lines, plain or .xz (docs/formats/backtest.md)")->expected(0, 1);
  BacktestOptions& replay = line.backtest;
  backtest->add_option("--gap", replay.gap, "use knowledge older than this many days only")->check(CLI::Range(0, 36500));
  backtest->add_flag("--no-crimeware", replay.no_crimeware, "do not score tests of the actors in tables/crimeware-actors.txt");
  backtest->add_option("--track", replay.track, "core (default), attack or maltrail")
      ->check(CLI::IsMember({"core", "attack", "maltrail"}));
  backtest->add_option("--from", replay.from, "score tests from YYYY-MM-DD")->check(given, "DATE");
  backtest->add_option("--to", replay.to, "score tests before YYYY-MM-DD")->check(given, "DATE");
  backtest->add_flag("--library", replay.library, "the attacks of the knowledge base: shipped and added packs, closed cases");
  backtest->add_option("--least", replay.least, "earlier tests that the first scored year needs (default: 120, of a library 15)")->check(CLI::Range(1, 100000));
  std::string predictions, html, convert;
  backtest->add_option("--convert", convert, "write the corpus as JSON Lines");
  backtest->add_option("--predictions", predictions, "write the answers as JSON Lines");
  backtest->add_option("--html", html, "write the tables and two plots as a page");
  backtest->callback(choose(CmdBacktest));

  CLI::App* knowledge = app.add_subcommand("kb", "the knowledge base");
  knowledge->require_subcommand(1);
  knowledge->fallthrough();
  CLI::App* add = knowledge->add_subcommand("add", "add packs, ATT&CK releases, MISP galaxies and warning lists, a closed case, or samples");
  positional(add, "PATH", "pack folder, case folder or JSON file; with --label or --goodware programs and folders of them", 1, 1'000'000);
  add->add_option("--label", line.label, "for samples: actor=X,family=Y,version=V, any of them; of goodware package=P");
  add->add_option("--known", line.known, "for samples: since when their label is known, YYYY-MM-DD (default: today)")->check(given, "DATE");
  add->add_flag("--goodware", line.goodware, "samples that belong to nobody: what they share weighs nothing");
  add->add_option("--attributed-to", line.attributed_to, "for a case: your judgement, actor:<id>");
  add->add_option("--confidence", line.confidence, "for a case: how sure you are, 0..1")->check(CLI::Range(0.0, 1.0));
  add->add_option("--by", line.by, "for a case: who judges (a role, not a name)");
  add->callback(choose(CmdKbAdd));
  knowledge->add_subcommand("list", "list what is known")->callback(choose(CmdKbList));
  CLI::App* show = knowledge->add_subcommand("show", "print a pack: sources and facts");
  positional(show, "ID", "id from kb list", 1, 1);
  show->callback(choose(CmdKbShow));
  knowledge->add_subcommand("verify", "check the ledger and every pack")->callback(choose(CmdKbVerify));
  knowledge->add_subcommand("rebuild", "make the index of known samples and goodware anew from their stored features")->callback(choose(CmdKbRebuild));
  CLI::App* remove = knowledge->add_subcommand("remove", "remove what kb add added");
  positional(remove, "ID", "id or digest", 1, 1);
  remove->callback(choose(CmdKbRemove));
  CLI::App* fit = knowledge->add_subcommand("fit", "measure likelihood ratios and weights on a corpus of dated reports, and use them from now on");
  positional(fit, "REPORTS", "JSON Lines, plain or .xz (docs/formats/backtest.md)", 1, 1);
  fit->add_option("--until", line.fit.until, "use reports before YYYY-MM-DD only")->check(given, "DATE");
  fit->add_flag("--with-crimeware", line.fit.with_crimeware, "count tests of the actors in tables/crimeware-actors.txt too");
  fit->add_option("--out", out, "write there, and do not use it (default: fit.toml beside the ledger)");
  fit->callback(choose(CmdKbFit));
  for (CLI::App* sub : knowledge->get_subcommands({})) sub->fallthrough();
  SetFooters(app, "");

  try {
    app.parse(argc, argv);
    line.kb = kb;
    line.out = out;
    line.backtest.predictions = predictions;
    line.backtest.html = html;
    line.backtest.convert = convert;
    line.compare.html = compare_html;
    line.compare.pool = compare_pool;
    line.match.index_list = index_list;
    line.serve.token_file = token_file;
    line.serve.cases = cases;
    line.scenario.saved = save->count() > 0;
    return command == nullptr ? kExitUsage : command(line);
  } catch (const CLI::ParseError& error) {
    // --help and --version end here too, with code 0. A complaint repeats what was typed, which may be a hostile file
    // name.
    if (!print.empty()) return Print(Generate(app, print)) ? kExitDone : kExitFailure;
    if (error.get_exit_code() == 0) return app.exit(error) == 0 ? kExitDone : kExitUsage;
    Talk("ascribe: " + TerminalSafe(error.what()) + " (see ascribe --help)\n");
    return kExitUsage;
  } catch (const std::exception& error) {
    // Memory, or a file-system call without an error code: one line, no half-written file (writes are atomic).
    Talk("ascribe: " + TerminalSafe(error.what()) + "\n");
    return kExitFailure;
  }
}

}  // namespace ascribe
