#include "report/assessment_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/code_json.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

// Six decimals: more would be noise, and a rounded number prints the same everywhere. Never "-0".
double Round(double value) { return std::round(value * 1e6) / 1e6 + 0.0; }

Json TextOrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json TimeOrNull(const std::optional<Time>& time) { return time ? Json(time->ToString()) : Json(nullptr); }

Json Groups(const std::map<Group, double>& groups) {
  Json out = Json::object();
  for (const auto& [group, nats] : groups) out[std::string(GroupName(group))] = Round(nats);
  return out;
}

Json ToJson(const Hypothesis& h) {
  return {{"name", h.name},           {"kind", HypothesisKindName(h.kind)}, {"posterior", Round(h.posterior)},
          {"id", h.id},               {"prior", Round(h.prior)},            {"low", Round(h.low)},
          {"high", Round(h.high)},    {"table_low", Round(h.table_low)},    {"table_high", Round(h.table_high)},
          {"nats", Round(h.nats)},    {"groups", Groups(h.groups)},         {"best_evidence", TextOrNull(h.best_evidence)}};
}

Json ToJson(const Claim& c) {
  Json contributions = Json::array();
  for (const Contribution& x : c.contributions)
    contributions.push_back({{"level", LevelName(x.level)},
                             {"hypothesis", x.hypothesis},
                             {"nats", Round(x.nats)},
                             {"low", Round(x.low)},
                             {"high", Round(x.high)}});
  return {{"id", c.id},
          {"kind", c.kind},
          {"statement", c.statement},
          {"thing", c.thing},
          {"group", GroupName(c.group)},
          {"forgeability", c.forge},
          {"asserted", c.asserted},
          {"copyable", c.copyable},
          {"copyable_reason", TextOrNull(c.copyable_reason)},
          {"public_since", c.public_since ? Json(c.public_since->ToString()) : Json(nullptr)},
          {"weightless_reason", TextOrNull(c.weightless_reason)},
          {"cancelled_by", TextOrNull(c.cancelled_by)},
          {"holders", c.holders},
          {"background", c.background},
          {"similarity", Round(c.similarity)},
          {"measure", c.measure.empty() ? "exact" : c.measure},
          {"reliability", Round(c.reliability)},
          {"contributions", contributions},
          {"case_facts", c.case_facts},
          {"knowledge_facts", c.knowledge_facts},
          {"origins", c.origins},
          {"step", c.step}};
}

Json ToJson(const Contradiction& c) {
  Json deception = Json::array();
  for (const auto& [hypothesis, nats] : c.deception) deception.push_back({{"hypothesis", hypothesis}, {"nats", Round(nats)}});
  return {{"rule", c.rule},     {"label", c.label},         {"text", c.text},          {"side_a", c.side_a},
          {"side_b", c.side_b}, {"cancelled", c.cancelled}, {"deception", deception}};
}

Json ToJson(const SensitivityRun& run) {
  Json levels = Json::object();
  for (const SensitivityRun::Outcome& o : run.outcomes)
    levels[std::string(LevelName(o.level))] = {
        {"leader", o.leader}, {"leader_posterior", Round(o.leader_posterior)}, {"posterior", Round(o.posterior)}};
  return {{"kind", run.kind},       {"id", run.id}, {"label", run.label}, {"changes_leader", run.changes_leader},
          {"effect", Round(run.effect)}, {"levels", levels}};
}

Json ToJson(const Planting& p) {
  return {{"verdict",
           {{"hypothesis", TextOrNull(p.leader)}, {"claims", p.claims}, {"groups", p.claim_groups}}},
          {"other_actor",
           {{"kinds", p.kinds},
            {"groups", p.kind_groups},
            {"items_tried", p.tried},
            {"posterior", Round(p.posterior)},
            {"gate", TextOrNull(p.gate)}}}};
}

Json ToJson(const AchTable& table) {
  Json rows = Json::array(), columns = Json::array();
  for (const AchRow& row : table.rows)
    rows.push_back({{"hypothesis", row.hypothesis}, {"name", row.name}, {"kind", HypothesisKindName(row.kind)}, {"posterior", Round(row.posterior)}});
  for (const AchColumn& column : table.columns) {
    Json cells = Json::array();
    for (double nats : column.cells) cells.push_back(Round(nats));
    columns.push_back({{"claim", column.claim},
                       {"diagnosticity", Round(column.diagnosticity)},
                       {"diagnostic", column.diagnostic},
                       {"cancelled", column.cancelled},
                       {"nats", cells}});
  }
  return {{"rows", rows}, {"columns", columns}};
}

Json ToJson(const AnalystView& view) {
  Json overrides = Json::array(), levels = Json::object();
  for (const OverrideOutcome& o : view.outcomes) {
    overrides.push_back({{"claim", o.entry.claim},
                         {"level", LevelName(o.entry.level)},
                         {"hypothesis", o.entry.hypothesis},
                         {"engine_nats", Round(o.engine_nats)},
                         {"nats", Round(o.entry.nats)},
                         {"reason", o.entry.reason},
                         {"initials", o.entry.initials},
                         {"date", o.entry.date.ToString()},
                         {"ignored", TextOrNull(o.ignored)}});
  }
  for (const LevelResult& level : view.levels) {
    Json& list = levels[std::string(LevelName(level.level))] = Json::array();
    for (const Hypothesis& h : level.ranked) list.push_back({{"hypothesis", h.id}, {"name", h.name}, {"posterior", Round(h.posterior)}});
  }
  return {{"overrides", overrides}, {"levels", levels}};
}

Json ScenarioToJson(const Assessment& a) {
  const Scenario& s = a.scenario;
  if (s.empty()) return nullptr;
  Json groups = Json::array(), trust = Json::array();
  for (Group group : s.groups) groups.push_back(GroupName(group));
  for (const auto& [source, q] : s.trust) trust.push_back({{"source", source}, {"q", Round(q)}});
  for (const auto& [claim, q] : s.claim_trust) trust.push_back({{"claim", claim}, {"q", Round(q)}});
  return {{"name", TextOrNull(s.name)},
          {"without", {{"claims", s.claims}, {"facts", s.facts}, {"sources", s.sources}, {"groups", groups}}},
          {"trust", trust},
          {"flat_prior", s.flat_prior},
          {"unknown_prior", s.unknown_prior ? Json(Round(*s.unknown_prior)) : Json(nullptr)},
          {"differences", s.Differences()},
          {"unmatched", a.unmatched}};
}

Json ToJson(const Route& route) {
  Json hops = Json::array();
  for (const Hop& hop : route.hops)
    hops.push_back({{"from", hop.from},
                    {"to", hop.to},
                    {"status", hop.status},
                    {"place", TextOrNull(hop.place)},
                    {"control", TextOrNull(hop.control)},
                    {"reliability", Round(hop.q)},
                    {"facts", hop.facts}});
  return {{"hops", hops}, {"ends", route.ends}, {"end_of_trail", route.end_of_trail}, {"notes", route.notes}};
}

}  // namespace

std::string AssessmentToJson(const Assessment& a, const std::vector<CodeComparison>& code) {
  Json out;
  out["schema"] = "ascribe-assessment/2";
  out["engine"] = kEngineVersion;
  out["case"] = {{"id", a.info.id},
                 {"title", a.info.title},
                 {"tlp", TlpName(a.info.tlp)},
                 {"questions", a.info.questions},
                 {"victim", {{"name", a.info.victim_name}, {"sector", a.info.victim_sector}, {"country", a.info.victim_country}}},
                 {"incident", TimeOrNull(a.info.incident)}};
  out["as_of"] = a.as_of ? Json(a.as_of->ToString()) : Json(nullptr);
  out["scenario"] = ScenarioToJson(a);
  out["verdict"] = {{"level", LevelName(a.verdict.level)},
                    {"name", TextOrNull(a.verdict.name)},
                    {"likelihood", TextOrNull(a.verdict.likelihood)},
                    {"confidence", a.verdict.confidence},
                    {"gate", a.verdict.gate}};
  out["statement"] = {{"likelihood", a.verdict.sentence},
                      {"confidence", a.verdict.confidence_sentence},
                      {"hypothesis", TextOrNull(a.verdict.hypothesis)},
                      {"copyable_weight", Round(a.copyable_weight)},
                      {"gate_notes", a.verdict.gate_notes}};
  Json levels = Json::object();
  for (const LevelResult& level : a.levels) {
    Json ranked = Json::array();
    for (const Hypothesis& h : level.ranked) ranked.push_back(ToJson(h));
    levels[std::string(LevelName(level.level))] = {{"ranked", ranked}};
  }
  out["levels"] = levels;
  Json contradictions = Json::array(), claims = Json::array(), flips = Json::array(), next = Json::array(), retractions = Json::array();
  for (const Contradiction& c : a.contradictions) contradictions.push_back(ToJson(c));
  for (const Claim& c : a.claims) claims.push_back(ToJson(c));
  for (const Flip& f : a.flips) {
    Json items = Json::array();
    for (const std::string& id : f.claims) {
      const Claim* claim = a.FindClaim(id);
      if (claim == nullptr) continue;
      items.push_back({{"claim", id},
                       {"forgeability", claim->forge},
                       {"copyable", claim->copyable},
                       {"reason", TextOrNull(claim->copyable_reason)},
                       {"public_since", claim->public_since ? Json(claim->public_since->ToString()) : Json(nullptr)}});
    }
    flips.push_back({{"level", LevelName(f.level)},
                     {"without", f.claims},
                     {"items", items},
                     {"leader_then", TextOrNull(f.leader_then)},
                     {"posterior_then", Round(f.posterior_then)}});
  }
  for (const NextEvidence& n : a.next_evidence) next.push_back({{"kind", n.kind}, {"label", n.label}, {"expected_nats", Round(n.gain)}});
  for (const RetractionEffect& r : a.retractions)
    retractions.push_back({{"fact", r.fact},
                           {"text", r.text},
                           {"retracted_on", r.retracted_on},
                           {"source", r.source},
                           {"publisher", r.publisher},
                           {"pack", r.pack.empty() ? Json(nullptr) : Json(r.pack)},
                           {"claims", r.claims},
                           {"changes", r.changes}});
  out["contradictions"] = contradictions;
  out["flips"] = flips;
  out["next_evidence"] = next;
  out["retractions"] = retractions;
  Json ach = Json::object();
  for (const AchTable& table : a.ach) ach[std::string(LevelName(table.level))] = ToJson(table);
  out["ach"] = ach;
  if (!a.analyst.outcomes.empty()) out["analyst"] = ToJson(a.analyst);
  Json sensitivity = Json::array();
  for (const SensitivityRun& run : a.sensitivity) sensitivity.push_back(ToJson(run));
  out["sensitivity"] = sensitivity;
  out["planting"] = ToJson(a.planting);
  out["route"] = ToJson(a.route);
  out["claims"] = claims;
  if (!code.empty()) out["code"] = Json::parse(CodeToJson(code));
  out["evidence"] = {{"facts_used", a.facts_used}, {"facts_known_later", a.facts_later}, {"facts_unverified", a.facts_unverified}};
  Json packs = Json::array();
  for (const auto& pack : a.packs)
    packs.push_back({{"id", pack.id}, {"version", pack.version}, {"digest", pack.digest}, {"facts", pack.facts}});
  out["knowledge"] = {{"attacks_compared", a.attacks_compared},
                      {"actors_compared", a.actors_compared},
                      {"facts", a.facts_known},
                      {"packs", packs}};
  out["parameters"] = {{"version", a.parameters_version},
                       {"sha256", a.parameters_sha256},
                       {"fit", a.fit_sha256.empty() ? Json(nullptr) : Json{{"version", a.fit_version}, {"sha256", a.fit_sha256}}},
                       {"note", "today's parameters, whatever the as-of date"}};
  // ASCII only: --json prints these bytes, and a title may hold what moves a cursor or turns the direction of writing.
  return out.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace ascribe
