#include "model/fact.h"

#include <fmt/format.h>

#include <array>
#include <tuple>

#include "base/sha256.h"

namespace ascribe {
namespace {

constexpr std::array<std::string_view, 8> kStatementNames = {
    "", "official-attribution", "vendor-assessment", "claim-of-responsibility", "denial", "language-observation",
    "motive-observation", "observation"};

std::string TimeText(const std::optional<Time>& time) { return time ? time->ToString() : std::string(); }

// All fields but the note, each on its own line: the preimage of the id, and the sort key.
std::string CanonicalText(const Fact& f) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n", f.subject.ToString(),
                     RelationName(f.relation), f.object.ToString(), TimeText(f.valid_from), TimeText(f.valid_to),
                     TimeText(f.known_on), TimeText(f.retracted_on), f.source, f.origin, VerificationName(f.verification),
                     StatementKindName(f.statement), f.inspectable ? 1 : 0,
                     f.confidence ? fmt::format("{:.6f}", *f.confidence) : "", f.evidence, f.locator.ToString(),
                     f.extractor);
}

}  // namespace

std::string_view StatementKindName(StatementKind kind) { return kStatementNames[static_cast<std::size_t>(kind)]; }

std::optional<StatementKind> ParseStatementKind(std::string_view name) {
  for (std::size_t i = 1; i < kStatementNames.size(); ++i)
    if (kStatementNames[i] == name) return static_cast<StatementKind>(i);
  return std::nullopt;
}

std::string Fact::Id() const { return "f-" + Sha256Hex(CanonicalText(*this)).substr(0, 16); }

bool FactLess(const Fact& a, const Fact& b) {
  const auto key = [](const Fact& f) {
    return std::tie(f.subject, f.relation, f.object, f.evidence, f.locator, f.source, f.origin, f.known_on, f.valid_from,
                    f.valid_to, f.retracted_on, f.confidence, f.extractor, f.note, f.verification, f.statement,
                    f.inspectable);
  };
  return key(a) < key(b);
}

}  // namespace ascribe
