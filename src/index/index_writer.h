#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <unordered_set>

#include "base/result.h"
#include "index/builder.h"
#include "index/manifest.h"
#include "index/sample.h"

namespace ascribe::index {

/// A segment stays apart from the newer ones while it is at least this many times as big as all of them together. Then
/// n postings lie in at most log4(n) + 1 segments, and each is rewritten about 4 log4(n) times at worst.
inline constexpr std::uint64_t kTierRatio = 4;

/// Adds samples to an index. One writer at a time (a lock in the folder); readers go on beside it. Not thread-safe.
class IndexWriter {
 public:
  /// Makes the folder and an empty index when there is none, and removes what a killed writer left behind. Errors:
  /// kUnavailable (another writer), kIo, kCorrupt.
  [[nodiscard]] static Result<IndexWriter> Open(const std::filesystem::path& folder,
                                                std::size_t postings_in_memory = SegmentBuilder::kDefaultPostings);
  IndexWriter(IndexWriter&&) = default;
  IndexWriter& operator=(IndexWriter&&) = default;

  /// False: a sample with this SHA-256 is in the index, or was added, already. Nothing is kept before Commit().
  [[nodiscard]] Result<bool> Add(const SampleFunctions& sample);
  /// All that was added since the last commit becomes one segment. When this returns it is on the disk and every later
  /// reader sees it; before, none does. Does nothing when nothing was added.
  [[nodiscard]] Status Commit();
  /// Joins segments by the size rule above, or all of them. Whatever stops it, the index stays as it was.
  [[nodiscard]] Status Merge(bool all = false);

 private:
  IndexWriter(std::filesystem::path folder, Descriptor lock, std::size_t postings_in_memory)
      : folder_(std::move(folder)), lock_(std::move(lock)), capacity_(postings_in_memory) {}
  friend Status RebuildIndex(const std::filesystem::path&,
                             const std::function<Result<std::optional<SampleFunctions>>()>&, std::size_t);
  using Write = std::function<Status(const std::filesystem::path&)>;
  // Makes a segment file and puts it in the place of the last `replaced` ones.
  [[nodiscard]] Status Publish(std::size_t replaced, const Write& write);
  void RemoveOthers() const;

  std::filesystem::path folder_;
  Descriptor lock_;
  std::size_t capacity_;
  Manifest manifest_;
  std::unordered_set<std::string> known_;  // SHA-256
  std::optional<SegmentBuilder> builder_;
};

/// Makes the index of `folder` anew from samples, given one after the other until std::nullopt: the way back after
/// damage, a change of labels or of the format. The old index, damaged or not, stays in place until the new one is
/// whole; an error of `next` leaves it. A repeated SHA-256 counts once, the first.
[[nodiscard]] Status RebuildIndex(const std::filesystem::path& folder,
                                  const std::function<Result<std::optional<SampleFunctions>>()>& next,
                                  std::size_t postings_in_memory = SegmentBuilder::kDefaultPostings);

}  // namespace ascribe::index
