#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "model/reading.h"

namespace ascribe {

/// Where a reader of JSON puts what it finds. Keeps the limits that all of them share: facts a file, diagnostics a
/// code.
class FactSink {
 public:
  /// `extractor` as in Reader::extractor; must outlive the sink.
  explicit FactSink(std::string_view extractor) : extractor_(extractor) {}

  /// Keeps a fact with a JSON pointer; what docs/formats/facts.md has no shape for becomes a diagnostic. False when
  /// kMaxFactsPerFile is reached (one diagnostic says so).
  bool Add(Fact fact, std::string pointer);
  /// Makes the object of `draft` from a raw value and keeps it; a value that is no `type` becomes a "bad-value"
  /// diagnostic and nothing else.
  bool AddValue(Fact draft, EntityType type, std::string_view raw, std::string pointer);

  /// Notes something odd. Of one code at most kMaxPerCode are kept: hostile or large files repeat themselves, and the
  /// rest is counted in one closing diagnostic.
  void Diagnose(Diagnostic::Severity severity, std::string_view code, std::string pointer, std::string text);
  void Info(std::string_view code, std::string pointer, std::string text) {
    Diagnose(Diagnostic::Severity::kInfo, code, std::move(pointer), std::move(text));
  }
  void Warn(std::string_view code, std::string pointer, std::string text) {
    Diagnose(Diagnostic::Severity::kWarning, code, std::move(pointer), std::move(text));
  }

  [[nodiscard]] std::size_t fact_count() const { return reading_.facts.size(); }
  [[nodiscard]] const Fact& fact(std::size_t index) const { return reading_.facts[index]; }
  /// Ends the reading; the sink is empty afterwards.
  [[nodiscard]] Reading Take();

  static constexpr std::size_t kMaxPerCode = 100;

 private:
  std::string_view extractor_;
  Reading reading_;
  bool full_ = false;
  std::map<std::string, std::size_t, std::less<>> per_code_;
};

/// The relation that says "this value was seen": `contains` for what stands inside files, else `observed`.
[[nodiscard]] Relation SeenRelation(EntityType type);

/// True when `head` (possibly cut off) has member `key` with the string value `value` (empty: any value), whatever the
/// white space.
/// A look at text, not a parse: sniffers see the first bytes only.
[[nodiscard]] bool HeadHasMember(std::string_view head, std::string_view key, std::string_view value);
/// True when the first character that is not white space (after a UTF-8 byte order mark) opens a JSON object or array.
[[nodiscard]] bool LooksLikeJson(std::string_view head);

}  // namespace ascribe
