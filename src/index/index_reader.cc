#include "index/index_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "index/manifest.h"

namespace ascribe::index {
namespace fs = std::filesystem;

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

Result<IndexReader::Holdings> IndexReader::FindHolders(std::span<const std::uint64_t> sorted) const {
  Holdings holdings;
  for (std::uint32_t s = 0; s < segments_.size(); ++s) {
    const Segment& segment = *segments_[s];
    TRY(segment.features().Sweep(sorted, [&](std::size_t i, Span record) {
      const auto feature = ParseFeature(record);
      if (!feature) return false;
      Holding holding{static_cast<std::uint32_t>(i), s, static_cast<std::uint32_t>(holdings.arena.size()), 0, {}, {}};
      if (feature->holders.apart) {
        holding.apart = feature->holders;
      } else {
        holding.count = feature->holders.count;
        if (!GetIds(feature->holders.bytes, holding.count, segment.sample_count(), first_sample_[s], holdings.arena))
          return false;
      }
      if (feature->df)
        holding.df = *feature->df;
      else if (holding.count == 1)
        ++(groups_.is_package(groups_.of(holdings.arena[holding.first])) ? holding.df.packages : holding.df.families);
      else
        return false;  // a list apart of one entry is never written
      holdings.list.push_back(holding);
      return true;
    }));
  }
  std::stable_sort(holdings.list.begin(), holdings.list.end(),
                   [](const Holding& a, const Holding& b) { return a.key < b.key; });
  return holdings;
}

Result<SignatureHits> IndexReader::LookupSignatures(std::span<const std::uint64_t> keys) const {
  SignatureHits hits;
  std::vector<std::uint16_t> kept(keys.size());  // of earlier segments; all together kMaxSignatures
  for (std::size_t s = 0; s < segments_.size(); ++s) {
    TRY(segments_[s]->features().Sweep(keys, [&](std::size_t i, Span record) {
      const auto feature = ParseFeature(record);
      if (!feature) return false;
      const std::size_t first = hits.signatures.size();
      if (kept[i] < kMaxSignatures && !GetIds(feature->signatures, feature->signature_count,
                                              segments_[s]->signature_count(), first_signature_[s], hits.signatures))
        return false;
      const std::size_t more = std::min(hits.signatures.size() - first, kMaxSignatures - kept[i]);
      hits.signatures.resize(first + more);
      kept[i] = static_cast<std::uint16_t>(kept[i] + more);
      hits.entries.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(first),
                              static_cast<std::uint32_t>(more), feature->cut || more < feature->signature_count});
      return true;
    }));
  }
  return hits;
}

Result<std::vector<FeatureHit>> IndexReader::Lookup(std::span<const std::uint64_t> keys, const Scope* scope) const {
  LookupOptions options;
  options.scope = scope;
  return Lookup(keys, options);
}

Result<std::vector<FeatureHit>> IndexReader::Lookup(std::span<const std::uint64_t> keys, const LookupOptions& options) const {
  const Scope* scope = options.scope;
  std::vector<std::uint64_t> sorted(keys.begin(), keys.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  TRY_ASSIGN(const Holdings holdings, FindHolders(sorted));
  // By the first holding of a key: what its frequency is at least, when that is enough to leave it out.
  const auto unwanted = [&](std::size_t first) -> std::optional<DocumentFrequency> {
    if (!options.wanted) return std::nullopt;
    DocumentFrequency least;
    for (std::size_t i = first; i < holdings.list.size() && holdings.list[i].key == holdings.list[first].key; ++i) {
      const DocumentFrequency floor = Floor(holdings.list[i], scope);
      least.families = std::max(least.families, floor.families);
      least.packages = std::max(least.packages, floor.packages);
    }
    return options.wanted(least) ? std::nullopt : std::optional(least);
  };
  std::vector<std::optional<DocumentFrequency>> left_out(holdings.list.size());
  for (std::size_t i = 0; i < holdings.list.size(); ++i) {
    left_out[i] = i > 0 && holdings.list[i - 1].key == holdings.list[i].key ? left_out[i - 1] : unwanted(i);
    if (!left_out[i]) segments_[holdings.list[i].segment]->PrefetchList(holdings.list[i].apart);
  }

  std::vector<FeatureHit> hits;
  std::vector<std::uint32_t> hit_of(sorted.size(), ~std::uint32_t{0});
  GroupCounter counter(groups_);
  std::vector<std::uint32_t> list;
  for (std::size_t i = 0; i < holdings.list.size();) {
    const std::uint32_t key = holdings.list[i].key;
    FeatureHit hit;
    hit.key = sorted[key];
    counter.Begin();
    const std::optional<DocumentFrequency> least = left_out[i];
    for (; i < holdings.list.size() && holdings.list[i].key == key; ++i) {
      if (least) continue;
      const Holding& holding = holdings.list[i];
      const auto begin = holdings.arena.begin() + holding.first;
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
  TRY_ASSIGN(const SignatureHits signatures, LookupSignatures(sorted));
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
