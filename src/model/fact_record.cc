#include "model/fact_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace ascribe {
namespace {

enum Field : std::size_t {
  kSchema,
  kSubject,
  kRelation,
  kObject,
  kValidFrom,
  kValidTo,
  kKnownOn,
  kRetractedOn,
  kSource,
  kOrigin,
  kVerified,
  kConfidence,
  kNote,
  kFieldCount,
};
constexpr std::array<std::string_view, kFieldCount> kFieldNames = {
    "schema",       "subject", "relation", "object",   "valid_from", "valid_to", "known_on",
    "retracted_on", "source",  "origin",   "verified", "confidence", "note"};

std::size_t FieldIndex(std::string_view name) {
  return static_cast<std::size_t>(std::find(kFieldNames.begin(), kFieldNames.end(), name) - kFieldNames.begin());
}

std::string Quoted(std::string_view text) { return "\"" + TerminalSafe(Ellipsize(text, 80)) + "\""; }

static_assert(kEntityTypeCount <= 64, "the masks below have one bit a type");
using TypeMask = std::uint64_t;
constexpr TypeMask kAny = ~TypeMask{0};

constexpr TypeMask Mask(std::initializer_list<EntityType> types) {
  TypeMask mask = 0;
  for (EntityType type : types) mask |= TypeMask{1} << static_cast<unsigned>(type);
  return mask;
}

struct Shape {
  TypeMask subjects = kAny;
  TypeMask objects = kAny;
};

// The table of relations in docs/formats/facts.md.
Shape ShapeOf(Relation relation) {
  using enum EntityType;
  constexpr TypeMask kCase = Mask({kIncident, kAttack});
  switch (relation) {
    case Relation::kObserved:
      return {kCase | Mask({kSample}), kAny};
    case Relation::kContains:
      return {kCase | Mask({kSample, kMalware, kLineage, kRichHeader, kSigningCert}), kAny};
    case Relation::kUses:
      return {kCase | Mask({kActor, kMalware}), Mask({kMalware, kTool, kTechnique, kDriver, kWiperMethod})};
    case Relation::kCommunicatesWith:
      return {kCase | Mask({kSample, kMalware}), Mask({kIpv4, kIpv6, kDomain, kUrl, kHost})};
    case Relation::kTargets:
      return {kCase, Mask({kSector, kCountry})};
    case Relation::kExhibits:
      return {kCase | Mask({kPersona}), Mask({kCircumstance, kDemand, kPersonaTrait, kLanguage, kTiming, kCapability, kUtcOffset})};
    case Relation::kSharesCodeWith:
    case Relation::kSharesInfrastructureWith:
      return {Mask({kIncident, kSample}), Mask({kMalware, kAttack, kActor, kCountry})};
    case Relation::kResembles:  // of metadata and texts: what they look like, which weighs for nobody
      return {Mask({kIncident, kSample, kRichHeader, kImphash, kPdbPath, kCompileTime, kSigningCert, kText}),
              Mask({kMalware, kAttack, kActor, kCountry})};
    case Relation::kSameToolAs:
    case Relation::kSharesFunctionsWith:
      return {Mask({kIncident, kSample}), Mask({kMalware})};
    case Relation::kAttributedTo:
      return {kCase, Mask({kActor, kUnit, kCountry, kClass})};
    case Relation::kClaimedBy:
    case Relation::kDeniedBy:
      return {Mask({kIncident}), Mask({kPersona, kCountry})};
    case Relation::kTracedTo:
      return {Mask({kIncident}), Mask({kCountry, kCidr, kHolder, kIpv4})};
    case Relation::kOperatedDirectlyFrom:
      return {kCase, Mask({kCidr, kHolder, kIpv4})};
    case Relation::kConnectsTo: {
      constexpr TypeMask kHop = Mask({kHost, kIpv4, kDomain, kIncident, kAsn, kCidr});
      return {kHop, kHop};
    }
    case Relation::kLocatedIn:
      return {Mask({kIpv4, kIpv6, kHost, kCidr, kHolder}), Mask({kCountry})};
    case Relation::kHeldBy:
      return {Mask({kIpv4, kCidr, kAsn, kDomain}), Mask({kHolder, kUnit, kCountry})};
    case Relation::kAnnouncedBy:
      return {Mask({kCidr, kIpv4, kIpv6}), Mask({kAsn})};
    case Relation::kUsedInternallyBy:
      return {Mask({kIpv4, kHost}), Mask({kText})};
    case Relation::kResolvesTo:
      return {Mask({kDomain}), Mask({kIpv4, kIpv6, kDomain})};
    case Relation::kSignedOn:
    case Relation::kPublicSince:
      return {Mask({kSigningCert, kCryptoKey, kTool, kMalware, kCodeFunction, kSample}), Mask({kText, kCompileTime})};
    case Relation::kBuiltFrom:
      return {Mask({kAttack, kMalware}), Mask({kLineage})};
    case Relation::kNamed:
      return {Mask({kActor, kAttack, kMalware, kTool, kLineage, kTechnique}), Mask({kText})};
    case Relation::kSameAs:
      return {Mask({kActor, kMalware}), Mask({kActor, kMalware})};
    case Relation::kSponsoredBy:
      return {Mask({kActor}), Mask({kCountry, kClass})};
    case Relation::kOperatedBy:
      return {Mask({kActor}), Mask({kUnit})};
    case Relation::kIsA:
      return {Mask({kActor}), Mask({kClass})};
    case Relation::kListedAs:
      return {Mask({kIpv4, kIpv6, kCidr, kDomain, kTool, kMalware, kFileMd5, kFileSha1, kFileSha256}), Mask({kHygiene})};
  }
  return {};
}

}  // namespace

bool FitsRelation(const Fact& fact) {
  const auto bit = [](EntityType type) { return TypeMask{1} << static_cast<unsigned>(type); };
  const Shape shape = ShapeOf(fact.relation);
  if ((shape.subjects & bit(fact.subject.type)) == 0 || (shape.objects & bit(fact.object.type)) == 0) return false;
  return fact.relation != Relation::kSameAs || fact.subject.type == fact.object.type;
}

namespace {

bool TakesConfidence(Relation relation) {
  return relation == Relation::kAttributedTo || relation == Relation::kSponsoredBy || relation == Relation::kSameAs ||
         relation == Relation::kNamed;
}

Result<std::optional<Time>> TimeField(std::string_view name, std::string_view value) {
  if (value.empty()) return std::optional<Time>();
  const std::optional<Time> time = ParseTime(value);
  if (!time)
    return Fail(ErrorCode::kInvalidInput,
                fmt::format("{} {} is no date: write YYYY, YYYY-MM, YYYY-MM-DD or RFC 3339", name, Quoted(value)));
  return time;
}

Result<Entity> EntityField(std::string_view name, std::string_view value) {
  auto entity = ParseEntity(value);
  if (!entity) return FailAt(name, std::move(entity).error());
  return std::move(*entity);
}

Result<double> ConfidenceField(std::string_view value) {
  double number = -1;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || !(number >= 0 && number <= 1))
    return Fail(ErrorCode::kInvalidInput, fmt::format("confidence {} is no number from 0 to 1", Quoted(value)));
  return number + 0.0;  // -0 becomes 0: one number, one spelling
}

}  // namespace

bool IsFactField(std::string_view name) { return FieldIndex(name) < kFieldCount; }

Result<Fact> FactFromRecord(std::span<const RecordField> fields, std::vector<RecordWarning>& warnings) {
  std::array<std::string_view, kFieldCount> raw;
  std::array<bool, kFieldCount> seen{};
  for (const RecordField& field : fields) {
    const std::size_t index = FieldIndex(field.name);
    if (index == kFieldCount) {
      warnings.push_back({"unknown-field", fmt::format("unknown field {} is not read", Quoted(field.name))});
      continue;
    }
    if (seen[index]) return Fail(ErrorCode::kInvalidInput, fmt::format("field {} comes twice", field.name));
    seen[index] = true;
    // Blanks may matter inside an entity (strings of a program); everywhere else they are slips of the pen.
    raw[index] = index == kSubject || index == kObject ? field.value : Trim(field.value);
    if (raw[index].size() > kMaxRecordValue + 64)  // 64: room for "type:", the entity checks its own value
      return Fail(ErrorCode::kLimitExceeded, fmt::format("{} is longer than 64 KiB", field.name));
  }

  if (!raw[kSchema].empty() && raw[kSchema] != "ascribe-fact/1")
    return Fail(ErrorCode::kUnsupported, fmt::format("schema {} is not ascribe-fact/1", Quoted(raw[kSchema])));
  for (Field required : {kRelation, kObject})
    if (raw[required].empty())
      return Fail(ErrorCode::kInvalidInput, fmt::format("no {}: every fact needs one", kFieldNames[required]));

  Fact fact;
  const std::optional<Relation> relation = ParseRelation(raw[kRelation]);
  if (!relation) return Fail(ErrorCode::kInvalidInput, fmt::format("unknown relation {}", Quoted(raw[kRelation])));
  fact.relation = *relation;
  if (!Trim(raw[kSubject]).empty()) {
    TRY_ASSIGN(fact.subject, EntityField("subject", raw[kSubject]));
  }
  TRY_ASSIGN(fact.object, EntityField("object", raw[kObject]));
  TRY_ASSIGN(fact.valid_from, TimeField("valid_from", raw[kValidFrom]));
  TRY_ASSIGN(fact.valid_to, TimeField("valid_to", raw[kValidTo]));
  TRY_ASSIGN(fact.known_on, TimeField("known_on", raw[kKnownOn]));
  TRY_ASSIGN(fact.retracted_on, TimeField("retracted_on", raw[kRetractedOn]));
  if (fact.valid_from && fact.valid_to && fact.valid_to->LastDay() < fact.valid_from->FirstDay())
    return Fail(ErrorCode::kInvalidInput, "valid_to lies before valid_from");
  if (!raw[kVerified].empty()) {
    const std::optional<Verification> verification = ParseVerification(raw[kVerified]);
    if (!verification)
      return Fail(ErrorCode::kInvalidInput,
                  fmt::format("verified {}: write read, measured or unverified", Quoted(raw[kVerified])));
    fact.verification = *verification;
  }
  if (!raw[kConfidence].empty()) {
    TRY_ASSIGN(const double confidence, ConfidenceField(raw[kConfidence]));
    if (TakesConfidence(fact.relation)) {
      fact.confidence = confidence;
    } else {
      warnings.push_back({"fact-confidence", fmt::format("confidence is not read with {}: only judgements have one",
                                                         RelationName(fact.relation))});
    }
  }
  fact.source = SanitizeUtf8(raw[kSource]);
  fact.origin = SanitizeUtf8(raw[kOrigin]);
  fact.note = SanitizeUtf8(raw[kNote]);
  if (!FitsRelation(fact))
    warnings.push_back({"fact-shape", fmt::format("{} is not made for {} -> {}; it is kept but may weigh nothing",
                                                  RelationName(fact.relation), EntityTypeName(fact.subject.type),
                                                  EntityTypeName(fact.object.type))});
  return fact;
}

}  // namespace ascribe
