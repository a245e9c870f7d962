#include "app/case_intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>

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
  Reading code;  // what known code says of it
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

// The code of a program of the case: names it gives to the system, and known code in it. Errors of the code base are a
// diagnostic: the rest of the case goes on.
void ReadCode(Item& item, const Bytes& bytes, const CodeBase* base) {
  if (!LooksExecutable(bytes)) return;
  const auto sample = ReadSampleCode(bytes);
  if (!sample) return;  // the reader of its format says so
  item.code = LiteralFacts(**sample);
  if (base == nullptr || base->part(CodeBase::Part::kSamples) == nullptr) return;
  auto reading = CodeFacts(*base, **sample);
  if (reading) {
    std::move(reading->facts.begin(), reading->facts.end(), std::back_inserter(item.code.facts));
    std::move(reading->diagnostics.begin(), reading->diagnostics.end(), std::back_inserter(item.code.diagnostics));
  } else item.diagnostics.push_back(Odd(Diagnostic::Severity::kError, item.evidence.sha256, "code-base",
                                      fmt::format("{}: known code could not be asked: {}", item.evidence.name, reading.error().message)));
}

void ReadItem(Item& item, const std::function<bool(const std::string&)>& known, const CodeBase* code) {
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
  ReadCode(item, *bytes, code);
  const Reader* reader = FindReader(*bytes, item.evidence.name);
  if (reader == nullptr) {
    item.diagnostics.push_back(Odd(Diagnostic::Severity::kWarning, item.evidence.sha256, "unrecognised",
                                   fmt::format("{}: no reader recognises it; it is hashed and listed only", item.evidence.name)));
    return;
  }
  item.evidence.media = reader->media;
  item.evidence.reader = reader->extractor;
  item.batch_key = item.evidence.sha256 + "/" + std::string(reader->extractor);
  if (known(item.batch_key)) return;
  Reading reading = reader->read(*bytes, item.evidence.name);
  Batch batch;
  batch.kind = Batch::Kind::kEvidence;
  batch.key = item.batch_key;
  batch.id = item.evidence.sha256;
  batch.version = reader->extractor;
  for (Fact& fact : reading.facts) {
    fact.evidence = item.evidence.sha256;
    fact.extractor = reader->extractor;
  }
  for (Diagnostic& diagnostic : reading.diagnostics) diagnostic.evidence = item.evidence.sha256;
  batch.facts = std::move(reading.facts);
  batch.diagnostics = std::move(reading.diagnostics);
  std::sort(batch.facts.begin(), batch.facts.end(), FactLess);
  std::sort(batch.diagnostics.begin(), batch.diagnostics.end());
  item.batch = std::move(batch);
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
void AddVictimFacts(const CaseInfo& info, const std::string& sha256, std::vector<Fact>& facts) {
  const auto add = [&](EntityType type, const std::string& value, std::string path) {
    auto object = value.empty() ? Result<Entity>(Fail(ErrorCode::kNotFound, {})) : MakeEntity(type, value);
    if (!object) return;
    Fact fact;
    fact.relation = Relation::kTargets;
    fact.object = *object;
    fact.valid_from = info.incident;
    fact.evidence = sha256;
    fact.extractor = "case-file@1";
    fact.locator = {Locator::Kind::kTomlPath, 0, 0, std::move(path)};
    facts.push_back(std::move(fact));
  };
  add(EntityType::kSector, info.victim_sector, "victim.sector");
  add(EntityType::kCountry, info.victim_country, "victim.country");
}

// overrides.toml beside case.toml: an analyst's own cells. It is custody like any file; one that cannot be parsed is a
// diagnostic, and the case goes on without it.
Status TakeOverrides(const fs::path& folder, const CaseFile& file, Intake& intake,
                     std::vector<std::pair<Evidence, std::vector<Fact>>>& read) {
  const fs::path path = folder / "overrides.toml";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  TRY_ASSIGN(const std::string text, ReadTextFile(path, kMaxCaseFile));
  Evidence evidence;
  evidence.sha256 = Sha256Hex(text);
  evidence.name = "overrides.toml";
  evidence.size = text.size();
  evidence.media = "case";
  evidence.reader = "overrides@1";
  ApplyEntry(file, nullptr, evidence);
  auto parsed = ParseOverrides(text);
  if (!parsed) {
    intake.data.diagnostics.push_back(Odd(Diagnostic::Severity::kError, evidence.sha256, "override", "overrides.toml: " + parsed.error().message));
  } else {
    intake.data.overrides = std::move(parsed->overrides);
    for (Diagnostic& d : parsed->diagnostics) {
      d.evidence = evidence.sha256;
      intake.data.diagnostics.push_back(std::move(d));
    }
  }
  intake.paths.emplace(evidence.sha256, path);
  read.emplace_back(std::move(evidence), std::vector<Fact>{});
  return {};
}

}  // namespace

Result<FileReading> ReadEvidenceFile(const fs::path& path, std::string_view name) {
  TRY_ASSIGN(const Bytes bytes, ReadFile(path, kMaxEvidenceBytes));
  const Reader* reader = FindReader(bytes, name);
  if (reader == nullptr) return Fail(ErrorCode::kUnsupported, fmt::format("{}: no reader recognises it", TerminalSafe(path.string())));
  FileReading out;
  out.evidence.sha256 = Sha256Hex(bytes);
  out.evidence.name = SanitizeUtf8(name);
  out.evidence.size = bytes.size();
  out.evidence.media = reader->media;
  out.evidence.reader = reader->extractor;
  Reading reading = reader->read(bytes, name);
  for (Fact& fact : reading.facts) {
    fact.evidence = out.evidence.sha256;
    fact.extractor = reader->extractor;
  }
  for (Diagnostic& diagnostic : reading.diagnostics) diagnostic.evidence = out.evidence.sha256;
  out.facts = std::move(reading.facts);
  out.diagnostics = std::move(reading.diagnostics);
  return out;
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
  data.diagnostics = file.diagnostics;

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
  std::vector<Item> items(list.files.size());
  {
    Progress progress("reading evidence", items.size(), options.quiet);
    std::mutex mutex;
    std::size_t done = 0;
    ParallelFor(items.size(), options.threads, [&](std::size_t i) {
      items[i].file = list.files[i];
      items[i].file.relative = "evidence/" + items[i].file.relative;
      ReadItem(items[i], [&](const std::string& key) { return in_ledger.count(key) > 0; }, options.code);
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
  AddVictimFacts(file.info, case_sha, read.back().second);
  intake.paths.emplace(case_sha, case_toml);

  TRY(TakeOverrides(folder, file, intake, read));

  for (std::size_t i = 0; i < items.size(); ++i) {
    Item& item = items[i];
    for (Diagnostic& diagnostic : item.diagnostics) data.diagnostics.push_back(std::move(diagnostic));
    if (item.evidence.sha256.empty() || intake.paths.count(item.evidence.sha256) > 0) continue;
    const auto entry = entries.find(item.file.relative);
    ApplyEntry(file, entry == entries.end() ? nullptr : entry->second, item.evidence);
    intake.paths.emplace(item.evidence.sha256, item.file.path);
    std::vector<Fact> facts;
    if (item.batch) {
      if (ledger != nullptr) {
        TRY(ledger->Commit(*item.batch));
      }
    } else if (!item.batch_key.empty()) {
      TRY_ASSIGN(item.batch, ledger->Load(item.batch_key));
      if (!item.batch) return Fail(ErrorCode::kInternal, "the ledger lost a batch while it was read");
      ++intake.from_ledger;
    }
    if (item.batch) {
      facts = std::move(item.batch->facts);
      for (Diagnostic& diagnostic : item.batch->diagnostics) data.diagnostics.push_back(std::move(diagnostic));
    }
    std::move(item.code.facts.begin(), item.code.facts.end(), std::back_inserter(facts));
    std::move(item.code.diagnostics.begin(), item.code.diagnostics.end(), std::back_inserter(data.diagnostics));
    read.emplace_back(std::move(item.evidence), std::move(facts));
  }
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
  std::sort(data.diagnostics.begin(), data.diagnostics.end());
  data.diagnostics.erase(std::unique(data.diagnostics.begin(), data.diagnostics.end()), data.diagnostics.end());
  if (ledger != nullptr)
    for (const auto& [sha256, path] : intake.paths) {
      const fs::path absolute = fs::absolute(path, ignored);
      TRY_ASSIGN(const std::optional<fs::path> before, ledger->Location(sha256));
      if (before != absolute) TRY(ledger->RememberLocation(sha256, absolute));
    }
  return intake;
}

}  // namespace ascribe
