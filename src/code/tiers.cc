#include "code/tiers.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "code/stray_paths.h"
#include "ingest/pe.h"

namespace ascribe {
namespace {

double Channel(const SampleMatch& m, CodeChannel c) { return m.channels[static_cast<std::size_t>(c)]; }

double LikenessIn(Tier tier, const SampleMatch& m) {
  switch (tier) {
    case Tier::kTexts:  // planted texts stand in the data or in the code, seldom in both
      return std::max(Channel(m, CodeChannel::kText), Channel(m, CodeChannel::kData));
    case Tier::kConstants:
      return std::max(Channel(m, CodeChannel::kConstant), Channel(m, CodeChannel::kTable));
    case Tier::kCode:
      return std::max({Channel(m, CodeChannel::kFunction), Channel(m, CodeChannel::kBlock), Channel(m, CodeChannel::kGram)});
    case Tier::kMetadata:
      break;
  }
  return 0;
}

TierPointer PointerTo(Tier tier, const index::SampleMeta& meta, double strength) {
  TierPointer pointer;
  pointer.tier = tier;
  pointer.actor = meta.actor;
  pointer.family = meta.family;
  pointer.sha256 = meta.sha256;
  pointer.strength = strength;
  return pointer;
}

// Samples that count, and of keys those that goodware has.
index::Scope ScopeOf(const index::IndexReader& samples, const SampleCode& sample, const MatchOptions& options) {
  return samples.MakeScope(
      [&](const index::SampleMeta& meta) { return meta.sha256 != sample.sha256 && (!options.counts || options.counts(meta)); });
}

Result<std::unordered_set<std::uint64_t>> GoodwareOf(const CodeBase& base, const std::vector<std::uint64_t>& keys, const MatchOptions& options) {
  std::unordered_set<std::uint64_t> good;
  const index::IndexReader* goodware = base.part(CodeBase::Part::kGoodware);
  if (goodware == nullptr || !options.goodware) return good;
  TRY_ASSIGN(const index::SignatureHits hits, goodware->LookupSignatures(keys));
  for (const auto& entry : hits.entries) good.insert(keys[entry.key]);
  return good;
}

// Families that hold an item which no other family and no goodware holds.
Result<std::vector<TierPointer>> MetadataPointers(const CodeBase& base, const SampleCode& sample, const std::vector<MetadataItem>& metadata,
                                                  const MatchOptions& options) {
  std::vector<TierPointer> pointers;
  const index::IndexReader* samples = base.part(CodeBase::Part::kSamples);
  if (samples == nullptr || metadata.empty()) return pointers;
  std::vector<std::uint64_t> keys;
  for (const MetadataItem& item : metadata) keys.push_back(item.key);
  TRY_ASSIGN(const std::unordered_set<std::uint64_t> good, GoodwareOf(base, keys, options));
  const index::Scope scope = ScopeOf(*samples, sample, options);
  TRY_ASSIGN(const std::vector<index::FeatureHit> hits, samples->Lookup(keys, &scope));
  std::map<std::string, TierPointer> by_family;
  for (const index::FeatureHit& hit : hits) {
    if (hit.df.families != 1 || hit.df.packages > 0 || good.count(hit.key) > 0 || hit.samples.empty()) continue;
    const index::SampleMeta& meta = samples->samples()[hit.samples.front()];
    if (meta.family.empty()) continue;
    const auto item = std::find_if(metadata.begin(), metadata.end(), [&](const MetadataItem& i) { return i.key == hit.key; });
    TierPointer& pointer = by_family.try_emplace(meta.family, PointerTo(Tier::kMetadata, meta, 0)).first->second;
    pointer.items.push_back(*item);
    pointer.strength += 1.0 / static_cast<double>(metadata.size());
  }
  for (auto& [family, pointer] : by_family) pointers.push_back(std::move(pointer));
  return pointers;
}

// What is known of a family, over its samples.
struct FamilyLikeness {
  TierPointer texts;            // of the sample most alike
  std::uint32_t sample = 0;     // its id
  double hard = 0;              // the best likeness in T2 and T3
  std::uint32_t only_code = 0;  // functions and blocks that no other family has
};

void Take(FamilyLikeness& family, const SampleMatch& m) {
  const auto only = [&](CodeChannel c) { return m.only[static_cast<std::size_t>(c)]; };
  const std::uint32_t texts = std::max({family.texts.only, only(CodeChannel::kText), only(CodeChannel::kData)});
  const double likeness = LikenessIn(Tier::kTexts, m);
  if (family.texts.sha256.empty() || likeness > family.texts.strength) {
    family.texts = PointerTo(Tier::kTexts, m.meta, likeness);
    family.sample = m.sample;
  }
  family.texts.only = texts;
  family.hard = std::max(family.hard, m.hard);
  family.only_code = std::max(family.only_code, only(CodeChannel::kFunction) + only(CodeChannel::kBlock));
}

// Texts of the sample's data that one family alone has, by its samples.
Result<std::map<std::uint32_t, std::vector<std::uint64_t>>> OwnTexts(const CodeBase& base, const SampleCode& sample, const MatchOptions& options) {
  std::map<std::uint32_t, std::vector<std::uint64_t>> own;
  const index::IndexReader* samples = base.part(CodeBase::Part::kSamples);
  if (samples == nullptr) return own;
  std::vector<std::uint64_t> keys;
  for (std::uint64_t key : sample.program.data)
    if (ChannelOf(key) == static_cast<unsigned>(CodeChannel::kData)) keys.push_back(key);
  TRY_ASSIGN(const std::unordered_set<std::uint64_t> good, GoodwareOf(base, keys, options));
  const index::Scope scope = ScopeOf(*samples, sample, options);
  index::LookupOptions lookup;
  lookup.scope = &scope;
  lookup.signatures = false;
  lookup.wanted = [](index::DocumentFrequency at_least) { return at_least.families <= 1 && at_least.packages == 0; };
  TRY_ASSIGN(const std::vector<index::FeatureHit> hits, samples->Lookup(keys, lookup));
  for (const index::FeatureHit& hit : hits)
    if (hit.df.families == 1 && hit.df.packages == 0 && good.count(hit.key) == 0)
      for (std::uint32_t id : hit.samples) own[id].push_back(hit.key);
  return own;
}

bool Few(std::uint32_t some, std::uint32_t all) { return some <= kInPlace * all; }

// Texts that stand in the functions they belong to came with them. Where those functions are missing nothing else than
// planting explains the texts, unless more code than texts came along. Of texts that nobody is known to use less is known:
// they say something only beside code of the sample's own, and not when any code to speak of came along, as of a library.
bool TextsPointAt(const FamilyLikeness& family, bool has_own) {
  const TierPointer& texts = family.texts;
  if (texts.only == 0 || !Few(texts.use.in_place, texts.use.there)) return false;
  if (texts.use.there >= kTextsUsed) return family.only_code <= kCodePerUsedText * texts.only;
  return has_own && family.only_code <= kCodePerText * texts.only && (texts.only >= kTextsOfOne || texts.strength >= kTextsPoint);
}

}  // namespace

std::string_view Name(Tier tier) {
  constexpr std::array<std::string_view, kTiers> kNames = {"T0 metadata", "T1 texts", "T2 constants", "T3 code"};
  return kNames[static_cast<std::size_t>(tier)];
}

std::vector<MetadataItem> MetadataOf(const SampleCode& sample) {
  if (sample.executable.format != BinaryFormat::kPe || sample.bytes.empty()) return {};
  return MetadataOf(ReadPe(sample.bytes, {}));
}

Result<TierComparison> CompareTiers(const CodeBase& base, const SampleCode& sample, const FileMatch& match,
                                    const std::vector<MetadataItem>& metadata, const MatchOptions& options) {
  TierComparison out;
  std::map<std::string, FamilyLikeness> families;
  std::set<std::string> actors;  // whose code it is
  for (const SampleMatch& m : match.matches) {
    for (Tier tier : {Tier::kTexts, Tier::kConstants, Tier::kCode}) {
      const double likeness = LikenessIn(tier, m);
      auto& top = out.top[static_cast<std::size_t>(tier)];
      if (likeness > 0 && (!top || likeness > top->strength)) top = PointerTo(tier, m.meta, likeness);
    }
    if (m.hard >= kCodeAbsent && !m.meta.actor.empty()) actors.insert(m.meta.actor);
    Take(families[m.meta.family], m);
  }
  const auto hard_of = [&](const std::string& family) {
    const auto at = families.find(family);
    return at == families.end() ? 0.0 : at->second.hard;
  };
  for (auto& top : out.top)
    if (top) top->hard = hard_of(top->family);
  // Code that is not there cannot contradict: of a small add-on goodware leaves next to none.
  const bool has_own = match.functions >= match.folded + kLeastOwnFunctions;
  const auto is_foreign = [&](const TierPointer& p) {
    return !p.family.empty() && p.hard < kCodeAbsent && (p.actor.empty() || actors.count(p.actor) == 0);
  };
  TRY_ASSIGN(std::vector<TierPointer> pointers, MetadataPointers(base, sample, metadata, options));
  for (TierPointer& p : pointers) {
    p.hard = hard_of(p.family);
    auto& top = out.top[static_cast<std::size_t>(Tier::kMetadata)];
    if (!top || p.strength > top->strength) top = p;
    const bool strong = std::any_of(p.items.begin(), p.items.end(), [](const MetadataItem& i) { return i.strong; });
    if (has_own && strong && is_foreign(p)) out.foreign.push_back(std::move(p));
  }
  if (sample.executable.format == BinaryFormat::kPe) {
    TRY_ASSIGN(std::vector<TierPointer> strays, MetadataPointers(base, sample, StrayPdbPaths(sample.bytes), options));
    for (TierPointer& p : strays) {
      p.tier = Tier::kTexts;
      p.hard = hard_of(p.family);
      if (is_foreign(p)) out.foreign.push_back(std::move(p));
    }
  }
  TRY_ASSIGN(const auto own, OwnTexts(base, sample, options));
  const std::vector<index::FunctionSignature> signatures = SignaturesOf(sample.program);
  for (auto& [name, family] : families) {
    family.texts.hard = family.hard;
    if (family.texts.only == 0 || !is_foreign(family.texts)) continue;
    if (const auto texts = own.find(family.sample); texts != own.end()) {
      TRY_ASSIGN(const StoredSample known, base.Stored(CodeBase::Part::kSamples, family.texts.sha256));
      family.texts.use = UseOfTexts(signatures, known.functions, texts->second);
    }
    if (TextsPointAt(family, has_own)) out.foreign.push_back(std::move(family.texts));
  }
  return out;
}

}  // namespace ascribe
