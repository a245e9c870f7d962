#include <fmt/format.h>

#include <set>

#include "index/index_reader.h"

namespace ascribe::index {

Status IndexReader::VerifySegment(std::size_t s) const {
  const Segment& segment = *segments_[s];
  TRY(segment.VerifyBlocks());

  // Signatures and samples are numbered from 0; who has which signature is what the lists of holders must add up to.
  std::vector<std::vector<std::uint32_t>> samples_of(segment.signature_count());
  std::uint64_t expected = 0;
  Status status;
  std::vector<FunctionPlace> places;
  std::vector<bool> listed_whole(segment.signature_count());
  TRY(segment.signatures().ForEach([&](std::uint64_t id, Span bytes) {
    const auto record = ParseSignature(bytes);
    if (!record || id != expected++) return false;
    places.clear();
    if (status) status = segment.Functions(record->functions, first_sample_[s], places);
    listed_whole[id] = record->total == record->functions.count;
    for (const FunctionPlace& place : places)
      if (samples_of[id].empty() || samples_of[id].back() != place.sample) samples_of[id].push_back(place.sample);
    return true;
  }));
  TRY(status);
  expected = 0;
  TRY(segment.samples().ForEach([&](std::uint64_t id, Span) { return id == expected++; }));

  GroupCounter counter(groups_);
  std::vector<std::uint32_t> holders, signatures;
  std::set<std::uint32_t> derived;
  TRY(segment.features().ForEach([&](std::uint64_t, Span bytes) {
    const auto feature = ParseFeature(bytes);
    if (!feature) return false;
    signatures.clear();
    if (!GetIds(feature->signatures, feature->signature_count, segment.signature_count(), 0, signatures)) return false;
    holders.clear();
    if (status) status = segment.Holders(feature->holders, first_sample_[s], holders);
    if (!status) return true;  // told below
    counter.Begin();
    for (const std::uint32_t sample : holders) counter.Count(sample);
    if (feature->df && !(*feature->df == counter.df())) return false;
    derived.clear();
    bool whole = !feature->cut;
    for (const std::uint32_t signature : signatures) {
      derived.insert(samples_of[signature].begin(), samples_of[signature].end());
      whole = whole && listed_whole[signature];
    }
    if (whole) return std::equal(derived.begin(), derived.end(), holders.begin(), holders.end());
    return std::includes(holders.begin(), holders.end(), derived.begin(), derived.end());
  }));
  return status;
}

std::vector<std::string> IndexReader::Verify() const {
  std::vector<std::string> findings;
  for (std::size_t s = 0; s < segments_.size(); ++s)
    if (const Status status = VerifySegment(s); !status) findings.push_back(status.error().message);
  std::set<std::string_view> seen;
  for (const SampleMeta& sample : samples_)
    if (!seen.insert(sample.sha256).second)
      findings.push_back(fmt::format("sample {} is in the index twice", sample.sha256));
  return findings;
}

}  // namespace ascribe::index
