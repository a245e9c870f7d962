#include "code/code_base.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/io.h"
#include "code/programs.h"
#include "code/tiers.h"
#include "index/index_writer.h"

namespace ascribe {
namespace fs = std::filesystem;
namespace {

// The largest program that is analysed; readers of evidence have the same limit.
constexpr std::uint64_t kMaxSampleBytes = std::uint64_t{512} << 20;
constexpr const char* kIndex = "index";
constexpr std::string_view kSuffix = ".code", kKeptSuffix = ".kept";

fs::path FeaturesPath(const fs::path& part, const std::string& sha256) { return part / (sha256 + std::string(kSuffix)); }
fs::path KeptPath(const fs::path& part, const std::string& sha256) { return part / (sha256 + std::string(kKeptSuffix)); }

// Files of a part with this ending, by name.
Result<std::vector<fs::path>> FilesOf(const fs::path& part, std::string_view suffix) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(part, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == suffix) files.push_back(it->path());
  if (error && error != std::errc::no_such_file_or_directory)
    return Fail(ErrorCode::kIo, part.string() + ": " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

// Stands beside `folder` from the first Add to a part on, so that the loss of the whole part is noticed.
fs::path MarkPath(const fs::path& folder, CodeBase::Part part) {
  return folder.string() + "." + CodeBase::PartFolder({}, part).string();
}

constexpr std::string_view kMark = "ascribe-code-part/1\n";

constexpr std::string_view kRemedy = "`ascribe kb rebuild` makes the index anew";

Error Lost(const fs::path& part, std::string_view what) {
  return {ErrorCode::kCorrupt, fmt::format("{}: {} {}", (part / kIndex).string(), what, kRemedy)};
}

// Nullopt: the part never held anything. A writer makes the index before the first file of a sample, so that files without
// an index mean a lost one.
Result<std::optional<index::IndexReader>> OpenPart(const fs::path& folder, CodeBase::Part which) {
  const fs::path part = CodeBase::PartFolder(folder, which);
  auto reader = index::IndexReader::Open(part / kIndex);
  if (reader) return std::optional(std::move(*reader));
  if (reader.error().code != ErrorCode::kNotFound) return tl::unexpected(std::move(reader).error());
  TRY_ASSIGN(const std::vector<fs::path> files, FilesOf(part, kSuffix));
  if (!files.empty()) return tl::unexpected(Lost(part, fmt::format("the index of {} stored samples is gone;", files.size())));
  std::error_code ignored;
  if (fs::exists(MarkPath(folder, which), ignored))
    return tl::unexpected(
        Lost(part, "gone with all features files: put the folder back, or add the samples again after"));
  return std::optional<index::IndexReader>();
}

}  // namespace

fs::path CodeBase::PartFolder(const fs::path& folder, Part part) {
  return folder / (part == Part::kSamples ? "samples" : "goodware");
}

Result<CodeBase> CodeBase::Open(const fs::path& folder) {
  CodeBase base;
  base.folder_ = folder;
  TRY_ASSIGN(base.samples_, OpenPart(folder, Part::kSamples));
  TRY_ASSIGN(base.goodware_, OpenPart(folder, Part::kGoodware));
  return base;
}

Result<StoredSample> CodeBase::Stored(Part part, const std::string& sha256) const {
  return ReadStoredSample(FeaturesPath(PartFolder(folder_, part), sha256));
}

Result<StoredSample> CodeBase::StoredHead(Part part, const std::string& sha256) const {
  return ReadStoredHead(FeaturesPath(PartFolder(folder_, part), sha256));
}

Result<KeptCode> CodeBase::Kept(const std::string& sha256) const {
  TRY_ASSIGN(KeptCode kept, ReadKeptCode(KeptPath(PartFolder(folder_, Part::kSamples), sha256)));
  if (kept.sha256 != sha256) return Fail(ErrorCode::kCorrupt, "holds the code of another sample");
  return kept;
}

namespace {

// What is done with each program of one Add. `known`: keep the code too, known since then.
struct Adding {
  index::IndexWriter& writer;
  const fs::path& where;
  const index::SampleMeta& label;
  std::optional<Date> known;
};

// One program into the index and its files beside it. What is no program goes into `added`; errors are the store's.
Status AddOne(const Adding& with, const std::string& name, Bytes bytes, Result<CodeBase::Added>& added) {
  auto code = ReadSampleCode(std::move(bytes));
  if (!code) {
    added = FailAt(name, std::move(code).error());
    return {};
  }
  const SampleCode& sample = **code;
  CodeBase::Added done;
  done.unavailable = sample.unavailable;
  done.functions = sample.program.functions.size();
  done.skipped = SkippedTables(sample);
  if (done.unavailable.empty()) {
    StoredSample stored;
    stored.meta = with.label;
    stored.meta.sha256 = sample.sha256;
    stored.functions = SignaturesOf(sample.program);
    AddMetadata(MetadataOf(sample), stored.functions);
    stored.sketch = SketchOf(stored.functions);
    TRY_ASSIGN(done.fresh, with.writer.Add({stored.meta, stored.functions}));
    if (with.known && (done.fresh || !ReadKeptCode(KeptPath(with.where, sample.sha256)))) {
      TRY(WriteKeptCode(KeptPath(with.where, sample.sha256), KeepCode(sample, *with.known)));
      done.kept = true;
    }
    if (done.fresh) TRY(WriteStoredSample(FeaturesPath(with.where, sample.sha256), stored));
  }
  added = done;
  return {};
}

}  // namespace

Status CodeBase::Add(const fs::path& folder, Part part, const index::SampleMeta& label, Date known, const std::vector<fs::path>& files,
                     const std::function<void(const fs::path&, const Result<Added>&)>& each) {
  const fs::path where = PartFolder(folder, part);
  std::error_code error;
  fs::create_directories(where, error);
  if (error) return Fail(ErrorCode::kIo, where.string() + ": " + error.message());
  // Never a new index in the place of a lost one: what stood in that would look as if it had never been known.
  TRY_ASSIGN([[maybe_unused]] const auto there, OpenPart(folder, part));
  TRY_ASSIGN(index::IndexWriter writer, index::IndexWriter::Open(where / kIndex));
  if (!fs::exists(MarkPath(folder, part), error)) TRY(WriteFileAtomic(MarkPath(folder, part), kMark));
  // Goodware links nobody, so nobody looks at its code.
  const Adding with{writer, where, label, part == Part::kSamples ? std::optional(known) : std::nullopt};
  for (const fs::path& file : files) {
    auto bytes = ReadFile(file, kMaxSampleBytes);
    if (!bytes) {
      each(file, tl::unexpected(std::move(bytes).error()));
      continue;
    }
    bool store_failed = false;
    const auto odd = ForEachProgram(file.string(), std::move(*bytes), Carried::kToo, [&](const std::string& name, Bytes program) -> Status {
      Result<Added> added;
      if (const Status stored = AddOne(with, name, std::move(program), added); !stored) {
        store_failed = true;
        return stored;
      }
      each(name, added);
      return {};
    });
    if (!odd && store_failed) return tl::unexpected(odd.error());
    if (!odd) each(file, FailAt(file.string(), odd.error()));
    else for (const std::string& text : *odd) each(file, Fail(ErrorCode::kUnsupported, text));
  }
  TRY(writer.Commit());
  return writer.Merge();
}

Result<std::vector<std::string>> CodeBase::Verify(const fs::path& folder) {
  std::vector<std::string> findings;
  for (Part part : {Part::kSamples, Part::kGoodware}) {
    const auto opened = OpenPart(folder, part);
    if (!opened) {
      std::string finding = opened.error().message;
      if (finding.find(kRemedy) == finding.npos) finding += fmt::format("; {}", kRemedy);
      findings.push_back(std::move(finding));
    }
    const index::IndexReader* reader = opened && *opened ? &**opened : nullptr;
    const fs::path where = PartFolder(folder, part);
    TRY_ASSIGN(const std::vector<fs::path> files, FilesOf(where, kSuffix));
    std::set<std::string> stored;
    for (const fs::path& file : files) {
      const auto sample = ReadStoredSample(file);
      if (!sample)
        findings.push_back(sample.error().message);
      else if (sample->meta.sha256 + std::string(kSuffix) != file.filename().string())
        findings.push_back(file.string() + ": holds the features of another sample");
      else
        stored.insert(sample->meta.sha256);
    }
    TRY_ASSIGN(const std::vector<fs::path> kept, FilesOf(where, kKeptSuffix));
    for (const fs::path& file : kept) {
      const auto code = ReadKeptCode(file);
      if (!code)
        findings.push_back(code.error().message);
      else if (code->sha256 + std::string(kKeptSuffix) != file.filename().string())
        findings.push_back(file.string() + ": holds the code of another sample");
    }
    if (reader == nullptr) continue;
    // A features file that the index does not know is what a killed run left: harmless, Add writes it again.
    for (const index::SampleMeta& meta : reader->samples())
      if (stored.count(meta.sha256) == 0) findings.push_back(where.string() + ": the features of " + meta.sha256 + " are missing");
    for (std::string& finding : reader->Verify()) findings.push_back(where.string() + ": " + finding);
  }
  std::sort(findings.begin(), findings.end());
  return findings;
}

Status CodeBase::Rebuild(const fs::path& folder) {
  for (Part part : {Part::kSamples, Part::kGoodware}) {
    const fs::path where = PartFolder(folder, part);
    TRY_ASSIGN(const std::vector<fs::path> files, FilesOf(where, kSuffix));
    std::error_code ignored;
    if (files.empty() && (fs::exists(where / kIndex, ignored) || !fs::exists(MarkPath(folder, part), ignored))) continue;
    std::size_t next = 0;
    TRY(index::RebuildIndex(where / kIndex, [&]() -> Result<std::optional<index::SampleFunctions>> {
      if (next == files.size()) return std::optional<index::SampleFunctions>();
      TRY_ASSIGN(StoredSample sample, ReadStoredSample(files[next++]));
      return std::optional(index::SampleFunctions{std::move(sample.meta), std::move(sample.functions)});
    }));
  }
  return {};
}

}  // namespace ascribe
