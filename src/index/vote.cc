// Stage one of a match: df-weighted voting with a MaxScore bound (Turtle and Flood 1995). Keys are taken by falling
// upper bound of their weight. What is left can add at most the sum of the remaining bounds to any sample; when that
// cannot lift anybody into the answer, or is less than a millionth of the leader's votes, the rest is not read.

#include <algorithm>
#include <cmath>

#include "index/index_reader.h"

namespace ascribe::index {
namespace {

constexpr double kNegligible = 1.0 / (1 << 20);  // of the leader's votes
constexpr std::size_t kStep = 256;               // keys between two looks at the bound

}  // namespace

double HalvingWeight(std::uint64_t, DocumentFrequency df) {
  if (df.packages > 0 || df.families == 0) return 0;
  return std::ldexp(1.0, 1 - static_cast<int>(std::min(df.families, 1000u)));
}

// Not thread-safe; one a query.
class Voting {
 public:
  Voting(const IndexReader& reader, const Batch& batch, const QueryOptions& options)
      : reader_(reader),
        batch_(batch),
        options_(options),
        counter_(reader.groups_),
        votes_(reader.samples_.size()),
        features_(reader.samples_.size()) {}

  Result<QueryAnswer> Run() {
    BoundKeys();
    QueryAnswer answer;
    answer.keys = batch_.keys_.size();
    answer.found = found_;
    std::vector<double> rest(keys_.size() + 1);  // what keys i, i + 1, ... can add
    for (std::size_t i = keys_.size(); i-- > 0;) rest[i] = rest[i + 1] + keys_[i].bound;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (i % kStep == 0) {
        if (i > 0 && Settled(rest[i])) {
          answer.unread = keys_.size() - i;
          answer.at_most = rest[i];
          break;
        }
        PrefetchStep(i);
      }
      TRY(Count(keys_[i]));
    }
    for (std::uint32_t sample = 0; sample < votes_.size(); ++sample)
      if (features_[sample] > 0) answer.candidates.push_back({sample, votes_[sample], features_[sample]});
    const std::size_t kept = std::min(options_.top, answer.candidates.size());
    std::partial_sort(answer.candidates.begin(), answer.candidates.begin() + static_cast<std::ptrdiff_t>(kept),
                      answer.candidates.end(), [](const Candidate& a, const Candidate& b) {
                        return a.votes != b.votes ? a.votes > b.votes : a.sample < b.sample;
                      });
    answer.candidates.resize(kept);
    return answer;
  }

 private:
  struct Key {
    double bound;                // its weight is at most this
    bool exact;                  // and is this
    std::uint32_t first, count;  // of its holdings
  };

  bool Counts(std::uint32_t sample) const { return options_.scope == nullptr || options_.scope->counts[sample] != 0; }
  std::uint64_t KeyOf(const Key& key) const { return batch_.keys_[batch_.list_[key.first].key]; }
  std::span<const std::uint32_t> Within(const Batch::Holding& holding) const {
    return std::span(batch_.arena_).subspan(holding.first, holding.count);
  }

  // Lists within the blocks are there already: their frequencies are counted. For a list apart, each segment gives a
  // floor: its own frequency, less what the scope may have taken from it.
  void BoundKeys() {
    for (std::uint32_t i = 0; i < batch_.list_.size();) {
      Key key{0, true, i, 0};
      counter_.Begin();
      DocumentFrequency floor;
      for (; i < batch_.list_.size() && batch_.list_[i].key == batch_.list_[key.first].key; ++i, ++key.count) {
        const Batch::Holding& holding = batch_.list_[i];
        if (holding.count == 0) key.exact = false;
        const DocumentFrequency least = IndexReader::Floor(holding, options_.scope);
        floor.families = std::max(floor.families, least.families);
        floor.packages = std::max(floor.packages, least.packages);
        for (const std::uint32_t sample : Within(holding))
          if (Counts(sample)) counter_.Count(sample);
      }
      ++found_;
      if (key.exact) {
        const DocumentFrequency df = counter_.df();
        if (df == DocumentFrequency{}) continue;
        key.bound = options_.weight(KeyOf(key), df);
      } else {
        // One of the two may be 0, not both: then nobody in scope holds it, and any bound above its 0 votes is right.
        DocumentFrequency few = {std::max(floor.families, counter_.df().families),
                                 std::max(floor.packages, counter_.df().packages)};
        if (few == DocumentFrequency{}) {
          key.bound = std::max(options_.weight(KeyOf(key), {1, 0}), options_.weight(KeyOf(key), {0, 1}));
        } else {
          key.bound = options_.weight(KeyOf(key), few);
          if (few.families == 0) key.bound = std::max(key.bound, options_.weight(KeyOf(key), {1, few.packages}));
        }
      }
      if (key.bound > 0) keys_.push_back(key);
    }
    // Equal bounds: what is read already first; then by key, so that sums are the same every time.
    std::stable_sort(keys_.begin(), keys_.end(), [](const Key& a, const Key& b) {
      return a.bound != b.bound ? a.bound > b.bound : a.exact && !b.exact;
    });
  }

  void PrefetchStep(std::size_t from) const {
    for (std::size_t i = from; i < std::min(keys_.size(), from + kStep); ++i)
      for (std::uint32_t h = keys_[i].first; h < keys_[i].first + keys_[i].count; ++h)
        reader_.segments_[batch_.list_[h].segment]->PrefetchList(batch_.list_[h].apart);
  }

  Status Count(const Key& key) {
    list_.clear();
    counter_.Begin();
    for (std::uint32_t h = key.first; h < key.first + key.count; ++h) {
      const Batch::Holding& holding = batch_.list_[h];
      const auto within = Within(holding);
      list_.insert(list_.end(), within.begin(), within.end());
      if (holding.count == 0)
        TRY(reader_.segments_[holding.segment]->Holders(holding.apart, reader_.first_sample_[holding.segment], list_));
    }
    std::erase_if(list_, [&](std::uint32_t sample) { return !Counts(sample); });
    double weight = key.bound;
    if (!key.exact) {
      for (const std::uint32_t sample : list_) counter_.Count(sample);
      weight = options_.weight(KeyOf(key), counter_.df());
    }
    if (weight <= 0) return {};
    for (const std::uint32_t sample : list_) {
      votes_[sample] += weight;
      ++features_[sample];
    }
    return {};
  }

  // Whether votes of at most `rest` more for anybody leave the answer as it is, or are too few to matter.
  bool Settled(double rest) {
    const double leader = *std::max_element(votes_.begin(), votes_.end());
    if (rest <= kNegligible * leader) return true;
    if (votes_.size() <= options_.top || options_.top == 0) return false;
    ranked_ = votes_;
    const auto next = ranked_.begin() + static_cast<std::ptrdiff_t>(options_.top);
    std::nth_element(ranked_.begin(), next, ranked_.end(), std::greater<>());
    return *next + rest < *std::min_element(ranked_.begin(), next);
  }

  const IndexReader& reader_;
  const Batch& batch_;
  const QueryOptions& options_;
  GroupCounter counter_;
  std::vector<Key> keys_;
  std::size_t found_ = 0;
  std::vector<double> votes_, ranked_;
  std::vector<std::uint32_t> features_, list_;
};

Result<QueryAnswer> IndexReader::Query(const Batch& batch, const QueryOptions& options) const {
  return Voting(*this, batch, options).Run();
}

Result<QueryAnswer> IndexReader::Query(std::span<const std::uint64_t> keys, const QueryOptions& options) const {
  TRY_ASSIGN(const Batch batch, Find(keys));
  return Query(batch, options);
}

}  // namespace ascribe::index
