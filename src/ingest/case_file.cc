#include "ingest/case_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/toml.h"
#include "model/entity.h"
#include "model/source_toml.h"
#include "model/toml_keys.h"

namespace ascribe {
namespace {

tl::unexpected<Error> Bad(std::string_view key, std::string_view why) {
  return Fail(ErrorCode::kInvalidInput, fmt::format("{}: {}", key, why));
}

Result<std::optional<Time>> TimeAt(const toml::table* table, std::string_view key, std::string_view shown) {
  if (table == nullptr) return std::optional<Time>{};
  const toml::node* node = table->get(key);
  if (node == nullptr) return std::optional<Time>{};
  const std::optional<std::string> text = TomlDateText(*node);
  const std::optional<Time> time = text ? ParseTime(*text) : std::nullopt;
  if (!time) return Bad(shown, "write a date as YYYY-MM-DD or an RFC 3339 time");
  return std::optional<Time>(time);
}

Result<std::optional<Tlp>> TlpAt(const toml::table& table) {
  const std::string_view text = TomlText(table, "tlp");
  if (text.empty()) return std::optional<Tlp>{};
  const std::optional<Tlp> tlp = ParseTlp(AsciiUpper(text));
  if (!tlp) return Bad("tlp", "write CLEAR, GREEN, AMBER, AMBER+STRICT or RED");
  return std::optional<Tlp>(tlp);
}

bool IsCaseId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && id.front() != '.' && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

std::uint64_t LineOf(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  return node == nullptr ? 0 : node->source().begin.line;
}

Status ReadVictim(const toml::table& root, CaseFile& out) {
  CaseInfo& info = out.info;
  const toml::table* victim = root["victim"].as_table();
  if (victim == nullptr) return {};
  info.victim_name = SanitizeUtf8(TomlText(*victim, "name"));
  out.victim_sector_line = LineOf(*victim, "sector");
  out.victim_country_line = LineOf(*victim, "country");
  info.victim_sector = AsciiLower(SanitizeUtf8(TomlText(*victim, "sector")));
  if (const std::string_view country = TomlText(*victim, "country"); !country.empty()) {
    auto entity = MakeEntity(EntityType::kCountry, country);
    if (!entity) return Bad("victim.country", entity.error().message);
    info.victim_country = entity->value;
  }
  return {};
}

Status ReadPasswords(const toml::table& root, CaseFile& out) {
  const toml::table* archives = root["archives"].as_table();
  if (archives == nullptr) return {};
  const toml::array* passwords = (*archives)["passwords"].as_array();
  if (passwords == nullptr) return Bad("archives", "needs passwords = [\"…\"]");
  if (passwords->size() > kMaxCasePasswords) return Bad("archives.passwords", fmt::format("at most {} are tried", kMaxCasePasswords));
  for (const toml::node& node : *passwords) {
    const std::string password(node.value_or(std::string_view{}));
    if (password.empty() || password.find('\0') != std::string::npos) return Bad("archives.passwords", "must be texts that are not empty");
    out.archive_passwords.push_back(password);
  }
  return {};
}

Status ReadEntries(const toml::table& root, CaseFile& out) {
  const toml::array* entries = root["evidence"].as_array();
  if (entries == nullptr) return {};
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const toml::table* table = entries->get(i)->as_table();
    const std::string shown = fmt::format("evidence[{}]", i);
    if (table == nullptr) return Bad(shown, "must be a table");
    EvidenceEntry entry;
    entry.file = TomlText(*table, "file");
    entry.source = TomlText(*table, "source");
    if (entry.file.empty()) return Bad(shown, "needs file = \"evidence/…\"");
    const bool declared = std::any_of(out.sources.begin(), out.sources.end(), [&](const Source& s) { return s.id == entry.source; });
    if (!entry.source.empty() && !declared)
      return Bad(shown, fmt::format("source \"{}\" is not declared in a [[source]]", TerminalSafe(Ellipsize(entry.source, 80))));
    TRY_ASSIGN(entry.known_on, TimeAt(table, "known_on", shown + ".known_on"));
    TRY_ASSIGN(entry.acquired_at, TimeAt(table, "acquired_at", shown + ".acquired_at"));
    TRY_ASSIGN(entry.tlp, TlpAt(*table));
    out.entries.push_back(std::move(entry));
  }
  std::sort(out.entries.begin(), out.entries.end(), [](const EvidenceEntry& a, const EvidenceEntry& b) { return a.file < b.file; });
  for (std::size_t i = 1; i < out.entries.size(); ++i)
    if (out.entries[i].file == out.entries[i - 1].file)
      return Bad("evidence", fmt::format("{} is listed twice", TerminalSafe(Ellipsize(out.entries[i].file, 80))));
  return {};
}

// What nobody would read, the keys of [[source]] aside: SourcesFromToml names them.
std::vector<Diagnostic> UnreadKeys(const toml::table& root) {
  using Shape = TomlKey::Shape;
  DiagnosticList list;
  ReportUnreadKeys(root, "case.toml", "",
                   {{"format"}, {"id"}, {"title"}, {"tlp"}, {"questions"}, {"victim", Shape::kTable}, {"dates", Shape::kTable}, {"source", Shape::kTables},
                    {"evidence", Shape::kTables}, {"archives", Shape::kTable}},
                   list);
  if (const toml::table* victim = root["victim"].as_table()) ReportUnreadKeys(*victim, "case.toml", "[victim]", {{"name"}, {"sector"}, {"country"}}, list);
  if (const toml::table* dates = root["dates"].as_table()) ReportUnreadKeys(*dates, "case.toml", "[dates]", {{"incident"}, {"detected"}}, list);
  if (const toml::table* archives = root["archives"].as_table()) ReportUnreadKeys(*archives, "case.toml", "[archives]", {{"passwords"}}, list);
  if (const toml::array* entries = root["evidence"].as_array())
    for (const toml::node& entry : *entries)
      if (const toml::table* table = entry.as_table())
        ReportUnreadKeys(*table, "case.toml", "[[evidence]]", {{"file"}, {"source"}, {"known_on"}, {"acquired_at"}, {"tlp"}}, list);
  return list.Take();
}

Status ReadMembers(const toml::table& root, CaseFile& out) {
  out.info.id = TomlText(root, "id");
  if (!IsCaseId(out.info.id)) return Bad("id", "needs 1..64 of A-Z a-z 0-9 - _ . and no leading dot");
  out.info.title = SanitizeUtf8(TomlText(root, "title"));
  TRY_ASSIGN(const std::optional<Tlp> tlp, TlpAt(root));
  out.info.tlp = tlp.value_or(Tlp::kAmber);
  if (const toml::array* questions = root["questions"].as_array())
    for (const toml::node& node : *questions) out.info.questions.push_back(SanitizeUtf8(node.value_or(std::string_view{})));
  TRY(ReadVictim(root, out));
  const toml::table* dates = root["dates"].as_table();
  TRY_ASSIGN(out.info.incident, TimeAt(dates, "incident", "dates.incident"));
  TRY_ASSIGN(out.info.detected, TimeAt(dates, "detected", "dates.detected"));
  if (!out.info.incident) return Bad("dates.incident", "is needed: what was public before that day can be copied");
  if (out.info.detected && out.info.detected->LastDay() < out.info.incident->FirstDay())
    out.diagnostics.push_back({Diagnostic::Severity::kWarning, {}, {Locator::Kind::kLine, LineOf(*dates, "detected"), 0, {}}, "dates-order",
                               fmt::format("case.toml, line {}: detected = {} is before incident = {}; nothing is detected before it happens: correct one of them",
                                           LineOf(*dates, "detected"), out.info.detected->ToString(), out.info.incident->ToString())});
  TRY_ASSIGN(out.sources, SourcesFromToml(root, "case.toml", out.diagnostics));
  const bool own = std::any_of(out.sources.begin(), out.sources.end(), [](const Source& s) { return s.id == kCaseFileSource; });
  if (!own) {
    Source source;
    source.id = kCaseFileSource;
    source.title = "Files of the case without a stated source";
    source.grade = AdmiraltyGrade{'C', 3};
    out.sources.push_back(std::move(source));
    std::sort(out.sources.begin(), out.sources.end(), [](const Source& a, const Source& b) { return a.id < b.id; });
  }
  TRY(ReadEntries(root, out));
  return ReadPasswords(root, out);
}

}  // namespace

Result<CaseFile> ParseCaseFile(std::string_view text) {
  TRY_ASSIGN(const toml::table root, ParseToml(text));
  if (const std::string_view format = TomlText(root, "format"); format != "ascribe-case/1")
    return Fail(ErrorCode::kUnsupported,
                fmt::format("format is \"{}\"; write format = \"ascribe-case/1\"", TerminalSafe(Ellipsize(format, 40))));
  CaseFile out;
  out.diagnostics = UnreadKeys(root);
  if (Status read = ReadMembers(root, out); !read) {
    // A member that is missing may be there under a misspelt name.
    Error error = std::move(read.error());
    if (!out.diagnostics.empty()) error.message += fmt::format(" ({})", out.diagnostics.front().text);
    return tl::unexpected(std::move(error));
  }
  return out;
}

}  // namespace ascribe
