#include "ingest/csv_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "ingest/reader.h"
#include "model/diagnostic_list.h"
#include "model/fact_lines.h"
#include "model/fact_record.h"

namespace ascribe {
namespace {

using Severity = Diagnostic::Severity;

struct Record {
  std::uint64_t line = 0;    // where it begins, 1-based
  std::uint64_t length = 0;  // bytes without the line end
  std::vector<std::string> cells;
  std::string_view code;   // empty: well-formed
  std::string_view error;  // what is wrong with it
};

// RFC 4180. A malformed record is handed out with its error, and reading goes on at a line start: after the line with
// the mistake, or, when a quote is never closed, after the line that opened it. Each byte is looked at a bounded number
// of times: only a line with an odd number of quotes can open one, and the next such line ends it.
class CsvParser {
 public:
  explicit CsvParser(std::string_view text) : text_(text) {}

  std::optional<Record> Next() {
    if (at_ >= text_.size()) return std::nullopt;
    Record record;
    record.line = line_;
    const std::size_t start = at_;
    std::size_t position = start;
    std::uint64_t line = line_;
    for (;;) {  // one cell a turn
      if (record.cells.size() == kMaxCsvColumns)
        return Broken(record, position, line, "limit-cells", "more than 256 cells");
      std::string cell;
      if (position < text_.size() && text_[position] == '"') {
        if (!QuotedCell(position, line, start, cell))
          return Broken(record, start, record.line, "csv-quote", "a quote is opened and not closed within 1 MiB");
        if (position < text_.size() && !AtEnd(position) && text_[position] != ',')
          return Broken(record, position, line, "csv-quote",
                        "text after a closing quote: double the quotes inside a cell");
      } else {
        std::size_t end = position;
        while (end < text_.size() && text_[end] != ',' && text_[end] != '\n') ++end;
        std::string_view plain = text_.substr(position, end - position);
        position = end;
        if (position - start > kMaxFactLine)
          return Broken(record, position, line, "limit-line", "record longer than 1 MiB");
        if (plain.ends_with('\r') && (end == text_.size() || text_[end] == '\n')) plain.remove_suffix(1), --position;
        if (plain.find('"') != std::string_view::npos)
          return Broken(record, position, line, "csv-quote", "a quote inside an unquoted cell: quote the whole cell");
        cell = plain;
      }
      record.cells.push_back(std::move(cell));
      if (position < text_.size() && text_[position] == ',') {
        ++position;
        continue;
      }
      record.length = position - start;
      GoTo(position, line);
      return record;
    }
  }

 private:
  [[nodiscard]] bool AtEnd(std::size_t position) const {
    return text_[position] == '\n' ||
           (text_[position] == '\r' && (position + 1 == text_.size() || text_[position + 1] == '\n'));
  }

  // `position` is on the opening quote and is left behind the closing one.
  bool QuotedCell(std::size_t& position, std::uint64_t& line, std::size_t start, std::string& cell) const {
    for (++position; position < text_.size() && position - start <= kMaxFactLine; ++position) {
      const char c = text_[position];
      if (c == '"') {
        if (position + 1 >= text_.size() || text_[position + 1] != '"') {
          ++position;
          return true;
        }
        ++position;
      }
      if (c == '\n') ++line;
      cell += c;
    }
    return false;
  }

  // Behind the line end at or after `position`, which lies in line `line`.
  void GoTo(std::size_t position, std::uint64_t line) {
    const std::size_t end = text_.find('\n', position);
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    line_ = line + 1;
  }

  Record Broken(Record record, std::size_t position, std::uint64_t line, std::string_view code,
                std::string_view error) {
    record.code = code;
    record.error = error;
    GoTo(position, line);
    return record;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
};

std::string ColumnName(std::string_view cell) { return AsciiLower(Trim(cell)); }

bool IsFactHeader(const std::vector<std::string>& cells) {
  bool relation = false;
  bool object = false;
  for (const std::string& cell : cells) {
    const std::string name = ColumnName(cell);
    relation |= name == "relation";
    object |= name == "object";
  }
  return relation && object;
}

bool IsBlank(const Record& record) {
  return std::all_of(record.cells.begin(), record.cells.end(), [](const std::string& c) { return Trim(c).empty(); });
}

Locator At(const Record& record) { return {Locator::Kind::kLine, record.line, record.length, ""}; }

// The names of the columns, "" for those that are not read; std::nullopt when this is no header of facts.
std::optional<std::vector<std::string>> Columns(const Record& header, DiagnosticList& diagnostics) {
  if (!header.error.empty() || !IsFactHeader(header.cells)) {
    const bool semicolons = header.cells.size() == 1 && header.cells[0].find(';') != std::string::npos;
    diagnostics.Add(Severity::kError, At(header), "csv-header",
                    semicolons ? "no columns relation and object: cells are separated by commas, not semicolons"
                               : "the first line must name the columns, relation and object among them");
    return std::nullopt;
  }
  std::vector<std::string> columns;
  for (const std::string& cell : header.cells) {
    std::string name = ColumnName(cell);
    if (!IsFactField(name)) {
      if (!name.empty())
        diagnostics.AddOnce(Severity::kWarning, At(header), "unknown-field",
                            fmt::format("unknown column \"{}\" is not read", TerminalSafe(Ellipsize(name, 80))));
      name.clear();
    } else if (std::find(columns.begin(), columns.end(), name) != columns.end()) {
      diagnostics.Add(Severity::kError, At(header), "csv-header", fmt::format("column {} comes twice", name));
      return std::nullopt;
    }
    columns.push_back(std::move(name));
  }
  return columns;
}

// One data record as a fact; what is wrong goes to the diagnostics.
std::optional<Fact> ReadRecord(const Record& record, const std::vector<std::string>& columns,
                               DiagnosticList& diagnostics) {
  if (!record.error.empty()) {
    diagnostics.Add(Severity::kError, At(record), std::string(record.code), std::string(record.error));
    return std::nullopt;
  }
  std::vector<RecordField> fields;
  for (std::size_t i = 0; i < record.cells.size(); ++i) {
    if (i >= columns.size() && !Trim(record.cells[i]).empty()) {
      diagnostics.Add(Severity::kError, At(record), "csv-cells",
                      fmt::format("{} cells, the header has {}: quote cells that contain a comma", record.cells.size(),
                                  columns.size()));
      return std::nullopt;
    }
    if (i < columns.size() && !columns[i].empty()) fields.push_back({columns[i], record.cells[i]});
  }
  if (record.cells.size() < columns.size())
    diagnostics.Add(Severity::kWarning, At(record), "csv-cells",
                    fmt::format("{} cells, the header has {}: the rest counts as empty; is the file cut off?",
                                record.cells.size(), columns.size()));
  std::vector<RecordWarning> warnings;
  auto fact = FactFromRecord(fields, warnings);
  for (RecordWarning& warning : warnings)
    diagnostics.AddOnce(Severity::kWarning, At(record), std::move(warning.code), std::move(warning.text));
  if (!fact) {
    diagnostics.Add(Severity::kError, At(record), "fact-invalid", fact.error().message);
    return std::nullopt;
  }
  fact->locator = At(record);
  fact->extractor = kCsvFactsExtractor;
  return std::move(*fact);
}

}  // namespace

int SniffCsvFacts(ByteView head, std::string_view name) {
  const bool named = AsciiLower(name).ends_with(".csv");
  const std::string_view text = SkipByteOrderMark(head.text());
  if (Trim(text).empty()) return named ? 50 : 0;
  CsvParser parser(text);
  std::optional<Record> header = parser.Next();
  while (header && header->error.empty() && IsBlank(*header)) header = parser.Next();
  if (header && header->error.empty() && IsFactHeader(header->cells)) return 90;
  return named ? 5 : 0;  // other tables end in .csv too: taken only when nobody else wants it
}

Reading ReadCsvFacts(ByteView bytes, std::string_view /*name*/) {
  Reading reading;
  DiagnosticList diagnostics;
  CsvParser parser(SkipByteOrderMark(bytes.text()));
  std::optional<std::vector<std::string>> columns;
  while (const auto record = parser.Next()) {
    if (record->error.empty() && IsBlank(*record)) continue;
    if (!columns) {
      columns = Columns(*record, diagnostics);
      if (!columns) break;
      continue;
    }
    if (reading.facts.size() >= kMaxFactsPerFile) {
      diagnostics.Add(
          Severity::kError, At(*record), "limit-facts",
          fmt::format("more than {} facts: the rest from here on is not read; split the file", kMaxFactsPerFile));
      break;
    }
    if (auto fact = ReadRecord(*record, *columns, diagnostics)) reading.facts.push_back(std::move(*fact));
  }
  reading.diagnostics = diagnostics.Take();
  return reading;
}

}  // namespace ascribe
