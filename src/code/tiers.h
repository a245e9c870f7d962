#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "code/file_match.h"
#include "code/metadata.h"
#include "code/text_use.h"

namespace ascribe {

/// How hard it is to forge what points at somebody: a header is copied in a second, texts are typed in, numbers and tables
/// must keep working, code must be written again.
enum class Tier : std::uint8_t { kMetadata, kTexts, kConstants, kCode };
inline constexpr std::size_t kTiers = 4;
/// "T0 metadata", "T1 texts", "T2 constants", "T3 code".
[[nodiscard]] std::string_view Name(Tier tier);

/// Whom one tier points at.
struct TierPointer {
  Tier tier = Tier::kMetadata;
  std::string actor, family, sha256;  ///< labels of the known sample
  double strength = 0;                ///< likeness, 0 to 1; of metadata the share of items that only this family has
  double hard = 0;                    ///< likeness of the family's best sample in T2 and T3
  std::uint32_t only = 0;             ///< of texts: how many that no other family has
  TextUse use;                        ///< of texts that no other family has
  std::vector<MetadataItem> items;    ///< what is the same, of metadata and of PDB paths among the texts
};

struct TierComparison {
  std::array<std::optional<TierPointer>, kTiers> top;
  /// T0 and T1 that point at a family whose constants and code the sample has not: what a false flag looks like, and what a
  /// shared builder or library may look like. None where the code is that of another tool of the same actor.
  std::vector<TierPointer> foreign;
};

/// `match` must hold all candidates (top = kMatchCandidates); `metadata` are the sample's own items. Thread-safe. Errors: of the
/// code base.
[[nodiscard]] Result<TierComparison> CompareTiers(const CodeBase& base, const SampleCode& sample, const FileMatch& match,
                                                  const std::vector<MetadataItem>& metadata, const MatchOptions& options);

/// Metadata of the sample: that of its PE headers, none for other formats.
[[nodiscard]] std::vector<MetadataItem> MetadataOf(const SampleCode& sample);

/// Texts point at a family when this many that no other has are used by its functions and not, or elsewhere, by those of the
/// sample. In a sample with code of its own also when this many of them are in no other, or when they are alike to this
/// degree. Chosen on half of the actors of the corpus (docs/bench-code.md, "Deception").
inline constexpr std::uint32_t kTextsUsed = 6;
inline constexpr std::uint32_t kTextsOfOne = 16;
inline constexpr double kTextsPoint = .4;
/// What two programs really share brings functions and blocks along with its texts: from this many a text on, texts that
/// nobody is known to use are no false flag.
inline constexpr double kCodePerText = .2;
/// Of texts whose users are known and missing here it takes this many: the parts of a library that did not come along are
/// no proof against those that did.
inline constexpr double kCodePerUsedText = 1;
/// Texts of which more than this share are used here by functions like those there came with their functions.
inline constexpr double kInPlace = .1;
/// With fewer functions that are not goodware's a sample has no code to hold against its headers and against texts of which
/// it is not known who uses them.
inline constexpr std::size_t kLeastOwnFunctions = 1;
/// Below this likeness of numbers and code the sample is not that tool.
inline constexpr double kCodeAbsent = .1;

}  // namespace ascribe
