#include "ingest/misp.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "ingest/country_names.h"
#include "ingest/fact_sink.h"
#include "ingest/misp_attribute.h"
#include "model/software_name.h"

namespace ascribe {
namespace {

using simdjson::SUCCESS;

bool IsTrue(simdjson::dom::element object, std::string_view key) {
  bool value = false;
  return object[key].get(value) == SUCCESS && value;
}

// MISP writes seconds since the epoch, as text or number, or RFC 3339.
std::optional<Time> TimeOf(simdjson::dom::element object, std::string_view key) {
  std::int64_t seconds = 0;
  const std::string_view text = JsonText(object, key);
  if (object[key].get(seconds) != SUCCESS) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.size() < 9 || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
      return text.empty() ? std::nullopt : ParseTime(text);
  }
  constexpr std::int64_t kMaxSeconds = 253'402'300'799;  // the end of the year 9999
  if (seconds <= 0 || seconds > kMaxSeconds) return std::nullopt;
  return Time{seconds, Time::Precision::kSecond};
}

// misp-galaxy:threat-actor="Lazarus Group" -> "Lazarus Group" when `tag` begins with `prefix`.
std::optional<std::string_view> Quoted(std::string_view tag, std::string_view prefix) {
  if (!StartsWithNoCase(tag, prefix)) return std::nullopt;
  tag.remove_prefix(prefix.size());
  if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  return tag.substr(1, tag.size() - 2);
}

// "PowerShell - T1059.001" -> "T1059.001"
std::string_view TechniqueIn(std::string_view text) {
  const std::size_t dash = text.rfind(" - ");
  return dash == std::string_view::npos ? text : text.substr(dash + 3);
}
// "Cobalt Strike - S0154" -> "Cobalt Strike"
std::string_view NameIn(std::string_view text) {
  const std::size_t dash = text.rfind(" - ");
  return dash == std::string_view::npos ? text : text.substr(0, dash);
}

class EventReader {
 public:
  explicit EventReader(FactSink& sink) : sink_(sink) {}

  void Read(simdjson::dom::element event, const std::string& pointer) {
    draft_ = {};
    // The event's own date is when it happened or was written up; a publication is when others could know of it.
    draft_.known_on = IsTrue(event, "published") ? TimeOf(event, "publish_timestamp") : std::nullopt;
    if (!draft_.known_on) draft_.known_on = TimeOf(event, "date");
    own_ = IsOwn(event);
    Tags(event, pointer);
    simdjson::dom::array attributes;
    if (event["Attribute"].get(attributes) == SUCCESS) Attributes(attributes, pointer + "/Attribute");
    simdjson::dom::array objects;
    if (event["Object"].get(objects) != SUCCESS) return;
    std::size_t index = 0;
    for (simdjson::dom::element object : objects) {
      const std::string at = fmt::format("{}/Object/{}", pointer, index++);
      if (IsTrue(object, "deleted")) {
        sink_.Info("deleted", at, "object deleted by its author: not read");
      } else if (object["Attribute"].get(attributes) == SUCCESS) {
        Attributes(attributes, at + "/Attribute");
      }
    }
  }

 private:
  void Attributes(simdjson::dom::array attributes, const std::string& pointer) {
    std::size_t index = 0;
    for (simdjson::dom::element attribute : attributes) Attribute(attribute, fmt::format("{}/{}", pointer, index++));
  }

  void Attribute(simdjson::dom::element attribute, const std::string& pointer) {
    if (IsTrue(attribute, "deleted"))
      return sink_.Info("deleted", pointer, "attribute deleted by its author: not read");
    Tags(attribute, pointer);
    const std::string_view type = JsonText(attribute, "type");
    const std::string_view value = JsonText(attribute, "value");
    if (IsMispRule(type))
      return sink_.Info("foreign-pattern", pointer,
                        fmt::format("{} is a rule or free text, not a value: not read", type));
    const auto parts = MispParts(type, value);
    if (parts.empty())
      return sink_.Info("unknown-object", pointer,
                        fmt::format("attribute of type \"{}\" is not read", Ellipsize(type, 60)));
    Fact fact = draft_;
    fact.valid_from = TimeOf(attribute, "first_seen");
    fact.valid_to = TimeOf(attribute, "last_seen");
    bool to_ids = true;
    // Not meant for detection: context, often harmless. It stays a fact; the reader of the report should know.
    if (attribute["to_ids"].get(to_ids) == SUCCESS && !to_ids)
      fact.note = "not marked for detection (to_ids) by its author";
    for (const MispPart& part : parts) {
      fact.relation = part.relation;
      sink_.AddValue(fact, part.type, part.text, pointer + "/value");
    }
    if (type == "domain|ip" && parts.size() == 2) Resolves(parts, fact, pointer);
  }

  void Resolves(const std::vector<MispPart>& parts, Fact fact, const std::string& pointer) {
    auto domain = MakeEntity(parts[0].type, parts[0].text);
    if (!domain || parts[1].type == EntityType::kCidr) return;
    fact.subject = std::move(*domain);
    fact.relation = Relation::kResolvesTo;
    if (MakeEntity(parts[1].type, parts[1].text))
      sink_.AddValue(std::move(fact), parts[1].type, parts[1].text, pointer + "/value");
  }

  static bool IsOwn(simdjson::dom::element event) {
    simdjson::dom::array tags;
    if (event["Tag"].get(tags) != SUCCESS) return false;
    for (simdjson::dom::element tag : tags)
      if (JsonText(tag, "name").starts_with(kOwnMispTag)) return true;
    return false;
  }

  void Tags(simdjson::dom::element owner, const std::string& pointer) {
    simdjson::dom::array tags;
    if (owner["Tag"].get(tags) != SUCCESS) return;
    std::size_t index = 0;
    for (simdjson::dom::element tag : tags) Tag(JsonText(tag, "name"), fmt::format("{}/Tag/{}", pointer, index++));
  }

  void Tag(std::string_view tag, const std::string& pointer) {
    for (std::string_view prefix :
         {"misp-galaxy:mitre-attack-pattern=", "misp-galaxy:mitre-enterprise-attack-attack-pattern="})
      if (const auto text = Quoted(tag, prefix))
        return Add(Relation::kUses, EntityType::kTechnique, TechniqueIn(*text), pointer);
    for (std::string_view prefix : {"misp-galaxy:threat-actor=", "misp-galaxy:mitre-intrusion-set=",
                                    "misp-galaxy:mitre-enterprise-attack-intrusion-set="})
      if (const auto text = Quoted(tag, prefix)) return Actor(*text, pointer);
    for (std::string_view prefix :
         {"misp-galaxy:mitre-malware=", "misp-galaxy:malpedia=", "misp-galaxy:rat=", "misp-galaxy:ransomware="})
      if (const auto text = Quoted(tag, prefix))
        return Add(Relation::kUses, EntityType::kMalware, SoftwareSlug(NameIn(*text)), pointer);
    for (std::string_view prefix : {"misp-galaxy:mitre-tool=", "misp-galaxy:tool="})
      if (const auto text = Quoted(tag, prefix))
        return Add(Relation::kUses, EntityType::kTool, SoftwareSlug(NameIn(*text)), pointer);
    if (const auto text = Quoted(tag, "misp-galaxy:sector="))
      return Add(Relation::kTargets, EntityType::kSector, *text, pointer);
    for (std::string_view prefix : {"misp-galaxy:target-information=", "misp-galaxy:country="}) {
      const auto text = Quoted(tag, prefix);
      if (!text) continue;
      if (const auto code = CountryCode(*text)) return Add(Relation::kTargets, EntityType::kCountry, *code, pointer);
    }
    if (StartsWithNoCase(tag, "tlp:"))
      return sink_.Info("marking", pointer,
                        fmt::format("marked {}; set tlp in case.toml if it is stricter", Ellipsize(tag, 60)));
    if (StartsWithNoCase(tag, "admiralty-scale:"))
      return sink_.Info("admiralty", pointer,
                        fmt::format("graded {}; grade the source in case.toml", Ellipsize(tag, 80)));
    if (StartsWithNoCase(tag, "misp-galaxy:"))
      sink_.Info("tag-not-kept", pointer, fmt::format("{} says nothing that is weighed", Ellipsize(tag, 100)));
  }

  void Add(Relation relation, EntityType type, std::string_view value, const std::string& pointer) {
    Fact fact = draft_;
    fact.relation = relation;
    sink_.AddValue(std::move(fact), type, value, pointer);
  }

  // A tag names an actor by a name only; the id is made from it, and the name is kept as a claim of the source.
  void Actor(std::string_view name, const std::string& pointer) {
    if (own_) return sink_.Info("own-verdict", pointer, "a verdict of this program is no evidence: not read");
    auto actor = MakeEntity(EntityType::kActor, "name." + SoftwareSlug(NameIn(name)));
    if (!actor) return sink_.Warn("bad-value", pointer, "threat actor tag without a name");
    Fact fact = draft_;
    fact.relation = Relation::kAttributedTo;
    fact.statement = StatementKind::kVendorAssessment;
    fact.object = *actor;
    sink_.Add(std::move(fact), pointer);
    Fact named = draft_;
    named.subject = std::move(*actor);
    named.relation = Relation::kNamed;
    sink_.AddValue(std::move(named), EntityType::kText, NameIn(name), pointer);
  }

  FactSink& sink_;
  Fact draft_;
  bool own_ = false;
};

}  // namespace

int SniffMisp(ByteView head, std::string_view file_name) {
  const std::string_view text = head.text();
  const bool named = AsciiLower(file_name).find("misp") != std::string::npos;
  if (!LooksLikeJson(text)) return named && head.empty() ? 20 : 0;
  const bool event = HeadHasMember(text, "Event", "");
  const bool body = HeadHasMember(text, "Attribute", "") || HeadHasMember(text, "threat_level_id", "") ||
                    HeadHasMember(text, "Orgc", "") || HeadHasMember(text, "info", "") ||
                    HeadHasMember(text, "Object", "");
  if (event && body) return 90;
  return named && event ? 40 : 0;
}

Reading ReadMisp(ByteView bytes, std::string_view /*file_name*/) {
  FactSink sink(kMispExtractor);
  const auto document = JsonDocument::Parse(bytes);
  if (!document) {
    const bool limit = document.error().code == ErrorCode::kLimitExceeded;
    sink.Diagnose(Diagnostic::Severity::kError, limit ? "limit-json" : "json-syntax", "",
                  "not read: " + document.error().message);
    return sink.Take();
  }
  EventReader reader(sink);
  simdjson::dom::element event;
  simdjson::dom::array list;
  std::string pointer;
  if (document->root()["Event"].get(event) == SUCCESS) {
    reader.Read(event, "/Event");
    return sink.Take();
  }
  if (document->root()["response"].get(list) == SUCCESS) {
    pointer = "/response";
  } else if (document->root().get(list) != SUCCESS) {
    sink.Diagnose(Diagnostic::Severity::kError, "misp-no-event", "", "no Event and no response: no MISP export");
    return sink.Take();
  }
  std::size_t index = 0;
  for (simdjson::dom::element item : list) {
    const std::string at = fmt::format("{}/{}", pointer, index++);
    if (item["Event"].get(event) == SUCCESS) reader.Read(event, at + "/Event");
  }
  if (index > 1)
    sink.Info("several-events", pointer,
              fmt::format("{} events are read as one incident; split them if they are not", index));
  return sink.Take();
}

}  // namespace ascribe
