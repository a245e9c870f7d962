#include <fmt/format.h>

#include "app/backtest_inputs.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "backtest/backtest.h"
#include "backtest/tables.h"
#include "base/io.h"
#include "base/text.h"
#include "store/parameters_file.h"

namespace ascribe {
namespace {

namespace fs = std::filesystem;
using namespace backtest;

Result<BacktestSettings> Settings(const BacktestOptions& options, const fs::path& tables) {
  BacktestSettings settings;
  settings.replay.gap_days = options.gap;
  if (options.track == "attack") settings.replay.track = Track::kAttack;
  if (options.track == "maltrail") settings.replay.track = Track::kMaltrail;
  if (options.no_crimeware) {
    TRY_ASSIGN(const auto actors, ReadList(tables / "crimeware-actors.txt"));
    settings.left_out.insert(actors.begin(), actors.end());
  }
  for (const auto& [text, date] : {std::pair{&options.from, &settings.from}, std::pair{&options.to, &settings.to}}) {
    if (text->empty()) continue;
    TRY_ASSIGN(*date, ParseDay(*text));
  }
  return settings;
}

Status Run(const CommandLine& line) {
  const BacktestOptions& options = line.backtest;
  TRY_ASSIGN(const fs::path data, DataFolder());
  const fs::path tables = data / "tables";
  TRY_ASSIGN(BacktestSettings settings, Settings(options, tables));
  TRY_ASSIGN(const Parameters parameters, LoadParameters(data / "parameters.toml"));
  settings.parameters = &parameters;
  TRY_ASSIGN(const PublicSuffixes suffixes, ReadSuffixes(tables));
  TRY_ASSIGN(const Corpus corpus, ReadCorpus(line.paths.front()));
  TRY_ASSIGN(const Backtest run, RunBacktest(corpus, suffixes, settings));
  if (!options.predictions.empty()) TRY(WriteFileAtomic(options.predictions, PredictionsJsonl(run.answers)));
  if (!options.html.empty()) TRY(WriteFileAtomic(options.html, BacktestPage(run)));
  if (!Print(BacktestText(run))) return Fail(ErrorCode::kIo, "standard output does not take the tables");
  return {};
}

}  // namespace

int CmdBacktest(const CommandLine& line) {
  const Status status = Run(line);
  return status ? kExitDone : ascribe::Report(status.error());
}

}  // namespace ascribe
