#include "code/programs.h"

#include "binary/executable.h"
#include "ingest/pieces.h"

namespace ascribe {

Result<std::vector<std::string>> ForEachProgram(
    const std::string& name, Bytes bytes, Carried carried, const std::function<Status(const std::string& name, Bytes program)>& each) {
  const bool carrier = LooksExecutable(bytes);
  if (carrier && carried == Carried::kNot) {
    TRY(each(name, std::move(bytes)));
    return std::vector<std::string>{};
  }
  std::size_t programs = 0;
  Status status;
  PieceOptions options;
  options.read = false;
  options.also = [&](const Evidence& evidence, ByteView piece) {
    // The file itself is told of even when it cannot be parsed; what only looks like a program inside is chance.
    const bool whole = programs == 0 && carrier;
    if (!status || (!whole && (!LooksExecutable(piece) || !ParseExecutable(piece)))) return;
    ++programs;
    status = each(evidence.name, Bytes(piece.data(), piece.data() + piece.size()));
  };
  const std::vector<Piece> pieces = ReadPieces(bytes, name, options);
  TRY(status);
  std::vector<std::string> odd;
  for (const Piece& piece : pieces)
    for (const Diagnostic& diagnostic : piece.reading.diagnostics)
      if (diagnostic.severity != Diagnostic::Severity::kInfo && diagnostic.code != "unrecognised")
        odd.push_back(piece.evidence.name + ": " + diagnostic.text);
  if (programs == 0)
    return Fail(ErrorCode::kInvalidInput,
                "neither PE, ELF nor Mach-O" + (odd.empty() ? std::string() : "; " + odd.front()));
  return odd;
}

}  // namespace ascribe
