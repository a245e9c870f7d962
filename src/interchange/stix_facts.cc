#include "interchange/stix_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "ingest/stix.h"
#include "interchange/stix_value.h"
#include "model/software_name.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;
using enum EntityType;

bool IsHost(EntityType type) { return type == kIpv4 || type == kIpv6 || type == kDomain || type == kUrl; }
bool IsAddress(EntityType type) { return type == kIpv4 || type == kIpv6 || type == kCidr; }
bool IsUsable(EntityType type) { return type == kMalware || type == kTool || type == kTechnique; }
bool IsHash(EntityType type) { return type == kFileMd5 || type == kFileSha1 || type == kFileSha256; }

// STIX 2.1 appendix A, Admiralty credibility: 6 cannot be judged and gives no number.
std::optional<int> ConfidenceOf(const Source* source) {
  if (source == nullptr || source->grade.credibility > 5) return std::nullopt;
  return 110 - 20 * source->grade.credibility;
}

void AddGrade(const Source* source, Json& object) {
  if (source == nullptr) return;
  object["labels"] = Json::array({"admiralty:" + source->grade.ToString()});
  if (const auto confidence = ConfidenceOf(source)) object["confidence"] = *confidence;
}

bool IsWebAddress(const std::string& url) {
  return (url.starts_with("http://") || url.starts_with("https://")) && std::all_of(url.begin(), url.end(), [](char c) {
           return c > ' ' && c < 0x7F && c != '"' && c != '<' && c != '>' && c != '\\';
         });
}

}  // namespace

// What one file says was seen in one span of time.
struct StixFacts::Observation {
  const SharedFact* first = nullptr;
  std::set<std::string> objects;
  Json facts = Json::array();
};

Json SourceReference(const Source& source) {
  Json out = {{"source_name", source.publisher.empty() ? source.id : source.publisher},
              {"description", source.title.empty() ? source.id : source.title}};
  if (IsWebAddress(source.url)) out["url"] = source.url;
  return out;
}

StixFacts::StixFacts(const ExportView& view, StixBundle& bundle, std::string incident)
    : view_(view), bundle_(bundle), incident_(std::move(incident)) {}
StixFacts::~StixFacts() = default;

Time StixFacts::When(const Fact& fact) const { return fact.known_on ? KnownDay(*fact.known_on) : view_.stamp; }

void StixFacts::CollectSamplesAndNames() {
  for (const SharedFact& shared : view_.facts) {
    const Fact& f = *shared.fact;
    if (f.subject.type == kSample && (IsHash(f.object.type) || f.object.type == kFileName))
      samples_[f.subject.value][f.object.type].insert(f.object.value);
    if (f.relation == Relation::kNamed) names_[f.subject.ToString()].insert(f.object.value);
  }
}

void StixFacts::AddAll() {
  CollectSamplesAndNames();
  // What was seen comes first: what is known of an address is worth saying only when the address is there.
  std::vector<const SharedFact*> later;
  for (const SharedFact& fact : view_.facts) {
    if (carriers_.size() >= kMaxExportedFacts) {
      ++over_limit_;
      continue;
    }
    if (auto carrier = Place(fact))
      carriers_.emplace(fact.id, std::move(*carrier));
    else
      later.push_back(&fact);
  }
  for (const SharedFact* fact : later) {
    if (auto carrier = Known(*fact))
      carriers_.emplace(fact->id, std::move(*carrier));
    else
      ++not_represented_[fmt::format("{} {}", RelationName(fact->fact->relation),
                                     EntityTypeName(fact->fact->object.type))];
  }
  for (const SharedFact& fact : view_.facts) {
    const auto carrier = carriers_.find(fact.id);
    if (carrier == carriers_.end() || fact.source == nullptr) continue;
    by_source_[fact.source->id].insert(carrier->second);
    const auto [at, fresh] = source_tlp_.emplace(fact.source->id, fact.tlp);
    if (!fresh) at->second = std::max(at->second, fact.tlp);
  }
  for (auto& [id, observation] : observations_) {
    Json& json = bundle_.At(id);
    json["number_observed"] = 1;
    json["object_refs"] = observation.objects;
    json["ascribe_evidence"]["facts"] = std::move(observation.facts);
  }
  AddSources();
}

std::optional<std::string> StixFacts::Place(const SharedFact& fact) {
  switch (fact.fact->relation) {
    case Relation::kObserved:
    case Relation::kContains:
    case Relation::kUses:
    case Relation::kCommunicatesWith:
    case Relation::kConnectsTo:
    case Relation::kOperatedDirectlyFrom:
      return Seen(fact);
    case Relation::kTargets:
      return Targeted(fact);
    case Relation::kNamed:
      if (fact.fact->subject.type != kMalware && fact.fact->subject.type != kTool) return std::nullopt;
      return Software(fact.fact->subject, fact.tlp);
    case Relation::kAttributedTo:
    case Relation::kClaimedBy:
    case Relation::kDeniedBy:
    case Relation::kTracedTo:
    case Relation::kSharesCodeWith:
    case Relation::kSharesInfrastructureWith:
    case Relation::kResembles:
      return Said(fact);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> StixFacts::Seen(const SharedFact& shared) {
  const Fact& fact = *shared.fact;
  const bool self = fact.subject.type == kIncident;
  if (!self && fact.subject.type != kSample && fact.subject.type != kMalware) return std::nullopt;
  // A label is no object; the file it stands for is one, when a hash or name of it is known.
  if (fact.object.type == kSample) {
    Json file = SampleFile(fact.object.value);
    if (file.is_null()) return std::nullopt;
    return Observe(shared, bundle_.AddObservable(std::move(file), shared.tlp));
  }
  const std::optional<std::string> object = ObjectFor(shared);
  if (!object) return std::nullopt;
  const bool software = IsUsable(fact.object.type);
  std::string carrier = software || object->starts_with("indicator--") ? *object : Observe(shared, *object);
  const std::optional<std::string> subject = Subject(fact.subject, shared.tlp);
  if (!subject || *subject == *object) return carrier;
  if (fact.relation == Relation::kCommunicatesWith && IsHost(fact.object.type))
    return Link(*subject, "communicates-with", *object, shared);
  if (software && fact.relation == Relation::kUses) return Link(*subject, "uses", *object, shared);
  // What a sample or a malware holds besides; "related-to" is the one relation that says no more.
  if (!self) return Link(*subject, "related-to", *object, shared);
  return carrier;
}

std::optional<std::string> StixFacts::Targeted(const SharedFact& shared) {
  const Fact& fact = *shared.fact;
  if (incident_.empty() || fact.subject.type != kIncident) return std::nullopt;
  if (fact.object.type == kCountry) {
    const std::string place = bundle_.Add("location", fact.object.value, view_.stamp, shared.tlp,
                                          {{"name", fact.object.value}, {"country", AsciiLower(fact.object.value)}});
    return Link(incident_, "targets", place, shared);
  }
  if (fact.object.type != kSector) return std::nullopt;
  // Organisations and sectors, never a private person: the victim of the case file, else the sector alone.
  const bool named = !view_.data.info.victim_name.empty();
  const std::string& name = named ? view_.data.info.victim_name : fact.object.value;
  const std::string who =
      bundle_.Add("identity", "victim\n" + name, view_.stamp, std::max(shared.tlp, view_.data.info.tlp),
                  {{"name", name}, {"identity_class", named ? "organization" : "class"}});
  Json& sectors = bundle_.At(who)["sectors"];
  if (std::find(sectors.begin(), sectors.end(), fact.object.value) == sectors.end())
    sectors.push_back(fact.object.value);
  return Link(incident_, "targets", who, shared);
}

// What is known of an address or a name, once it is in the bundle.
std::optional<std::string> StixFacts::Known(const SharedFact& shared) {
  const Fact& fact = *shared.fact;
  const std::optional<Json> subject = ObservableFor(fact.subject);
  if (!subject) return std::nullopt;
  const auto from = subject->at("id").get<std::string>();
  if (!bundle_.Has(from)) return std::nullopt;
  const bool address = IsAddress(fact.subject.type);
  if (fact.relation == Relation::kLocatedIn && address && fact.object.type == kCountry) {
    const std::string place = bundle_.Add("location", fact.object.value, view_.stamp, shared.tlp,
                                          {{"name", fact.object.value}, {"country", AsciiLower(fact.object.value)}});
    return Link(from, "located-at", place, shared);
  }
  const bool resolves = fact.relation == Relation::kResolvesTo && fact.subject.type == kDomain &&
                        (IsAddress(fact.object.type) || fact.object.type == kDomain);
  const bool announced = fact.relation == Relation::kAnnouncedBy && address && fact.object.type == kAsn;
  if (!resolves && !announced) return std::nullopt;
  std::optional<Json> object = ObservableFor(fact.object);
  if (!object) return std::nullopt;
  return Link(from, resolves ? "resolves-to" : "belongs-to", bundle_.AddObservable(std::move(*object), shared.tlp),
              shared);
}

// A statement is what somebody says. As a relationship an importer would take it for a finding of ours.
std::optional<std::string> StixFacts::Said(const SharedFact& shared) {
  const Fact& fact = *shared.fact;
  if (incident_.empty() || fact.subject.type != kIncident) return std::nullopt;
  constexpr std::size_t kMaxNote = 1000;
  Json note;
  note["content"] =
      fmt::format("{} {} ({})", RelationName(fact.relation), fact.object.ToString(),
                  fact.statement == StatementKind::kNone ? "as stated" : StatementKindName(fact.statement));
  if (!fact.note.empty()) note["content"] = note["content"].get<std::string>() + ": " + Ellipsize(fact.note, kMaxNote);
  note["object_refs"] = Json::array({incident_});
  note["external_references"] = Json::array({{{"source_name", "ascribe"}, {"external_id", shared.id}}});
  if (shared.source != nullptr) note["external_references"].push_back(SourceReference(*shared.source));
  AddGrade(shared.source, note);
  return bundle_.Add("note", shared.id, When(fact), shared.tlp, std::move(note));
}

std::optional<std::string> StixFacts::ObjectFor(const SharedFact& shared) {
  const Entity& object = shared.fact->object;
  if (object.type == kMalware || object.type == kTool) return Software(object, shared.tlp);
  if (object.type == kTechnique) return Technique(object.value, shared.tlp);
  if (shared.fact->subject.type == kSample && (IsHash(object.type) || object.type == kFileName)) {
    Json file = SampleFile(shared.fact->subject.value);
    if (!file.is_null()) return bundle_.AddObservable(std::move(file), shared.tlp);
  }
  if (std::optional<Json> observable = ObservableFor(object))
    return bundle_.AddObservable(std::move(*observable), shared.tlp);
  const std::string pattern = PatternFor(object);
  if (pattern.empty()) return std::nullopt;
  const Time from = shared.fact->valid_from.value_or(When(*shared.fact));
  const std::string id = bundle_.Add("indicator", object.ToString(), When(*shared.fact), shared.tlp,
                                     {{"name", Ellipsize(object.ToString(), 200)},
                                      {"indicator_types", Json::array({"attribution"})},
                                      {"pattern", pattern},
                                      {"pattern_type", "stix"},
                                      {"valid_from", StixTimestamp(from)}});
  return id;
}

std::string StixFacts::Software(const Entity& entity, Tlp tlp) {
  const bool tool = entity.type == kTool;
  std::string name = entity.value;
  Json aliases = Json::array();
  if (const auto names = names_.find(entity.ToString()); names != names_.end()) {
    // The name whose short form is the id, so that whoever reads it back finds the same thing.
    for (const std::string& other : names->second)
      if (name == entity.value && SoftwareSlug(other) == entity.value) name = other;
    for (const std::string& other : names->second)
      if (other != name) aliases.push_back(other);
  }
  Json properties = {{"name", name}};
  if (!tool) properties["is_family"] = true;
  if (!aliases.empty()) properties["aliases"] = std::move(aliases);
  return bundle_.Add(tool ? "tool" : "malware", entity.value, view_.stamp, tlp, std::move(properties));
}

std::string StixFacts::Technique(const std::string& id, Tlp tlp) {
  const auto name = view_.knowledge.technique_names.find(id);
  Json properties = {{"name", name == view_.knowledge.technique_names.end() ? id : name->second},
                     {"external_references", Json::array({{{"source_name", "mitre-attack"}, {"external_id", id}}})}};
  return bundle_.Add("attack-pattern", id, view_.stamp, tlp, std::move(properties));
}

std::optional<std::string> StixFacts::Subject(const Entity& entity, Tlp tlp) {
  if (entity.type == kIncident) return incident_.empty() ? std::nullopt : std::optional(incident_);
  if (entity.type == kMalware) return Software(entity, tlp);
  Json file = entity.type == kSample ? SampleFile(entity.value) : Json();
  if (file.is_null()) return std::nullopt;
  return bundle_.AddObservable(std::move(file), tlp);
}

// One file with every hash of the sample; null when the label stands for several files or for none that is known.
Json StixFacts::SampleFile(const std::string& sample) const {
  const auto found = samples_.find(sample);
  if (found == samples_.end()) return nullptr;
  Json file = {{"type", "file"}, {"spec_version", "2.1"}, {"id", ""}};
  for (const auto& [type, values] : found->second) {
    if (type == kFileName) continue;
    if (values.size() > 1) return nullptr;
    file["hashes"][type == kFileMd5 ? "MD5" : type == kFileSha1 ? "SHA-1" : "SHA-256"] = *values.begin();
  }
  if (const auto names = found->second.find(kFileName); names != found->second.end()) {
    if (names->second.size() == 1) file["name"] = *names->second.begin();
  }
  if (!file.contains("hashes")) return nullptr;
  SetObservableId(file);
  return file;
}

std::string StixFacts::Observe(const SharedFact& shared, const std::string& object) {
  const Fact& fact = *shared.fact;
  const auto day = [](const std::optional<Time>& time) { return time ? time->ToString() : std::string(); };
  const std::string key = fact.evidence + '\n' + fact.source + '\n' + day(fact.valid_from) + '\n' + day(fact.valid_to);
  const std::string id = StixBundle::IdOf("observed-data", key);
  Observation& observation = observations_[id];
  if (observation.first == nullptr) {
    observation.first = &shared;
    // STIX must have a time; without a stated one it is the day of the incident, and the fact says that it has none.
    const Time from =
        fact.valid_from.value_or(view_.data.info.incident && view_.case_info ? *view_.data.info.incident : view_.stamp);
    Time to = fact.valid_to.value_or(from);
    if (to.seconds < from.seconds) to = from;
    Json properties = {{"first_observed", StixTimestamp(from)}, {"last_observed", StixTimestamp(to)}};
    properties["external_references"] = Json::array();
    Json evidence = {{"time_stated", fact.valid_from.has_value()}};
    if (shared.evidence != nullptr) {
      properties["external_references"].push_back({{"source_name", "evidence"},
                                                   {"description", shared.evidence->name},
                                                   {"hashes", {{"SHA-256", shared.evidence->sha256}}}});
      evidence["sha256"] = shared.evidence->sha256;
      evidence["file"] = shared.evidence->name;
      if (!shared.evidence->reader.empty()) evidence["reader"] = shared.evidence->reader;
    }
    if (shared.source != nullptr) {
      properties["external_references"].push_back(SourceReference(*shared.source));
      evidence["source"] = shared.source->id;
      evidence["grade"] = shared.source->grade.ToString();
      evidence["inspectable"] = shared.source->inspectable;
    }
    if (properties["external_references"].empty()) properties.erase("external_references");
    AddGrade(shared.source, properties);
    properties["extensions"] = {{std::string(kOwnStixExtension), {{"extension_type", "toplevel-property-extension"}}}};
    properties["ascribe_evidence"] = std::move(evidence);
    (void)bundle_.Add("observed-data", key, When(fact), shared.tlp, std::move(properties));
  } else {
    (void)bundle_.Add("observed-data", key, When(fact), shared.tlp, {});
  }
  observation.objects.insert(object);
  observation.facts.push_back({{"id", shared.id}, {"object_ref", object}, {"locator", fact.locator.ToString()}});
  return id;
}

std::string StixFacts::Link(const std::string& from, std::string_view type, const std::string& to,
                            const SharedFact& shared) {
  const Fact& fact = *shared.fact;
  Json properties = Json::object();
  // Both or neither, in order: a relationship may not stop before it starts.
  if (fact.valid_from) properties["start_time"] = StixTimestamp(*fact.valid_from);
  if (fact.valid_from && fact.valid_to && fact.valid_to->seconds > fact.valid_from->seconds)
    properties["stop_time"] = StixTimestamp(*fact.valid_to);
  AddGrade(shared.source, properties);
  const Json labels = properties.value("labels", Json::array());
  const int confidence = properties.value("confidence", 0);
  std::string id = bundle_.Relate(from, type, to, When(fact), shared.tlp, shared.id, std::move(properties));
  // Several sources: every grade, and the confidence of the best.
  Json& relation = bundle_.At(id);
  for (const Json& label : labels)
    if (Json& all = relation["labels"]; std::find(all.begin(), all.end(), label) == all.end()) all.push_back(label);
  if (confidence > relation.value("confidence", 0)) relation["confidence"] = confidence;
  return id;
}

// One report a source: what it says, when it was published, how far it is trusted.
void StixFacts::AddSources() {
  for (const Source& source : view_.data.sources) {
    const auto refs = by_source_.find(source.id);
    if (refs == by_source_.end() || !source.published) continue;
    if (view_.assessment.as_of && source.published->LastDay() > *view_.assessment.as_of) continue;
    std::set<std::string> objects = refs->second;
    for (const std::string& id : refs->second) {
      const auto observation = observations_.find(id);
      if (observation != observations_.end())
        objects.insert(observation->second.objects.begin(), observation->second.objects.end());
    }
    const Time published = KnownDay(*source.published);
    Json report = {{"name", source.title.empty() ? source.id : source.title},
                   {"report_types", Json::array({"threat-report"})},
                   {"published", StixTimestamp(published)},
                   {"object_refs", objects},
                   {"external_references", Json::array({SourceReference(source)})}};
    AddGrade(&source, report);
    (void)bundle_.Add("report", "source\n" + source.id, published, source_tlp_.at(source.id), std::move(report));
  }
}

}  // namespace ascribe
