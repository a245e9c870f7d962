#include "backtest/corpus.h"

#include <algorithm>
#include <unordered_set>

#include "backtest/packed_file.h"
#include "base/json.h"
#include "base/text.h"

namespace ascribe::backtest {
namespace {

using simdjson::dom::element;

/// The longest line of the development corpus has 2 MB.
constexpr std::size_t kMaxLine = std::size_t{16} << 20;
constexpr std::size_t kMaxReports = 1'000'000;

void AppendTexts(element object, std::string_view key, std::vector<std::string>& out) {
  simdjson::dom::array values;
  if (object[key].get(values) != simdjson::SUCCESS) return;
  for (element value : values) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS || text.empty()) continue;
    out.push_back(AsciiLower(text));
  }
}

std::vector<std::string> Sorted(std::vector<std::string> texts) {
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

Result<Report> ParseReport(element object) {
  if (!object.is_object()) return Fail(ErrorCode::kInvalidInput, "not a JSON object");
  Report report;
  report.id = JsonText(object, "id");
  if (report.id.empty()) return Fail(ErrorCode::kInvalidInput, "no id");
  const std::string_view date = JsonText(object, "date");
  const auto time = ParseTime(date);
  if (!time) return Fail(ErrorCode::kInvalidInput, "no date YYYY-MM-DD in " + report.id);
  report.date = time->FirstDay();
  const std::string_view precision = JsonText(object, "date_prec");
  if (precision == "commit")
    report.precision = DatePrecision::kCommit;
  else if (precision == "month" || time->precision == Time::Precision::kMonth)
    report.precision = DatePrecision::kMonth;
  else if (precision == "year" || time->precision == Time::Precision::kYear)
    report.precision = DatePrecision::kYear;
  else if (!precision.empty() && precision != "day")
    return Fail(ErrorCode::kInvalidInput, "date_prec of " + report.id + " is not day, commit, month or year");
  report.source = JsonText(object, "source");
  report.actor = JsonText(object, "actor");
  report.rereport_of = JsonText(object, "rereport_of");
  std::int64_t groups = 1;
  if (object["n_groups_in_ref"].get(groups) == simdjson::SUCCESS && groups > 0)
    report.groups = static_cast<std::size_t>(groups);
  element ioc;
  if (object["ioc"].get(ioc) == simdjson::SUCCESS && ioc.is_object()) {
    for (const char* kind : {"md5", "sha1", "sha256"}) AppendTexts(ioc, kind, report.hashes);
    AppendTexts(ioc, "ip", report.ips);
    AppendTexts(ioc, "domain", report.domains);
    AppendTexts(ioc, "url", report.urls);
    AppendTexts(ioc, "email", report.emails);
  }
  AppendTexts(object, "paths", report.paths);
  AppendTexts(object, "families", report.families);
  AppendTexts(object, "attack", report.techniques);
  for (auto* texts : {&report.hashes, &report.ips, &report.domains, &report.urls, &report.emails, &report.paths,
                      &report.families, &report.techniques})
    *texts = Sorted(std::move(*texts));
  return report;
}

}  // namespace

Result<Corpus> ParseCorpus(std::string_view text) {
  Corpus corpus;
  std::unordered_set<std::string> ids;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty()) continue;
    const std::string where = "line " + std::to_string(number);
    if (line.size() > kMaxLine) return Fail(ErrorCode::kLimitExceeded, where + ": longer than 16 MiB");
    if (corpus.reports.size() == kMaxReports) return Fail(ErrorCode::kLimitExceeded, "more than a million reports");
    auto document = JsonDocument::Parse(line);
    if (!document) return FailAt(where, std::move(document).error());
    auto report = ParseReport(document->root());
    if (!report) return FailAt(where, std::move(report).error());
    if (!ids.insert(report->id).second) return Fail(ErrorCode::kInvalidInput, where + ": id twice: " + report->id);
    corpus.reports.push_back(std::move(*report));
  }
  std::sort(corpus.reports.begin(), corpus.reports.end(),
            [](const Report& a, const Report& b) { return a.date != b.date ? a.date < b.date : a.id < b.id; });
  return corpus;
}

Result<Corpus> ReadCorpus(const std::filesystem::path& path) {
  TRY_ASSIGN(const std::string text, ReadPackedFile(path));
  auto corpus = ParseCorpus(text);
  if (!corpus) return FailAt(path.string(), std::move(corpus).error());
  return corpus;
}

}  // namespace ascribe::backtest
