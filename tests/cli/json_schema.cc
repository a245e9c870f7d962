#include "json_schema.h"

#include <algorithm>
#include <regex>
#include <set>

namespace ascribe::cli {
namespace {
using Json = nlohmann::json;

bool IsType(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  return type == "null" && value.is_null();
}

class Checker {
 public:
  explicit Checker(const Json& root) : root_(root) {}

  std::vector<std::string> Check(const Json& schema, const Json& value, const std::string& at) const {
    std::vector<std::string> found;
    const auto wrong = [&](const std::string& text) { found.push_back(at + ": " + text); };
    const auto below = [&](const Json& inner, const Json& item, const std::string& where) {
      const std::vector<std::string> more = Check(inner, item, where);
      found.insert(found.end(), more.begin(), more.end());
    };
    for (const auto& [keyword, rule] : schema.items()) {
      if (keyword == "$ref") {
        below(root_.at(Json::json_pointer(rule.get<std::string>().substr(1))), value, at);
      } else if (keyword == "type") {
        bool any = false;
        for (const Json& type : rule.is_array() ? rule : Json::array({rule})) any = any || IsType(value, type);
        if (!any) wrong("is no " + rule.dump());
      } else if (keyword == "const") {
        if (value != rule) wrong("is not " + rule.dump());
      } else if (keyword == "enum") {
        if (std::find(rule.begin(), rule.end(), value) == rule.end())
          wrong(value.dump() + " is not among " + rule.dump());
      } else if (keyword == "pattern") {
        if (value.is_string() && !std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>())))
          wrong(value.dump() + " does not match " + rule.dump());
      } else if (keyword == "minimum") {
        if (value.is_number() && value < rule) wrong(value.dump() + " is below " + rule.dump());
      } else if (keyword == "maximum") {
        if (value.is_number() && value > rule) wrong(value.dump() + " is above " + rule.dump());
      } else if (keyword == "exclusiveMaximum") {
        if (value.is_number() && value >= rule) wrong(value.dump() + " reaches " + rule.dump());
      } else if (keyword == "minItems") {
        if (value.is_array() && value.size() < rule) wrong("has too few items");
      } else if (keyword == "required") {
        for (const Json& name : rule)
          if (value.is_object() && !value.contains(name.get<std::string>())) wrong("lacks " + name.dump());
      } else if (keyword == "properties") {
        for (const auto& [name, inner] : rule.items())
          if (value.is_object() && value.contains(name)) below(inner, value.at(name), at + "/" + name);
      } else if (keyword == "additionalProperties") {
        // Only "false" is used. What the schema next to it names is allowed.
        if (rule == false && value.is_object())
          for (const auto& [name, item] : value.items())
            if (!schema.value("properties", Json::object()).contains(name)) wrong("has the unknown " + name);
      } else if (keyword == "items") {
        if (value.is_array())
          for (std::size_t i = 0; i < value.size(); ++i) below(rule, value[i], at + "/" + std::to_string(i));
      } else if (keyword == "contains") {
        if (value.is_array() &&
            std::none_of(value.begin(), value.end(), [&](const Json& item) { return Check(rule, item, at).empty(); }))
          wrong("contains nothing like " + rule.dump());
      } else if (keyword == "oneOf") {
        if (std::count_if(rule.begin(), rule.end(),
                          [&](const Json& inner) { return Check(inner, value, at).empty(); }) != 1)
          wrong(value.dump() + " fits not exactly one of " + rule.dump());
      } else if (!kNotes.count(keyword)) {
        wrong("the schema uses " + keyword + ", which is not checked here");
      }
    }
    return found;
  }

 private:
  const Json& root_;
  inline static const std::set<std::string> kNotes = {"$schema", "$id", "$defs", "title", "description"};
};

}  // namespace

std::vector<std::string> SchemaFindings(const Json& schema, const Json& document) {
  return Checker(schema).Check(schema, document, "");
}

}  // namespace ascribe::cli
