#include "code/metadata.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/hash64.h"
#include "base/text.h"
#include "model/match_key.h"

namespace ascribe {
namespace {

struct Kind {
  const char* what;
  bool strong;
};

std::optional<Kind> KindOf(const Entity& entity) {
  switch (entity.type) {
    case EntityType::kRichHeader:
      return Kind{"Rich header", true};
    case EntityType::kPdbPath:
      return Kind{"PDB path", true};
    case EntityType::kCompileTime:
      return Kind{"compile time", true};
    case EntityType::kSigningCert:
      return Kind{"signer", true};
    case EntityType::kImphash:
      return Kind{"imphash", false};
    case EntityType::kText:
      if (entity.value.starts_with("CompanyName: ")) return Kind{"company name", false};
      if (entity.value.starts_with("OriginalFilename: ")) return Kind{"original file name", false};
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::uint64_t MetadataKey(const Entity& entity) {
  return FeatureKey(kMetadataChannel, HashBytes(AsciiLower(MatchKey(entity)), 0x3E7A));
}

std::vector<MetadataItem> MetadataOf(const Reading& reading) {
  std::vector<MetadataItem> items;
  for (const Fact& fact : reading.facts) {
    if (fact.subject.type != EntityType::kSample) continue;
    const auto kind = KindOf(fact.object);
    if (!kind) continue;
    items.push_back({kind->what, fact.object, fact.locator, MetadataKey(fact.object), kind->strong});
  }
  std::sort(items.begin(), items.end(), [](const MetadataItem& a, const MetadataItem& b) { return a.key < b.key; });
  items.erase(std::unique(items.begin(), items.end(), [](const MetadataItem& a, const MetadataItem& b) { return a.key == b.key; }), items.end());
  return items;
}

}  // namespace ascribe
