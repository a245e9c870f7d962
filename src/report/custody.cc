#include "report/custody.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "base/text.h"

namespace ascribe {
namespace {
using Json = nlohmann::ordered_json;
// A member as text; anything that is no text is "" (a wrong type must not throw: the file may be anybody's).
std::string TextOf(const Json& json, const char* key) {
  const auto it = json.find(key);
  return it != json.end() && it->is_string() ? it->get<std::string>() : std::string();
}

constexpr std::string_view kFirst = "0000000000000000000000000000000000000000000000000000000000000000";
}  // namespace

std::string CustodyToJsonl(const CaseData& data) {
  std::string out, previous(kFirst);
  std::size_t number = 0;
  const auto append = [&](const Json& line) {
    const std::string text = line.dump(-1, ' ', true, Json::error_handler_t::replace);
    previous = Sha256Hex(text);
    out += text + "\n";
  };
  for (const Evidence& e : data.evidence) {
    const Source* source = data.FindSource(e.source);
    Json line;
    line["number"] = ++number;
    line["previous"] = previous;
    line["action"] = "taken-in";
    line["sha256"] = e.sha256;
    line["size"] = e.size;
    line["name"] = e.name;
    if (!e.parent.empty()) line["parent"] = e.parent;
    line["media"] = e.media.empty() ? Json(nullptr) : Json(e.media);
    line["reader"] = e.reader.empty() ? Json(nullptr) : Json(e.reader);
    line["source"] = e.source;
    line["publisher"] = source != nullptr ? Json(source->publisher) : Json(nullptr);
    line["grade"] = source != nullptr ? Json(source->grade.ToString()) : Json(nullptr);
    line["tlp"] = TlpName(e.tlp);
    line["acquired_at"] = e.acquired_at ? Json(e.acquired_at->ToString()) : Json(nullptr);
    line["known_on"] = e.known_on ? Json(e.known_on->ToString()) : Json(nullptr);
    append(line);
  }
  Json last;
  last["number"] = ++number;
  last["previous"] = previous;
  last["action"] = "closed";
  last["count"] = data.evidence.size();
  append(last);
  return out;
}

std::vector<std::string> CheckCustody(std::string_view jsonl, const CaseData& data) {
  std::vector<std::string> findings;
  std::string previous(kFirst);
  std::size_t number = 0, evidence = 0;
  bool closed = false;
  for (std::string_view line : Split(jsonl, '\n')) {
    if (line.empty()) continue;
    ++number;
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) {
      findings.push_back(fmt::format("custody line {} is not JSON", number));
      continue;
    }
    if (TextOf(json, "previous") != previous) findings.push_back(fmt::format("custody line {} does not follow the line before it", number));
    if (const auto it = json.find("number"); it == json.end() || *it != number) findings.push_back(fmt::format("custody line {} has another number", number));
    if (TextOf(json, "action") == "closed") closed = true;
    else if (evidence >= data.evidence.size() || TextOf(json, "sha256") != data.evidence[evidence++].sha256)
      findings.push_back(fmt::format("custody line {} names evidence that the case does not hold there", number));
    previous = Sha256Hex(line);
  }
  if (!closed) findings.push_back("the custody chain is not closed: lines are missing at its end");
  if (evidence != data.evidence.size()) findings.push_back("custody does not list all evidence of the case");
  return findings;
}

}  // namespace ascribe
