#include <nlohmann/json.hpp>

#include "base/text.h"
#include "serve/policy.h"
#include "serve/routes.h"

namespace ascribe::serve {
namespace {

using Json = nlohmann::ordered_json;

Json Ref(std::string_view schema) { return {{"$ref", "#/components/schemas/" + std::string(schema)}}; }
Json Text() { return {{"type", "string"}}; }
Json Number() { return {{"type", "number"}}; }
Json Whole() { return {{"type", "integer"}, {"minimum", 0}}; }
Json OrNull(Json schema) { return {{"oneOf", Json::array({std::move(schema), Json{{"type", "null"}}})}}; }
Json List(Json item) { return {{"type", "array"}, {"items", std::move(item)}}; }
Json Object(Json properties, Json required) {
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

Json Schemas() {
  Json out;
  out["Problem"] = Object({{"type", Text()}, {"title", Text()}, {"status", Whole()}, {"detail", Text()}},
                          {"type", "title", "status", "detail"});
  out["Assessment"] = {{"type", "object"},
                       {"description", "ascribe-assessment/2, see docs/formats/assessment.schema.json"}};
  out["Case"] = Object(
      {{"id", Text()},
       {"state", {{"enum", {"new", "assessed", "unreadable"}}}},
       {"title", {{"type", "string"}, {"description", "of case.toml while the case is new; empty when that cannot be read"}}},
       {"tlp", {{"type", "string"}, {"description", "of case.toml while the case is new; empty when that cannot be read"}}},
       {"as_of", OrNull(Text())},
       {"verdict", OrNull(Text())},
       {"level", OrNull({{"type", "string"}, {"description", "level of the verdict, at which leader and unknown are ranked"}})},
       {"leader", OrNull(Object({{"name", Text()}, {"posterior", Number()}}, {"name", "posterior"}))},
       {"unknown", OrNull(Number())},
       {"stale", OrNull({{"type", "boolean"}, {"description", "null: today's knowledge could not be read"}})},
       {"report", {{"type", "boolean"}}},
       {"intake", {{"type", "boolean"}, {"description", "the case folder is here, so it can be investigated again"}}},
       {"sha256", OrNull(Text())}},
      {"id", "state", "stale", "report", "intake"});
  out["Cases"] = Object({{"cases", List(Ref("Case"))}}, {"cases"});
  out["CaseRequest"] = Object(
      {{"id", {{"type", "string"}, {"pattern", "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$"}}},
       {"title", Text()},
       {"incident", {{"type", "string"}, {"description", "YYYY-MM-DD: what was public before that day can be copied"}}},
       {"tlp", {{"enum", {"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"}}}}},
      {"id", "title", "incident"});
  out["CaseCreated"] = Object({{"id", Text()}}, {"id"});
  out["Evidence"] = Object({{"name", Text()}, {"sha256", Text()}, {"size", Whole()}}, {"name", "sha256", "size"});
  out["Job"] = Object({{"id", Text()},
                       {"case", Text()},
                       {"state", {{"enum", {"queued", "running", "done", "failed"}}}},
                       {"step", Text()},
                       {"done", Whole()},
                       {"total", Whole()},
                       {"ahead", Whole()},
                       {"error", OrNull(Text())}},
                      {"id", "case", "state"});
  out["Jobs"] = Object({{"jobs", List(Ref("Job"))}}, {"jobs"});
  return out;
}

Json Operation(const Route& route) {
  Json operation = {{"operationId", route.name}, {"summary", route.summary}};
  Json parameters = Json::array();
  for (std::string_view segment : Split(route.pattern, '/'))
    if (segment.starts_with('{'))
      parameters.push_back(
          {{"name", segment.substr(1, segment.size() - 2)}, {"in", "path"}, {"required", true}, {"schema", Text()}});
  if (route.method != "GET")
    parameters.push_back({{"name", kCsrfHeader}, {"in", "header"}, {"required", true}, {"schema", {{"const", "1"}}}});
  if (!parameters.empty()) operation["parameters"] = parameters;
  if (route.id == RouteId::kNewCase)
    operation["requestBody"] = {{"required", true},
                                {"content", {{"application/json", {{"schema", Ref("CaseRequest")}}}}}};
  if (route.id == RouteId::kEvidence)
    operation["requestBody"] = {{"required", true}, {"content", {{"application/octet-stream", Json::object()}}}};
  Json success = {{"description", route.summary}};
  if (!route.type.empty()) {
    Json content = Json::object();
    if (!route.schema.empty()) content["schema"] = Ref(route.schema);
    success["content"][std::string(route.type.substr(0, route.type.find(';')))] = content;
  }
  Json responses;
  responses[std::to_string(route.success)] = success;
  if (route.id == RouteId::kCase || route.id == RouteId::kCaseFile)
    responses["304"] = {{"description", "If-None-Match holds the ETag"}};
  if (route.id == RouteId::kEvidence) responses["200"] = {{"description", "the same bytes lay there already"}};
  responses["default"] = {{"description", "RFC 9457 problem details"},
                          {"content", {{"application/problem+json", {{"schema", Ref("Problem")}}}}}};
  operation["responses"] = responses;
  if (route.open) operation["security"] = Json::array({Json::object()});
  return operation;
}

}  // namespace

std::string OpenApi() {
  Json paths = Json::object();
  for (const Route& route : Routes()) paths[std::string(route.pattern)][AsciiLower(route.method)] = Operation(route);
  Json out = {{"openapi", "3.1.0"},
              {"info",
               {{"title", "ascribe serve"},
                {"version", "1"},
                {"summary", "Cases, evidence, investigations and their outputs"}}},
              {"paths", paths},
              {"components",
               {{"schemas", Schemas()},
                {"securitySchemes",
                 {{"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
                  {"cookie", {{"type", "apiKey"}, {"in", "cookie"}, {"name", kCookie}}}}}}},
              {"security", Json::array({{{"bearer", Json::array()}}, {{"cookie", Json::array()}}, Json::object()})}};
  return out.dump(1, ' ', true) + "\n";
}

}  // namespace ascribe::serve
