#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "code/code_base.h"
#include "code/sample_code.h"

namespace ascribe {

/// One known sample that shares code with the one asked about.
struct SampleMatch {
  std::uint32_t sample = 0;  ///< id in the index of samples
  index::SampleMeta meta;
  double score = 0;  ///< 0 to 1: weighted mean of the channels
  double lr = 1;     ///< how much more often such a score, or `hard` alone, stands between versions of one tool than between
                     ///< strangers; at most 1 when all functions are goodware's, at most kSoftRatio below kLeastHard
  double hard = 0;   ///< the same over numbers, tables and code only, without what anybody can type or copy in
  std::array<double, kCodeChannels> channels{};  ///< cosine of rarity-weighted features, 0 to 1
  /// Features that it shares and no other family has.
  std::array<std::uint32_t, kCodeChannels> only{};
  bool same_tool = false;  ///< texts and constants agree too; else: shared code between tools
};

/// Bounds of FileMatch::p_unknown: a score makes nothing certain, and no shared feature does not either.
inline constexpr double kLeastUnknown = .02, kMostUnknown = .98;

/// Bound of SampleMatch::lr, and what a known sample that shares nothing has.
inline constexpr double kLeastRatioOfMatch = .001;

struct FileMatch {
  std::vector<SampleMatch> matches;  ///< best first, ties by SHA-256
  double p_unknown = kMostUnknown;   ///< chance that no indexed family is the right one, by the best score alone
  std::size_t functions = 0;         ///< of kMinFunction instructions and more
  std::size_t folded = 0;            ///< of them goodware's
  std::vector<bool> is_folded;       ///< by function of the program
};

struct MatchOptions {
  std::size_t top = 10;
  bool goodware = true;
  unsigned threads = 1;  ///< of the search in the index; see ParallelFor
  /// Samples that count at all, also for rarity; the sample itself never does. Empty: all.
  std::function<bool(const index::SampleMeta&)> counts;
};

/// Finds samples that share code (design: rarest features vote, then exact scores of the best candidates). A feature
/// weighs half with each further family that has it and nothing when goodware has it; of a function most of whose
/// features are goodware's the rest weighs little, so that other versions of a library are recognised too. Thread-safe.
[[nodiscard]] Result<FileMatch> MatchSample(const CodeBase& base, const SampleCode& sample,
                                            const MatchOptions& options);

/// Candidates that are scored exactly.
inline constexpr std::size_t kMatchCandidates = 200;
/// A function is goodware when at least this share of its features is.
inline constexpr double kFoldShare = .5;
/// What the other features of a goodware function weigh: other versions of a library differ in them, and small add-ons have
/// hardly any others (docs/bench-code.md: left out whole they lost their own versions; from .3 to .7 all aims are reached).
inline constexpr double kFoldedWeight = .4;
/// Score weights by channel: strings and constants carry versions of one tool, exact code carries links across tools
/// (docs/bench-code.md: the figures hardly move with them).
inline constexpr std::array<double, kCodeChannels> kMatchWeights = {.5, .5, .5, 1, 2, 2, 1, .5, 0, .5};

/// Texts, imports and data can be planted: without this likeness in what cannot, a match is worth no more than kSoftRatio,
/// whatever its score (docs/bench-code.md, "Deception").
inline constexpr double kLeastHard = .06, kSoftRatio = 3;
/// Texts can be destroyed too: numbers, tables and code alone are read on the scale of the score with this factor, at
/// which one in a hundred pairs of unrelated makers reaches the same (docs/bench-code.md, "Deception": .250 and .224 on
/// 64-bit PE).
inline constexpr double kHardScale = .9;

/// One feature that links two samples.
struct CodeLink {
  std::uint64_t feature = 0;
  std::uint64_t address = 0;        ///< of the function in the sample asked about
  std::uint64_t other_address = 0;  ///< of the function in the known sample; 0: in its data
  index::DocumentFrequency df;      ///< of all samples that count, without this sample
};
/// The rarest features that both hold in functions, code before values, rare before common, at most `limit`.
[[nodiscard]] Result<std::vector<CodeLink>> LinksBetween(const CodeBase& base, const SampleCode& sample, const FileMatch& match,
                                                         const SampleMatch& other, const MatchOptions& options, std::size_t limit);

}  // namespace ascribe
