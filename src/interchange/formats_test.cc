// What is written against the documented formats, member by member: a member that the format does not know, one of another
// type or one that is missing is an error. The tables name members and types only, after
//   ATT&CK Navigator layer file format 4.5 (github.com/mitre-attack/attack-navigator, layers/spec/v4.5/layerformat.md),
//   MISP core format, draft-dulaunoy-misp-core-format, text and JSON schema (github.com/MISP/misp-rfc, misp-core-format).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

#include "interchange/misp_export.h"
#include "interchange/navigator_export.h"
#include "interchange/test_export.h"

namespace ascribe {
namespace {

using Json = nlohmann::json;

enum class Need { kMay, kMust };
struct Member {
  Json::value_t type;
  Need need = Need::kMay;
};
using Shape = std::map<std::string, Member>;

constexpr Json::value_t kText = Json::value_t::string, kFlag = Json::value_t::boolean, kList = Json::value_t::array,
                        kObject = Json::value_t::object, kNumber = Json::value_t::number_float;

bool HasType(const Json& value, Json::value_t type) { return type == kNumber ? value.is_number() : value.type() == type; }

// Everything wrong with an object, one line each.
std::string Wrong(const Json& object, const Shape& shape, const std::string& what) {
  if (!object.is_object()) return what + " is no object\n";
  std::string wrong;
  for (const auto& [name, value] : object.items()) {
    const auto member = shape.find(name);
    if (member == shape.end())
      wrong += what + " has no member " + name + "\n";
    else if (!HasType(value, member->second.type))
      wrong += what + "." + name + " has another type: " + value.dump() + "\n";
  }
  for (const auto& [name, member] : shape)
    if (member.need == Need::kMust && !object.contains(name)) wrong += what + "." + name + " is missing\n";
  return wrong;
}

template <typename Fn>
void Each(const Json& object, const char* list, Fn fn) {
  if (object.contains(list))
    for (const Json& item : object.at(list)) fn(item);
}

std::string WrongMetadata(const Json& owner, const std::string& what) {
  std::string wrong;
  Each(owner, "metadata", [&](const Json& item) {
    wrong += item.contains("divider") ? Wrong(item, {{"divider", {kFlag, Need::kMust}}}, what + ".metadata")
                                      : Wrong(item, {{"name", {kText, Need::kMust}}, {"value", {kText, Need::kMust}}}, what + ".metadata");
  });
  Each(owner, "links", [&](const Json& item) {
    wrong += item.contains("divider") ? Wrong(item, {{"divider", {kFlag, Need::kMust}}}, what + ".links")
                                      : Wrong(item, {{"label", {kText, Need::kMust}}, {"url", {kText, Need::kMust}}}, what + ".links");
  });
  return wrong;
}

std::string WrongLayer(const Json& layer) {
  std::string wrong = Wrong(layer,
                            {{"versions", {kObject}}, {"name", {kText, Need::kMust}}, {"description", {kText}}, {"domain", {kText, Need::kMust}},
                             {"customDataURL", {kText}}, {"filters", {kObject}}, {"sorting", {kNumber}}, {"layout", {kObject}}, {"hideDisabled", {kFlag}},
                             {"techniques", {kList}}, {"gradient", {kObject}}, {"legendItems", {kList}}, {"showTacticRowBackground", {kFlag}},
                             {"tacticRowBackground", {kText}}, {"selectTechniquesAcrossTactics", {kFlag}}, {"selectSubtechniquesWithParent", {kFlag}},
                             {"selectVisibleTechniques", {kFlag}}, {"metadata", {kList}}, {"links", {kList}}},
                            "layer");
  if (!wrong.empty()) return wrong;
  const auto must = [&](bool good, const std::string& what) { wrong += good ? "" : what + "\n"; };
  const std::regex version("(\\d+)(\\.\\d+){0,2}"), colour("#[0-9a-fA-F]{6}"), technique("T\\d{4}(\\.\\d{3})?");
  const auto matches = [](const Json& text, const std::regex& pattern) { return std::regex_match(text.get<std::string>(), pattern); };
  must(layer.at("domain") == "enterprise-attack" || layer.at("domain") == "mobile-attack" || layer.at("domain") == "ics-attack", "domain");
  if (layer.contains("versions")) {
    const Json& versions = layer.at("versions");
    wrong += Wrong(versions, {{"attack", {kText}}, {"navigator", {kText, Need::kMust}}, {"layer", {kText, Need::kMust}}}, "versions");
    must(versions.value("layer", "") == "4.5", "versions.layer");
    int major = 0, minor = 0;
    must(std::sscanf(versions.value("navigator", "").c_str(), "%d.%d", &major, &minor) == 2 && (major > 4 || (major == 4 && minor >= 9)),
         "versions.navigator must be at least 4.9.0");
    must(!versions.contains("attack") || matches(versions.at("attack"), version), "versions.attack");
  }
  must(!layer.contains("sorting") || (layer.at("sorting") >= 0 && layer.at("sorting") <= 3), "sorting");
  Each(layer, "techniques", [&](const Json& t) {
    wrong += Wrong(t,
                   {{"techniqueID", {kText, Need::kMust}}, {"tactic", {kText}}, {"comment", {kText}}, {"enabled", {kFlag}}, {"score", {kNumber}},
                    {"color", {kText}}, {"metadata", {kList}}, {"links", {kList}}, {"showSubtechniques", {kFlag}}},
                   "technique");
    must(t.contains("techniqueID") && matches(t.at("techniqueID"), technique), "techniqueID " + t.dump());
    must(!t.contains("color") || t.at("color") == "" || matches(t.at("color"), colour), "technique.color");
    wrong += WrongMetadata(t, "technique");
  });
  if (layer.contains("gradient")) {
    const Json& gradient = layer.at("gradient");
    wrong += Wrong(gradient, {{"colors", {kList, Need::kMust}}, {"minValue", {kNumber, Need::kMust}}, {"maxValue", {kNumber, Need::kMust}}}, "gradient");
    if (!wrong.empty()) return wrong;
    must(gradient.at("maxValue") > gradient.at("minValue"), "maxValue must be > minValue");
    must(gradient.at("colors").size() >= 2, "gradient.colors: two at least");
    for (const Json& c : gradient.at("colors")) must(c.is_string() && matches(c, colour), "gradient.colors");
  }
  Each(layer, "legendItems", [&](const Json& item) { wrong += Wrong(item, {{"label", {kText, Need::kMust}}, {"color", {kText, Need::kMust}}}, "legendItem"); });
  return wrong + WrongMetadata(layer, "layer");
}

// Types by category that we use, of the list of valid combinations.
const std::map<std::string, std::set<std::string>> kMispTypes = {
    {"Payload delivery", {"md5", "sha1", "sha256", "filename", "imphash"}},
    {"Network activity",
     {"ip-src", "ip-dst", "domain", "domain|ip", "url", "uri", "user-agent", "AS", "x509-fingerprint-md5", "x509-fingerprint-sha1", "x509-fingerprint-sha256"}},
    {"Social network", {"email"}},
    {"Artifacts dropped", {"mutex", "named pipe", "windows-service-name", "pdb", "regkey", "pattern-in-file"}},
};

std::string WrongTags(const Json& owner) {
  std::string wrong;
  Each(owner, "Tag", [&](const Json& tag) {
    wrong += Wrong(tag, {{"id", {kText}}, {"name", {kText, Need::kMust}}, {"colour", {kText}}, {"exportable", {kFlag}}, {"hide_tag", {kFlag}}, {"user_id", {kText}}},
                   "Tag");
  });
  return wrong;
}

// Identifiers of an instance (id, event_id, org_id...) are for the instance that imports: they are not required here.
std::string WrongAttribute(const Json& attribute) {
  std::string wrong = Wrong(
      attribute,
      {{"id", {kText}}, {"type", {kText, Need::kMust}}, {"category", {kText, Need::kMust}}, {"to_ids", {kFlag, Need::kMust}}, {"uuid", {kText, Need::kMust}},
       {"event_id", {kText}}, {"event_uuid", {kText}}, {"distribution", {kText, Need::kMust}}, {"timestamp", {kText, Need::kMust}}, {"first_seen", {kText}},
       {"last_seen", {kText}}, {"comment", {kText}}, {"sharing_group_id", {kText, Need::kMust}}, {"deleted", {kFlag, Need::kMust}},
       {"disable_correlation", {kFlag}}, {"value", {kText, Need::kMust}}, {"data", {kText}}, {"object_relation", {kText}}, {"object_id", {kText}},
       {"Galaxy", {kList}}, {"Tag", {kList}}},
      "Attribute");
  if (!wrong.empty()) return wrong;
  const auto types = kMispTypes.find(attribute.at("category"));
  if (types == kMispTypes.end() || types->second.count(attribute.at("type")) == 0)
    wrong += "no such type in this category: " + attribute.dump() + "\n";
  if (attribute.at("sharing_group_id") != "0") wrong += "sharing_group_id without a group\n";
  return wrong + WrongTags(attribute);
}

Shape AnalystData() {
  return {{"id", {kText}}, {"uuid", {kText, Need::kMust}}, {"object_uuid", {kText, Need::kMust}}, {"object_type", {kText, Need::kMust}},
          {"authors", {kText, Need::kMust}}, {"org_uuid", {kText, Need::kMust}}, {"orgc_uuid", {kText, Need::kMust}}, {"created", {kText}},
          {"modified", {kText}}, {"distribution", {kText, Need::kMust}}, {"sharing_group_id", {kText, Need::kMust}},
          {"note_type_name", {kText, Need::kMust}}};
}

std::string WrongNote(const Json& note) {
  Shape shape = AnalystData();
  shape["note"] = {kText, Need::kMust};
  shape["language"] = {kText};
  shape["Opinion"] = {kList};
  std::string wrong = Wrong(note, shape, "Note");
  if (note.value("note_type_name", "") != "Note") wrong += "Note.note_type_name\n";
  Each(note, "Opinion", [&](const Json& opinion) {
    Shape of_opinion = AnalystData();
    of_opinion["opinion"] = {kText, Need::kMust};
    of_opinion["comment"] = {kText, Need::kMust};
    wrong += Wrong(opinion, of_opinion, "Opinion");
    if (opinion.value("note_type_name", "") != "Opinion") wrong += "Opinion.note_type_name\n";
    if (!std::regex_match(opinion.value("opinion", ""), std::regex("\\d{1,2}|100"))) wrong += "opinion: 0 to 100\n";
  });
  return wrong;
}

std::string WrongEvent(const Json& document) {
  std::string wrong = Wrong(document, {{"Event", {kObject, Need::kMust}}}, "document");
  if (!wrong.empty()) return wrong;
  const Json& event = document.at("Event");
  wrong = Wrong(event,
                {{"id", {kText}}, {"orgc_id", {kText}}, {"org_id", {kText}}, {"date", {kText, Need::kMust}}, {"extends_uuid", {kText}},
                 {"threat_level_id", {kText, Need::kMust}}, {"info", {kText, Need::kMust}}, {"published", {kFlag, Need::kMust}}, {"uuid", {kText, Need::kMust}},
                 {"attribute_count", {kText}}, {"analysis", {kText, Need::kMust}}, {"timestamp", {kText, Need::kMust}}, {"first_publication", {kText}},
                 {"distribution", {kText, Need::kMust}}, {"locked", {kFlag}}, {"publish_timestamp", {kText, Need::kMust}},
                 {"sharing_group_id", {kText, Need::kMust}}, {"Org", {kObject}}, {"Orgc", {kObject}}, {"Attribute", {kList}}, {"Galaxy", {kList}},
                 {"Object", {kList}}, {"Tag", {kList}}, {"Note", {kList}}},  // Note: analyst data, in the text and not yet in the JSON schema
                "Event");
  if (!wrong.empty()) return wrong;
  if (event.at("publish_timestamp") != "0") wrong += "never published: publish_timestamp must be 0\n";
  if (event.at("sharing_group_id") != "0") wrong += "sharing_group_id without a group\n";
  if (event.at("info").get<std::string>().size() > 256 || event.at("info").get<std::string>().find('\n') != std::string::npos) wrong += "info\n";
  if (event.contains("Orgc")) wrong += Wrong(event.at("Orgc"), {{"id", {kText}}, {"name", {kText, Need::kMust}}, {"uuid", {kText, Need::kMust}}}, "Orgc");
  Each(event, "Attribute", [&](const Json& attribute) { wrong += WrongAttribute(attribute); });
  Each(event, "Object", [&](const Json& object) {
    wrong += Wrong(object,
                   {{"uuid", {kText, Need::kMust}}, {"name", {kText, Need::kMust}}, {"description", {kText}}, {"template_uuid", {kText, Need::kMust}},
                    {"template_version", {kText, Need::kMust}}, {"meta-category", {kText, Need::kMust}}, {"deleted", {kFlag, Need::kMust}},
                    {"timestamp", {kText, Need::kMust}}, {"first_seen", {kText}}, {"last_seen", {kText}}, {"distribution", {kText, Need::kMust}},
                    {"sharing_group_id", {kText, Need::kMust}}, {"comment", {kText}}, {"ObjectReference", {kList}}, {"Attribute", {kList, Need::kMust}}},
                   "Object");
    Each(object, "Attribute", [&](const Json& attribute) { wrong += WrongAttribute(attribute); });
  });
  Each(event, "Galaxy", [&](const Json& galaxy) {
    wrong += Wrong(galaxy,
                   {{"uuid", {kText}}, {"name", {kText}}, {"type", {kText}}, {"description", {kText}}, {"version", {kText}}, {"icon", {kText}},
                    {"namespace", {kText}}, {"GalaxyCluster", {kList}}},
                   "Galaxy");
    Each(galaxy, "GalaxyCluster", [&](const Json& cluster) {
      wrong += Wrong(cluster,
                     {{"uuid", {kText}}, {"type", {kText}}, {"value", {kText}}, {"tag_name", {kText}}, {"description", {kText}}, {"version", {kText}},
                      {"source", {kText}}, {"authors", {kList}}, {"meta", {kObject}}},
                     "GalaxyCluster");
    });
  });
  Each(event, "Note", [&](const Json& note) { wrong += WrongNote(note); });
  return wrong + WrongTags(event);
}

// Of a case with something of everything, of a hostile one, of one with nothing; with and without a limit.
template <typename Check>
void OnEveryWorld(Check check) {
  World busy = BusyWorld(), hostile = HostileWorld(), empty;
  for (World* world : {&busy, &hostile, &empty}) {
    ExportedWorld exported(*world);
    check(exported.View());
    check(exported.View(Tlp::kClear));
  }
  ExportedWorld named(busy);
  SetGate(named.assessment, "likely");
  check(named.View());
}

TEST(Formats, NavigatorLayersAreOfVersion45) {
  std::size_t layers = 0, techniques = 0;
  OnEveryWorld([&](const ExportView& view) {
    const Json list = Json::parse(ExportNavigator(view));
    ASSERT_TRUE(list.is_array());
    for (const Json& layer : list) {
      EXPECT_EQ(WrongLayer(layer), "");
      ++layers;
      techniques += layer.at("techniques").size();
    }
  });
  EXPECT_GT(layers, 10u);
  EXPECT_GT(techniques, 5u);
}

TEST(Formats, MispEventsAreOfTheCoreFormat) {
  std::size_t attributes = 0, galaxies = 0;
  OnEveryWorld([&](const ExportView& view) {
    const Json event = Json::parse(ExportMisp(view));
    EXPECT_EQ(WrongEvent(event), "");
    attributes += event.at("Event").at("Attribute").size();
    galaxies += event.at("Event").contains("Galaxy") ? 1 : 0;
  });
  EXPECT_GT(attributes, 20u);
  EXPECT_EQ(galaxies, 1u);
}

// The checks above see what is wrong.
TEST(Formats, TheChecksFindWhatIsWrong) {
  World busy = BusyWorld();
  const ExportedWorld exported(busy);
  const Json layer = Json::parse(ExportNavigator(exported.View())).at(0), event = Json::parse(ExportMisp(exported.View()));
  for (const auto& [pointer, value] : std::map<std::string, Json>{{"/versions/layer", "4.4"}, {"/versions/navigator", "4.8.2"}, {"/domain", "enterprise"},
                                                                  {"/sorting", 7}, {"/gradient/maxValue", 0}, {"/techniques/0/techniqueID", "X1"},
                                                                  {"/techniques/0/score", "1"}, {"/metadata/0/value", 3}, {"/other", 1}}) {
    Json bad = layer;
    bad[Json::json_pointer(pointer)] = value;
    EXPECT_NE(WrongLayer(bad), "") << pointer;
  }
  for (const auto& [pointer, value] :
       std::map<std::string, Json>{{"/Event/publish_timestamp", 0}, {"/Event/other", "x"}, {"/Event/Attribute/0/type", "sha999"}, {"/Event/Attribute/0/deleted", "0"},
                                   {"/Event/Object/0/timestamp", 1}, {"/Event/Note/0/org_uuid", nullptr}, {"/Event/Tag/0/name", 1}}) {
    Json bad = event;
    bad[Json::json_pointer(pointer)] = value;
    EXPECT_NE(WrongEvent(bad), "") << pointer;
  }
}

}  // namespace
}  // namespace ascribe
