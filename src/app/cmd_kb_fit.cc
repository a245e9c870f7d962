#include <fmt/format.h>

#include <cmath>

#include "app/backtest_inputs.h"
#include "app/commands.h"
#include "app/data_folder.h"
#include "app/exit_codes.h"
#include "app/investigation.h"
#include "backtest/case_engine.h"
#include "base/io.h"
#include "base/sha256.h"
#include "base/text.h"
#include "store/fit_file.h"
#include "store/parameters_file.h"

namespace ascribe {
namespace {

namespace fs = std::filesystem;

std::string RarityText(int rarity) {
  constexpr const char* kNames[] = {"1", "2", "3-5", "6-10", ">10"};
  return rarity < 0 ? "any" : kNames[rarity];
}

std::string FitText(const Fit& fit) {
  std::string out = fmt::format("{} reports, {} tests {} .. {} of {} actors; pairs: {} same, {} other\n\n", fit.reports, fit.tests,
                                fit.first_day, fit.last_day, fit.actors, fit.same_pairs, fit.other_pairs);
  out += "kind        holders  age    same  other   ln LR  [95 %]          LR of the lower bound\n";
  for (const LikelihoodCell& cell : fit.cells) {
    if (cell.same_hits + cell.other_hits == 0) continue;
    out += fmt::format("{:<11} {:<8} {:<5} {:>5} {:>6}  {:>6.2f}  [{:>5.2f}, {:>5.2f}]  {:>8.1f}{}\n", cell.kind, RarityText(cell.rarity),
                       cell.age < 0 ? "any" : cell.age == 0 ? "fresh" : "old", cell.same_hits, cell.other_hits, cell.nats, cell.low,
                       cell.high, std::exp(cell.low), cell.rarity >= 0 && cell.same_hits < Fit::kLeastHits ? "  sparse: its parent is used" : "");
  }
  out += fmt::format("\nWeights of the groups: code {:.3f}, infrastructure {:.3f}, behaviour {:.3f}; prior: activity {:.3f}, recency {:.3f}\n",
                     fit.weights.code, fit.weights.infrastructure, fit.weights.behaviour, fit.activity, fit.recent);
  for (const Level level : kLevels) {
    const Calibration& measured = fit.calibration[static_cast<std::size_t>(level)];
    out += fmt::format("Calibration, {} level: ", LevelName(level));
    out += measured.tests == 0 ? "not measured\n" : fmt::format("{} tests, each by an engine fitted on earlier years; ECE {:.3f}\n", measured.tests, measured.error);
    if (measured.tests > 0 && AnswersThatSay(measured) < kLeastSaid)
      out += fmt::format("  said 0.20 or more in {} of them: too few, the level counts as not measured\n", AnswersThatSay(measured));
    for (const CalibrationBin& bin : measured.bins)
      out += fmt::format("  said {:.2f}-{:.2f}  n {:>4}  mean said {:.2f}  right {:.2f}\n", bin.from, bin.to, bin.count, bin.said, bin.right);
  }
  return out;
}

Status Run(const CommandLine& line, Date end) {
  TRY_ASSIGN(const fs::path data, DataFolder());
  TRY_ASSIGN(const Parameters by_hand, LoadParameters(data / "parameters.toml"));
  TRY_ASSIGN(const backtest::PublicSuffixes suffixes, ReadSuffixes(data / "tables"));
  TRY_ASSIGN(const auto crimeware, ReadList(data / "tables" / "crimeware-actors.txt"));
  backtest::ReplaySettings settings;
  TRY_ASSIGN(settings.public_tools, ReadTools(data / "tables"));
  TRY_ASSIGN(const backtest::States states, ReadStates(data / "tables"));
  const fs::path path = line.paths.front();
  TRY_ASSIGN(backtest::Corpus corpus, backtest::ReadCorpus(path));
  TRY_ASSIGN(const std::string sha256, Sha256File(path));
  // What comes later must not even serve as background.
  std::erase_if(corpus.reports, [&](const backtest::Report& report) { return !(backtest::KnownDay(report) < end); });
  const backtest::Stage stage = backtest::SetStage(corpus, suffixes, settings);
  const auto counts = [&](const std::string& actor) { return line.fit.with_crimeware || crimeware.count(actor) == 0; };
  Fit fit = backtest::FitForUse(stage, end, counts, by_hand, states);
  if (fit.same_pairs == 0)
    return Fail(ErrorCode::kInvalidInput, TerminalSafe(path.string()) + ": no test of a known actor: nothing can be measured");
  fit.corpus_sha256 = sha256;
  fit.version = fit.last_day + "/" + sha256.substr(0, 8);
  fs::path out = line.out;
  if (out.empty()) {
    TRY_ASSIGN(const Ledger ledger, OpenLedger(line.kb, Ledger::Mode::kReadWrite));
    out = ledger.folder() / kOwnFit;
  }
  TRY(WriteFileAtomic(out, FitToToml(fit)));
  if (!Print(FitText(fit) + "written to " + TerminalSafe(out.string()) + "\n"))
    return Fail(ErrorCode::kIo, "standard output does not take the table");
  return {};
}

}  // namespace

int CmdKbFit(const CommandLine& line) {
  Date end{1'000'000};  // later than any report
  if (!line.fit.until.empty()) {
    const Result<Date> day = ParseDay(line.fit.until);
    if (!day) {
      Report(day.error());
      return kExitUsage;
    }
    end = *day;
  }
  const Status status = Run(line, end);
  return status ? kExitDone : Report(status.error());
}

}  // namespace ascribe
