#include "interchange/misp_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_stream.h"
#include "base/text.h"
#include "ingest/misp.h"
#include "interchange/misp_value.h"
#include "interchange/uuid5.h"
#include "model/software_name.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;
using enum EntityType;

// The MISP object template "file", version 24.
constexpr const char* kFileTemplate = "688c46fb-5edb-40a3-8273-1af7923e2215";
constexpr const char* kFileTemplateVersion = "24";
// Rivals beyond the first few add nothing that a person would read there; all of them are in stix.json.
constexpr std::size_t kMaxRivals = 5;

std::string Id(const std::string& key) { return Uuid5(kOwnNamespace, "misp\n" + key); }
Json Tag(const std::string& name) { return {{"name", name}}; }

std::string TlpTag(Tlp tlp) { return "tlp:" + AsciiLower(TlpName(tlp)); }

// The group of what is not shared with a group.
constexpr const char* kNoGroup = "0";

// `info` should have no line ends and at most 256 characters.
std::string OneLine(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return std::string(Ellipsize(text, 250));
}

// MISP's own levels: 0 this organisation, 1 this community, 3 all communities.
const char* DistributionOf(Tlp tlp) { return tlp == Tlp::kClear ? "3" : tlp == Tlp::kGreen ? "1" : "0"; }

// Values of the taxonomy estimative-language; its "roughly even" is "roughly-even-chance".
std::string LikelihoodTag(const std::string& word) {
  std::string value = word == "roughly even" ? "roughly even chance" : word;
  std::replace(value.begin(), value.end(), ' ', '-');
  return fmt::format("estimative-language:likelihood-probability=\"{}\"", value);
}

bool IsPrivate(const Entity& e) {
  if (e.type != kIpv4) return false;
  const std::string& v = e.value;
  if (v.starts_with("10.") || v.starts_with("127.") || v.starts_with("192.168.") || v.starts_with("169.254."))
    return true;
  if (!v.starts_with("172.") || v.size() < 7 || v[6] != '.') return false;
  const int second = (v[4] - '0') * 10 + (v[5] - '0');
  return second >= 16 && second <= 31;  // RFC 1918
}

// A quote would end the value of a tag early.
std::string TagValue(std::string text) {
  std::replace(text.begin(), text.end(), '"', '\'');
  return text;
}

class Event {
 public:
  explicit Event(const ExportView& view) : view_(view), uuid_(Id("event\n" + view.data.info.id)) {}

  void Write(const TextSink& sink) {
    const CaseInfo& info = view_.data.info;
    CollectSamples();
    const std::size_t count = std::min(view_.facts.size(), kMaxExportedFacts);
    for (std::size_t i = 0; i < count; ++i) Place(view_.facts[i]);
    if (count < view_.facts.size())
      AddNote("limit", fmt::format("{} more facts are not in this event", view_.facts.size() - count), std::nullopt);
    if (view_.verdict) Verdict();
    const auto dump = [](const Json& json) { return json.dump(1, ' ', true, Json::error_handler_t::replace); };
    Json event;
    event["uuid"] = uuid_;
    event["info"] = view_.case_info ? OneLine(info.title.empty() ? info.id : info.title) : std::string("withheld");
    const Time date = view_.case_info && info.incident ? *info.incident : view_.stamp;
    event["date"] = date.FirstDay().ToString();
    event["timestamp"] = std::to_string(view_.stamp.seconds);
    event["published"] = false;  // for a person to decide
    event["publish_timestamp"] = "0";
    event["analysis"] = "2";
    event["threat_level_id"] = "4";
    const Tlp tlp = view_.Marking();
    event["distribution"] = DistributionOf(tlp);
    event["sharing_group_id"] = kNoGroup;
    event["Orgc"] = {{"name", "ascribe"}, {"uuid", Id("organisation")}};
    event["Tag"] = Json::array({Tag(TlpTag(tlp))});
    for (const std::string& tag : tags_) event["Tag"].push_back(Tag(tag));
    // The lists of a large case are never held as a tree.
    JsonStream out(sink);
    out.OpenObject();
    out.OpenObject("Event");
    for (const auto& [name, value] : event.items()) out.Member(name, dump(value));
    out.OpenArray("Attribute");
    for (const auto& [key, part] : attributes_) out.Element(dump(AttributeOf(key, part, {})));
    out.Close();
    out.OpenArray("Object");
    for (const auto& [label, parts] : objects_) out.Element(dump(FileObject(label, parts)));
    out.Close();
    if (!galaxies_.empty()) out.Member("Galaxy", dump(galaxies_));
    if (!notes_.empty()) out.Member("Note", dump(notes_));
    out.Close();
    out.Close();
  }

 private:
  // An attribute before it is written: all facts that state it, in order.
  struct Part {
    std::string_view type, category;
    bool detect = false;
    std::vector<const SharedFact*> facts;
  };
  using Parts = std::map<std::string, Part>;  // by type and value

  void CollectSamples() {
    for (const SharedFact& shared : view_.facts) {
      const Fact& f = *shared.fact;
      if (f.subject.type == kSample &&
          (f.object.type == kFileMd5 || f.object.type == kFileSha1 || f.object.type == kFileSha256))
        hashed_.insert(f.subject.value);
    }
  }

  void Place(const SharedFact& shared) {
    const Fact& f = *shared.fact;
    const bool seen = IsObservation(f.relation) || f.relation == Relation::kConnectsTo;
    if (seen && (f.subject.type == kIncident || f.subject.type == kSample || f.subject.type == kMalware))
      return Seen(shared);
    if (f.relation == Relation::kResolvesTo && f.subject.type == kDomain &&
        (f.object.type == kIpv4 || f.object.type == kIpv6))
      return Put(attributes_, shared, "domain|ip", "Network activity", f.subject.value + "|" + f.object.value, false);
    if (f.relation == Relation::kTargets && f.subject.type == kIncident && view_.case_info) {
      if (f.object.type == kSector) tags_.insert(fmt::format("misp-galaxy:sector=\"{}\"", TagValue(f.object.value)));
      if (f.object.type == kCountry) tags_.insert(fmt::format("misp-galaxy:target-information=\"{}\"", f.object.value));
    }
  }

  void Seen(const SharedFact& shared) {
    const Fact& f = *shared.fact;
    if (f.object.type == kTechnique) {
      const auto name = view_.knowledge.technique_names.find(f.object.value);
      const std::string& known = name == view_.knowledge.technique_names.end() ? f.object.value : name->second;
      tags_.insert(fmt::format("misp-galaxy:mitre-attack-pattern=\"{} - {}\"", TagValue(known), f.object.value));
      return;
    }
    if (f.object.type == kMalware)
      return (void)tags_.insert(fmt::format("misp-galaxy:mitre-malware=\"{}\"", TagValue(f.object.value)));
    if (f.object.type == kTool)
      return (void)tags_.insert(fmt::format("misp-galaxy:tool=\"{}\"", TagValue(f.object.value)));
    const MispValue how = MispValueFor(f.object, f.relation == Relation::kCommunicatesWith);
    if (how.type.empty()) return;
    const bool of_file = f.subject.type == kSample && hashed_.count(f.subject.value) > 0 &&
                         (f.object.type == kFileMd5 || f.object.type == kFileSha1 || f.object.type == kFileSha256 ||
                          f.object.type == kFileName);
    Put(of_file ? objects_[f.subject.value] : attributes_, shared, how.type, how.category, f.object.value, how.detect);
  }

  static void Put(Parts& into, const SharedFact& shared, std::string_view type, std::string_view category,
                  const std::string& value, bool detect) {
    Part& part = into[std::string(type) + '\n' + value];
    if (part.facts.empty()) part = {type, category, detect, {}};
    part.facts.push_back(&shared);
  }

  Json FileObject(const std::string& label, const Parts& parts) const {
    Json object = {{"name", "file"},
                   {"meta-category", "file"},
                   {"template_uuid", kFileTemplate},
                   {"template_version", kFileTemplateVersion},
                   {"uuid", Id(uuid_ + "\nobject\n" + label)},
                   {"comment", label},
                   {"timestamp", std::to_string(view_.stamp.seconds)},
                   {"distribution", "5"},
                   {"sharing_group_id", kNoGroup},
                   {"deleted", false},
                   {"Attribute", Json::array()}};
    for (const auto& [key, part] : parts) {
      Json attribute = AttributeOf(key, part, label);
      attribute["object_relation"] = part.type;
      object["Attribute"].push_back(std::move(attribute));
    }
    return object;
  }

  // `where`: label of the file object that it belongs to; empty: it stands alone.
  Json AttributeOf(const std::string& key, const Part& part, const std::string& where) const {
    const SharedFact& first = *part.facts.front();
    const Fact& f = *first.fact;
    const bool shared_by_many = view_.knowledge.shared.count(f.object.ToString()) > 0 || IsPrivate(f.object);
    std::string comment;
    for (const SharedFact* shared : part.facts) {
      const std::string source = shared->source == nullptr ? std::string("source not declared")
                                                           : shared->source->grade.ToString() + " " + shared->source->id;
      comment += fmt::format("{}{} {} {}", comment.empty() ? "" : "; ", shared->id, source, shared->fact->locator.ToString());
    }
    Json attribute = {{"uuid", Id(uuid_ + "\nattribute\n" + where + '\n' + key)},
                      {"type", part.type},
                      {"category", part.category},
                      {"value", key.substr(part.type.size() + 1)},
                      {"to_ids", part.detect && !shared_by_many},
                      {"disable_correlation", shared_by_many},
                      {"distribution", "5"},
                      {"sharing_group_id", kNoGroup},
                      {"deleted", false},
                      {"timestamp", std::to_string(view_.stamp.seconds)},
                      {"comment", comment}};
    if (f.valid_from) attribute["first_seen"] = StixTimestamp(*f.valid_from);
    if (f.valid_from && f.valid_to && f.valid_to->seconds >= f.valid_from->seconds)
      attribute["last_seen"] = StixTimestamp(*f.valid_to);
    attribute["Tag"] = Json::array({Tag(TlpTag(first.tlp))});
    for (const SharedFact* shared : part.facts) {
      if (shared->source == nullptr) continue;
      const AdmiraltyGrade& grade = shared->source->grade;
      AddTag(attribute, fmt::format("admiralty-scale:source-reliability=\"{}\"",
                                    static_cast<char>(grade.reliability - 'A' + 'a')));
      AddTag(attribute, fmt::format("admiralty-scale:information-credibility=\"{}\"", grade.credibility));
    }
    return attribute;
  }

  static void AddTag(Json& attribute, const std::string& name) {
    Json& tags = attribute["Tag"];
    if (std::none_of(tags.begin(), tags.end(), [&](const Json& tag) { return tag["name"] == name; }))
      tags.push_back(Tag(name));
  }

  void Verdict() {
    const Assessment& a = view_.assessment;
    tags_.insert(fmt::format("{}\"{}\"", kOwnMispTag, a.verdict.gate));
    tags_.insert(fmt::format("estimative-language:confidence-in-analytic-judgment=\"{}\"", a.verdict.confidence));
    if (!a.verdict.likelihood.empty()) tags_.insert(LikelihoodTag(a.verdict.likelihood));
    const std::vector<Hypothesis>& ranked = a.At(a.verdict.level).ranked;
    if (PassedLikely(a.verdict))
      for (const Hypothesis& h : ranked)
        if (h.id == a.verdict.hypothesis && h.kind == HypothesisKind::kActor) ThreatActor(h);
    AddNote("verdict", a.verdict.sentence + " " + a.verdict.confidence_sentence, std::nullopt);
    std::size_t rivals = 0;
    for (const Hypothesis& h : ranked) {
      const bool always = h.kind == HypothesisKind::kUnknown || h.kind == HypothesisKind::kFalseFlag;
      if (!always && ++rivals > kMaxRivals) continue;
      std::string text = fmt::format(
          "Hypothesis at {} level: {} ({}). Prior {:.4f}, evidence {:+.2f} nats, posterior {:.4f}, {:.4f} to {:.4f} "
          "without one kind of evidence.",
          LevelName(a.verdict.level), h.name, h.id, h.prior, h.nats, h.posterior, h.low, h.high);
      if (!h.best_evidence.empty()) text += fmt::format(" Strongest evidence: {}.", h.best_evidence);
      AddNote("hypothesis\n" + h.id, text, h.posterior);
    }
    for (const Contradiction& c : a.contradictions)
      AddNote("contradiction\n" + c.rule + '\n' + c.text, fmt::format("Contradiction: {}: {}", c.label, c.text),
              std::nullopt);
  }

  void ThreatActor(const Hypothesis& h) {
    constexpr std::string_view kMitre = "actor:mitre.";
    const bool mitre = h.id.starts_with(kMitre);
    const std::string type = mitre ? "mitre-intrusion-set" : "threat-actor";
    const std::string value = TagValue(mitre ? fmt::format("{} - {}", h.name, h.id.substr(kMitre.size())) : h.name);
    const std::string tag = fmt::format("misp-galaxy:{}=\"{}\"", type, value);
    tags_.insert(tag);
    Json cluster = {{"type", type}, {"value", value}, {"tag_name", tag}};
    galaxies_.push_back({{"name", mitre ? "Intrusion Set" : "Threat Actor"},
                         {"type", type},
                         {"GalaxyCluster", Json::array({cluster})}});
  }

  // The opinion says how far the engine agrees with its own note: 100 times the posterior.
  void AddNote(const std::string& key, const std::string& text, std::optional<double> posterior) {
    const std::string uuid = Id(uuid_ + "\nnote\n" + key);
    const std::string when = view_.stamp.FirstDay().ToString() + " 00:00:00";
    const auto common = [&](const char* own_type, const std::string& own, const std::string& about, const char* type) -> Json {
      return {{"uuid", own},
              {"object_uuid", about},
              {"object_type", type},
              {"note_type_name", own_type},
              {"authors", "ascribe"},
              {"org_uuid", Id("organisation")},
              {"orgc_uuid", Id("organisation")},
              {"created", when},
              {"modified", when},
              {"distribution", DistributionOf(view_.tlp)},
              {"sharing_group_id", kNoGroup}};
    };
    Json note = common("Note", uuid, uuid_, "Event");
    note["note"] = text;
    note["language"] = "en";
    if (posterior) {
      Json opinion = common("Opinion", Id(uuid_ + "\nopinion\n" + key), uuid, "Note");
      opinion["opinion"] = std::to_string(std::lround(100 * *posterior));
      opinion["comment"] = "posterior probability in per cent";
      note["Opinion"] = Json::array({opinion});
    }
    notes_.push_back(std::move(note));
  }

  const ExportView& view_;
  const std::string uuid_;
  std::set<std::string> tags_, hashed_;
  Parts attributes_;
  std::map<std::string, Parts> objects_;  // by label of the file
  Json galaxies_ = Json::array(), notes_ = Json::array();
};

}  // namespace

void ExportMisp(const ExportView& view, const TextSink& sink) { Event(view).Write(sink); }

std::string ExportMisp(const ExportView& view) {
  std::string text;
  ExportMisp(view, [&](std::string_view piece) { text += piece; });
  return text;
}

}  // namespace ascribe
