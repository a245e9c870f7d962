#include "backtest/tables.h"

#include <fmt/format.h>

#include <cmath>

namespace ascribe::backtest {
namespace {

std::string Number(double value) { return std::isnan(value) ? "-" : fmt::format("{:.3f}", value); }

std::string WithInterval(double value, Interval interval) {
  return fmt::format("{:>6} [{:.2f}, {:.2f}]", Number(value), interval.low, interval.high);
}

double Share(std::size_t part, std::size_t whole) {
  return whole == 0 ? NAN : static_cast<double>(part) / static_cast<double>(whole);
}

std::string GateCell(const Gate& gate, std::size_t tests) {
  return fmt::format("{:>6} {:>4}/{:<4} novel {}", Number(Share(gate.named, tests)), gate.right, gate.named,
                     gate.novel_named);
}

std::string Methods(const std::vector<MethodScores>& methods, const char* drawn, const char* macro) {
  std::string out = fmt::format("Scores, with 95 % intervals (bootstrap over {})\n", drawn);
  out += fmt::format("  {:<22}", "");
  for (const MethodScores& m : methods) out += fmt::format("{:<24}", m.name);
  const auto row = [&](const char* name, auto value) {
    out += fmt::format("\n  {:<22}", name);
    for (const MethodScores& m : methods) out += fmt::format("{:<24}", value(m));
  };
  using M = const MethodScores&;
  row("coverage", [](M m) { return Number(m.scores.covered); });
  row("top-1 (known)", [](M m) { return WithInterval(m.scores.top1, m.intervals.top1); });
  row("top-3 (known)", [](M m) { return WithInterval(m.scores.top3, m.intervals.top3); });
  row(macro, [](M m) { return WithInterval(m.scores.macro, m.intervals.macro); });
  row("right when named", [](M m) { return WithInterval(m.scores.right_when_named, m.intervals.right_when_named); });
  row("AUROC known/novel", [](M m) { return WithInterval(m.scores.auroc, m.intervals.auroc); });
  row("ECE", [](M m) { return WithInterval(m.scores.ece, m.intervals.ece); });
  row("Brier", [](M m) { return WithInterval(m.scores.brier, m.intervals.brier); });
  row("log-loss", [](M m) { return WithInterval(m.scores.log_loss, m.intervals.log_loss); });
  row("Cllr", [](M m) { return WithInterval(m.scores.cllr, m.intervals.cllr); });
  row("Cllr_min", [](M m) { return Number(m.scores.cllr_min); });
  row("gate P >= .8: share",
      [](M m) { return WithInterval(Share(m.scores.gate.named, m.scores.tests), m.intervals.gate_share); });
  row("gate P >= .8: right",
      [](M m) { return WithInterval(Share(m.scores.gate.right, m.scores.gate.named), m.intervals.gate_right); });
  return out + "\n";
}

std::string ReliabilityRows(const std::vector<Answer>& answers) {
  std::string out;
  for (const ReliabilityBin& bin : Reliability(answers))
    out += fmt::format("  said {:.2f}-{:.2f}  n {:>4}  mean said {:.2f}  right {:.2f}\n", bin.from, bin.to, bin.count,
                       bin.said, bin.right);
  return out;
}

std::string GateRows(const std::vector<Answer>& answers, std::size_t novel) {
  std::string out;
  for (const double least : {.5, .6, .7, .8, .9, .95}) {
    const Gate gate = GateAt(answers, least);
    const Interval interval = Wilson(gate.right, gate.named);
    out += fmt::format("  P >= {:.2f}  {}  {} [{:.2f}, {:.2f}]  novel {}/{}\n", least, Number(Share(gate.named, answers.size())),
                       fmt::format("{:>4}/{:<4}", gate.right, gate.named), interval.low, interval.high, gate.novel_named, novel);
  }
  return out;
}

std::string LevelTable(const LevelBacktest& level, const char* title, const char* drawn, const char* macro) {
  if (level.methods.empty()) return fmt::format("\n{}: not measured, no test has a label\n", title);
  const Scores& s = level.methods[0].scores;
  std::string out = fmt::format("\n{}: {} tests, {} known, {} novel, {} right answers\n", title, s.tests, s.known, s.tests - s.known, s.actors);
  out += Methods(level.methods, drawn, macro) + "  Reliability of the case engine\n" + ReliabilityRows(level.answers);
  return out + "  Gate of the case engine: share named, right (Wilson 95 %), novel ones named\n" + GateRows(level.answers, s.tests - s.known);
}

std::string Levels(const Backtest& run) {
  const LevelBacktest& s = run.sponsor;
  std::string out = LevelTable(s, "Sponsor (states that the MISP galaxy names: its judgement)", "actors", "macro over states");
  if (!s.methods.empty())
    out += fmt::format("  New actors of a known state: {}, right {}. Actors without a stated state, apart: {} tests, a state named at P >= 0.8 in {}\n",
                       s.new_actor, s.new_actor_right, s.apart, s.apart_named);
  return out + LevelTable(run.lineage, "Lineage (families that a report names, hidden from the engine)", "families", "macro over families");
}

std::string Curves(const Backtest& run) {
  std::string out = "\nReliability: what was said, what was right\n" + ReliabilityRows(run.answers);
  out += "\nPrecision by coverage (naming the surest first)\n";
  const std::vector<CoveragePoint> curve = PrecisionCoverage(run.answers);
  for (const double share : {.05, .1, .2, .3, .4, .5, .6, .8, 1.0}) {
    const auto at = std::min(curve.size() - 1, static_cast<std::size_t>(share * static_cast<double>(curve.size())));
    out += fmt::format("  {:>4.0f} %  right {:.3f}  from P {:.2f}\n", 100 * curve[at].share, curve[at].precision,
                       curve[at].least);
  }
  out += fmt::format("  can be named at 90 % right: {:.3f} of the tests\n", run.methods[0].scores.nameable90);
  out += "\nGate on P(named): share named, right (Wilson 95 %), novel actors named\n";
  return out + GateRows(run.answers, run.methods[0].scores.tests - run.methods[0].scores.known);
}

std::string Ageing(const Backtest& run) {
  std::string out =
      "\nAgeing of the knowledge (days): known/novel, this model, reference in brackets\n"
      "    gap    tests   top-1          macro          AUROC          ECE            Cllr           gate P >= .8\n";
  for (const AgeingRow& row : run.ageing) {
    const auto both = [](double one, double other) { return fmt::format("{} ({})  ", Number(one), Number(other)); };
    const Scores &s = row.standard, &r = row.reference;
    out += fmt::format("  {:>5}  {:>3}/{:<3}  {}{}{}{}{}{}\n", row.gap_days, s.known, s.tests - s.known,
                       both(s.top1, r.top1), both(s.macro, r.macro), both(s.auroc, r.auroc), both(s.ece, r.ece),
                       both(s.cllr, r.cllr), GateCell(s.gate, s.tests));
  }
  return out;
}

std::string Planted(const Backtest& run) {
  std::string out =
      "\nPlanted evidence: rare items of a random other actor added to right answers. One group: without code, "
      "infrastructure\n"
      "or techniques the named actor is not first with P >= 0.8. Thin: without the rarest shared item of each kind it "
      "is "
      "not\n"
      "first with P >= 0.5. Gated: P >= 0.8 and not thin. Strict: nor on one group.\n"
      "                                          caught by        honest answers flipped     framed\n"
      "  planted                tried   flipped  one group  thin  P >= .8  gated  strict     gated  strict\n";
  for (const PlantedRow& row : run.planted.rows) {
    if (row.tried == 0) continue;
    out += fmt::format(
        "  {:<22} {:>5}  {:>8}  {:>9} {:>7} {:>6} {:>6} {:>7} {:>9} {:>7}\n", row.kinds, row.tried,
        fmt::format("{} ({})", row.flipped, row.flipped_sure), fmt::format("{}/{}", row.caught_by_group, row.flipped),
        fmt::format("{}/{}", row.caught_thin, row.flipped), fmt::format("{}/{}", row.sure_flipped, row.sure),
        fmt::format("{}/{}", row.gated_flipped, row.gated), fmt::format("{}/{}", row.strict_flipped, row.strict),
        row.framed_gated, row.framed_strict);
  }
  const PlantedTable& p = run.planted;
  return out +
         fmt::format(
             "  In brackets: flipped with P >= 0.8. The price: of {} honest right answers {} rest on one group and {} "
             "are thin,\n"
             "  of the {} with P >= 0.8 it is {} and {}.\n",
             p.honest, p.one_group, p.thin, p.honest_sure, p.sure_one_group, p.sure_thin);
}

std::string Weights(const Backtest& run) {
  std::string out = fmt::format("\nWeights, fitted on the tests of earlier years\n  {:<20}", "");
  for (const auto& [year, weights] : run.weights.weights) out += fmt::format(" {:>7}", year);
  for (std::size_t j = 0; j < run.terms.size(); ++j) {
    out += fmt::format("\n  {:<20}", run.terms[j]);
    for (const auto& [year, weights] : run.weights.weights) out += fmt::format(" {:>7.2f}", weights[j]);
  }
  return out + "\n";
}

}  // namespace

std::string BacktestText(const Backtest& run) {
  const Scores& s = run.methods[0].scores;
  std::string out =
      fmt::format("Track {}, knowledge older than {} days: {} tests {} .. {}, {} known, {} novel, {} actors\n\n",
                  TrackName(run.track), run.gap_days, s.tests, run.first.ToString(), run.last.ToString(), s.known,
                  s.tests - s.known, s.actors);
  out += Methods(run.methods, "actors", "macro over actors") + Curves(run) + Ageing(run) + Planted(run) + Weights(run) + Levels(run);
  out +=
      "\nLabels are what vendors agreed on, not truth; vendors attribute partly by shared indicators, and family names "
      "come\n"
      "from prose whose author knew the actor. The figures are circular to that degree.\n";
  return out;
}

}  // namespace ascribe::backtest
