#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/case_excerpts.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "base/folder_writer.h"
#include "base/io.h"
#include "base/text.h"
#include "report/assessment_json.h"
#include "report/scenario_json.h"
#include "report/terminal.h"

namespace ascribe {
namespace fs = std::filesystem;

void Talk(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stderr) != text.size()) std::clearerr(stderr);
}

int Report(const Error& error) {
  Talk("ascribe: " + TerminalSafe(error.message) + "\n");
  return ExitCodeFor(error.code);
}

bool Print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) return true;
  Talk(fmt::format("ascribe: cannot write to standard output: {}\n", std::strerror(errno)));
  return false;
}

namespace {

std::string DiagnosticSummary(const std::vector<Diagnostic>& diagnostics) {
  constexpr std::size_t kShown = 5;
  std::string text;
  std::size_t shown = 0, notable = 0;
  for (const Diagnostic& d : diagnostics) {
    if (d.severity == Diagnostic::Severity::kInfo) continue;
    if (++notable > kShown) continue;
    ++shown;
    text += fmt::format("  {}: {}\n", d.code, TerminalSafe(Ellipsize(d.text, 160)));
  }
  if (notable == 0) return {};
  if (notable > shown) text += fmt::format("  and {} more, all in case.json\n", notable - shown);
  return fmt::format("{} note{} on the evidence:\n{}", notable, notable == 1 ? "" : "s", text);
}

// Each saved scenario is a whole assessment, made anew in every run.
constexpr std::size_t kMaxScenarios = 50;
constexpr std::uint64_t kMaxScenarioFile = std::uint64_t{256} << 20;

// What was saved into OUT before, by name.
Result<std::map<std::string, Scenario>> SavedScenarios(const fs::path& out) {
  std::map<std::string, Scenario> saved;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(out, error)) {
    const std::string name = ScenarioOfFile(entry.path().filename().string());
    if (name.empty()) continue;
    TRY_ASSIGN(const std::string text, ReadTextFile(entry.path(), kMaxScenarioFile));
    auto scenario = ScenarioFromJson(text);
    if (scenario && scenario->name != name) scenario = Fail(ErrorCode::kInvalidInput, "it is saved under another name");
    if (!scenario) return FailAt(entry.path().string() + " is no saved scenario; remove it", scenario.error());
    saved.emplace(name, std::move(*scenario));
  }
  return saved;
}

// From the command line; an error is a mistake of usage.
Result<Scenario> TypedScenario(const CommandLine& line) {
  const ScenarioOptions& typed = line.scenario;
  Scenario scenario;
  for (const std::string& term : typed.without) {
    if (term.empty()) return Fail(ErrorCode::kInvalidInput, "--without needs an id");
    scenario.LeaveOut(term);
  }
  for (const std::string& term : typed.trust) TRY(scenario.Trust(term));
  scenario.flat_prior = typed.flat_prior;
  if (!typed.unknown_prior.empty()) TRY(scenario.UnknownPrior(typed.unknown_prior));
  if (typed.saved && !IsScenarioName(typed.name))
    return Fail(ErrorCode::kInvalidInput, fmt::format("--save \"{}\": a name has 1 to 64 letters, digits, - and _", TerminalSafe(Ellipsize(typed.name, 80))));
  if (typed.saved && scenario.empty()) return Fail(ErrorCode::kInvalidInput, "--save needs --without, --trust, --flat-prior or --unknown-prior");
  if (!scenario.empty() && !typed.saved && !line.out.empty())
    return Fail(ErrorCode::kInvalidInput, "a scenario is written with --save NAME only; without it, leave --out away");
  scenario.name = typed.name;
  return scenario;
}

// A scenario that is not saved is printed, and no file changes.
int PrintScenario(const CommandLine& line, const Assessment& assessment) {
  if (line.json) return Print(AssessmentToJson(assessment)) ? kExitDone : kExitFailure;
  return line.quiet || Print(AssessmentToText(assessment)) ? kExitDone : kExitFailure;
}

}  // namespace

int CmdInvestigate(const CommandLine& line) {
  InvestigateOptions options;
  options.kb = line.kb;
  options.threads = line.threads;
  options.quiet = line.quiet || line.json;
  if (!line.as_of.empty()) {
    options.as_of = ParseAsOf(line.as_of);
    if (!options.as_of) {
      Talk(fmt::format("ascribe: --as-of \"{}\": write YYYY-MM-DD, or YYYY-MM for the last day of a month\n", TerminalSafe(line.as_of)));
      return kExitUsage;
    }
  }
  const Result<Scenario> typed = TypedScenario(line);
  if (!typed) return Report(typed.error()), kExitUsage;
  // Outputs below the case would become evidence of the next run, or overwrite it.
  std::error_code ignored;
  const fs::path case_folder = fs::weakly_canonical(line.paths.front(), ignored);
  const fs::path wanted = fs::weakly_canonical(line.out.empty() ? fs::path("out") : line.out, ignored);
  const fs::path evidence = case_folder / "evidence";
  if (wanted == case_folder || std::mismatch(evidence.begin(), evidence.end(), wanted.begin(), wanted.end()).first == evidence.end()) {
    Talk("ascribe: --out must not be the case or lie in its evidence; name another folder\n");
    return kExitUsage;
  }
  auto run = Investigate(line.paths.front(), options);
  if (!run) return Report(run.error());
  std::optional<Assessment> what_if;
  if (!typed->empty()) {
    what_if = AssessCase(run->intake.data, run->kb, options.as_of, run->knowledge, &*typed, options.threads);
    if (!what_if->unmatched.empty())
      return Report({ErrorCode::kInvalidInput, fmt::format("the case holds no {}; assessment.json and case.json list what there is", what_if->unmatched.front())}), kExitUsage;
    if (!line.scenario.saved) return PrintScenario(line, *what_if);
  }
  const fs::path out = line.out.empty() ? fs::path("out") / run->intake.data.info.id : line.out;
  auto saved = SavedScenarios(out);
  if (!saved) return Report(saved.error());
  if (what_if) saved->insert_or_assign(typed->name, *typed);
  if (saved->size() > kMaxScenarios) return Report({ErrorCode::kLimitExceeded, fmt::format("{} holds more than {} saved scenarios; remove some", out.string(), kMaxScenarios)});
  std::vector<Assessment> scenarios;
  for (const auto& [name, scenario] : *saved)
    scenarios.push_back(what_if && name == typed->name ? *what_if : AssessCase(run->intake.data, run->kb, options.as_of, run->knowledge, &scenario, options.threads));
  const auto bytes_of = [&](const std::string& sha256) { return BytesOfEvidence(run->intake, sha256); };
  const auto data_folder = DataFolder();
  if (!data_folder) return Report(data_folder.error());
  const Excerpts excerpts = QuoteCitedFacts(run->intake.data, run->assessment, *run->knowledge, run->kb, *data_folder, bytes_of);
  // The manifest last: a folder whose manifest holds is complete.
  std::error_code error;
  fs::create_directories(out, error);
  if (error) return Report({ErrorCode::kIo, fmt::format("cannot make the folder {}: {}", out.string(), error.message())});
  auto writer = FolderWriter::Open(out);
  if (!writer) return Report(writer.error());
  const std::string json = what_if ? ScenarioFile(typed->name) : "assessment.json";
  std::map<std::string, std::string> printed = {{json, {}}, {"report.txt", {}}};
  auto kept = printed.end();
  RenderOutputs(run->intake.data, run->assessment, scenarios, *run->knowledge, run->kb, excerpts, run->code,
                {[&](std::string_view name) {
                   kept = printed.find(std::string(name));
                   writer->Begin(name);
                 },
                 [&](std::string_view piece) {
                   if (kept != printed.end()) kept->second += piece;
                   writer->Add(piece);
                 }});
  if (const Status written = writer->Publish(); !written) return Report(written.error());
  if (line.json) return Print(printed.at(json)) ? kExitDone : kExitFailure;
  if (line.quiet) return kExitDone;
  Talk(DiagnosticSummary(run->intake.data.diagnostics));
  const std::string report = what_if ? AssessmentToText(*what_if) + CompareScenarios(run->assessment, scenarios) : printed.at("report.txt");
  return Print(report + fmt::format("Files     {}\n", TerminalSafe(out.string()))) ? kExitDone : kExitFailure;
}

}  // namespace ascribe
