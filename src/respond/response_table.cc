#include "respond/response_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/io.h"
#include "base/sha256.h"
#include "store/toml_fields.h"

namespace ascribe {
namespace {

constexpr std::string_view kFormat = "ascribe-response/1";
constexpr std::uint64_t kMaxFile = 1 << 20;  // the shipped one has 15 kB
constexpr std::size_t kMaxEntries = 1000;    // of each list; the shipped one has a few dozen
constexpr double kMaxHalfLife = 36'500;      // a century: days stay far from the end of Date

// [a-z-]+ before the colon, something after it.
bool IsPattern(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return false;
  const std::string_view type = text.substr(0, colon), value = text.substr(colon + 1);
  if (type == "tactic") return true;
  if (type == "actor") return value == "state" || value == "non-state" || value == "insider" || value == "other";
  if (!ParseEntityType(type)) return false;
  return value == "*" || ParseEntity(text).has_value();
}

std::vector<std::string> Patterns(TomlFields& fields, std::string_view key) {
  std::vector<std::string> patterns;
  fields.ForEachText(key, [&](std::string_view text) {
    patterns.emplace_back(text);
    return IsPattern(text);
  });
  return patterns;
}

// Calls fn(table, place) for each table of an array of tables.
template <typename Fn>
Status ForEachTable(const toml::table& root, std::string_view key, const std::string& where, Fn fn) {
  const toml::array* array = root[key].as_array();
  if (array == nullptr || array->empty())
    return Fail(ErrorCode::kInvalidInput, fmt::format("{}.{}: missing", where, key));
  if (array->size() > kMaxEntries)
    return Fail(ErrorCode::kLimitExceeded, fmt::format("{}.{}: more than {}", where, key, kMaxEntries));
  std::size_t index = 0;
  for (const toml::node& node : *array) {
    TRY(fn(node.as_table(), fmt::format("{}: {}[{}]", where, key, index)));
    ++index;
  }
  return {};
}

Status ReadCategory(const toml::table* table, const std::string& place, ResponseTable& out) {
  TomlFields fields(table, place);
  ResponseTable::Category category;
  category.id = fields.Text("id");
  category.label = fields.Text("label");
  category.weight = fields.Number("weight", 0.01, 100);
  TRY(fields.status());
  TRY(ForEachTable(*table, "option", place, [&](const toml::table* entry, const std::string& where) -> Status {
    TomlFields option(entry, where);
    ResponseTable::Option& o = category.options.emplace_back();
    o.id = option.Text("id");
    o.label = option.Text("label");
    o.low = option.Number("low", 0, 100);
    o.high = option.Number("high", o.low, 100);
    o.evidence = Patterns(option, "evidence");
    if (o.evidence.empty()) option.Complain("evidence", "missing");
    return option.status();
  }));
  out.categories.push_back(std::move(category));
  return {};
}

Status ReadStep(const toml::table* table, const std::string& place, ResponseTable& out) {
  TomlFields fields(table, place);
  ResponseTable::Step step;
  const std::string id = fields.Text("id");
  const auto kind = ParseStepKind(id);
  if (!kind) fields.Complain("id", "unknown step \"" + id + "\"; the vocabulary is closed");
  step.kind = kind.value_or(StepKind::kPreserveEvidence);
  step.severity = fields.Number("severity", 0, 100);
  step.gate = fields.Text("gate");
  if (GateRank(step.gate) < 0) fields.Complain("gate", "unknown \"" + step.gate + "\"");
  step.answers = Patterns(fields, "answers");
  for (const ResponseTable::Step& other : out.steps)
    if (other.kind == step.kind) fields.Complain("id", "given twice");
  // A step that uses the name must wait until there is one.
  if (kind && WordsOf(*kind).rests_on_name && GateRank(step.gate) < GateRank("likely"))
    fields.Complain("gate", "a step that uses the name needs at least likely");
  TRY(fields.status());
  out.steps.push_back(std::move(step));
  return {};
}

}  // namespace

int GateRank(std::string_view gate) {
  constexpr std::array<std::string_view, 5> kGates = {"none", "consistent_with", "activity_link", "likely",
                                                      "very_likely"};
  const auto found = std::find(kGates.begin(), kGates.end(), gate);
  return found == kGates.end() ? -1 : static_cast<int>(found - kGates.begin());
}

std::string_view ResponseTable::LevelOf(double severity) const {
  std::string_view id;
  for (const Level& level : levels)
    if (severity >= level.from) id = level.id;
  return id;
}

int ResponseTable::HalfLife(EntityType type) const {
  for (const Decay& decay : decays)
    if (decay.type == type) return decay.half_life_days;
  return 0;
}

Result<ResponseTable> ParseResponseTable(std::string_view text) {
  TRY_ASSIGN(const toml::table root, ParseToml(text));
  if (TomlText(root, "format") != kFormat)
    return Fail(ErrorCode::kUnsupported, "response: format is not ascribe-response/1");
  ResponseTable table;
  table.sha256 = Sha256Hex(text);
  TomlFields head(&root, "response");
  table.version = head.Text("version");
  table.half_lives = static_cast<int>(head.Number("half_lives", 1, 20));
  table.sponsor_posterior = head.Number("sponsor_posterior", 0.5, 1);
  TRY(head.status());
  TRY(ForEachTable(root, "level", "response", [&](const toml::table* entry, const std::string& place) -> Status {
    TomlFields fields(entry, place);
    ResponseTable::Level level{fields.Text("id"), fields.Number("from", 0, 100)};
    if (table.levels.empty() ? level.from != 0 : level.from <= table.levels.back().from)
      fields.Complain("from", "levels ascend from 0");
    table.levels.push_back(std::move(level));
    return fields.status();
  }));
  TRY(ForEachTable(root, "category", "response", [&](const toml::table* entry, const std::string& place) {
    return ReadCategory(entry, place, table);
  }));
  TRY(ForEachTable(root, "step", "response",
                   [&](const toml::table* entry, const std::string& place) { return ReadStep(entry, place, table); }));
  TRY(ForEachTable(root, "decay", "response", [&](const toml::table* entry, const std::string& place) -> Status {
    TomlFields fields(entry, place);
    const std::string name = fields.Text("type");
    const auto type = ParseEntityType(name);
    if (!type) fields.Complain("type", "unknown \"" + name + "\"");
    table.decays.push_back(
        {type.value_or(EntityType::kText), static_cast<int>(fields.Number("half_life_days", 1, kMaxHalfLife))});
    return fields.status();
  }));
  TRY(ForEachTable(root, "never", "response", [&](const toml::table* entry, const std::string& place) -> Status {
    TomlFields fields(entry, place);
    auto thing = ParseEntity(fields.Text("thing"));
    if (!thing) fields.Complain("thing", "no entity \"type:value\"");
    table.never.push_back({thing.value_or(Entity{}), fields.Text("reason"), fields.Text("source")});
    return fields.status();
  }));
  return table;
}

Result<ResponseTable> LoadResponseTable(const std::filesystem::path& file) {
  TRY_ASSIGN(const std::string text, ReadTextFile(file, kMaxFile));
  return ParseResponseTable(text);
}

}  // namespace ascribe
