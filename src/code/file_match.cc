#include "code/file_match.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <unordered_map>
#include <unordered_set>

namespace ascribe {
namespace {

// log(likelihood ratio) as a straight line over the score: samples of unrelated makers stay below .16 in 99 of 100
// pairs, versions of one tool lie above .33 in three of four (docs/bench-code.md; 64-bit PE of the development corpus).
constexpr double kRatioAt = .18, kRatioSlope = 24, kMaxRatio = 1 / kLeastRatioOfMatch;
// Log-odds that the best match's family is the right one: logistic regression of the best scores with the family known
// and taken away, same corpus. Monotone, so no figure of ranking depends on it.
constexpr double kKnownAt = .367, kKnownSlope = 14;
// Mean likeness of texts and constants: nine of ten pairs of different tools of one maker stay below, most versions of
// one tool lie above.
constexpr double kSameToolValues = .4;
// Texts alone make no tool: they can be planted.
constexpr double kSameToolNumbers = .15;
// From here on a feature weighs less than 1/4000 of a unique one.
constexpr std::uint32_t kCommonFamilies = 12;

double Weight(index::DocumentFrequency df) {
  if (df.packages > 0 || df.families > kCommonFamilies) return 0;
  return df.families <= 1 ? 1.0 : std::ldexp(1.0, 1 - static_cast<int>(df.families));
}

using Keys = std::vector<std::uint64_t>;
void Settle(Keys& keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
}

// Keys of the sample that goodware knows.
Result<std::unordered_set<std::uint64_t>> GoodwareKeys(const CodeBase& base, const Keys& keys, unsigned threads) {
  std::unordered_set<std::uint64_t> known;
  const index::IndexReader* goodware = base.part(CodeBase::Part::kGoodware);
  if (goodware == nullptr) return known;
  TRY_ASSIGN(const index::SignatureHits hits, goodware->LookupSignatures(keys, threads));
  for (const auto& entry : hits.entries) known.insert(keys[entry.key]);
  return known;
}

struct OwnKeys {
  Keys all;    // that goodware does not know
  Keys light;  // of them those of goodware functions only
  [[nodiscard]] bool IsLight(std::uint64_t key) const { return std::binary_search(light.begin(), light.end(), key); }
};

// Which functions are goodware's, and the features that are not.
Result<OwnKeys> FindOwnKeys(const CodeBase& base, const SampleCode& sample, const MatchOptions& options, FileMatch& match) {
  const std::vector<CodeFunction>& functions = sample.program.functions;
  std::vector<index::FunctionSignature> signatures = SignaturesOf(sample.program);
  Keys all;
  for (const auto& s : signatures) all.insert(all.end(), s.features.begin(), s.features.end());
  Settle(all);
  std::unordered_set<std::uint64_t> good;
  if (options.goodware) {
    TRY_ASSIGN(good, GoodwareKeys(base, all, options.threads));
  }
  match.is_folded.assign(functions.size(), false);
  Keys heavy, light;
  for (const auto& s : signatures) {
    const std::size_t f = s.address == 0 ? Program::npos : sample.program.Find(s.address);
    std::size_t known = 0;
    for (std::uint64_t key : s.features) known += good.count(key);
    const bool folded = f != Program::npos && known > 0 &&
                        static_cast<double>(known) >= kFoldShare * static_cast<double>(s.features.size());
    if (f != Program::npos) {
      match.is_folded[f] = folded;
      if (functions[f].instructions >= kMinFunction) {
        ++match.functions;
        if (folded) ++match.folded;
      }
    }
    Keys& keys = folded ? light : heavy;
    for (std::uint64_t key : s.features)
      if (good.count(key) == 0) keys.push_back(key);
  }
  Settle(heavy);
  Settle(light);
  OwnKeys own;
  std::set_difference(light.begin(), light.end(), heavy.begin(), heavy.end(), std::back_inserter(own.light));
  std::set_union(light.begin(), light.end(), heavy.begin(), heavy.end(), std::back_inserter(own.all));
  return own;
}

bool IsHard(std::size_t channel) {
  switch (static_cast<CodeChannel>(channel)) {
    case CodeChannel::kText:
    case CodeChannel::kData:
    case CodeChannel::kImport:
      return false;
    default:
      return true;
  }
}

struct Channels {
  std::array<double, kCodeChannels> sum{};
  std::array<double, kCodeChannels> firm{};  // the same without what is bytes of texts (Program::typed)
  std::array<std::uint32_t, kCodeChannels> only{};
};

// The likeness in a channel without what is bytes of texts. Which of the known sample's features are is not known: it is
// taken to have as large a share of them.
double Firm(const Channels& mass, const Channels& shared, double theirs, std::size_t c) {
  if (shared.firm[c] <= 0) return 0;
  return std::min(1.0, shared.firm[c] / std::sqrt(mass.firm[c] * std::max(theirs * mass.firm[c] / mass.sum[c], shared.firm[c])));
}

}  // namespace

Result<FileMatch> MatchSample(const CodeBase& base, const SampleCode& sample, const MatchOptions& options) {
  FileMatch match;
  const index::IndexReader* samples = base.part(CodeBase::Part::kSamples);
  TRY_ASSIGN(const OwnKeys own, FindOwnKeys(base, sample, options, match));
  if (samples == nullptr || own.all.empty()) return match;
  const index::Scope scope = samples->MakeScope([&](const index::SampleMeta& meta) {
    return meta.sha256 != sample.sha256 && (!options.counts || options.counts(meta));
  });
  index::QueryOptions query;
  query.top = std::max(options.top, kMatchCandidates);
  query.scope = &scope;
  TRY_ASSIGN(const index::Batch batch, samples->Find(own.all, options.threads));
  TRY_ASSIGN(const index::QueryAnswer answer, samples->Query(batch, query));
  // Lists of code that everybody has are long and weigh nothing: they stay unread.
  index::LookupOptions weighty;
  weighty.scope = &scope;
  weighty.signatures = false;
  weighty.wanted = [](index::DocumentFrequency at_least) {
    return at_least == index::DocumentFrequency{} || Weight(at_least) > 0;
  };
  TRY_ASSIGN(const std::vector<index::FeatureHit> hits, samples->Lookup(batch, weighty));

  std::unordered_map<std::uint32_t, std::size_t> slot;
  for (const index::Candidate& c : answer.candidates) slot.emplace(c.sample, slot.size());
  std::vector<Channels> shared(slot.size());
  Channels mass;
  auto hit = hits.begin();
  for (std::uint64_t key : own.all) {
    while (hit != hits.end() && hit->key < key) ++hit;
    const bool known = hit != hits.end() && hit->key == key;
    const double weight = (known ? Weight(hit->df) : 1.0) * (own.IsLight(key) ? kFoldedWeight : 1.0);
    const unsigned channel = ChannelOf(key);
    const bool only = known && hit->df.families == 1;
    const bool typed = std::binary_search(sample.program.typed.begin(), sample.program.typed.end(), key);
    mass.sum[channel] += weight;
    if (!typed) mass.firm[channel] += weight;
    if (!known || weight <= 0) continue;
    for (std::uint32_t id : hit->samples)
      if (const auto at = slot.find(id); at != slot.end()) {
        shared[at->second].sum[channel] += weight;
        if (!typed) shared[at->second].firm[channel] += weight;
        shared[at->second].only[channel] += only;
      }
  }

  // What the candidates' own features weigh, from the sketches of their features files: one look-up for all of them,
  // and only for channels in which they share something. Most share one or two, and each key costs a block of the
  // index.
  const auto shares = [&](std::size_t at, std::size_t c) { return shared[at].sum[c] > 0 && mass.sum[c] > 0; };
  std::vector<std::uint32_t> ids(slot.size());
  for (const auto& [id, at] : slot) ids[at] = id;
  std::vector<FeatureSketch> sketches(ids.size());
  Keys kept;
  for (std::size_t at = 0; at < ids.size(); ++at) {
    TRY_ASSIGN(StoredSample stored, base.StoredHead(CodeBase::Part::kSamples, samples->samples()[ids[at]].sha256));
    sketches[at] = std::move(stored.sketch);
    for (std::size_t c = 0; c < kCodeChannels; ++c)
      if (shares(at, c)) kept.insert(kept.end(), sketches[at].kept[c].begin(), sketches[at].kept[c].end());
  }
  Settle(kept);
  std::unordered_set<std::uint64_t> good;
  if (options.goodware) {
    TRY_ASSIGN(good, GoodwareKeys(base, kept, options.threads));
  }
  TRY_ASSIGN(const index::Batch kept_batch, samples->Find(kept, options.threads));
  TRY_ASSIGN(const std::vector<index::FeatureHit> kept_hits, samples->Lookup(kept_batch, weighty));
  std::vector<float> weights(kept.size(), 0);
  for (const index::FeatureHit& h : kept_hits)
    if (good.count(h.key) == 0)
      weights[static_cast<std::size_t>(std::lower_bound(kept.begin(), kept.end(), h.key) - kept.begin())] =
          static_cast<float>(Weight(h.df));

  for (std::size_t at = 0; at < ids.size(); ++at) {
    SampleMatch m;
    m.sample = ids[at];
    m.meta = samples->samples()[m.sample];
    m.only = shared[at].only;
    Channels other;
    for (std::size_t c = 0; c < kCodeChannels; ++c)
      for (std::uint64_t key :
           shares(at, c) ? std::span<const std::uint64_t>(sketches[at].kept[c]) : std::span<const std::uint64_t>())
        other.sum[c] +=
            weights[static_cast<std::size_t>(std::lower_bound(kept.begin(), kept.end(), key) - kept.begin())];
    double total = 0, hard_total = 0;
    for (std::size_t c = 0; c < kCodeChannels; ++c) {
      total += kMatchWeights[c];
      if (IsHard(c)) hard_total += kMatchWeights[c];
      const std::size_t drawn = sketches[at].kept[c].size();
      if (drawn == 0 || !shares(at, c)) continue;
      const double theirs = other.sum[c] * sketches[at].count[c] / static_cast<double>(drawn);
      m.channels[c] = std::min(1.0, shared[at].sum[c] / std::sqrt(mass.sum[c] * std::max(theirs, shared[at].sum[c])));
      m.score += kMatchWeights[c] * m.channels[c];
      if (IsHard(c)) m.hard += kMatchWeights[c] * Firm(mass, shared[at], theirs, c);
    }
    m.score /= total;
    m.hard /= hard_total;
    // Whose functions are all goodware's has no code of its own that could speak for anybody.
    const double most = match.folded == match.functions ? 1 : m.hard < kLeastHard ? kSoftRatio : kMaxRatio;
    m.lr = std::clamp(std::exp(kRatioSlope * (std::max(m.score, kHardScale * m.hard) - kRatioAt)), 1 / kMaxRatio, most);
    const auto channel = [&](CodeChannel c) { return m.channels[static_cast<std::size_t>(c)]; };
    m.same_tool = (channel(CodeChannel::kConstant) + channel(CodeChannel::kText)) / 2 >= kSameToolValues &&
                  channel(CodeChannel::kConstant) >= kSameToolNumbers;
    match.matches.push_back(std::move(m));
  }
  std::sort(match.matches.begin(), match.matches.end(), [](const SampleMatch& a, const SampleMatch& b) {
    return a.score != b.score ? a.score > b.score : a.meta.sha256 < b.meta.sha256;
  });
  if (match.matches.size() > options.top) match.matches.resize(options.top);
  // Never certain either way, and still ordered as the scores are.
  if (!match.matches.empty())
    match.p_unknown = kLeastUnknown + (kMostUnknown - kLeastUnknown) / (1 + std::exp(kKnownSlope * (match.matches.front().score - kKnownAt)));
  return match;
}

Result<std::vector<CodeLink>> LinksBetween(const CodeBase& base, const SampleCode& sample, const FileMatch& match,
                                           const SampleMatch& other, const MatchOptions& options, std::size_t limit) {
  std::vector<CodeLink> links;
  const index::IndexReader* samples = base.part(CodeBase::Part::kSamples);
  if (samples == nullptr) return links;
  std::unordered_map<std::uint64_t, std::uint64_t> first_in;  // feature -> function of this sample
  for (std::size_t f = 0; f < sample.program.functions.size(); ++f) {
    if (match.is_folded[f]) continue;
    const CodeFunction& function = sample.program.functions[f];
    for (std::uint64_t key : function.features)
      if (ChannelOf(key) > static_cast<unsigned>(CodeChannel::kGram) || function.instructions >= kMinFunction)
        first_in.try_emplace(key, function.address);
  }
  Keys keys;
  for (const auto& [key, address] : first_in) keys.push_back(key);
  Settle(keys);
  std::unordered_set<std::uint64_t> good;
  if (options.goodware) {
    TRY_ASSIGN(good, GoodwareKeys(base, keys, options.threads));
  }
  const index::Scope scope = samples->MakeScope([&](const index::SampleMeta& meta) {
    return meta.sha256 != sample.sha256 && (!options.counts || options.counts(meta));
  });
  TRY_ASSIGN(const StoredSample stored, base.Stored(CodeBase::Part::kSamples, other.meta.sha256));
  std::unordered_map<std::uint64_t, std::uint64_t> theirs;
  for (const auto& f : stored.functions)
    for (std::uint64_t key : f.features) {
      const auto [at, fresh] = theirs.try_emplace(key, f.address);
      if (!fresh && at->second == 0) at->second = f.address;
    }
  TRY_ASSIGN(const std::vector<index::FeatureHit> hits, samples->Lookup(keys, &scope));
  for (const index::FeatureHit& hit : hits) {
    if (good.count(hit.key) > 0 || hit.df.packages > 0) continue;
    const auto at = theirs.find(hit.key);
    if (at != theirs.end()) links.push_back({hit.key, first_in[hit.key], at->second, hit.df});
  }
  // Whole functions say most, then blocks, then texts, numbers and tables; 3-grams and shapes are for counting only.
  const auto rank = [](std::uint64_t key) {
    constexpr std::array<int, kCodeChannels> kOrder = {0, 1, 7, 8, 3, 2, 5, 4, 9, 6};
    return kOrder[std::min<std::size_t>(ChannelOf(key), kCodeChannels - 1)];
  };
  std::sort(links.begin(), links.end(), [&](const CodeLink& a, const CodeLink& b) {
    if (a.df.families != b.df.families) return a.df.families < b.df.families;
    if (rank(a.feature) != rank(b.feature)) return rank(a.feature) < rank(b.feature);
    return a.address != b.address ? a.address < b.address : a.feature < b.feature;
  });
  if (links.size() > limit) links.resize(limit);
  return links;
}

}  // namespace ascribe
