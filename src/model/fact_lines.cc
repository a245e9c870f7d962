#include "model/fact_lines.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "model/diagnostic_list.h"
#include "model/fact_record.h"

namespace ascribe {
namespace {

using Severity = Diagnostic::Severity;

// The members of one line as text. Only strings, and a number for `confidence`: a date written as a number is a slip
// that would silently change its meaning.
Result<std::vector<RecordField>> Members(const JsonDocument& document, std::string& number) {
  simdjson::dom::object object;
  if (document.root().get(object) != simdjson::SUCCESS)
    return Fail(ErrorCode::kInvalidInput, "not a JSON object: write one fact a line");
  std::vector<RecordField> fields;
  for (const simdjson::dom::key_value_pair member : object) {
    std::string_view text;
    double confidence = 0;
    if (member.value.is_null()) continue;
    if (member.value.get(text) == simdjson::SUCCESS) {
      fields.push_back({member.key, text});
    } else if (member.key == "confidence" && member.value.get(confidence) == simdjson::SUCCESS) {
      number = fmt::format("{}", confidence);
      fields.push_back({member.key, number});
    } else if (IsFactField(member.key)) {
      return Fail(ErrorCode::kInvalidInput, fmt::format("{} has the wrong type: write it as text", member.key));
    } else {
      fields.push_back({member.key, {}});  // reported as an unknown field
    }
  }
  return fields;
}

}  // namespace

std::string_view SkipByteOrderMark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

LineSplitter::LineSplitter(ByteView bytes) : rest_(SkipByteOrderMark(bytes.text())) {}

std::optional<LineSplitter::Line> LineSplitter::Next() {
  if (rest_.empty()) return std::nullopt;
  const std::size_t end = rest_.find('\n');
  std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return Line{++number_, text};
}

Reading ReadFactLines(ByteView bytes, std::size_t max_facts) {
  Reading reading;
  DiagnosticList diagnostics;
  LineSplitter lines(bytes);
  while (const auto line = lines.Next()) {
    if (Trim(line->text).empty()) continue;
    const Locator locator{Locator::Kind::kLine, line->number, line->text.size(), ""};
    if (line->text.size() > kMaxFactLine) {
      diagnostics.Add(Severity::kError, locator, "limit-line", "line longer than 1 MiB is not read");
      continue;
    }
    if (reading.facts.size() >= max_facts) {
      diagnostics.Add(Severity::kError, locator, "limit-facts",
                      fmt::format("more than {} facts: the rest from here on is not read; split the file", max_facts));
      break;
    }
    const auto document = JsonDocument::Parse(ByteView(line->text));
    if (!document) {
      const bool limit = document.error().code == ErrorCode::kLimitExceeded;
      diagnostics.Add(Severity::kError, locator, limit ? "limit-depth" : "json-syntax", document.error().message);
      continue;
    }
    std::string number;
    const auto fields = Members(*document, number);
    if (!fields) {
      diagnostics.Add(Severity::kError, locator, "fact-invalid", fields.error().message);
      continue;
    }
    std::vector<RecordWarning> warnings;
    auto fact = FactFromRecord(*fields, warnings);
    for (RecordWarning& warning : warnings)
      diagnostics.AddOnce(Severity::kWarning, locator, std::move(warning.code), std::move(warning.text));
    if (!fact) {
      diagnostics.Add(Severity::kError, locator, "fact-invalid", fact.error().message);
      continue;
    }
    fact->locator = locator;
    fact->extractor = kFactLinesExtractor;
    reading.facts.push_back(std::move(*fact));
  }
  reading.diagnostics = diagnostics.Take();
  return reading;
}

}  // namespace ascribe
