#include "index/index_writer.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>

#include "index/index_reader.h"
#include "index/merge.h"

namespace ascribe::index {
namespace fs = std::filesystem;
namespace {

Result<Descriptor> Lock(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Fail(ErrorCode::kIo, "cannot make " + folder.string() + ": " + error.message());
  const fs::path path = folder / "LOCK";
  Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (lock.get() < 0) return tl::unexpected(SystemError("open", path));
  while (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK)
      return Fail(ErrorCode::kUnavailable, folder.string() + ": another process is writing to this code index");
    return tl::unexpected(SystemError("lock", path));
  }
  return lock;
}

}  // namespace

Result<IndexWriter> IndexWriter::Open(const fs::path& folder, std::size_t postings_in_memory) {
  TRY_ASSIGN(Descriptor lock, Lock(folder));
  IndexWriter writer(folder, std::move(lock), postings_in_memory);
  if (auto manifest = LoadManifest(folder)) {
    writer.manifest_ = std::move(*manifest);
  } else {
    if (manifest.error().code != ErrorCode::kNotFound) return tl::unexpected(manifest.error());
    TRY(SaveManifest(folder, writer.manifest_));
  }
  writer.RemoveOthers();
  TRY_ASSIGN(const IndexReader reader, IndexReader::Open(folder));
  for (const SampleMeta& sample : reader.samples()) writer.known_.insert(sample.sha256);
  return writer;
}

// Segments that no manifest names: of a writer that was killed, or merged away. A reader that has them open keeps them.
void IndexWriter::RemoveOthers() const {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, ignored)) {
    const fs::path path = entry.path();
    const bool ours = path.extension() == ".seg" || path.extension() == ".tmp" || path.extension() == ".lists" ||
                      path.filename().string().starts_with("run-");
    const bool live = std::any_of(manifest_.segments.begin(), manifest_.segments.end(), [&](const auto& s) {
      return SegmentPath(folder_, s.number).filename() == path.filename();
    });
    if (ours && !live) fs::remove(path, ignored);
  }
}

Result<bool> IndexWriter::Add(const SampleFunctions& sample) {
  TRY(CheckMeta(sample.meta));
  if (!known_.insert(sample.meta.sha256).second) return false;
  if (!builder_) builder_.emplace(folder_, capacity_);
  TRY(builder_->Add(sample));
  return true;
}

Status IndexWriter::Publish(std::size_t replaced, const Write& write) {
  Manifest next = manifest_;
  const std::uint64_t number = next.next++;
  const fs::path path = SegmentPath(folder_, number);
  const fs::path temporary = path.string() + ".tmp";
  std::error_code error;
  const auto finish = [&]() -> Status {
    TRY(write(temporary));
    fs::rename(temporary, path, error);
    if (error) return Fail(ErrorCode::kIo, "cannot rename to " + path.string() + ": " + error.message());
    TRY(SyncFolder(folder_));  // the name must last before the manifest says so
    TRY_ASSIGN(const auto segment, Segment::Open(path));
    next.segments.resize(next.segments.size() - replaced);
    next.segments.push_back({number, segment->file().blocks(), segment->header_crc()});
    if (next.segments.size() > kMaxSegments)
      return Fail(ErrorCode::kLimitExceeded, folder_.string() + ": too many segments; merge them");
    return SaveManifest(folder_, next);
  };
  const Status status = finish();
  if (!status) {
    manifest_.next = next.next;    // the number is spent
    fs::remove(temporary, error);  // a renamed segment may be named by a manifest that could not be flushed: it stays
    return status;
  }
  manifest_ = std::move(next);
  RemoveOthers();
  return {};
}

Status IndexWriter::Commit() {
  if (!builder_) return {};
  // Gone also after an error: then the samples are not known, and may be added again by a new writer.
  SegmentBuilder builder = std::move(*builder_);
  builder_.reset();
  return Publish(0, [&](const fs::path& path) { return builder.Write(path); });
}

Status IndexWriter::Merge(bool all) {
  const auto& segments = manifest_.segments;
  if (segments.size() < 2) return {};
  // From the newest back: each that is too small for what comes after it.
  std::size_t begin = segments.size();
  std::uint64_t newer = 0;
  for (std::size_t i = segments.size(), blocks = 0; i-- > 0;) {
    if (blocks != 0 && segments[i].blocks < kTierRatio * blocks) begin = i;
    blocks += segments[i].blocks;
    newer = blocks;
  }
  if (newer == 0 || (begin == segments.size() && !all)) return {};
  if (all) begin = 0;
  std::vector<std::shared_ptr<const Segment>> sources;
  for (std::size_t i = begin; i < segments.size(); ++i) {
    TRY_ASSIGN(auto segment, Segment::Open(SegmentPath(folder_, segments[i].number)));
    sources.push_back(std::move(segment));
  }
  return Publish(sources.size(), [&](const fs::path& path) { return MergeSegments(sources, path); });
}

Status RebuildIndex(const fs::path& folder, const std::function<Result<std::optional<SampleFunctions>>()>& next,
                    std::size_t postings_in_memory) {
  TRY_ASSIGN(Descriptor lock, Lock(folder));
  IndexWriter writer(folder, std::move(lock), postings_in_memory);
  if (auto manifest = LoadManifest(folder)) {
    writer.manifest_ = std::move(*manifest);
  } else {
    // The manifest is damaged or gone: number above every file that is there.
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored))
      if (entry.path().extension() == ".seg")
        writer.manifest_.next =
            std::max<std::uint64_t>(writer.manifest_.next, std::strtoull(entry.path().stem().c_str(), nullptr, 10) + 1);
  }
  for (;;) {
    TRY_ASSIGN(const auto sample, next());
    if (!sample) break;
    TRY(writer.Add(*sample));
  }
  const std::size_t old = writer.manifest_.segments.size();
  if (!writer.builder_) {
    writer.manifest_.segments.clear();
    TRY(SaveManifest(folder, writer.manifest_));
    writer.RemoveOthers();
    return {};
  }
  return writer.Publish(old, [&](const fs::path& path) { return writer.builder_->Write(path); });
}

}  // namespace ascribe::index
