#include "app/case_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>

#include "app/case_code.h"
#include "app/progress.h"
#include "base/io.h"
#include "base/pool.h"
#include "base/sha256.h"
#include "base/text.h"
#include "code/code_facts.h"
#include "code/literal_facts.h"
#include "ingest/case_file.h"
#include "ingest/overrides_file.h"
#include "ingest/reader.h"
#include "ingest/utf16.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

// More files are a mistaken folder (a home, a mail store); the listing alone would take minutes.
constexpr std::size_t kMaxFiles = 100'000;
constexpr std::uint64_t kMaxCaseFile = std::uint64_t{16} << 20;

Diagnostic Odd(Diagnostic::Severity severity, std::string sha256, std::string code, std::string text) {
  return {severity, std::move(sha256), {}, std::move(code), std::move(text)};
}

// One file of the case while it is taken in.
struct Item {
  FileEntry file;
  Evidence evidence;
  std::string batch_key;
  std::optional<Batch> batch;  // read now; empty: in the ledger already, or not readable
  std::vector<Diagnostic> diagnostics;
  std::map<std::string, Reading> code;  // by SHA-256: what known code says of the file and what lies in it
  std::map<std::string, std::vector<CodeComparison>> shown;  // and what those links are shown with
};

// What all files are read with.
struct ReadingOptions {
  std::function<bool(const std::string&)> known;  // is a reading of this key in the ledger?
  const CodeBase* code = nullptr;                 // null: nothing to hold programs against
  std::vector<std::string> passwords;
  std::string pieces_key;
};

// The bytes of the file must fit in memory beside those of the other threads; larger files are only hashed.
void HashOnly(Item& item) {
  auto sha256 = Sha256File(item.file.path);
  if (!sha256) {
    item.diagnostics.push_back(Odd(Diagnostic::Severity::kError, {}, "unreadable", fmt::format("{}: {}", item.file.relative, sha256.error().message)));
    return;
  }
  item.evidence.sha256 = *sha256;
  item.diagnostics.push_back(Odd(Diagnostic::Severity::kWarning, *sha256, "limit-file-size",
                                 fmt::format("{} has {} bytes, more than the {} that are read; it is hashed and listed only",
                                             item.file.relative, item.file.size, kMaxEvidenceBytes)));
}

// A program of the case against known code. Errors of the code base are a diagnostic: the rest of the case goes on.
void AskKnownCode(Item& item, const Evidence& evidence, const SampleCode& sample, const CodeBase& base) {
  auto reading = CodeFacts(base, sample, &item.shown[evidence.sha256]);
  if (reading) item.code.emplace(evidence.sha256, std::move(*reading));
  else item.diagnostics.push_back(Odd(Diagnostic::Severity::kError, evidence.sha256, "code-base",
                                      fmt::format("{}: known code could not be asked: {}", evidence.name, reading.error().message)));
}

// A file and what lies in it, each piece with what its reader says and with what only the disassembly of a program shows.
// `asked` sees each program while its code is there; may be empty.
std::vector<Piece> ReadWithCode(ByteView bytes, std::string_view name, PieceOptions options,
                                const std::function<void(const Evidence&, const SampleCode&)>& asked) {
  struct Literals {
    Reading reading;
    std::vector<BinaryRange> pieces;
  };
  std::map<std::string, Literals> literals;  // by SHA-256
  options.also = [&](const Evidence& evidence, ByteView piece) {
    if (!LooksExecutable(piece)) return;
    const auto sample = ReadSampleCode(Bytes(piece.data(), piece.data() + piece.size()));
    if (!sample) return;  // the reader of its format says so
    if (options.read) {
      Literals& found = literals[evidence.sha256];
      found.pieces.clear();
      found.reading = LiteralFacts(**sample, &found.pieces);
    }
    if (asked) asked(evidence, **sample);
  };
  std::vector<Piece> pieces = ReadPieces(bytes, name, options);
  for (Piece& piece : pieces) {
    const auto found = literals.find(piece.evidence.sha256);
    if (found == literals.end()) continue;
    Reading& more = found->second.reading;
    DropJoinedPieces(found->second.pieces, more, piece.reading.facts);
    for (Fact& fact : more.facts) fact.evidence = piece.evidence.sha256;
    for (Diagnostic& diagnostic : more.diagnostics) diagnostic.evidence = piece.evidence.sha256;
    std::move(more.facts.begin(), more.facts.end(), std::back_inserter(piece.reading.facts));
    std::move(more.diagnostics.begin(), more.diagnostics.end(), std::back_inserter(piece.reading.diagnostics));
    std::sort(piece.reading.facts.begin(), piece.reading.facts.end(), FactLess);
    std::sort(piece.reading.diagnostics.begin(), piece.reading.diagnostics.end());
    literals.erase(found);
  }
  return pieces;
}

// The reading of a file as the ledger keeps it. Names of what lies in it are kept without that of the file, which may be
// another one next time.
Batch MakeBatch(const Item& item, std::vector<Piece> pieces) {
  Batch batch;
  batch.kind = Batch::Kind::kEvidence;
  batch.key = item.batch_key;
  batch.id = item.evidence.sha256;
  batch.version = item.evidence.reader;
  for (Piece& piece : pieces) {
    piece.evidence.name.erase(0, item.evidence.name.size());
    batch.evidence.push_back(std::move(piece.evidence));
    std::move(piece.reading.facts.begin(), piece.reading.facts.end(), std::back_inserter(batch.facts));
    std::move(piece.reading.diagnostics.begin(), piece.reading.diagnostics.end(), std::back_inserter(batch.diagnostics));
  }
  std::sort(batch.facts.begin(), batch.facts.end(), FactLess);
  std::sort(batch.diagnostics.begin(), batch.diagnostics.end());
  return batch;
}

void ReadItem(Item& item, const ReadingOptions& with) {
  item.evidence.name = SanitizeUtf8(item.file.relative);
  item.evidence.size = item.file.size;
  if (item.file.size > kMaxEvidenceBytes) return HashOnly(item);
  auto bytes = ReadFile(item.file.path, kMaxEvidenceBytes);
  if (!bytes) {
    item.diagnostics.push_back(Odd(Diagnostic::Severity::kError, {}, "unreadable",
                                   fmt::format("{}: cannot be read; check its permissions", item.evidence.name)));
    return;
  }
  item.evidence.size = bytes->size();
  item.evidence.sha256 = Sha256Hex(*bytes);
  const Reader* reader = FindReader(*bytes, item.evidence.name);
  const std::string key = fmt::format("{}/{}+{}", item.evidence.sha256, reader != nullptr ? reader->extractor : kCarvedExtractor, with.pieces_key);
  const bool known = with.known(key);
  if (known) item.batch_key = key;
  if (known && with.code == nullptr) return;
  PieceOptions options;
  options.passwords = with.passwords;
  options.read = !known;
  std::function<void(const Evidence&, const SampleCode&)> asked;
  if (with.code != nullptr) asked = [&](const Evidence& evidence, const SampleCode& sample) { AskKnownCode(item, evidence, sample, *with.code); };
  std::vector<Piece> pieces = ReadWithCode(*bytes, item.evidence.name, std::move(options), asked);
  if (known) return;
  item.evidence = pieces[0].evidence;
  if (item.evidence.reader.empty()) {
    std::move(pieces[0].reading.diagnostics.begin(), pieces[0].reading.diagnostics.end(), std::back_inserter(item.diagnostics));
    return;
  }
  item.batch_key = key;
  item.batch = MakeBatch(item, std::move(pieces));
}

// The copy that case.toml lists, else the shortest name, else the first: a further copy of a file changes nothing.
bool BetterName(const Item& a, const Item& b, const std::map<std::string, const EvidenceEntry*>& entries) {
  const auto key = [&](const Item& item) {
    return std::make_tuple(entries.count(item.file.relative) == 0, item.file.relative.size(), item.file.relative);
  };
  return key(a) < key(b);
}

void ApplyEntry(const CaseFile& file, const EvidenceEntry* entry, Evidence& evidence) {
  evidence.source = entry != nullptr && !entry->source.empty() ? entry->source : std::string(kCaseFileSource);
  evidence.tlp = entry != nullptr && entry->tlp ? *entry->tlp : file.info.tlp;
  if (entry == nullptr) return;
  evidence.acquired_at = entry->acquired_at;
  evidence.known_on = entry->known_on;
}

// Fills in what the reader cannot know: who says it and since when it is known.
void Complete(const CaseData& data, const Evidence& evidence, Fact& fact, std::vector<Diagnostic>& diagnostics) {
  const std::optional<Time> fallback = data.info.detected ? data.info.detected : data.info.incident;
  const bool inherited = fact.source.empty();
  if (inherited) fact.source = evidence.source;
  const Source* source = data.FindSource(fact.source);
  if (source == nullptr) {
    diagnostics.push_back({Diagnostic::Severity::kWarning, evidence.sha256, fact.locator, "unknown-source",
                           fmt::format("source \"{}\" is not declared in case.toml; its facts are listed, not weighed",
                                       Ellipsize(fact.source, 80))});
  }
  if (fact.known_on) return;
  const std::optional<Time> published = source == nullptr ? std::nullopt : source->published;
  if (inherited) fact.known_on = evidence.known_on ? evidence.known_on : published;
  else fact.known_on = published ? published : evidence.known_on;
  if (!fact.known_on) fact.known_on = fallback;
}

// The victim's sector and country are facts of case.toml like any other.
void AddVictimFacts(const CaseFile& file, const std::string& sha256, std::vector<Fact>& facts) {
  const CaseInfo& info = file.info;
  const auto add = [&](EntityType type, const std::string& value, std::string path, std::uint64_t line) {
    auto object = value.empty() ? Result<Entity>(Fail(ErrorCode::kNotFound, {})) : MakeEntity(type, value);
    if (!object) return;
    Fact fact;
    fact.relation = Relation::kTargets;
    fact.object = *object;
    fact.valid_from = info.incident;
    fact.evidence = sha256;
    fact.extractor = "case-file@1";
    fact.locator = {Locator::Kind::kTomlPath, line, 0, std::move(path)};
    facts.push_back(std::move(fact));
  };
  add(EntityType::kSector, info.victim_sector, "victim.sector", file.victim_sector_line);
  add(EntityType::kCountry, info.victim_country, "victim.country", file.victim_country_line);
}

// overrides.toml beside case.toml: an analyst's own cells. It is custody like any file; one that cannot be read or parsed
// is a diagnostic, and the case goes on without it.
void TakeOverrides(const fs::path& folder, const CaseFile& file, Intake& intake,
                   std::vector<std::pair<Evidence, std::vector<Fact>>>& read) {
  const fs::path path = folder / "overrides.toml";
  std::error_code ignored;
  if (fs::symlink_status(path, ignored).type() == fs::file_type::not_found) return;
  const auto odd = [&](std::string sha256, std::string code, std::string_view what) {
    intake.data.diagnostics.push_back(Odd(Diagnostic::Severity::kError, std::move(sha256), std::move(code),
                                          fmt::format("overrides.toml: {}; no override is used", what)));
  };
  const fs::file_status status = fs::status(path, ignored);
  if (status.type() == fs::file_type::not_found) return odd({}, "unreadable", "a link to a file that is not there; mend or remove it");
  if (fs::exists(status) && !fs::is_regular_file(status)) return odd({}, "unreadable", "not a regular file; put the text file itself there");
  const auto text = ReadTextFile(path, kMaxCaseFile);
  const bool too_large = !text && text.error().code == ErrorCode::kLimitExceeded;  // hashed and listed like other evidence
  const Result<std::string> sha256 = text ? Sha256Hex(*text) : too_large ? Sha256File(path) : tl::unexpected(text.error());
  if (!sha256) return odd({}, "unreadable", "cannot be read; check its permissions");
  Evidence evidence;
  evidence.sha256 = *sha256;
  evidence.name = "overrides.toml";
  evidence.size = text ? text->size() : static_cast<std::uint64_t>(fs::file_size(path, ignored));
  evidence.media = "case";
  evidence.reader = "overrides@1";
  ApplyEntry(file, nullptr, evidence);
  auto parsed = text ? ParseOverrides(*text) : OverridesFile{};
  if (too_large) odd(evidence.sha256, "limit-file-size", fmt::format("has {} bytes, more than the {} that are read", evidence.size, kMaxCaseFile));
  else if (!parsed) odd(evidence.sha256, "override", parsed.error().message);
  else intake.data.overrides = std::move(parsed->overrides);
  if (parsed)
    for (Diagnostic& d : parsed->diagnostics) {
      d.evidence = evidence.sha256;
      intake.data.diagnostics.push_back(std::move(d));
    }
  if (!intake.paths.emplace(evidence.sha256, path).second) return;  // a copy of case.toml
  read.emplace_back(std::move(evidence), std::vector<Fact>{});
}

// The reading of an item, from the ledger when it is there, and what it says of its file and of what lies in it.
Status LoadOrCommit(Item& item, Ledger* ledger, std::size_t& from_ledger) {
  if (item.batch) {
    if (ledger != nullptr) TRY(ledger->Commit(*item.batch));
    return {};
  }
  if (item.batch_key.empty()) return {};
  TRY_ASSIGN(item.batch, ledger->Load(item.batch_key));
  if (!item.batch || item.batch->evidence.empty()) return Fail(ErrorCode::kInternal, "the ledger lost a batch while it was read");
  item.evidence.media = item.batch->evidence[0].media;
  item.evidence.reader = item.batch->evidence[0].reader;
  ++from_ledger;
  return {};
}

// Turns items into evidence with facts. Of equal files the first counts; of equal members the one with the shortest name, and
// a file of the case before any member: copies change nothing.
Status TakeItems(std::vector<Item>& items, const std::map<std::string, const EvidenceEntry*>& entries, const CaseFile& file, Ledger* ledger,
                 Intake& intake, std::vector<std::pair<Evidence, std::vector<Fact>>>& read) {
  std::vector<Diagnostic>& diagnostics = intake.data.diagnostics;
  std::vector<Item*> taken;
  for (Item& item : items) {
    std::move(item.diagnostics.begin(), item.diagnostics.end(), std::back_inserter(diagnostics));
    if (item.evidence.sha256.empty() || !intake.paths.emplace(item.evidence.sha256, item.file.path).second) continue;
    TRY(LoadOrCommit(item, ledger, intake.from_ledger));
    taken.push_back(&item);
  }
  struct Owner {
    const Item* item = nullptr;
    Evidence evidence;
  };
  std::map<std::string, Owner> owners;  // by SHA-256, of files and members
  for (const Item* item : taken) owners[item->evidence.sha256] = {item, item->evidence};
  for (const Item* item : taken) {
    for (std::size_t i = 1; item->batch && i < item->batch->evidence.size(); ++i) {
      Evidence member = item->batch->evidence[i];
      if (intake.paths.count(member.sha256) > 0) continue;
      member.name = item->evidence.name + member.name;
      Owner& owner = owners[member.sha256];
      const auto key = [](const Evidence& e) { return std::make_tuple(e.name.size(), std::string_view(e.name), std::string_view(e.parent)); };
      if (owner.item == nullptr || key(member) < key(owner.evidence)) owner = {item, std::move(member)};
    }
  }
  std::map<std::string, std::vector<Fact>> facts;
  for (Item* item : taken) {
    const auto owns = [&](const std::string& sha256) { return owners.at(sha256).item == item; };
    if (item->batch) {
      for (Fact& fact : item->batch->facts)
        if (owns(fact.evidence)) facts[fact.evidence].push_back(std::move(fact));
      for (Diagnostic& diagnostic : item->batch->diagnostics)
        if (owns(diagnostic.evidence)) diagnostics.push_back(std::move(diagnostic));
    }
    for (auto& [sha256, code] : item->code) {
      if (!owns(sha256)) continue;
      std::vector<CodeComparison>& shown = item->shown[sha256];
      std::move(shown.begin(), shown.end(), std::back_inserter(intake.code));
      std::move(code.facts.begin(), code.facts.end(), std::back_inserter(facts[sha256]));
      std::move(code.diagnostics.begin(), code.diagnostics.end(), std::back_inserter(diagnostics));
    }
  }
  for (auto& [sha256, owner] : owners) {
    const auto entry = entries.find(owner.item->file.relative);
    ApplyEntry(file, entry == entries.end() ? nullptr : entry->second, owner.evidence);
    read.emplace_back(std::move(owner.evidence), std::move(facts[sha256]));
  }
  return {};
}

}  // namespace

Result<std::vector<Piece>> ReadEvidenceFile(const fs::path& path, std::string_view name, const std::vector<std::string>& passwords) {
  TRY_ASSIGN(const Bytes bytes, ReadFile(path, kMaxEvidenceBytes));
  PieceOptions options;
  options.passwords = passwords;
  std::vector<Piece> pieces = ReadWithCode(bytes, name, std::move(options), {});
  if (pieces[0].evidence.reader.empty())
    return Fail(ErrorCode::kUnsupported, fmt::format("{}: no reader recognises it", TerminalSafe(path.string())));
  return pieces;
}

Result<Bytes> BytesOfEvidence(const Intake& intake, const std::string& sha256) {
  const Evidence* evidence = intake.data.FindEvidence(sha256);
  // Each step leads to what the piece lies in; forged records could lead in a circle.
  for (std::size_t step = 0; evidence != nullptr && step <= intake.data.evidence.size(); ++step) {
    const auto path = intake.paths.find(evidence->sha256);
    if (path != intake.paths.end()) {
      TRY_ASSIGN(Bytes bytes, ReadFile(path->second, kMaxEvidenceBytes));
      if (evidence->sha256 == sha256) return bytes;
      return BytesOfPiece(bytes, sha256, intake.passwords);
    }
    evidence = intake.data.FindEvidence(evidence->parent);
  }
  return Fail(ErrorCode::kNotFound, "no file of the case holds " + sha256);
}

Result<Intake> TakeInCase(const fs::path& folder, Ledger* ledger, const IntakeOptions& options) {
  const fs::path case_toml = folder / "case.toml";
  auto text = ReadTextFile(case_toml, kMaxCaseFile);
  if (!text) return FailAt(TerminalSafe(folder.string()) + " is no case", text.error());
  auto parsed = ParseCaseFile(*text);
  if (!parsed) return FailAt(TerminalSafe(case_toml.string()), parsed.error());
  const CaseFile& file = *parsed;

  Intake intake;
  CaseData& data = intake.data;
  data.info = file.info;
  data.sources = file.sources;
  intake.passwords = file.archive_passwords;

  std::error_code ignored;
  FileList list;
  if (fs::is_directory(folder / "evidence", ignored)) {
    TRY_ASSIGN(list, ListFiles(folder / "evidence", kMaxFiles));
  }
  for (const std::string& skipped : list.skipped)
    data.diagnostics.push_back(Odd(Diagnostic::Severity::kWarning, {}, "skipped", "evidence/" + SanitizeUtf8(skipped)));
  std::map<std::string, const EvidenceEntry*> entries;
  for (const EvidenceEntry& entry : file.entries) entries.emplace(entry.file, &entry);

  std::set<std::string> in_ledger;
  if (ledger != nullptr) {
    TRY_ASSIGN(const std::vector<BatchInfo> batches, ledger->List(Batch::Kind::kEvidence));
    for (const BatchInfo& batch : batches) in_ledger.insert(batch.key);
  }
  ReadingOptions with;
  with.known = [&](const std::string& key) { return in_ledger.count(key) > 0; };
  if (options.code != nullptr && options.code->part(CodeBase::Part::kSamples) != nullptr) with.code = options.code;
  with.passwords = file.archive_passwords;
  with.pieces_key = PiecesKey(file.archive_passwords) + "+" + std::string(kCodeLiteralsExtractor);
  std::vector<Item> items(list.files.size());
  {
    Progress progress("reading evidence", items.size(), options.quiet);
    std::mutex mutex;
    std::size_t done = 0;
    ParallelFor(items.size(), options.threads, [&](std::size_t i) {
      items[i].file = list.files[i];
      items[i].file.relative = "evidence/" + items[i].file.relative;
      ReadItem(items[i], with);
      const std::lock_guard lock(mutex);
      progress.Done(++done);
    });
  }
  std::sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    if (a.evidence.sha256 != b.evidence.sha256) return a.evidence.sha256 < b.evidence.sha256;
    return BetterName(a, b, entries);
  });

  const std::string case_sha = Sha256Hex(*text);
  Evidence own;
  own.sha256 = case_sha;
  own.name = "case.toml";
  own.size = text->size();
  own.media = "case";
  own.reader = "case-file@1";
  ApplyEntry(file, nullptr, own);
  std::vector<std::pair<Evidence, std::vector<Fact>>> read;
  read.emplace_back(own, std::vector<Fact>{});
  AddVictimFacts(file, case_sha, read.back().second);
  intake.paths.emplace(case_sha, case_toml);

  for (Diagnostic diagnostic : file.diagnostics) {
    diagnostic.evidence = case_sha;
    data.diagnostics.push_back(std::move(diagnostic));
  }
  TakeOverrides(folder, file, intake, read);

  TRY(TakeItems(items, entries, file, ledger, intake, read));
  // What is written about the whole case may rest on any of its evidence.
  for (const auto& [evidence, facts] : read) data.info.tlp = std::max(data.info.tlp, evidence.tlp);
  for (const EvidenceEntry& entry : file.entries) {
    const bool exists = std::any_of(items.begin(), items.end(), [&](const Item& item) { return item.file.relative == entry.file; });
    if (!exists)
      data.diagnostics.push_back(Odd(Diagnostic::Severity::kWarning, {}, "missing-evidence",
                                     fmt::format("{}: listed in case.toml but not there", Ellipsize(entry.file, 200))));
  }
  for (auto& [evidence, facts] : read) {
    for (Fact& fact : facts) {
      Complete(data, evidence, fact, data.diagnostics);
      data.facts.push_back(std::move(fact));
    }
    data.evidence.push_back(std::move(evidence));
  }
  std::sort(data.evidence.begin(), data.evidence.end(), [](const Evidence& a, const Evidence& b) { return a.sha256 < b.sha256; });
  std::sort(data.facts.begin(), data.facts.end(), FactLess);
  std::sort(intake.code.begin(), intake.code.end(), [](const CodeComparison& a, const CodeComparison& b) { return std::tie(a.sample, a.family) < std::tie(b.sample, b.family); });
  ShowFilesOfCase(intake);
  std::sort(data.diagnostics.begin(), data.diagnostics.end());
  data.diagnostics.erase(std::unique(data.diagnostics.begin(), data.diagnostics.end()), data.diagnostics.end());
  if (ledger != nullptr)
    for (const auto& [sha256, path] : intake.paths) {
      const fs::path absolute = fs::absolute(path, ignored);
      TRY_ASSIGN(const std::vector<fs::path> before, ledger->Locations(sha256));
      if (before.empty() || before.front() != absolute) TRY(ledger->RememberLocation(sha256, absolute));
    }
  return intake;
}

}  // namespace ascribe
