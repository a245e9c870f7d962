#include <fmt/format.h>

#include "app/case_intake.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "base/text.h"
#include "ingest/reading_json.h"

namespace ascribe {
namespace {

std::string Table(const FileReading& reading) {
  std::string out = fmt::format("{}  {}  {} bytes  sha256 {}\n", TerminalSafe(reading.evidence.name), reading.evidence.reader,
                                reading.evidence.size, reading.evidence.sha256);
  for (const Fact& fact : reading.facts)
    out += fmt::format("  {:<22} {} {} {}\n", fact.locator.ToString(), TerminalSafe(Ellipsize(fact.subject.ToString(), 80)),
                       RelationName(fact.relation), TerminalSafe(Ellipsize(Defang(fact.object.ToString()), 200)));
  for (const Diagnostic& diagnostic : reading.diagnostics)
    out += fmt::format("  note {}: {} ({})\n", diagnostic.code, TerminalSafe(Ellipsize(diagnostic.text, 200)), TerminalSafe(diagnostic.locator.ToString()));
  return out;
}

}  // namespace

int CmdFacts(const CommandLine& line) {
  int exit_code = kExitDone;
  for (const std::string& path : line.paths) {
    const auto reading = ReadEvidenceFile(path, std::filesystem::path(path).filename().string());
    if (!reading) {
      Report(reading.error());
      exit_code = kExitInput;
      continue;
    }
    if (!Print(line.json ? ReadingToNdjson({reading->facts, reading->diagnostics}) : Table(*reading))) return kExitFailure;
  }
  return exit_code;
}

}  // namespace ascribe
