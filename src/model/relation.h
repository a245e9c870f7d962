#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ascribe {

/// The verbs of docs/formats/facts.md.
enum class Relation : std::uint8_t {
  kObserved, kContains, kUses, kCommunicatesWith, kTargets, kExhibits,
  kSharesCodeWith, kSharesInfrastructureWith, kResembles,
  kAttributedTo, kClaimedBy, kDeniedBy, kTracedTo, kOperatedDirectlyFrom,
  kConnectsTo, kLocatedIn, kHeldBy, kAnnouncedBy, kUsedInternallyBy, kResolvesTo,
  kSignedOn, kPublicSince, kBuiltFrom, kNamed, kSameAs, kSponsoredBy, kOperatedBy, kIsA, kListedAs,
  kSameToolAs, kSharesFunctionsWith,
};
inline constexpr std::size_t kRelationCount = static_cast<std::size_t>(Relation::kSharesFunctionsWith) + 1;

[[nodiscard]] std::string_view RelationName(Relation relation);
[[nodiscard]] std::optional<Relation> ParseRelation(std::string_view name);

/// True for "was seen there" (observed, contains, uses, communicates-with, exhibits, operated-directly-from): the
/// object is a feature that case and knowledge can share.
[[nodiscard]] bool IsObservation(Relation relation);

}  // namespace ascribe
