#include "ingest/pieces.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/sha256.h"
#include "base/text.h"
#include "container/members.h"
#include "ingest/reader.h"

namespace ascribe {
namespace {

using Severity = Diagnostic::Severity;

std::vector<std::string> AllPasswords(const std::vector<std::string>& of_case) {
  std::vector<std::string> all = CommonPasswords();
  all.insert(all.end(), of_case.begin(), of_case.end());
  return all;
}

// Parts of Office files that are markup: the addresses in them are names of schemas, the same in every document.
bool IsOfficeMarkup(ByteView bytes) {
  const std::string_view head = bytes.text().substr(0, 4096);
  return head.starts_with("<?xml") && head.find("http://schemas.openxmlformats.org/") != std::string_view::npos;
}

// The reader's facts and diagnostics, about these bytes.
void Read(const Reader& reader, ByteView bytes, Piece& piece) {
  piece.evidence.media = reader.media;
  piece.evidence.reader = reader.extractor;
  piece.reading = ReadWith(reader, bytes, piece.evidence.name);
  for (Fact& fact : piece.reading.facts) {
    fact.evidence = piece.evidence.sha256;
    fact.extractor = reader.extractor;
  }
  for (Diagnostic& diagnostic : piece.reading.diagnostics) diagnostic.evidence = piece.evidence.sha256;
}

Fact CarvedFact(const Member& member) {
  Fact fact;
  fact.subject = {EntityType::kSample, member.parent};
  fact.relation = Relation::kContains;
  fact.object = {EntityType::kFileSha256, member.sha256};
  fact.verification = Verification::kMeasured;
  fact.evidence = member.parent;
  fact.extractor = std::string(kCarvedExtractor);
  fact.locator = {Locator::Kind::kByteRange, member.carved->offset, member.carved->size, {}};
  fact.note =
      fmt::format("a {} program is embedded{}{}", Name(member.carved->format),
                  member.carved->key == 0 ? "" : fmt::format(", every byte XORed with 0x{:02x}", member.carved->key),
                  member.carved->cut ? "; the file ends before it does" : "");
  return fact;
}

}  // namespace

int SniffArchive(ByteView head, std::string_view) { return ArchiveKind(head).empty() ? 0 : 90; }

Reading ReadArchiveItself(ByteView, std::string_view) { return {}; }

std::vector<Piece> ReadPieces(ByteView bytes, std::string_view name, const PieceOptions& options) {
  std::vector<Piece> pieces(1);
  std::map<std::string, std::size_t> by_sha256;
  std::map<std::string, std::size_t> unread;  // members without a reader, by container
  Piece& file = pieces[0];
  file.evidence.sha256 = Sha256Hex(bytes);
  file.evidence.name = SanitizeUtf8(name);
  file.evidence.size = bytes.size();
  const std::string sha256 = file.evidence.sha256, shown = file.evidence.name;
  const auto odd = [&](const std::string& about, Severity severity, std::string code, std::string text) {
    pieces[by_sha256.at(about)].reading.diagnostics.push_back({severity, about, {}, std::move(code), std::move(text)});
  };
  by_sha256.emplace(sha256, 0);
  const Reader* reader = FindReader(bytes, shown);
  if (reader != nullptr && options.read) Read(*reader, bytes, file);
  if (options.also) options.also(file.evidence, bytes);

  std::size_t facts = file.reading.facts.size();
  bool full = false;
  const std::vector<MemberNote> notes =
      VisitMembers(bytes, sha256, AllPasswords(options.passwords), [&](const Member& member) {
        Piece piece;
        piece.evidence.sha256 = member.sha256;
        piece.evidence.name = shown + member.chain;
        piece.evidence.size = member.bytes.size();
        piece.evidence.parent = member.parent;
        const Reader* own = IsOfficeMarkup(member.bytes) ? nullptr : FindReader(member.bytes, piece.evidence.name);
        if (own == nullptr)
          ++unread[member.parent];
        else if (options.read)
          Read(*own, member.bytes, piece);
        facts += piece.reading.facts.size();
        if (facts > kMaxFactsPerFile) {
          full = true;
          piece.reading.facts.clear();
        }
        const std::size_t parent = by_sha256.at(member.parent);
        if (member.carved) pieces[parent].reading.facts.push_back(CarvedFact(member));
        by_sha256.emplace(member.sha256, pieces.size());
        pieces.push_back(std::move(piece));
        if (options.also) options.also(pieces.back().evidence, member.bytes);
        return !full;
      });
  for (const MemberNote& note : notes)
    odd(note.container, note.note.warning ? Severity::kWarning : Severity::kInfo, note.note.code, note.note.text);
  if (full)
    odd(sha256, Severity::kWarning, "limit-facts",
        fmt::format("more than {} facts with its members: the rest was not read", kMaxFactsPerFile));
  for (const auto& [container, count] : unread)
    odd(container, Severity::kInfo, "unrecognised",
        fmt::format("no reader recognises {} of its members; {} hashed and listed only", count,
                    count == 1 ? "it is" : "they are"));
  if (reader == nullptr && pieces.size() > 1) {
    pieces[0].evidence.media = "blob";
    pieces[0].evidence.reader = std::string(kCarvedExtractor);
  } else if (reader == nullptr) {
    odd(sha256, Severity::kWarning, "unrecognised",
        fmt::format("{}: no reader recognises it; it is hashed and listed only", shown));
  }
  for (Piece& piece : pieces) {
    std::sort(piece.reading.facts.begin(), piece.reading.facts.end(), FactLess);
    std::sort(piece.reading.diagnostics.begin(), piece.reading.diagnostics.end());
  }
  return pieces;
}

Bytes BytesOfPiece(ByteView file, const std::string& sha256, const std::vector<std::string>& passwords) {
  const auto copy = [](ByteView bytes) { return Bytes(bytes.data(), bytes.data() + bytes.size()); };
  const std::string own = Sha256Hex(file);
  if (own == sha256) return copy(file);
  Bytes found;
  (void)VisitMembers(file, own, AllPasswords(passwords), [&](const Member& member) {
    if (member.sha256 != sha256) return true;
    found = copy(member.bytes);
    return false;
  });
  return found;
}

std::string PiecesKey(const std::vector<std::string>& passwords) {
  std::string all;
  for (const Reader& reader : Readers()) all += std::string(reader.extractor) + "\n";
  all += std::string(kCarvedExtractor) + "\n";
  for (const std::string& password : AllPasswords(passwords)) all += fmt::format("{}:{}", password.size(), password);
  return Sha256Hex(all).substr(0, 16);
}

}  // namespace ascribe
