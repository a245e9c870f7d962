#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "base/io.h"
#include "base/text.h"

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

constexpr std::string_view kManifestName = "manifest-sha256.txt";

// Everything is rendered before the first byte is written. The manifest last: a folder whose manifest holds is complete.
Status WriteOutputs(const fs::path& out, const std::map<std::string, std::string>& files) {
  std::error_code error;
  fs::create_directories(out, error);
  if (error) return Fail(ErrorCode::kIo, fmt::format("cannot make the folder {}: {}", out.string(), error.message()));
  std::vector<std::pair<std::string, std::string_view>> ordered;
  for (const auto& [name, content] : files)
    if (name != kManifestName) ordered.emplace_back(name, content);
  ordered.emplace_back(kManifestName, files.at(std::string(kManifestName)));
  return WriteFilesTogether(out, ordered);
}

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
  const std::map<std::string, std::string> files = RenderOutputs(run->intake.data, run->assessment);
  const fs::path out = line.out.empty() ? fs::path("out") / run->intake.data.info.id : line.out;
  if (const Status written = WriteOutputs(out, files); !written) return Report(written.error());
  if (line.json) return Print(files.at("assessment.json")) ? kExitDone : kExitFailure;
  if (line.quiet) return kExitDone;
  Talk(DiagnosticSummary(run->intake.data.diagnostics));
  return Print(files.at("report.txt") + fmt::format("Files     {}\n", TerminalSafe(out.string()))) ? kExitDone : kExitFailure;
}

}  // namespace ascribe
