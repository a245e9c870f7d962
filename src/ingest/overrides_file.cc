#include "ingest/overrides_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/text.h"
#include "base/toml.h"
#include "model/override_check.h"
#include "model/toml_keys.h"

namespace ascribe {
namespace {

using Shape = TomlKey::Shape;

// What is wrong with an entry and what to do; empty when it is well.
std::string Take(const toml::table& table, Override& out) {
  out.claim = TomlText(table, "claim");
  const auto level = ParseOverrideLevel(TomlText(table, "level"));
  if (!level) return "level: write lineage, operator or sponsor";
  out.level = *level;
  out.hypothesis = TomlText(table, "hypothesis");
  out.nats = table["nats"].value<double>().value_or(std::numeric_limits<double>::quiet_NaN());
  out.reason = std::string(Trim(TomlText(table, "reason")));
  out.initials = TomlText(table, "initials");
  const auto date = ParseTime(TomlText(table, "date"));
  if (!date || date->precision != Time::Precision::kDay) return "date: write \"YYYY-MM-DD\"";
  out.date = date->FirstDay();
  return OverrideFault(out);
}

}  // namespace

Result<OverridesFile> ParseOverrides(std::string_view text) {
  TRY_ASSIGN(const toml::table root, ParseToml(text));
  if (const std::string_view format = TomlText(root, "format"); format != "ascribe-overrides/1")
    return Fail(ErrorCode::kUnsupported, "format: write format = \"ascribe-overrides/1\"");
  OverridesFile file;
  DiagnosticList unread;
  ReportUnreadKeys(root, "overrides.toml", "", {{"format"}, {"override", Shape::kTables}}, unread);
  const auto odd = [&](std::size_t entry, std::uint64_t line, std::string what) {
    Diagnostic d;
    d.severity = Diagnostic::Severity::kWarning;
    d.code = "override";
    d.locator = {Locator::Kind::kTomlPath, line, 0, fmt::format("override[{}]", entry)};
    d.text = fmt::format("overrides.toml, line {}, entry {}: {}; the entry is left out", line, entry + 1, what);
    file.diagnostics.push_back(std::move(d));
  };
  std::set<std::tuple<std::string, Level, std::string>> seen;
  if (const toml::array* entries = root["override"].as_array()) {
    for (std::size_t i = 0; i < entries->size(); ++i) {
      const std::uint64_t line = (*entries)[i].source().begin.line;
      if (i >= kMaxOverrides) {
        odd(i, line, fmt::format("more than {} entries; the rest is not read", kMaxOverrides));
        break;
      }
      const toml::table* table = (*entries)[i].as_table();
      Override entry;
      if (table != nullptr)
        ReportUnreadKeys(*table, "overrides.toml", fmt::format("[[override]] {}", i + 1),
                         {{"claim"}, {"level"}, {"hypothesis"}, {"nats"}, {"reason"}, {"initials"}, {"date"}}, unread);
      const std::string wrong = table == nullptr ? "write it as [[override]]" : Take(*table, entry);
      if (!wrong.empty()) odd(i, line, wrong);
      else if (!seen.emplace(entry.claim, entry.level, entry.hypothesis).second) odd(i, line, "this cell has an entry already; keep one");
      else file.overrides.push_back(std::move(entry));
    }
  }
  std::sort(file.overrides.begin(), file.overrides.end(), OverrideLess);
  for (Diagnostic& d : unread.Take()) file.diagnostics.push_back(std::move(d));
  return file;
}

}  // namespace ascribe
