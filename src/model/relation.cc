#include "model/relation.h"

#include <array>

namespace ascribe {
namespace {

constexpr std::array<std::string_view, kRelationCount> kNames = {
    "observed", "contains", "uses", "communicates-with", "targets", "exhibits",
    "shares-code-with", "shares-infrastructure-with", "resembles",
    "attributed-to", "claimed-by", "denied-by", "traced-to", "operated-directly-from",
    "connects-to", "located-in", "held-by", "announced-by", "used-internally-by", "resolves-to",
    "signed-on", "public-since", "built-from", "named", "same-as", "sponsored-by", "operated-by", "is-a", "listed-as",
    "same-tool-as", "shares-functions-with",
};

}  // namespace

std::string_view RelationName(Relation relation) { return kNames[static_cast<std::size_t>(relation)]; }

std::optional<Relation> ParseRelation(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Relation>(i);
  return std::nullopt;
}

bool IsObservation(Relation relation) {
  switch (relation) {
    case Relation::kObserved:
    case Relation::kContains:
    case Relation::kUses:
    case Relation::kCommunicatesWith:
    case Relation::kExhibits:
    case Relation::kOperatedDirectlyFrom: return true;
    default: return false;
  }
}

}  // namespace ascribe
