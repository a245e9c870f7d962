#include "store/parameters_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/io.h"
#include "base/sha256.h"
#include "store/toml_fields.h"

namespace ascribe {
namespace {

template <typename Array, typename NameOf>
auto ByName(const Array& values, std::string_view name, NameOf name_of) -> std::optional<typename Array::value_type> {
  for (auto value : values)
    if (name_of(value) == name) return value;
  return std::nullopt;
}

Result<LinkKind> ReadKind(const toml::table* table, std::size_t index) {
  TomlFields f(table, fmt::format("parameters: kind[{}]", index));
  LinkKind kind;
  kind.id = f.Text("id");
  kind.label = f.Text("label");
  kind.basis = f.Text("basis");
  f.ForEachText("types", [&](std::string_view name) {
    const auto type = ParseEntityType(name);
    if (type) kind.types.push_back(*type);
    return type.has_value();
  });
  f.ForEachText("relations", [&](std::string_view name) {
    const auto relation = ParseRelation(name);
    if (relation) kind.relations.push_back(*relation);
    return relation.has_value();
  });
  f.ForEachText("levels", [&](std::string_view name) {
    const auto level = ByName(kLevels, name, LevelName);
    if (level) kind.levels.push_back(*level);
    return level.has_value();
  });
  const auto group = ByName(kGroups, f.Text("group"), GroupName);
  if (group) kind.group = *group; else f.Complain("group", "unknown");
  if (table != nullptr) {
    kind.control = (*table)["control"].value_or(false);
    kind.whole_set = (*table)["whole_set"].value_or(false);
    kind.near_measure = TomlText(*table, "near_measure");
    kind.measured = TomlText(*table, "measured");
    if (const std::string_view statement = TomlText(*table, "statement"); !statement.empty()) {
      if (const auto parsed = ParseStatementKind(statement)) kind.statement = *parsed;
      else f.Complain("statement", "unknown");
    }
    if (const toml::array* by_k = (*table)["by_k"].as_array())
      for (const toml::node& node : *by_k) kind.by_k.push_back(node.value_or(0.0));
  }
  kind.forge = static_cast<int>(f.Number("forge"));
  kind.nats = kind.by_k.empty() ? f.Number("nats") : kind.by_k.front();
  kind.nats_old = f.NumberOr("nats_old", 0);
  kind.nats_high = f.NumberOr("nats_high", kind.nats);
  kind.p_same = f.Number("p_same");
  kind.near = f.NumberOr("near", 0);
  TRY(f.status());
  return kind;
}

Result<ContradictionRule> ReadRule(const toml::table* table, std::size_t index) {
  TomlFields f(table, fmt::format("parameters: rule[{}]", index));
  ContradictionRule rule;
  rule.id = f.Text("id");
  rule.label = f.Text("label");
  rule.basis = f.Text("basis");
  rule.deception = f.Number("deception");
  f.ForEachText("cancels", [&](std::string_view name) {
    rule.cancels.emplace_back(name);
    return !name.empty();
  });
  TRY(f.status());
  return rule;
}

template <typename T, typename Reader>
Status ReadArray(const toml::table& root, std::string_view key, std::vector<T>& out, Reader read) {
  const toml::array* array = root[key].as_array();
  if (array == nullptr) return Fail(ErrorCode::kInvalidInput, fmt::format("parameters: no [[{}]]", key));
  for (std::size_t i = 0; i < array->size(); ++i) {
    TRY_ASSIGN(T item, read(array->get(i)->as_table(), i));
    out.push_back(std::move(item));
  }
  return {};
}

void ReadYears(const toml::table& root, std::string_view key, std::string_view name, std::string_view year,
               std::map<std::string, int>& out) {
  if (const toml::array* array = root[key].as_array())
    for (const toml::node& node : *array)
      if (const toml::table* table = node.as_table())
        out[std::string(TomlText(*table, name))] = static_cast<int>((*table)[year].value_or(std::int64_t{0}));
}

Status ReadLanguages(const toml::table& root, std::map<std::string, std::vector<int>>& out) {
  const toml::array* array = root["language"].as_array();
  if (array == nullptr) return {};
  for (std::size_t i = 0; i < array->size(); ++i) {
    TomlFields f(array->get(i)->as_table(), fmt::format("parameters: language[{}]", i));
    std::vector<int>& offsets = out[std::string(f.Text("code"))];
    f.ForEachText("utc", [&](std::string_view text) {
      const auto minutes = ParseUtcOffset(text);
      if (minutes) offsets.push_back(*minutes);
      return minutes.has_value();
    });
    TRY(f.status());
  }
  return {};
}

}  // namespace

Result<Parameters> ParseParameters(std::string_view text) {
  TRY_ASSIGN(const toml::table root, ParseToml(text));
  if (TomlText(root, "format") != "ascribe-parameters/1")
    return Fail(ErrorCode::kUnsupported, "parameters: format is not ascribe-parameters/1");
  Parameters p;
  p.sha256 = Sha256Hex(text);
  p.version = TomlText(root, "version");
  TomlFields prior(root["prior"].as_table(), "parameters: prior");
  p.unknown_prior = prior.Number("unknown");
  p.known_max = prior.Number("known_max");
  p.unknown_sponsor = prior.Number("unknown_sponsor");
  p.false_flag_odds = prior.Number("false_flag_odds");
  p.tool_exclusive = prior.Number("tool_exclusive");
  p.posterior_cap = prior.Number("posterior_cap");
  TRY(prior.status());
  TomlFields reliability(root["reliability"].as_table(), "parameters: reliability");
  p.asserted = reliability.Number("asserted");
  p.kappa = reliability.Number("kappa");
  p.corroborated_cap = reliability.Number("corroborated_cap");
  TRY(reliability.status());
  TomlFields letters(root["reliability"]["letters"].as_table(), "parameters: reliability.letters");
  for (char c : {'A', 'B', 'C', 'D', 'E'}) p.letters[c] = letters.Number(std::string(1, c));
  TRY(letters.status());
  TomlFields digits(root["reliability"]["digits"].as_table(), "parameters: reliability.digits");
  for (int d = 1; d <= 5; ++d) p.digits[d] = digits.Number(std::to_string(d));
  TRY(digits.status());
  TomlFields c(root["combination"].as_table(), "parameters: combination");
  p.group_headroom = c.Number("group_headroom");
  p.origin_headroom = c.Number("origin_headroom");
  p.behaviour_cap = c.Number("behaviour_cap");
  p.victim_cap = c.Number("victim_cap");
  p.human_cap = c.Number("human_cap");
  p.absence_code = c.Number("absence_code");
  p.fresh_days = static_cast<int>(c.Number("infrastructure_fresh_days"));
  p.deception_cap = c.Number("deception_cap");
  p.shared_tools_cap = c.Number("shared_tools_cap");
  p.shared_tool_holders = static_cast<std::size_t>(c.Number("shared_tool_holders"));
  TRY(c.status());
  TomlFields g(root["gates"].as_table(), "parameters: gates");
  p.gate_strong_group = g.Number("strong_group");
  p.gate_activity_link = g.Number("activity_link");
  p.gate_likely = g.Number("likely");
  p.gate_very_likely = g.Number("very_likely");
  p.gate_leave_one_out = g.Number("leave_one_out");
  p.gate_copyable_max = g.Number("copyable_max");
  p.gate_runner_up = g.Number("runner_up");
  p.gate_material = g.Number("material");
  p.gate_consistent_k = static_cast<std::size_t>(g.Number("consistent_k"));
  p.gate_few_provenances = static_cast<std::size_t>(g.Number("few_provenances"));
  TRY(g.status());
  TRY(ReadArray(root, "kind", p.kinds, ReadKind));
  TRY(ReadArray(root, "rule", p.rules, ReadRule));
  for (const ContradictionRule& rule : p.rules)
    for (const std::string& kind : rule.cancels)
      if (p.KindById(kind) == nullptr && !ParseEntityType(kind))
        return Fail(ErrorCode::kInvalidInput, fmt::format("parameters: rule {} cancels unknown kind {}", rule.id, kind));
  ReadYears(root, "runtime", "reference", "since", p.runtime_since);
  ReadYears(root, "toolset", "name", "year", p.toolset_year);
  TRY(ReadLanguages(root, p.language_offsets));
  return p;
}

Result<Parameters> LoadParameters(const std::filesystem::path& file) {
  TRY_ASSIGN(const std::string text, ReadTextFile(file, 1 << 20));
  auto parameters = ParseParameters(text);
  if (!parameters) return FailAt(file.string(), parameters.error());
  return parameters;
}

}  // namespace ascribe
