#include <fmt/format.h>

#include "app/commands.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "backtest/backtest.h"
#include "backtest/tables.h"
#include "base/io.h"
#include "base/text.h"

namespace ascribe {
namespace {

namespace fs = std::filesystem;
using namespace backtest;

constexpr std::uint64_t kMaxTable = std::uint64_t{1} << 26;

// Lines of a list; empty ones and comments (#) are left out.
Result<std::set<std::string, std::less<>>> ReadList(const fs::path& path) {
  TRY_ASSIGN(const std::string text, ReadTextFile(path, kMaxTable));
  std::set<std::string, std::less<>> lines;
  for (const std::string_view line : Split(text, '\n')) {
    const std::string_view entry = Trim(line);
    if (!entry.empty() && entry.front() != '#') lines.insert(std::string(entry));
  }
  return lines;
}

// Names below which strangers register: the entries with a leading dot of the table of dynamic DNS.
Result<PublicSuffixes> ReadSuffixes(const fs::path& tables) {
  PublicSuffixes suffixes;
  TRY_ASSIGN(const auto entries, ReadList(tables / "hygiene-domains-dynamic-dns.tsv"));
  for (const std::string& entry : entries)
    if (entry.size() > 1 && entry.front() == '.') suffixes.insert(entry.substr(1));
  return suffixes;
}

// Software that anybody could get: the ATT&CK objects of kind "tool" and the table of open, leaked and sold software.
Result<PublicTools> ReadTools(const fs::path& tables) {
  PublicTools tools;
  TRY_ASSIGN(const auto objects, ReadList(tables / "attack-objects.tsv"));
  for (const std::string& line : objects) {
    const std::vector<std::string_view> cells = Split(line, '\t');
    if (cells.size() > 2 && cells[1] == "tool") tools.insert(ToolName(cells[2]));
  }
  TRY_ASSIGN(const auto software, ReadList(tables / "software.tsv"));
  for (const std::string& line : software) tools.insert(ToolName(Split(line, '\t').front()));
  return tools;
}

Status TakeTables(const BacktestOptions& options, const fs::path& tables, BacktestSettings& settings) {
  settings.replay.gap_days = options.gap;
  TRY_ASSIGN(settings.replay.public_tools, ReadTools(tables));
  if (options.track == "attack") settings.replay.track = Track::kAttack;
  if (options.track == "maltrail") settings.replay.track = Track::kMaltrail;
  if (options.no_crimeware) {
    TRY_ASSIGN(const auto actors, ReadList(tables / "crimeware-actors.txt"));
    settings.left_out.insert(actors.begin(), actors.end());
  }
  return {};
}

// Neither is a report of the corpus: a wrong day is a wrong command line.
bool TakeDays(const BacktestOptions& options, BacktestSettings& settings) {
  for (const auto& [text, date] : {std::pair{&options.from, &settings.from}, std::pair{&options.to, &settings.to}}) {
    if (text->empty()) continue;
    const auto time = ParseTime(*text);
    if (!time || time->precision != Time::Precision::kDay) return false;
    *date = time->FirstDay();
  }
  return true;
}

Status Write(const std::string& path, const std::string& bytes) {
  if (path.empty()) return {};
  Status status = WriteFileAtomic(path, bytes);
  if (!status && status.error().code == ErrorCode::kNotFound) status.error().code = ErrorCode::kIo;  // no input of ours
  return status;
}

Status Run(const CommandLine& line, BacktestSettings settings, std::string& text) {
  const BacktestOptions& options = line.backtest;
  TRY_ASSIGN(const fs::path data, DataFolder());
  const fs::path tables = data / "tables";
  TRY(TakeTables(options, tables, settings));
  TRY_ASSIGN(const PublicSuffixes suffixes, ReadSuffixes(tables));
  const fs::path& reports = line.paths.front();
  if (fs::is_directory(reports)) return Fail(ErrorCode::kInvalidInput, reports.string() + " is a folder, not a corpus");
  TRY_ASSIGN(const Corpus corpus, ReadCorpus(reports));
  TRY_ASSIGN(const Backtest run, RunBacktest(corpus, suffixes, settings));
  TRY(Write(options.predictions, PredictionsJsonl(run.answers)));
  TRY(Write(options.html, options.html.empty() ? "" : BacktestPage(run)));
  text = BacktestText(run);
  return {};
}

}  // namespace

int CmdBacktest(const CommandLine& line) {
  BacktestSettings settings;
  if (!TakeDays(line.backtest, settings)) {
    Talk("ascribe: --from and --to: write YYYY-MM-DD\n");
    return kExitUsage;
  }
  std::string text;
  const Status status = Run(line, std::move(settings), text);
  if (!status) return ascribe::Report(status.error());
  return Print(text) ? kExitDone : kExitFailure;
}

}  // namespace ascribe
