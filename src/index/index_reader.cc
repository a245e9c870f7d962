#include "index/index_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/pool.h"
#include "index/manifest.h"

namespace ascribe::index {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kKeysOfAPart = 2048;  // some milliseconds of work; less is not worth a thread

}  // namespace

Result<IndexReader> IndexReader::Open(const fs::path& folder) {
  // A merge may remove segments between our reading the manifest and opening them: then there is a newer manifest.
  constexpr int kTries = 10;
  for (int attempt = 1;; ++attempt) {
    TRY_ASSIGN(const Manifest manifest, LoadManifest(folder));
    IndexReader reader;
    std::uint64_t signatures = 0;
    Status status;
    for (const Manifest::Entry& entry : manifest.segments) {
      const fs::path path = SegmentPath(folder, entry.number);
      auto segment = Segment::Open(path);
      if (!segment) {
        status = tl::unexpected(segment.error());
        break;
      }
      if ((*segment)->file().blocks() != entry.blocks || (*segment)->header_crc() != entry.header_crc)
        return Fail(ErrorCode::kCorrupt, path.string() + ": block 0: not the segment that the manifest names");
      reader.first_sample_.push_back(static_cast<std::uint32_t>(reader.samples_.size()));
      reader.first_signature_.push_back(static_cast<std::uint32_t>(signatures));
      TRY((*segment)->samples().ForEach([&](std::uint64_t, Span record) {
        auto meta = ParseMeta(record);
        if (!meta) return false;
        reader.groups_.Add(*meta);
        reader.samples_.push_back(std::move(*meta));
        return true;
      }));
      signatures += (*segment)->signature_count();
      if (signatures >= kMaxIds || reader.samples_.size() >= kMaxIds)
        return Fail(ErrorCode::kLimitExceeded, folder.string() + ": more signatures or samples than ids");
      reader.segments_.push_back(std::move(*segment));
    }
    if (status) return reader;
    if (status.error().code != ErrorCode::kNotFound) return tl::unexpected(status.error());
    TRY_ASSIGN(const Manifest newer, LoadManifest(folder));
    if (newer == manifest || attempt == kTries)
      return Fail(ErrorCode::kCorrupt, "the manifest names a segment that is not there: " + status.error().message);
  }
}

Scope IndexReader::MakeScope(const std::function<bool(const SampleMeta&)>& counts) const {
  Scope scope;
  std::set<std::uint32_t> touched;
  for (std::uint32_t i = 0; i < samples_.size(); ++i) {
    scope.counts.push_back(counts(samples_[i]) ? 1 : 0);
    if (scope.counts.back() == 0) touched.insert(groups_.of(i));
  }
  for (const std::uint32_t group : touched)
    ++(groups_.is_package(group) ? scope.packages_touched : scope.families_touched);
  return scope;
}

Result<Batch> IndexReader::FindIn(std::uint32_t s, std::span<const std::uint64_t> keys, std::size_t first) const {
  Batch batch;
  batch.list_.reserve(keys.size());
  const Segment& segment = *segments_[s];
  TRY(segment.features().Sweep(keys, [&](std::size_t i, Span record) {
    const auto feature = ParseFeature(record);
    if (!feature) return false;
    Batch::Holding holding{static_cast<std::uint32_t>(first + i), s, static_cast<std::uint32_t>(batch.arena_.size()), 0, {}, {}};
    if (feature->holders.apart) {
      holding.apart = feature->holders;
    } else {
      holding.count = feature->holders.count;
      if (!GetIds(feature->holders.bytes, holding.count, segment.sample_count(), first_sample_[s], batch.arena_))
        return false;
    }
    if (feature->df)
      holding.df = *feature->df;
    else if (holding.count == 1)
      ++(groups_.is_package(groups_.of(batch.arena_[holding.first])) ? holding.df.packages : holding.df.families);
    else
      return false;  // a list apart of one entry is never written
    batch.list_.push_back(holding);
    return true;
  }));
  return batch;
}

template <typename Part>
Result<std::vector<Part>> IndexReader::InParts(std::span<const std::uint64_t> keys, unsigned threads,
                                               Result<Part> (IndexReader::*find)(std::uint32_t, std::span<const std::uint64_t>, std::size_t) const) const {
  const std::size_t ranges = (keys.size() + kKeysOfAPart - 1) / kKeysOfAPart;
  std::vector<Result<Part>> results(ranges * segments_.size());
  ParallelFor(results.size(), threads, [&](std::size_t p) {
    const std::size_t first = p % ranges * kKeysOfAPart;
    const auto range = keys.subspan(first, std::min(kKeysOfAPart, keys.size() - first));
    results[p] = (this->*find)(static_cast<std::uint32_t>(p / ranges), range, first);
  });
  std::vector<Part> parts;
  parts.reserve(results.size());
  for (Result<Part>& result : results) {
    TRY_ASSIGN(Part part, std::move(result));
    parts.push_back(std::move(part));
  }
  return parts;
}

Result<Batch> IndexReader::Find(std::span<const std::uint64_t> keys, unsigned threads) const {
  Batch batch;
  batch.keys_.assign(keys.begin(), keys.end());
  std::sort(batch.keys_.begin(), batch.keys_.end());
  batch.keys_.erase(std::unique(batch.keys_.begin(), batch.keys_.end()), batch.keys_.end());
  TRY_ASSIGN(const auto parts, InParts<Batch>(batch.keys_, threads, &IndexReader::FindIn));
  std::size_t found = 0, holders = 0;
  for (const Batch& part : parts) {
    found += part.list_.size();
    holders += part.arena_.size();
  }
  batch.list_.reserve(found);
  batch.arena_.reserve(holders);
  for (const Batch& part : parts) {
    const auto begin = static_cast<std::uint32_t>(batch.arena_.size());
    for (Batch::Holding holding : part.list_) {
      holding.first += begin;
      batch.list_.push_back(holding);
    }
    batch.arena_.insert(batch.arena_.end(), part.arena_.begin(), part.arena_.end());
  }
  if (segments_.size() > 1)
    std::stable_sort(batch.list_.begin(), batch.list_.end(),
                     [](const Batch::Holding& a, const Batch::Holding& b) { return a.key < b.key; });
  return batch;
}

Result<SignatureHits> IndexReader::SignaturesIn(std::uint32_t s, std::span<const std::uint64_t> keys, std::size_t first) const {
  SignatureHits hits;
  const Segment& segment = *segments_[s];
  TRY(segment.features().Sweep(keys, [&](std::size_t i, Span record) {
    const auto feature = ParseFeature(record);
    if (!feature) return false;
    hits.entries.push_back({static_cast<std::uint32_t>(first + i), static_cast<std::uint32_t>(hits.signatures.size()),
                            static_cast<std::uint32_t>(feature->signature_count), feature->cut});
    return GetIds(feature->signatures, feature->signature_count, segment.signature_count(), first_signature_[s], hits.signatures);
  }));
  return hits;
}

Result<SignatureHits> IndexReader::LookupSignatures(std::span<const std::uint64_t> keys, unsigned threads) const {
  TRY_ASSIGN(const auto parts, InParts<SignatureHits>(keys, threads, &IndexReader::SignaturesIn));
  SignatureHits hits;
  std::vector<std::uint16_t> kept(keys.size());  // of earlier segments; all together kMaxSignatures
  for (const SignatureHits& part : parts)
    for (const SignatureHits::Entry& entry : part.entries) {
      const auto more = static_cast<std::uint32_t>(std::min<std::size_t>(entry.count, kMaxSignatures - kept[entry.key]));
      const auto begin = part.signatures.begin() + entry.first;
      hits.entries.push_back({entry.key, static_cast<std::uint32_t>(hits.signatures.size()), more, entry.cut || more < entry.count});
      hits.signatures.insert(hits.signatures.end(), begin, begin + more);
      kept[entry.key] = static_cast<std::uint16_t>(kept[entry.key] + more);
    }
  return hits;
}

Result<std::vector<FeatureHit>> IndexReader::Lookup(std::span<const std::uint64_t> keys, const Scope* scope) const {
  LookupOptions options;
  options.scope = scope;
  return Lookup(keys, options);
}

Result<std::vector<FeatureHit>> IndexReader::Lookup(std::span<const std::uint64_t> keys, const LookupOptions& options) const {
  TRY_ASSIGN(const Batch batch, Find(keys));
  return Lookup(batch, options);
}

Result<std::vector<FeatureHit>> IndexReader::Lookup(const Batch& batch, const LookupOptions& options) const {
  const Scope* scope = options.scope;
  // By the first holding of a key: what its frequency is at least, when that is enough to leave it out.
  const auto unwanted = [&](std::size_t first) -> std::optional<DocumentFrequency> {
    if (!options.wanted) return std::nullopt;
    DocumentFrequency least;
    for (std::size_t i = first; i < batch.list_.size() && batch.list_[i].key == batch.list_[first].key; ++i) {
      const DocumentFrequency floor = Floor(batch.list_[i], scope);
      least.families = std::max(least.families, floor.families);
      least.packages = std::max(least.packages, floor.packages);
    }
    return options.wanted(least) ? std::nullopt : std::optional(least);
  };
  std::vector<std::optional<DocumentFrequency>> left_out(batch.list_.size());
  for (std::size_t i = 0; i < batch.list_.size(); ++i) {
    left_out[i] = i > 0 && batch.list_[i - 1].key == batch.list_[i].key ? left_out[i - 1] : unwanted(i);
    if (!left_out[i]) segments_[batch.list_[i].segment]->PrefetchList(batch.list_[i].apart);
  }

  std::vector<FeatureHit> hits;
  hits.reserve(std::min(batch.list_.size(), batch.keys_.size()));
  std::vector<std::uint32_t> hit_of(batch.keys_.size(), ~std::uint32_t{0});
  GroupCounter counter(groups_);
  std::vector<std::uint32_t> list;
  for (std::size_t i = 0; i < batch.list_.size();) {
    const std::uint32_t key = batch.list_[i].key;
    FeatureHit hit;
    hit.key = batch.keys_[key];
    counter.Begin();
    const std::optional<DocumentFrequency> least = left_out[i];
    for (; i < batch.list_.size() && batch.list_[i].key == key; ++i) {
      if (least) continue;
      const Batch::Holding& holding = batch.list_[i];
      const auto begin = batch.arena_.begin() + holding.first;
      list.assign(begin, begin + holding.count);
      if (holding.count == 0)
        TRY(segments_[holding.segment]->Holders(holding.apart, first_sample_[holding.segment], list));
      for (const std::uint32_t sample : list) {
        if (scope != nullptr && scope->counts[sample] == 0) continue;
        hit.samples.push_back(sample);
        counter.Count(sample);
      }
    }
    if (hit.samples.empty() && !least) continue;
    hit.df = least ? *least : counter.df();
    hit_of[key] = static_cast<std::uint32_t>(hits.size());
    hits.push_back(std::move(hit));
  }
  if (!options.signatures) return hits;
  TRY_ASSIGN(const SignatureHits signatures, LookupSignatures(batch.keys_));
  for (const SignatureHits::Entry& entry : signatures.entries) {
    if (hit_of[entry.key] == ~std::uint32_t{0}) continue;
    FeatureHit& hit = hits[hit_of[entry.key]];
    const auto begin = signatures.signatures.begin() + entry.first;
    hit.signatures.insert(hit.signatures.end(), begin, begin + entry.count);
    hit.cut = hit.cut || entry.cut;
  }
  return hits;
}

Result<std::vector<FunctionPlace>> IndexReader::Functions(std::uint32_t signature) const {
  const auto owner = std::upper_bound(first_signature_.begin(), first_signature_.end(), signature);
  const auto after = static_cast<std::size_t>(owner - first_signature_.begin());
  if (after == 0 || signature - first_signature_[after - 1] >= segments_[after - 1]->signature_count())
    return Fail(ErrorCode::kNotFound, fmt::format("there is no signature {}", signature));
  const std::size_t s = after - 1;
  const std::uint64_t id = signature - first_signature_[s];
  std::vector<FunctionPlace> places;
  Status status;
  TRY(segments_[s]->signatures().Sweep(std::span(&id, 1), [&](std::size_t, Span bytes) {
    const auto record = ParseSignature(bytes);
    if (record) status = segments_[s]->Functions(record->functions, first_sample_[s], places);
    return record.has_value();
  }));
  TRY(status);
  return places;
}

}  // namespace ascribe::index
