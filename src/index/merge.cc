#include "index/merge.h"

#include <algorithm>
#include <limits>

#include "index/groups.h"

namespace ascribe::index {
namespace {

using Segments = std::span<const std::shared_ptr<const Segment>>;

// Equal signatures of several segments become one. Old signatures are numbered through, segment after segment.
struct Signatures {
  std::vector<std::uint32_t> begin;                              // by segment: number of its first signature
  std::vector<std::uint32_t> merged;                             // by old number: the new id
  std::vector<std::pair<std::uint32_t, std::uint32_t>> repeats;  // (new id, old number), sorted: all but the first
};

Result<Signatures> Unify(Segments segments) {
  Signatures result;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> digests;  // with the old number
  std::uint64_t total = 0;
  for (const auto& segment : segments) {
    result.begin.push_back(static_cast<std::uint32_t>(total));
    total += segment->signature_count();
    if (total >= kMaxIds)
      return Fail(ErrorCode::kLimitExceeded, "more signatures than a segment of the code index can hold");
    TRY(segment->signatures().ForEach([&](std::uint64_t, Span record) {
      const auto signature = ParseSignature(record);
      if (signature) digests.emplace_back(signature->digest, static_cast<std::uint32_t>(digests.size()));
      return signature.has_value();
    }));
  }
  std::sort(digests.begin(), digests.end());
  std::vector<std::uint32_t> first(digests.size());  // by old number: the first with the same digest
  for (std::size_t i = 0; i < digests.size(); ++i)
    first[digests[i].second] =
        i > 0 && digests[i - 1].first == digests[i].first ? first[digests[i - 1].second] : digests[i].second;
  digests = {};
  result.merged.resize(first.size());
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < first.size(); ++i) {
    result.merged[i] = first[i] == i ? next++ : result.merged[first[i]];
    if (first[i] != i) result.repeats.emplace_back(result.merged[i], i);
  }
  std::sort(result.repeats.begin(), result.repeats.end());
  return result;
}

struct SampleTables {
  std::vector<std::uint32_t> begin;  // by segment: new id of its first sample
  std::vector<SampleMeta> metas;
  Groups groups;
};

Result<SampleTables> LoadSamples(Segments segments) {
  SampleTables samples;
  for (const auto& segment : segments) {
    samples.begin.push_back(static_cast<std::uint32_t>(samples.metas.size()));
    TRY(segment->samples().ForEach([&](std::uint64_t, Span record) {
      auto meta = ParseMeta(record);
      if (!meta) return false;
      samples.groups.Add(*meta);
      samples.metas.push_back(std::move(*meta));
      return true;
    }));
    if (samples.metas.size() >= kMaxIds)
      return Fail(ErrorCode::kLimitExceeded, "more samples than a segment of the code index can hold");
  }
  return samples;
}

Status MergeFeatures(Segments segments, const Signatures& signatures, const SampleTables& samples, SegmentWriter& out) {
  std::vector<TableCursor> cursors;
  std::vector<bool> live;
  for (const auto& segment : segments) {
    cursors.emplace_back(segment->features());
    TRY_ASSIGN(const bool more, cursors.back().Next());
    live.push_back(more);
  }
  GroupCounter counter(samples.groups);
  std::vector<std::uint32_t> holders, ids, old_ids;
  for (;;) {
    std::uint64_t key = std::numeric_limits<std::uint64_t>::max();
    bool any = false;
    for (std::size_t s = 0; s < segments.size(); ++s)
      if (live[s]) key = std::min(key, cursors[s].key()), any = true;
    if (!any) return {};
    holders.clear();
    ids.clear();
    bool cut = false;
    std::size_t sources = 0;
    for (std::size_t s = 0; s < segments.size(); ++s) {
      if (!live[s] || cursors[s].key() != key) continue;
      const auto feature = ParseFeature(cursors[s].record());
      old_ids.clear();
      if (!feature || !GetIds(feature->signatures, feature->signature_count, segments[s]->signature_count(),
                              signatures.begin[s], old_ids))
        return tl::unexpected(segments[s]->features().Damage(cursors[s].block(), "a record is damaged"));
      for (const std::uint32_t old : old_ids) ids.push_back(signatures.merged[old]);
      TRY(segments[s]->Holders(feature->holders, samples.begin[s], holders));  // ascends: later segments, later samples
      cut = cut || feature->cut;
      ++sources;
      TRY_ASSIGN(const bool more, cursors[s].Next());
      live[s] = more;
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    counter.Begin();
    if (holders.size() > 1)
      for (const std::uint32_t sample : holders) counter.Count(sample);
    TRY(out.AddFeature(key, counter.df(), holders, ids, cut));
  }
}

Status MergeSignatures(Segments segments, const Signatures& signatures, const SampleTables& samples,
                       SegmentWriter& out) {
  std::vector<FunctionPlace> places;
  std::uint64_t total = 0;
  const auto add = [&](std::size_t s, Span record) -> Result<std::uint64_t> {
    const auto signature = ParseSignature(record);
    if (!signature) return Fail(ErrorCode::kCorrupt, segments[s]->file().path().string() + ": a signature is damaged");
    TRY(segments[s]->Functions(signature->functions, samples.begin[s], places));
    total += signature->total;
    return signature->digest;
  };
  std::uint32_t next_id = 0, old = 0;
  auto repeat = signatures.repeats.begin();
  for (std::size_t s = 0; s < segments.size(); ++s) {
    TableCursor cursor(segments[s]->signatures());
    for (;; ++old) {
      TRY_ASSIGN(const bool more, cursor.Next());
      if (!more) break;
      if (signatures.merged[old] != next_id) continue;  // written with the first of its kind
      places.clear();
      total = 0;
      TRY_ASSIGN(const std::uint64_t digest, add(s, cursor.record()));
      for (; repeat != signatures.repeats.end() && repeat->first == next_id; ++repeat) {
        const auto owner = std::upper_bound(signatures.begin.begin(), signatures.begin.end(), repeat->second);
        const auto other = static_cast<std::size_t>(owner - signatures.begin.begin()) - 1;
        const std::uint64_t id = repeat->second - signatures.begin[other];
        Status status;
        TRY(segments[other]->signatures().Sweep(std::span(&id, 1), [&](std::size_t, Span record) {
          const auto added = add(other, record);
          if (!added) status = tl::unexpected(added.error());
          return true;
        }));
        TRY(status);
      }
      TRY(out.AddSignature(digest, total, places));
      ++next_id;
    }
  }
  return {};
}

}  // namespace

Status MergeSegments(Segments segments, const std::filesystem::path& path) {
  TRY_ASSIGN(const Signatures signatures, Unify(segments));
  TRY_ASSIGN(const SampleTables samples, LoadSamples(segments));
  TRY_ASSIGN(auto out, SegmentWriter::Create(path));
  TRY(MergeFeatures(segments, signatures, samples, *out));
  TRY(MergeSignatures(segments, signatures, samples, *out));
  for (const SampleMeta& meta : samples.metas) TRY(out->AddSample(meta));
  return out->Finish();
}

}  // namespace ascribe::index
