#include "ingest/statements.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/toml.h"
#include "model/diagnostic_list.h"
#include "model/fact_lines.h"
#include "model/fact_record.h"
#include "model/source_toml.h"

namespace ascribe {
namespace {

using Severity = Diagnostic::Severity;
constexpr std::size_t kMaxTomlBytes = std::size_t{16} << 20;  // what ParseToml accepts
constexpr std::string_view kFormat = "ascribe-statements/1";

Locator At(const toml::node& node, std::string path) {
  return {Locator::Kind::kTomlPath, node.source().begin.line, 0, std::move(path)};
}

std::string Quoted(std::string_view text) { return "\"" + TerminalSafe(Ellipsize(text, 80)) + "\""; }

// What all facts of one statement share.
struct Statement {
  StatementKind kind = StatementKind::kNone;
  bool inspectable = true;
  std::string source, known_on, verified, summary;
  const toml::array* facts = nullptr;
};

// std::nullopt: wrong type.
std::optional<std::string> Text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  return std::nullopt;
}

class Walker {
 public:
  explicit Walker(Reading& reading) : reading_(reading) {}

  void Document(const toml::table& document) {
    for (const auto& [key, node] : document) {
      if (key.str() == "format") {
        if (Text(node) != std::string(kFormat))
          Error(node, "format", "format-version", fmt::format("format is not \"{}\": nothing is read", kFormat));
      } else if (key.str() != "statement") {
        Unknown(node, "", key.str());
      }
    }
    if (TomlText(document, "format") != kFormat) return;
    const toml::node* list = document.get("statement");
    if (list == nullptr) return Warn(document, "", "statement-empty", "no [[statement]] in this file");
    const toml::array* statements = list->as_array();
    if (statements == nullptr)
      return Error(*list, "statement", "statement-invalid", "write statements as [[statement]]");
    std::size_t index = 0;
    for (const toml::node& element : *statements) OneStatement(element, fmt::format("statement[{}]", index++));
  }

  void Error(const toml::node& node, std::string path, std::string code, std::string text) {
    diagnostics_.Add(Severity::kError, At(node, std::move(path)), std::move(code), std::move(text));
  }
  void Warn(const toml::node& node, std::string path, std::string code, std::string text) {
    diagnostics_.Add(Severity::kWarning, At(node, std::move(path)), std::move(code), std::move(text));
  }
  [[nodiscard]] DiagnosticList& diagnostics() { return diagnostics_; }

 private:
  void Unknown(const toml::node& node, std::string path, std::string_view key) {
    diagnostics_.AddOnce(Severity::kWarning, At(node, std::move(path)), "unknown-field",
                         fmt::format("unknown key {} is not read", Quoted(key)));
  }

  void OneStatement(const toml::node& node, const std::string& path) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return Error(node, path, "statement-invalid", "write statements as [[statement]]");
    Statement statement;
    for (const auto& [key, value] : *table)
      if (!Member(key.str(), value, path, statement)) return;
    if (statement.kind == StatementKind::kNone)
      return Error(node, path, "statement-invalid", "no kind: every statement needs one");
    if (statement.facts == nullptr || statement.facts->empty())
      return Warn(node, path, "statement-empty",
                  "no facts: the statement is kept as evidence but says nothing to weigh");
    std::size_t index = 0;
    for (const toml::node& fact : *statement.facts) {
      if (reading_.facts.size() >= kMaxStatementFacts)
        return Error(fact, path, "limit-facts",
                     fmt::format("more than {} facts: the rest is not read", kMaxStatementFacts));
      OneFact(fact, fmt::format("{}.facts[{}]", path, index++), statement);
    }
  }

  // False: the statement cannot be used, and a diagnostic says why.
  bool Member(std::string_view key, const toml::node& value, const std::string& path, Statement& statement) {
    const auto wrong = [&](std::string_view what) {
      Error(value, path, "statement-invalid", fmt::format("{} {}: the statement is not read", key, what));
      return false;
    };
    if (key == "inspectable") {
      const auto* flag = value.as_boolean();
      if (flag == nullptr) return wrong("needs true or false");
      statement.inspectable = flag->get();
    } else if (key == "facts") {
      statement.facts = value.as_array();
      if (statement.facts == nullptr) return wrong("needs a list of tables");
    } else if (key == "known_on") {
      const auto text = TomlDateText(value);
      if (!text || (!text->empty() && !ParseTime(*text))) return wrong("is no date: write YYYY, YYYY-MM or YYYY-MM-DD");
      statement.known_on = *text;
    } else if (key == "kind" || key == "source" || key == "verified" || key == "summary") {
      const auto text = Text(value);
      if (!text) return wrong("needs text in quotes");
      if (text->size() > kMaxRecordValue) return wrong("is longer than 64 KiB");
      if (key == "kind") {
        const auto kind = ParseStatementKind(*text);
        if (!kind) return wrong(fmt::format("{} is unknown", Quoted(*text)));
        statement.kind = *kind;
      } else if (key == "source") {
        statement.source = *text;
      } else if (key == "verified") {
        if (!text->empty() && !ParseVerification(*text)) return wrong("is one of read, measured, unverified");
        statement.verified = *text;
      } else {
        statement.summary = *text;
      }
    } else {
      Unknown(value, path, key);
    }
    return true;
  }

  void OneFact(const toml::node& node, const std::string& path, const Statement& statement) {
    const toml::table* table = node.as_table();
    if (table == nullptr)
      return Error(node, path, "fact-invalid", "write a fact as { relation = \"…\", object = \"…\" }");
    std::map<std::string, std::string, std::less<>> members;
    for (const auto& [key, value] : *table) {
      const std::string_view name = key.str();
      auto text = Text(value);
      if (!text) text = TomlDateText(value);  // dates may be written without quotes
      if (!text && name == "confidence")
        if (const auto number = value.value<double>()) text = fmt::format("{}", *number);
      if (!text && IsFactField(name))
        return Error(value, path, "fact-invalid", fmt::format("{} has the wrong type: write it as text", name));
      members.emplace(name, text.value_or(""));
    }
    const auto inherit = [&](std::string_view name, const std::string& value) {
      std::string& own = members[std::string(name)];
      if (Trim(own).empty()) own = value;
    };
    inherit("source", statement.source);
    inherit("known_on", statement.known_on);
    inherit("verified", statement.verified);
    inherit("note", statement.summary);

    std::vector<RecordField> fields;
    for (const auto& [name, value] : members) fields.push_back({name, value});
    std::vector<RecordWarning> warnings;
    auto fact = FactFromRecord(fields, warnings);
    for (RecordWarning& warning : warnings)
      diagnostics_.AddOnce(Severity::kWarning, At(node, path), std::move(warning.code), std::move(warning.text));
    if (!fact) return Error(node, path, "fact-invalid", fact.error().message);
    fact->statement = statement.kind;
    fact->inspectable = statement.inspectable;
    fact->locator = At(node, path);
    fact->extractor = kStatementsExtractor;
    reading_.facts.push_back(std::move(*fact));
  }

  Reading& reading_;
  DiagnosticList diagnostics_;
};

}  // namespace

int SniffStatements(ByteView head, std::string_view name) {
  if (head.empty()) return name.ends_with(".toml") ? 5 : 0;
  LineSplitter lines(head);
  while (const auto line = lines.Next()) {
    std::string_view text = Trim(line->text);
    if (!text.starts_with("format")) continue;
    text = Trim(text.substr(6));
    if (!text.starts_with('=')) continue;
    text = Trim(text.substr(1));
    if (text.empty() || (text.front() != '"' && text.front() != '\'')) continue;
    if (text.substr(1).starts_with(kFormat)) return 95;
    if (text.substr(1).starts_with("ascribe-statements/")) return 60;  // another version: read() says so
  }
  return 0;
}

Reading ReadStatements(ByteView bytes, std::string_view /*name*/) {
  Reading reading;
  Walker walker(reading);
  // TOML is UTF-8 by definition; stray bytes become visible instead of making the whole file unreadable. What is too
  // large anyway is not copied first.
  const std::string_view raw = SkipByteOrderMark(bytes.text());
  const std::string text =
      raw.size() > kMaxTomlBytes ? std::string(raw.substr(0, kMaxTomlBytes + 1)) : SanitizeUtf8(raw);
  if (const auto document = ParseToml(text)) {
    walker.Document(*document);
  } else {
    const bool limit = document.error().code == ErrorCode::kLimitExceeded;
    walker.diagnostics().Add(Severity::kError, {}, limit ? "limit-size" : "toml-syntax", document.error().message);
  }
  reading.diagnostics = walker.diagnostics().Take();
  return reading;
}

}  // namespace ascribe
