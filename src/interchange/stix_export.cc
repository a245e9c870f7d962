#include "interchange/stix_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "ingest/stix.h"
#include "interchange/stix_bundle.h"
#include "interchange/stix_facts.h"
#include "report/assessment_json.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

double Round(double value) { return std::round(value * 1e6) / 1e6 + 0.0; }

// STIX 2.1 appendix A, "None / Low / Med / High": the middle of each range.
int AnalyticConfidence(const std::string& word) { return word == "high" ? 85 : word == "moderate" ? 50 : 15; }

Json OwnExtension() { return {{std::string(kOwnStixExtension), {{"extension_type", "toplevel-property-extension"}}}}; }

Json HypothesisJson(const Hypothesis& h) {
  return {{"id", h.id},
          {"name", h.name},
          {"kind", HypothesisKindName(h.kind)},
          {"prior", Round(h.prior)},
          {"posterior", Round(h.posterior)},
          {"interval", {Round(h.low), Round(h.high)}},
          {"table_interval", {Round(h.table_low), Round(h.table_high)}},
          {"likelihood_term", LikelihoodWord(h.posterior)},
          {"nats", Round(h.nats)}};
}

// Objects of the bundle that carry the case side of a claim.
Json Refs(const Claim& claim, const StixFacts& facts) {
  std::set<std::string> refs;
  for (const std::string& id : claim.case_facts)
    if (const auto found = facts.carriers().find(id); found != facts.carriers().end()) refs.insert(found->second);
  return Json(refs);
}

Json ClaimJson(const Claim& claim, const StixFacts& facts) {
  Json nats = Json::array();
  for (const Contribution& c : claim.contributions)
    nats.push_back({{"level", LevelName(c.level)},
                    {"hypothesis", c.hypothesis},
                    {"nats", Round(c.nats)},
                    {"interval", {Round(c.low), Round(c.high)}}});
  Json out = {{"id", claim.id},
              {"kind", claim.kind},
              {"statement", claim.statement},
              {"group", GroupName(claim.group)},
              {"reliability", Round(claim.reliability)},
              {"forgeability", claim.forge},
              {"could_be_copied", claim.copyable},
              {"nats", std::move(nats)},
              {"evidence_refs", Refs(claim, facts)},
              {"case_facts", claim.case_facts},
              {"knowledge_facts", claim.knowledge_facts}};
  if (claim.cancelled) out["cancelled_by"] = claim.cancelled_by;
  if (!claim.weightless_reason.empty()) out["weightless_reason"] = claim.weightless_reason;
  return out;
}

Json RouteJson(const Route& route, const StixFacts& facts) {
  Json hops = Json::array();
  for (const Hop& hop : route.hops) {
    std::set<std::string> refs;
    for (const std::string& id : hop.facts)
      if (const auto found = facts.carriers().find(id); found != facts.carriers().end()) refs.insert(found->second);
    Json out = {{"from", hop.from},   {"to", hop.to},         {"status", hop.status}, {"reliability", Round(hop.q)},
                {"facts", hop.facts}, {"evidence_refs", refs}};
    if (!hop.place.empty()) out["place"] = hop.place;
    if (!hop.control.empty()) out["control"] = hop.control;
    hops.push_back(std::move(out));
  }
  return {
      {"hops", std::move(hops)}, {"ends", route.ends}, {"end_of_trail", route.end_of_trail}, {"notes", route.notes}};
}

Json AssessmentExtension(const ExportView& view, const StixFacts& facts) {
  const Assessment& a = view.assessment;
  Json out;
  out["schema"] = "ascribe-stix-assessment/1";
  out["engine_version"] = kEngineVersion;
  if (a.as_of) out["as_of"] = a.as_of->ToString();
  out["verdict"] = {{"level", LevelName(a.verdict.level)},
                    {"gate", a.verdict.gate},
                    {"likelihood_term", a.verdict.likelihood},
                    {"hypothesis", a.verdict.hypothesis},
                    {"name", a.verdict.name},
                    {"analytic_confidence", a.verdict.confidence},
                    {"sentence", a.verdict.sentence},
                    {"gate_notes", a.verdict.gate_notes}};
  out["copyable_weight"] = Round(a.copyable_weight);
  for (const LevelResult& level : a.levels) {
    Json hypotheses = Json::array();
    for (const Hypothesis& h : level.ranked) hypotheses.push_back(HypothesisJson(h));
    out["levels"][std::string(LevelName(level.level))] = std::move(hypotheses);
  }
  out["claims"] = Json::array();
  for (const SharedClaim& shared : view.claims) out["claims"].push_back(ClaimJson(*shared.claim, facts));
  out["contradictions"] = Json::array();
  for (const Contradiction& c : a.contradictions) {
    Json deception = Json::object();
    for (const auto& [hypothesis, nats] : c.deception) deception[hypothesis] = Round(nats);
    out["contradictions"].push_back(
        {{"rule", c.rule}, {"text", c.text}, {"cancelled", c.cancelled}, {"deception", std::move(deception)}});
  }
  out["route"] = RouteJson(a.route, facts);
  out["knowledge"] = Json::array();
  for (const Assessment::Pack& pack : a.packs)
    out["knowledge"].push_back({{"id", pack.id}, {"version", pack.version}, {"sha256", pack.digest}});
  out["parameters"] = {{"version", a.parameters_version}, {"sha256", a.parameters_sha256}};
  if (!a.fit_sha256.empty()) out["parameters"]["fit_sha256"] = a.fit_sha256;
  out["not_represented"] = facts.not_represented();
  if (facts.over_limit() > 0) out["facts_over_limit"] = facts.over_limit();
  return out;
}

// The named object of a hypothesis; empty for what STIX has none for (a class of actors, a code base).
std::string AddNamed(const ExportView& view, const Hypothesis& h, StixBundle& bundle) {
  constexpr std::string_view kActor = "actor:", kMitre = "actor:mitre.";
  if (h.kind == HypothesisKind::kActor && h.id.starts_with(kActor)) {
    Json properties = {{"name", h.name}};
    properties["external_references"] = Json::array({{{"source_name", "ascribe"}, {"external_id", h.id}}});
    if (h.id.starts_with(kMitre))
      properties["external_references"].push_back(
          {{"source_name", "mitre-attack"}, {"external_id", h.id.substr(kMitre.size())}});
    return bundle.Add("intrusion-set", h.id, view.stamp, view.tlp, std::move(properties));
  }
  if (h.kind == HypothesisKind::kState) {
    const std::string country = h.id.substr(h.id.find(':') + 1);
    const std::string state =
        bundle.Add("threat-actor", h.id, view.stamp, view.tlp,
                   {{"name", "State: " + country}, {"threat_actor_types", Json::array({"nation-state"})}});
    const std::string place =
        bundle.Add("location", country, view.stamp, view.tlp, {{"name", country}, {"country", AsciiLower(country)}});
    (void)bundle.Relate(state, "located-at", place, view.stamp, view.tlp, "", Json::object());
    return state;
  }
  return {};
}

void AddAttribution(const ExportView& view, const std::string& incident, const StixFacts& facts, StixBundle& bundle) {
  const Assessment& a = view.assessment;
  if (!PassedLikely(a.verdict)) return;
  const std::vector<Hypothesis>& ranked = a.At(a.verdict.level).ranked;
  const auto leader =
      std::find_if(ranked.begin(), ranked.end(), [&](const Hypothesis& h) { return h.id == a.verdict.hypothesis; });
  if (leader == ranked.end()) return;
  const std::string named = AddNamed(view, *leader, bundle);
  if (named.empty()) return;
  // STIX 2.1 lets a campaign be attributed to an intrusion set or a threat actor, not an incident.
  Json properties = {{"name", a.info.title.empty() ? a.info.id : a.info.title}};
  if (a.info.incident) properties["first_seen"] = StixTimestamp(*a.info.incident);
  const std::string campaign = bundle.Add("campaign", a.info.id, view.stamp, view.tlp, std::move(properties));
  (void)bundle.Relate(incident, "related-to", campaign, view.stamp, view.tlp, "",
                      {{"description", "the activity that this incident is part of"}});
  Json judgement = HypothesisJson(*leader);
  judgement["level"] = LevelName(a.verdict.level);
  judgement["gate"] = a.verdict.gate;
  judgement["likelihood_term"] = a.verdict.likelihood;  // bounded by the gate, unlike the word of the number
  judgement["evidence"] = Json::array();
  for (const SharedClaim& shared : view.claims) {
    const double nats = shared.claim->NatsFor(a.verdict.level, leader->id);
    if (nats != 0)
      judgement["evidence"].push_back(
          {{"claim", shared.claim->id}, {"nats", Round(nats)}, {"evidence_refs", Refs(*shared.claim, facts)}});
  }
  (void)bundle.Relate(campaign, "attributed-to", named, view.stamp, view.tlp, "",
                      {{"description", a.verdict.sentence + " " + a.verdict.confidence_sentence},
                       {"confidence", AnalyticConfidence(a.verdict.confidence)},
                       {"extensions", OwnExtension()},
                       {"ascribe_judgement", std::move(judgement)}});
}

}  // namespace

void ExportStix(const ExportView& view, const TextSink& sink) {
  const Assessment& a = view.assessment;
  StixBundle bundle;
  std::string incident;
  const std::string title = a.info.title.empty() ? a.info.id : a.info.title;
  if (view.case_info) {
    Json properties = {{"name", title}};
    if (a.info.incident) properties["description"] = "Began " + a.info.incident->ToString() + ".";
    incident = bundle.Add("incident", a.info.id, view.stamp, a.info.tlp, std::move(properties));
  }
  StixFacts facts(view, bundle, incident);
  facts.AddAll();
  if (view.verdict) {
    AddAttribution(view, incident, facts, bundle);
    const std::vector<std::string> everything = bundle.Ids();
    Json report = {{"name", title},
                   {"description", a.verdict.sentence + " " + a.verdict.confidence_sentence},
                   {"report_types", Json::array({"threat-report"})},
                   {"published", StixTimestamp(view.stamp)},
                   {"object_refs", everything},
                   {"confidence", AnalyticConfidence(a.verdict.confidence)},
                   {"extensions", OwnExtension()},
                   {"ascribe_assessment", AssessmentExtension(view, facts)}};
    (void)bundle.Add("report", "assessment\n" + a.info.id, view.stamp, view.tlp, std::move(report));
  }
  bundle.Write(sink);
}

std::string ExportStix(const ExportView& view) {
  std::string text;
  ExportStix(view, [&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace ascribe
