#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/entity.h"
#include "model/locator.h"
#include "model/relation.h"

namespace ascribe {

/// How far the text behind a fact was checked.
enum class Verification : std::uint8_t { kRead, kMeasured, kUnverified };
[[nodiscard]] constexpr std::string_view VerificationName(Verification v) {
  constexpr std::string_view kNames[] = {"read", "measured", "unverified"};
  return kNames[static_cast<std::size_t>(v)];
}
[[nodiscard]] constexpr std::optional<Verification> ParseVerification(std::string_view name) {
  for (Verification v : {Verification::kRead, Verification::kMeasured, Verification::kUnverified})
    if (VerificationName(v) == name) return v;
  return std::nullopt;
}

/// What kind of statement carries the fact; decides the forgery class of what people merely say.
enum class StatementKind : std::uint8_t {
  kNone, kOfficialAttribution, kVendorAssessment, kClaimOfResponsibility, kDenial, kLanguageObservation,
  kMotiveObservation, kObservation,
};
[[nodiscard]] std::string_view StatementKindName(StatementKind kind);
[[nodiscard]] std::optional<StatementKind> ParseStatementKind(std::string_view name);

/// One fact, immutable. Its id is a hash of all its content but the note, its place with it: the same statement read twice
/// from the same place of the same evidence is one fact.
struct Fact {
  Entity subject{EntityType::kIncident, "self"};
  Relation relation = Relation::kObserved;
  Entity object;
  std::optional<Time> valid_from, valid_to;
  std::optional<Time> known_on;
  std::optional<Time> retracted_on;
  std::string source;  ///< Source id; empty: the source of the evidence
  std::string origin;  ///< empty: the origin of the source
  Verification verification = Verification::kRead;
  StatementKind statement = StatementKind::kNone;
  bool inspectable = true;
  std::optional<double> confidence;
  std::string note;
  std::string evidence;  ///< sha256 of the bytes it was read from
  Locator locator;
  std::string extractor;  ///< "csv-facts@1"

  /// "f-" and 16 hex digits of SHA-256 over the canonical text of all fields but `note`.
  [[nodiscard]] std::string Id() const;
  bool operator==(const Fact&) const = default;
};

/// Total order on content: how facts are listed everywhere.
[[nodiscard]] bool FactLess(const Fact& a, const Fact& b);

}  // namespace ascribe
