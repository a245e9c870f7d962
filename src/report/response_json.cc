#include "report/response_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "report/assessment_json.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

double Round(double value) { return std::round(value * 1e6) / 1e6 + 0.0; }
Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json ToJson(const Backing& backing) {
  return {{"facts", backing.facts}, {"facts_total", backing.facts_total}, {"claims", backing.claims}};
}

Json ToJson(const Severity& severity) {
  Json categories = Json::array();
  for (const SeverityCategory& c : severity.categories)
    categories.push_back({{"id", c.id},
                          {"label", c.label},
                          {"weight", Round(c.weight)},
                          {"low", Round(c.low)},
                          {"high", Round(c.high)},
                          {"option", TextOrNull(c.option)},
                          {"note", c.note},
                          {"backing", ToJson(c.backing)}});
  return {{"low", Round(severity.low)},
          {"high", Round(severity.high)},
          {"low_level", severity.low_level},
          {"high_level", severity.high_level},
          {"categories", categories}};
}

Json ToJson(const PlannedStep& step) {
  const StepWords& words = WordsOf(step.kind);
  Json mitigation = nullptr;
  if (!step.mitigation.empty()) mitigation = {{"id", step.mitigation}, {"name", step.mitigation_name}};
  return {{"step", words.id},
          {"class", StepClassName(words.step_class)},
          {"label", words.label},
          {"text", words.text},
          {"interrupts_work", words.disruptive},
          {"mitigation", mitigation},
          {"answers", step.answers},
          {"needs", {{"severity", Round(step.severity)}, {"gate", step.gate}}},
          {"withheld", TextOrNull(step.withheld)},
          {"backing", ToJson(step.backing)}};
}

Json ToJson(const std::vector<PlannedStep>& steps) {
  Json out = Json::array();
  for (const PlannedStep& step : steps) out.push_back(ToJson(step));
  return out;
}

}  // namespace

std::string ResponseToJson(const ResponsePlan& plan) {
  Json block = Json::array(), not_blocked = Json::array();
  for (const BlockEntry& e : plan.block)
    block.push_back({{"type", EntityTypeName(e.thing.type)},
                     {"value", e.thing.value},
                     {"last_seen", e.last_seen.ToString()},
                     {"last_seen_basis", e.last_seen_basis},
                     {"expires", e.expires.ToString()},
                     {"collateral", e.collateral},
                     {"backing", ToJson(e.backing)}});
  for (const NotBlocked& e : plan.not_blocked)
    not_blocked.push_back({{"type", EntityTypeName(e.thing.type)},
                           {"value", e.thing.value},
                           {"reason", e.reason},
                           {"backing", ToJson(e.backing)}});
  const Json out = {
      {"schema", "ascribe-response-plan/1"},
      {"engine", kEngineVersion},
      {"case", plan.case_id},
      {"as_of", plan.as_of ? Json(plan.as_of->ToString()) : Json(nullptr)},
      {"gate", plan.gate},
      {"severity", ToJson(plan.severity)},
      {"steps", ToJson(plan.steps)},
      {"withheld", ToJson(plan.withheld)},
      {"block", block},
      {"block_left_off", plan.block_left_off},
      {"not_blocked", not_blocked},
      {"not_blocked_left_off", plan.not_blocked_left_off},
      {"notes", plan.notes},
      {"table",
       {{"version", plan.table_version}, {"sha256", plan.table_sha256}, {"attack_release", plan.attack_release}}}};
  return out.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace ascribe
