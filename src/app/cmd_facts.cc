#include <fmt/format.h>

#include "app/case_intake.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "base/text.h"
#include "ingest/reading_json.h"

namespace ascribe {
namespace {

std::string Table(const Piece& piece) {
  std::string out = fmt::format("{}  {}  {} bytes  sha256 {}\n", TerminalSafe(piece.evidence.name), piece.evidence.reader.empty() ? "(no reader)" : piece.evidence.reader,
                                piece.evidence.size, piece.evidence.sha256);
  for (const Fact& fact : piece.reading.facts)
    out += fmt::format("  {:<22} {} {} {}\n", fact.locator.ToString(), TerminalSafe(Ellipsize(fact.subject.ToString(), 80)),
                       RelationName(fact.relation), TerminalSafe(Ellipsize(Defang(fact.object.ToString()), 200)));
  for (const Diagnostic& diagnostic : piece.reading.diagnostics)
    out += fmt::format("  note {}: {} ({})\n", diagnostic.code, TerminalSafe(Ellipsize(diagnostic.text, 200)), TerminalSafe(diagnostic.locator.ToString()));
  return out;
}

// A member is told with what it lies in, so that its facts lead to the file.
std::string Lines(const Piece& piece) {
  Reading reading = piece.reading;
  if (!piece.evidence.parent.empty())
    reading.diagnostics.insert(reading.diagnostics.begin(), {Diagnostic::Severity::kInfo, piece.evidence.sha256, {}, "member",
                                                             fmt::format("{} lies in sha256 {}", piece.evidence.name, piece.evidence.parent)});
  return ReadingToNdjson(reading);
}

}  // namespace

int CmdFacts(const CommandLine& line) {
  int exit_code = kExitDone;
  for (const std::string& path : line.paths) {
    const auto pieces = ReadEvidenceFile(path, std::filesystem::path(path).filename().string(), {});
    if (!pieces) {
      Report(pieces.error());
      exit_code = kExitInput;
      continue;
    }
    for (const Piece& piece : *pieces)
      if (!Print(line.json ? Lines(piece) : Table(piece))) return kExitFailure;
  }
  return exit_code;
}

}  // namespace ascribe
