#include "report/scenario_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace ascribe {
namespace {

using Element = simdjson::dom::element;
constexpr std::size_t kWidth = 80;

// All texts of an array; an array that is missing or holds anything else is an error.
Result<std::vector<std::string>> Texts(Element root, const char* pointer) {
  simdjson::dom::array array;
  std::vector<std::string> texts;
  if (root.at_pointer(pointer).get(array) != simdjson::SUCCESS) return Fail(ErrorCode::kInvalidInput, fmt::format("no list {}", pointer));
  for (const Element item : array) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) return Fail(ErrorCode::kInvalidInput, fmt::format("{} holds what is no text", pointer));
    texts.emplace_back(text);
  }
  return texts;
}

std::string Cell(std::string text, std::size_t columns) {
  // Names are cut by bytes; what is beyond ASCII is then narrower than its column, never wider.
  text = Ellipsize(TerminalSafe(text), columns - 3);
  const auto shown = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  if (shown < columns) text.append(columns - shown, ' ');
  return text;
}

std::string Row(const std::string& title, const Assessment& a) {
  std::string out = WrapText(TerminalSafe(Ellipsize(title, 400)), kWidth, 2) + "\n";
  for (Level level : {Level::kOperator, Level::kLineage, Level::kSponsor}) {
    const Hypothesis& first = a.At(level).ranked.front();
    out += fmt::format("  {} {} {:>5.1f} %\n", Cell(std::string(LevelName(level)), 9), Cell(first.name, 48), 100 * first.posterior);
  }
  const std::string words = a.verdict.name.empty() ? std::string("no attribution")
                                                   : fmt::format("{} ({})", a.verdict.likelihood, a.verdict.name);
  out += "  " + WrapText(fmt::format("verdict   {}; confidence {}; gate {}", TerminalSafe(words), a.verdict.confidence, a.verdict.gate), kWidth - 2, 12) + "\n";
  if (!a.unmatched.empty()) {
    std::string names;
    for (const std::string& name : a.unmatched) names += (names.empty() ? "" : ", ") + name;
    out += "  " + WrapText("not in this case any more: " + TerminalSafe(Ellipsize(names, 400)), kWidth - 2, 12) + "\n";
  }
  return out;
}

}  // namespace

Result<Scenario> ScenarioFromJson(ByteView json) {
  TRY_ASSIGN(const JsonDocument document, JsonDocument::Parse(json));
  Element root;
  if (document.root()["scenario"].get(root) != simdjson::SUCCESS || !root.is_object())
    return Fail(ErrorCode::kInvalidInput, "it holds no scenario");
  Scenario scenario;
  scenario.name = JsonText(root, "name");
  const auto take = [&](const char* pointer, std::set<std::string>& into) -> Status {
    TRY_ASSIGN(const std::vector<std::string> texts, Texts(root, pointer));
    into.insert(texts.begin(), texts.end());
    return {};
  };
  TRY(take("/without/claims", scenario.claims));
  TRY(take("/without/facts", scenario.facts));
  TRY(take("/without/sources", scenario.sources));
  std::set<std::string> groups;
  TRY(take("/without/groups", groups));
  for (Group group : kGroups)
    if (groups.erase(std::string(GroupName(group))) > 0) scenario.groups.insert(group);
  if (!groups.empty()) return Fail(ErrorCode::kInvalidInput, "it leaves out an unknown kind of evidence");
  simdjson::dom::array trust;
  if (root["trust"].get(trust) != simdjson::SUCCESS) return Fail(ErrorCode::kInvalidInput, "no list trust");
  for (const Element item : trust) {
    double q = -1;
    if (item["q"].get(q) != simdjson::SUCCESS || !(q >= 0 && q <= 1)) return Fail(ErrorCode::kInvalidInput, "a trust is no number from 0 to 1");
    if (const std::string_view claim = JsonText(item, "claim"); !claim.empty()) scenario.claim_trust.emplace(claim, q);
    else scenario.trust.emplace(JsonText(item, "source"), q);
  }
  // Missing in what earlier versions saved.
  if (double prior = 0; root["unknown_prior"].get(prior) == simdjson::SUCCESS) {
    if (!(prior >= 0.01 && prior <= 0.99)) return Fail(ErrorCode::kInvalidInput, "unknown_prior is no number from 0.01 to 0.99");
    scenario.unknown_prior = prior;
  }
  if (root["flat_prior"].get(scenario.flat_prior) != simdjson::SUCCESS) return Fail(ErrorCode::kInvalidInput, "no flat_prior");
  if (scenario.empty()) return Fail(ErrorCode::kInvalidInput, "its scenario changes nothing");
  return scenario;
}

std::string CompareScenarios(const Assessment& baseline, const std::vector<Assessment>& scenarios) {
  std::string out = "\nSCENARIOS COMPARED\n" + Row("The case as it is", baseline);
  for (const Assessment& a : scenarios) {
    std::string differences;
    for (const std::string& difference : a.scenario.Differences()) differences += (differences.empty() ? "" : "; ") + difference;
    out += Row(fmt::format("{}: {}", a.scenario.name, differences), a);
  }
  return out;
}

}  // namespace ascribe
