#include "ingest/overrides_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "base/text.h"
#include "base/toml.h"
#include "model/entity.h"

namespace ascribe {
namespace {

auto Cell(const Override& o) { return std::tie(o.claim, o.level, o.hypothesis); }

bool IsClaimId(std::string_view id) {
  return id.size() == 14 && id.starts_with("c-") && id.substr(2).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// What is wrong with an entry and what to do; empty when it is well.
std::string Take(const toml::table& table, Override& out) {
  out.claim = TomlText(table, "claim");
  if (!IsClaimId(out.claim)) return "claim: write the id of a claim, c- and 12 hex digits; explain CASE ach lists them";
  const std::string_view level = TomlText(table, "level");
  bool known = false;
  for (Level l : {Level::kLineage, Level::kOperator, Level::kSponsor})
    if (LevelName(l) == level) out.level = l, known = true;
  if (!known) return "level: write lineage, operator or sponsor";
  out.hypothesis = TomlText(table, "hypothesis");
  if (!ParseEntity(out.hypothesis)) return "hypothesis: write its id, as actor:NAME; unknown and imitations follow from the others";
  const auto nats = table["nats"].value<double>();
  if (!nats || !std::isfinite(*nats) || std::abs(*nats) > kMaxOverrideNats)
    return fmt::format("nats: write a number from -{0} to {0}, the logarithm of how many times likelier", kMaxOverrideNats);
  out.nats = *nats;
  out.reason = std::string(Trim(TomlText(table, "reason")));
  if (out.reason.empty() || out.reason.size() > kMaxOverrideReason) return fmt::format("reason: say why, in 1 to {} bytes", kMaxOverrideReason);
  out.initials = TomlText(table, "initials");
  const bool capitals = std::all_of(out.initials.begin(), out.initials.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!capitals || out.initials.size() < 2 || out.initials.size() > 4) return "initials: write two to four capitals";
  const auto date = ParseTime(TomlText(table, "date"));
  if (!date || date->precision != Time::Precision::kDay) return "date: write \"YYYY-MM-DD\"";
  out.date = date->FirstDay();
  return {};
}

}  // namespace

Result<OverridesFile> ParseOverrides(std::string_view text) {
  TRY_ASSIGN(const toml::table root, ParseToml(text));
  if (const std::string_view format = TomlText(root, "format"); format != "ascribe-overrides/1")
    return Fail(ErrorCode::kUnsupported, "format: write format = \"ascribe-overrides/1\"");
  OverridesFile file;
  const auto odd = [&](std::size_t entry, std::string what) {
    Diagnostic d;
    d.severity = Diagnostic::Severity::kWarning;
    d.code = "override";
    d.locator = {Locator::Kind::kTomlPath, 0, 0, fmt::format("override[{}]", entry)};
    d.text = fmt::format("overrides.toml, entry {}: {}; the entry is left out", entry + 1, what);
    file.diagnostics.push_back(std::move(d));
  };
  std::set<std::tuple<std::string, Level, std::string>> seen;
  if (const toml::array* entries = root["override"].as_array()) {
    for (std::size_t i = 0; i < entries->size(); ++i) {
      if (i >= kMaxOverrides) {
        odd(i, fmt::format("more than {} entries; the rest is not read", kMaxOverrides));
        break;
      }
      const toml::table* table = (*entries)[i].as_table();
      Override entry;
      const std::string wrong = table == nullptr ? "write it as [[override]]" : Take(*table, entry);
      if (!wrong.empty()) odd(i, wrong);
      else if (!seen.emplace(entry.claim, entry.level, entry.hypothesis).second) odd(i, "this cell has an entry already; keep one");
      else file.overrides.push_back(std::move(entry));
    }
  }
  std::sort(file.overrides.begin(), file.overrides.end(), [](const Override& a, const Override& b) { return Cell(a) < Cell(b); });
  return file;
}

}  // namespace ascribe
