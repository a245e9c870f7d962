#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/fact.h"

namespace ascribe {

/// One member of a flat fact record: a field of docs/formats/facts.md and its value as text. An empty value counts as
/// left out: a CSV cell cannot say more.
struct RecordField {
  std::string_view name;
  std::string_view value;
};

/// Something odd that did not stop a record from being read.
struct RecordWarning {
  std::string code;  ///< "unknown-field", "fact-shape", "fact-confidence"
  std::string text;
};

/// Longest value of any field; the same limit as for an entity, and for the same reason.
inline constexpr std::size_t kMaxRecordValue = kMaxEntityValue;

/// True when docs/formats/facts.md lets this relation stand between a subject and an object of these types.
[[nodiscard]] bool FitsRelation(const Fact& fact);

/// True for the field names of `ascribe-fact/1`.
[[nodiscard]] bool IsFactField(std::string_view name);

/// A fact from one record. Evidence, locator and extractor are left to the caller. Unknown fields, subjects and objects
/// that the relation is not made for, and a confidence where none belongs, are kept as warnings and change nothing
/// else. Errors: kInvalidInput (a required field is missing, a field comes twice, a value is wrong), kUnsupported
/// (another schema, unknown entity type), kLimitExceeded (a value longer than 64 KiB).
[[nodiscard]] Result<Fact> FactFromRecord(std::span<const RecordField> fields, std::vector<RecordWarning>& warnings);

}  // namespace ascribe
