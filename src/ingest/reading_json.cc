#include "ingest/reading_json.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

// Values of facts are UTF-8 already; what a reader wrote into a text is made so, because dump() must not fail.
std::string Line(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

void PutTime(Json& json, const char* key, const std::optional<Time>& time) {
  if (time) json[key] = time->ToString();
}
void PutText(Json& json, const char* key, const std::string& text) {
  if (!text.empty()) json[key] = SanitizeUtf8(text);
}

}  // namespace

std::string FactToJson(const Fact& fact) {
  Json json;
  json["subject"] = fact.subject.ToString();
  json["relation"] = RelationName(fact.relation);
  json["object"] = fact.object.ToString();
  PutTime(json, "valid_from", fact.valid_from);
  PutTime(json, "valid_to", fact.valid_to);
  PutTime(json, "known_on", fact.known_on);
  PutTime(json, "retracted_on", fact.retracted_on);
  PutText(json, "source", fact.source);
  PutText(json, "origin", fact.origin);
  if (fact.verification != Verification::kRead) json["verified"] = VerificationName(fact.verification);
  if (fact.statement != StatementKind::kNone) json["statement"] = StatementKindName(fact.statement);
  if (!fact.inspectable) json["inspectable"] = false;
  if (fact.confidence) json["confidence"] = *fact.confidence;
  PutText(json, "note", fact.note);
  PutText(json, "evidence", fact.evidence);
  json["locator"] = SanitizeUtf8(fact.locator.ToString());
  PutText(json, "extractor", fact.extractor);
  return Line(json);
}

std::string DiagnosticToJson(const Diagnostic& diagnostic) {
  constexpr std::string_view kSeverity[] = {"info", "warning", "error"};
  Json json;
  json["diagnostic"] = SanitizeUtf8(diagnostic.code);
  json["severity"] = kSeverity[static_cast<std::size_t>(diagnostic.severity)];
  PutText(json, "evidence", diagnostic.evidence);
  json["locator"] = SanitizeUtf8(diagnostic.locator.ToString());
  json["text"] = SanitizeUtf8(diagnostic.text);
  return Line(json);
}

std::string ReadingToNdjson(const Reading& reading) {
  std::string out;
  for (const Fact& fact : reading.facts) out += FactToJson(fact) + '\n';
  for (const Diagnostic& diagnostic : reading.diagnostics) out += DiagnosticToJson(diagnostic) + '\n';
  return out;
}

}  // namespace ascribe
