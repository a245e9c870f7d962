#include "store/pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/io.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/toml.h"
#include "model/fact_lines.h"
#include "model/source_toml.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kManifestName = "manifest-sha256.txt";
// A pack is edited and reviewed by hand: a thousand files are no pack but a mistaken folder (a home, a checkout).
constexpr std::size_t kMaxFiles = 1000;
// Held in memory while it is parsed; the largest pack in use has some 2 MiB.
constexpr std::uint64_t kMaxFileBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kMaxManifestBytes = std::uint64_t{1} << 20;
// The limit of docs/formats/facts.md.
constexpr std::size_t kMaxFacts = 5'000'000;

struct PackFile {
  std::string name;
  std::string sha256;
  std::string content;
};

bool IsLowerHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// Refuses what would leave the folder or hide in a listing.
bool IsPlainRelative(std::string_view name) {
  if (name.empty() || name.front() == '/' || TerminalSafe(name) != name) return false;
  for (std::string_view step : Split(name, '/'))
    if (step.empty() || step == "." || step == "..") return false;
  return true;
}

// name -> digest, from "<sha256>  <file>" lines sorted by name.
Result<std::map<std::string, std::string>> ParseManifest(std::string_view text, std::string_view shown) {
  std::map<std::string, std::string> listed;
  std::string last;
  LineSplitter lines{ByteView(text)};
  while (const auto line = lines.Next()) {
    const std::string_view row = line->text;
    const auto bad = [&](std::string_view why) {
      return Fail(ErrorCode::kInvalidInput, fmt::format("{}:{}: {}", shown, line->number, why));
    };
    if (row.size() < 67 || !IsLowerHex(row.substr(0, 64)) || (row.substr(64, 2) != "  " && row.substr(64, 2) != " *"))
      return bad("write \"<sha256>  <file>\", as sha256sum does");
    std::string name(row.substr(66));
    if (!IsPlainRelative(name)) return bad("the name must lie inside the pack");
    if (name == kManifestName) return bad("the manifest cannot list itself");
    if (!last.empty() && name <= last) return bad("names must be sorted bytewise (LC_ALL=C sort -k2) and come once");
    last = name;
    listed.emplace(std::move(name), std::string(row.substr(0, 64)));
  }
  return listed;
}

// Every file of the folder against the manifest, both ways.
Result<std::vector<PackFile>> ReadChecked(const fs::path& folder, const std::map<std::string, std::string>& listed) {
  TRY_ASSIGN(const FileList found, ListFiles(folder, kMaxFiles));
  if (!found.skipped.empty())
    return Fail(ErrorCode::kCorrupt, fmt::format("{}: a pack has plain files only, but {}", folder.string(),
                                                 TerminalSafe(found.skipped.front())));
  std::vector<PackFile> files;
  for (const FileEntry& entry : found.files) {
    if (entry.relative == kManifestName) continue;
    const auto expected = listed.find(entry.relative);
    const std::string shown = TerminalSafe(entry.path.string());
    if (expected == listed.end())
      return Fail(ErrorCode::kCorrupt, fmt::format("{} is not listed in {}; list or remove it", shown, kManifestName));
    TRY_ASSIGN(std::string content, ReadTextFile(entry.path, kMaxFileBytes));
    std::string sha256 = Sha256Hex(ByteView(content));
    if (sha256 != expected->second)
      return Fail(ErrorCode::kCorrupt,
                  fmt::format("{} does not match {}: it has SHA-256 {}", shown, kManifestName, sha256));
    files.push_back({entry.relative, std::move(sha256), std::move(content)});
  }
  for (const auto& [name, digest] : listed)
    if (std::none_of(files.begin(), files.end(), [&n = name](const PackFile& f) { return f.name == n; }))
      return Fail(ErrorCode::kCorrupt,
                  fmt::format("{} is listed in {} but missing", (folder / name).string(), kManifestName));
  return files;
}

bool IsPackId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

Status ReadPackToml(const PackFile& file, std::string_view shown, Batch& batch) {
  const auto bad = [&](std::string_view why) {
    return Fail(ErrorCode::kInvalidInput, fmt::format("{}: {}", shown, why));
  };
  const auto table = ParseToml(file.content);
  if (!table) return FailAt(shown, table.error());
  if (TomlText(*table, "format") != "ascribe-pack/1")
    return bad(fmt::format("format is \"{}\", this program reads \"ascribe-pack/1\"",
                           TerminalSafe(Ellipsize(TomlText(*table, "format"), 80))));
  for (const auto& [key, node] : *table) {
    const std::string_view name = key.str();
    if (name == "format" || name == "id" || name == "version" || name == "title" || name == "licence" ||
        name == "notice") {
      if (!node.is_string())
        return bad(fmt::format("line {}: {} needs text in quotes", node.source().begin.line, name));
    } else {
      batch.diagnostics.push_back({Diagnostic::Severity::kWarning,
                                   file.sha256,
                                   {Locator::Kind::kLine, node.source().begin.line, 0, ""},
                                   "unknown-field",
                                   fmt::format("unknown key \"{}\" is not read", TerminalSafe(Ellipsize(name, 80)))});
    }
  }
  batch.id = TomlText(*table, "id");
  batch.version = TomlText(*table, "version");
  batch.title = SanitizeUtf8(TomlText(*table, "title"));
  if (!IsPackId(batch.id)) return bad("id needs 1 to 64 of a-z 0-9 . -");
  if (batch.version.size() > 64 || !IsSourceId(batch.version)) return bad("version needs 1 to 64 of A-Z a-z 0-9 . _ -");
  if (batch.title.empty()) return bad("no title");
  if (TomlText(*table, "licence").empty()) return bad("no licence");
  return {};
}

Status ReadFacts(const PackFile& file, std::string_view shown, Batch& batch) {
  Reading reading = ReadFactLines(ByteView(file.content), kMaxFacts);
  for (Diagnostic& diagnostic : reading.diagnostics) {
    if (diagnostic.severity == Diagnostic::Severity::kError)
      return Fail(ErrorCode::kInvalidInput,
                  fmt::format("{}:{}: {}", shown, diagnostic.locator.offset, diagnostic.text));
    diagnostic.evidence = file.sha256;
    batch.diagnostics.push_back(std::move(diagnostic));
  }
  for (Fact& fact : reading.facts) {
    const auto bad = [&](std::string_view why) {
      return Fail(ErrorCode::kInvalidInput, fmt::format("{}:{}: {}", shown, fact.locator.offset, why));
    };
    if (fact.subject.type == EntityType::kIncident) return bad("a pack knows no incident: name a subject");
    if (fact.source.empty()) return bad("no source: in a pack every fact names one of sources.toml");
    const auto declared = std::lower_bound(batch.sources.begin(), batch.sources.end(), fact.source,
                                           [](const Source& source, const std::string& id) { return source.id < id; });
    if (declared == batch.sources.end() || declared->id != fact.source)
      return bad(
          fmt::format("source \"{}\" is not declared in sources.toml", TerminalSafe(Ellipsize(fact.source, 80))));
    fact.evidence = file.sha256;
    batch.facts.push_back(std::move(fact));
  }
  return {};
}

Evidence EvidenceOf(const PackFile& file) {
  const bool facts = file.name.ends_with(".ndjson");
  std::string_view media = "text";
  if (facts) media = "facts-ndjson";
  if (file.name.ends_with(".toml")) media = "toml";
  if (file.name == kManifestName) media = "sha256-manifest";
  return Evidence{.sha256 = file.sha256,
                  .name = file.name,
                  .size = file.content.size(),
                  .media = std::string(media),
                  .parent = "",
                  .source = "",
                  .tlp = Tlp::kClear,
                  .acquired_at = {},
                  .known_on = {},
                  .reader = facts ? std::string(kFactLinesExtractor) : std::string()};
}

}  // namespace

Result<Batch> LoadPack(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return Fail(ErrorCode::kNotFound, folder.string() + " is not a folder");
  if (!fs::exists(folder / "pack.toml", ignored) && !fs::exists(folder / kManifestName, ignored))
    return Fail(ErrorCode::kNotFound, folder.string() + " is not a knowledge pack: it has no pack.toml");
  PackFile manifest{std::string(kManifestName), "", ""};
  const std::string shown_manifest = (folder / kManifestName).string();
  auto text = ReadTextFile(folder / kManifestName, kMaxManifestBytes);
  if (!text && text.error().code == ErrorCode::kNotFound)
    return Fail(ErrorCode::kCorrupt, shown_manifest + " is missing: the pack cannot be checked");
  if (!text) return tl::unexpected(std::move(text).error());
  manifest.content = std::move(*text);
  manifest.sha256 = Sha256Hex(ByteView(manifest.content));
  TRY_ASSIGN(const auto listed, ParseManifest(manifest.content, shown_manifest));
  for (std::string_view required : {"facts.ndjson", "pack.toml", "sources.toml"})
    if (!listed.contains(std::string(required)))
      return Fail(ErrorCode::kCorrupt, fmt::format("{} does not list {}", shown_manifest, required));
  TRY_ASSIGN(const std::vector<PackFile> files, ReadChecked(folder, listed));

  Batch batch;
  batch.kind = Batch::Kind::kKnowledge;
  batch.key = manifest.sha256;
  for (const PackFile& file : files) {
    const std::string shown = (folder / file.name).string();
    if (file.name == "pack.toml") TRY(ReadPackToml(file, shown, batch));
    if (file.name == "sources.toml") {
      const auto table = ParseToml(file.content);
      if (!table) return FailAt(shown, table.error());
      const std::size_t before = batch.diagnostics.size();
      auto sources = SourcesFromToml(*table, file.name, batch.diagnostics);
      if (!sources) return FailAt(shown, std::move(sources).error());
      batch.sources = std::move(*sources);
      for (std::size_t i = before; i < batch.diagnostics.size(); ++i) batch.diagnostics[i].evidence = file.sha256;
    }
    batch.evidence.push_back(EvidenceOf(file));
  }
  batch.evidence.push_back(EvidenceOf(manifest));
  for (const PackFile& file : files)  // after all sources are known
    if (file.name.ends_with(".ndjson")) TRY(ReadFacts(file, (folder / file.name).string(), batch));
  std::sort(batch.facts.begin(), batch.facts.end(), FactLess);
  std::sort(batch.evidence.begin(), batch.evidence.end(),
            [](const Evidence& a, const Evidence& b) { return a.name < b.name; });
  std::sort(batch.diagnostics.begin(), batch.diagnostics.end());
  return batch;
}

}  // namespace ascribe
