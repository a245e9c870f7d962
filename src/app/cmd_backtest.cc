#include <fmt/format.h>

#include "app/backtest_inputs.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "app/knowledge_base.h"
#include "app/library_corpus.h"
#include "backtest/backtest.h"
#include "backtest/tables.h"
#include "base/io.h"
#include "base/text.h"
#include "store/parameters_file.h"

namespace ascribe {
namespace {

namespace fs = std::filesystem;
using namespace backtest;

Status TakeTables(const BacktestOptions& options, const fs::path& tables, BacktestSettings& settings) {
  settings.replay.gap_days = options.gap;
  TRY_ASSIGN(settings.replay.public_tools, ReadTools(tables));
  TRY_ASSIGN(settings.states, ReadStates(tables));
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
    const Result<Date> day = ParseDay(*text);
    if (!day) return false;
    *date = *day;
  }
  return true;
}

Status Write(const fs::path& path, const std::string& bytes) {
  if (path.empty()) return {};
  Status status = WriteFileAtomic(path, bytes);
  if (!status && status.error().code == ErrorCode::kNotFound) status.error().code = ErrorCode::kIo;  // no input of ours
  return status;
}

// A library has tens of attacks, not thousands: with fewer earlier tests the weights say nothing at all.
constexpr std::size_t kLeastOfLibrary = 15;

Result<Corpus> TakeCorpus(const CommandLine& line, const fs::path& data) {
  if (line.backtest.library) {
    TRY_ASSIGN(Ledger ledger, OpenLedger(line.kb, Ledger::Mode::kReadWrite));
    TRY_ASSIGN(const KnowledgeBase kb, LoadKnowledgeBase(data, &ledger, std::nullopt));
    return CorpusFromKnowledge(kb.batches);
  }
  const fs::path& reports = line.paths.front();
  if (fs::is_directory(reports)) return Fail(ErrorCode::kInvalidInput, reports.string() + " is a folder, not a corpus; packs and closed cases: kb add them, then backtest --library");
  return ReadCorpus(reports);
}

Status Run(const CommandLine& line, BacktestSettings settings, std::string& text) {
  const BacktestOptions& options = line.backtest;
  TRY_ASSIGN(const fs::path data, DataFolder());
  const fs::path tables = data / "tables";
  TRY(TakeTables(options, tables, settings));
  TRY_ASSIGN(const Parameters parameters, LoadParameters(data / "parameters.toml"));
  settings.parameters = &parameters;
  TRY_ASSIGN(const PublicSuffixes suffixes, ReadSuffixes(tables));
  TRY_ASSIGN(const Corpus corpus, TakeCorpus(line, data));
  if (options.least > 0) settings.replay.least_earlier = static_cast<std::size_t>(options.least);
  else if (options.library) settings.replay.least_earlier = kLeastOfLibrary;
  TRY(Write(options.convert, options.convert.empty() ? "" : CorpusToJsonl(corpus)));
  TRY_ASSIGN(const Backtest run, RunBacktest(corpus, suffixes, settings));
  TRY(Write(options.predictions, PredictionsJsonl(run.answers)));
  TRY(Write(options.html, options.html.empty() ? "" : BacktestPage(run)));
  text = BacktestText(run);
  constexpr std::size_t kFew = 100;
  if (run.answers.size() < kFew)
    text += fmt::format("\n{} tests are few: the weights rest on little, and every interval above is wide.\n", run.answers.size());
  return {};
}

}  // namespace

int CmdBacktest(const CommandLine& line) {
  BacktestSettings settings;
  if (!TakeDays(line.backtest, settings)) {
    Talk("ascribe: --from and --to: write YYYY-MM-DD\n");
    return kExitUsage;
  }
  if (line.paths.empty() != line.backtest.library) {
    Talk("ascribe: backtest takes either a corpus or --library\n");
    return kExitUsage;
  }
  std::string text;
  const Status status = Run(line, std::move(settings), text);
  if (!status) return ascribe::Report(status.error());
  return Print(text) ? kExitDone : kExitFailure;
}

}  // namespace ascribe
