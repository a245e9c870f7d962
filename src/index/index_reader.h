#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/groups.h"
#include "index/sample.h"
#include "index/segment.h"

namespace ascribe::index {

/// Which samples count in a query: everything else is as if it had never been indexed. Make it with
/// IndexReader::MakeScope.
struct Scope {
  std::vector<std::uint8_t> counts;    ///< by sample: 1 or 0
  std::uint32_t families_touched = 0;  ///< families, and
  std::uint32_t packages_touched = 0;  ///< packages, of which at least one sample does not count
};

/// What the index knows of one key of a batch.
struct FeatureHit {
  std::uint64_t key = 0;
  DocumentFrequency df;                   ///< exact, of the samples in scope
  std::vector<std::uint32_t> samples;     ///< all in scope that hold it, ascending
  std::vector<std::uint32_t> signatures;  ///< ascending, at most kMaxSignatures, also of samples out of scope
  bool cut = false;                       ///< there are more signatures
};

/// The plain answer to a batch: one entry of signatures a key, all in one array.
struct SignatureHits {
  struct Entry {
    std::uint32_t key = 0;    ///< index into the batch
    std::uint32_t first = 0;  ///< into `signatures`
    std::uint32_t count = 0;
    bool cut = false;
  };
  std::vector<Entry> entries;  ///< segment after segment
  std::vector<std::uint32_t> signatures;
};

/// What of a batch is of interest; the rest need not be read.
struct LookupOptions {
  const Scope* scope = nullptr;  ///< all samples count
  bool signatures = true;        ///< false: FeatureHit::signatures stay empty
  /// Asked with what a feature's frequency is at least. False: its list is not read, and its hit has that frequency and
  /// no samples. Must stay false when a count grows, and be true while both are 0. Empty: all are read.
  std::function<bool(DocumentFrequency at_least)> wanted;
};

/// Weight of a feature that occurs in df. Never negative; must not grow when a count grows. Zero: no vote.
using WeightFunction = std::function<double(std::uint64_t key, DocumentFrequency df)>;
/// Halves with each further family; nothing for what is in goodware (design note code.md, section 7).
[[nodiscard]] double HalvingWeight(std::uint64_t key, DocumentFrequency df);

struct QueryOptions {
  std::size_t top = 200;         ///< candidates wanted
  const Scope* scope = nullptr;  ///< all samples count
  WeightFunction weight = HalvingWeight;
};

struct Candidate {
  std::uint32_t sample = 0;
  double votes = 0;            ///< sum of the weights of the features that it shares with the batch
  std::uint32_t features = 0;  ///< how many voted
};

struct QueryAnswer {
  std::vector<Candidate> candidates;  ///< by votes, then by sample
  std::size_t keys = 0;               ///< distinct keys asked for
  std::size_t found = 0;              ///< of them in the index, before scope
  std::size_t unread = 0;             ///< keys whose lists could no longer change who is in the answer
  double at_most = 0;                 ///< votes that the unread keys could add to a sample
};

/// What the segments hold of a batch of keys: found once, to be asked more than one question.
class Batch {
 public:
  /// Distinct keys, ascending.
  [[nodiscard]] const std::vector<std::uint64_t>& keys() const { return keys_; }

 private:
  friend class IndexReader;
  friend class Voting;
  // What one segment holds of one key. `holders` is within the arena when it was short.
  struct Holding {
    std::uint32_t key;  // index into the batch
    std::uint32_t segment;
    std::uint32_t first, count;  // into the arena; count 0: the list stands apart
    DocumentFrequency df;
    ListPlace apart;
  };
  std::vector<std::uint64_t> keys_;
  std::vector<Holding> list_;         // by key, then segment
  std::vector<std::uint32_t> arena_;  // sample ids
};

/// A snapshot of an index. Thread-safe; what is committed or merged later does not change it. Ids of samples count
/// through the segments and hold as long as nothing is merged out of order, which never happens; ids of signatures hold
/// for this snapshot only.
class IndexReader {
 public:
  /// Errors: kNotFound (no index in `folder`), kIo, kCorrupt and kUnsupported naming file and block or line.
  [[nodiscard]] static Result<IndexReader> Open(const std::filesystem::path& folder);

  [[nodiscard]] const std::vector<SampleMeta>& samples() const { return samples_; }
  [[nodiscard]] std::size_t segment_count() const { return segments_.size(); }
  [[nodiscard]] const Segment& segment(std::size_t i) const { return *segments_[i]; }

  [[nodiscard]] Scope MakeScope(const std::function<bool(const SampleMeta&)>& counts) const;

  /// Finds keys (in any order, repeats count once) in all segments. `threads`: see ParallelFor; the answer is the same.
  [[nodiscard]] Result<Batch> Find(std::span<const std::uint64_t> keys, unsigned threads = 1) const;

  /// Stage one: which samples share the rarest features with the batch. Lists of common features are read only while
  /// they can still change the answer (MaxScore bound).
  [[nodiscard]] Result<QueryAnswer> Query(const Batch& batch, const QueryOptions& options) const;
  [[nodiscard]] Result<QueryAnswer> Query(std::span<const std::uint64_t> keys, const QueryOptions& options) const;

  /// Everything about the keys of a batch that are in the index with a sample in scope, by ascending key.
  [[nodiscard]] Result<std::vector<FeatureHit>> Lookup(std::span<const std::uint64_t> keys, const Scope* scope) const;
  /// The same, but for what the options leave out.
  [[nodiscard]] Result<std::vector<FeatureHit>> Lookup(const Batch& batch, const LookupOptions& options) const;
  [[nodiscard]] Result<std::vector<FeatureHit>> Lookup(std::span<const std::uint64_t> keys, const LookupOptions& options) const;
  /// Only the signatures; `keys` ascending. The cheapest question: one block a key and segment.
  [[nodiscard]] Result<SignatureHits> LookupSignatures(std::span<const std::uint64_t> keys, unsigned threads = 1) const;
  /// The functions that have a signature, by sample and address; at most kMaxFunctions a segment.
  [[nodiscard]] Result<std::vector<FunctionPlace>> Functions(std::uint32_t signature) const;

  /// Reads everything and holds it against everything it can be held against. Empty: the index is whole.
  [[nodiscard]] std::vector<std::string> Verify() const;

 private:
  friend class Voting;
  // What the frequency is at least, by the segment's own count, less what the scope may have taken from it.
  [[nodiscard]] static DocumentFrequency Floor(const Batch::Holding& holding, const Scope* scope) {
    const std::uint32_t families = scope == nullptr ? 0 : scope->families_touched, packages = scope == nullptr ? 0 : scope->packages_touched;
    return {holding.df.families - std::min(holding.df.families, families), holding.df.packages - std::min(holding.df.packages, packages)};
  }
  // What segment `s` holds of `keys`, the first of which is number `first` of the batch.
  [[nodiscard]] Result<Batch> FindIn(std::uint32_t s, std::span<const std::uint64_t> keys, std::size_t first) const;
  [[nodiscard]] Result<SignatureHits> SignaturesIn(std::uint32_t s, std::span<const std::uint64_t> keys, std::size_t first) const;
  // One of these for ranges of the keys in each segment, on several threads: segment after segment, by ascending key.
  template <typename Part>
  [[nodiscard]] Result<std::vector<Part>> InParts(
      std::span<const std::uint64_t> keys, unsigned threads,
      Result<Part> (IndexReader::*find)(std::uint32_t, std::span<const std::uint64_t>, std::size_t) const) const;
  [[nodiscard]] Status VerifySegment(std::size_t s) const;

  std::vector<std::shared_ptr<const Segment>> segments_;
  std::vector<std::uint32_t> first_sample_, first_signature_;  // by segment
  std::vector<SampleMeta> samples_;
  Groups groups_;
};

}  // namespace ascribe::index
