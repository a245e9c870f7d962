#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/evidence.h"
#include "model/reading.h"

namespace ascribe {

inline constexpr std::string_view kArchiveExtractor = "archive@1";
/// Extractor of the facts that say what is embedded where.
inline constexpr std::string_view kCarvedExtractor = "carved@1";

/// Archives, by content. They say nothing themselves; their members do (ReadPieces).
[[nodiscard]] int SniffArchive(ByteView head, std::string_view file_name);
[[nodiscard]] Reading ReadArchiveItself(ByteView bytes, std::string_view file_name);

/// A file of the case, or something that lies in one, and what its reader makes of it. Of the evidence sha256, name,
/// size, media, reader and parent are set; Fact::evidence and Diagnostic::evidence too.
struct Piece {
  Evidence evidence;
  Reading reading;
};

struct PieceOptions {
  std::vector<std::string> passwords = {};  ///< of archives, tried after the common ones
  bool read = true;                         ///< false: pieces are found and given to `also`, no reader is asked
  /// Called for every piece, the file first, while its bytes are there; may be empty.
  std::function<void(const Evidence&, ByteView)> also = {};
};

/// Reads a file and everything that lies in it (container/members.h), each piece with the reader that recognises it.
/// The file is first and its name stays as given; a member's name is that of the file and its chain:
/// "evidence/a.zip!b.exe", "evidence/doc.pdf#0x1200". An embedded program is also a fact of its parent:
/// `sample:<parent> contains file-sha256:<program>` at its bytes. Pure but for `also`. Facts and diagnostics are
/// sorted.
[[nodiscard]] std::vector<Piece> ReadPieces(ByteView bytes, std::string_view name, const PieceOptions& options);

/// Finds one piece again: gives its bytes, or nothing when the file does not hold it. `sha256` may be that of the file.
[[nodiscard]] Bytes BytesOfPiece(ByteView file, const std::string& sha256, const std::vector<std::string>& passwords);

/// Changes whenever the same file could give other pieces or facts: part of the key under which a reading is kept.
[[nodiscard]] std::string PiecesKey(const std::vector<std::string>& passwords);

}  // namespace ascribe
