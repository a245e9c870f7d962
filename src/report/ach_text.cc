#include "report/ach_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace ascribe {
namespace {

constexpr std::size_t kWidth = 80, kNameColumns = 30, kColumnsInBlock = 6;  // 30 + 6 x 8 = 78

std::size_t Columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string RowName(const AchRow& row) {
  std::string name = Ellipsize(TerminalSafe(row.name), kNameColumns - 10);
  if (Columns(name) < kNameColumns - 7) name.append(kNameColumns - 7 - Columns(name), ' ');
  return fmt::format("{}{:>5.1f} %", name, 100 * row.posterior);
}

std::string Cell(double nats) { return std::abs(nats) < 0.005 ? "." : fmt::format("{:+.2f}", nats); }

void AppendTable(const Assessment& a, const AchTable& table, std::string& out) {
  const auto count = static_cast<std::size_t>(std::count_if(table.columns.begin(), table.columns.end(), [](const AchColumn& c) { return c.diagnostic; }));
  out += fmt::format("{} LEVEL: {} hypotheses, {} pieces of evidence\n", AsciiUpper(LevelName(table.level)), table.rows.size(), table.columns.size());
  for (std::size_t start = 0; start < count; start += kColumnsInBlock) {
    const std::size_t end = std::min(count, start + kColumnsInBlock);
    std::string head(kNameColumns, ' ');
    for (std::size_t i = start; i < end; ++i) head += fmt::format("{:>8}", fmt::format("[{}]", i + 1));
    out += head + "\n";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
      out += RowName(table.rows[r]);
      for (std::size_t i = start; i < end; ++i) out += fmt::format("{:>8}", Cell(table.columns[i].cells[r]));
      out += "\n";
    }
    for (std::size_t i = start; i < end; ++i) {
      const Claim* claim = a.FindClaim(table.columns[i].claim);
      out += WrapText(fmt::format("[{}] {} {}{}", i + 1, table.columns[i].claim,
                                  claim == nullptr ? "" : TerminalSafe(Ellipsize(claim->statement, 200)), table.columns[i].cancelled ? " (cancelled)" : ""),
                      kWidth, 5) + "\n";
    }
    out += "\n";
  }
  if (count < table.columns.size()) {
    std::string ids;
    for (std::size_t i = count; i < table.columns.size(); ++i) ids += " " + table.columns[i].claim;
    out += WrapText(fmt::format("Not diagnostic, the same in every row ({}):{}", table.columns.size() - count, ids), kWidth, 2) + "\n\n";
  }
}

}  // namespace

std::string OverridesToText(const Assessment& a) {
  if (a.analyst.outcomes.empty()) return {};
  std::string out = "ANALYST'S OVERRIDES (beside the verdict, never in it)\n";
  for (const OverrideOutcome& o : a.analyst.outcomes) {
    const std::string what = fmt::format("{} {} {}", o.entry.claim, LevelName(o.entry.level), TerminalSafe(o.entry.hypothesis));
    out += o.ignored.empty() ? WrapText(fmt::format("{}: engine {:+.2f}, analyst {:+.2f}", what, o.engine_nats, o.entry.nats), kWidth, 2)
                             : WrapText(fmt::format("{}: left out, {}", what, o.ignored), kWidth, 2);
    out += "\n" + WrapText(fmt::format("  {} {}: {}", o.entry.initials, o.entry.date.ToString(), TerminalSafe(o.entry.reason)), kWidth, 4) + "\n";
  }
  for (const LevelResult& level : a.analyst.levels) {
    const Hypothesis& then = level.ranked.front();
    double now = 0;
    for (const Hypothesis& h : a.At(level.level).ranked)
      if (h.id == then.id) now = h.posterior;
    out += WrapText(fmt::format("{}: {} would lead with {:.1f} % (engine: {:.1f} %)", LevelName(level.level), TerminalSafe(then.name),
                                100 * then.posterior, 100 * now), kWidth, 2) + "\n";
  }
  return out;
}

std::string AchToText(const Assessment& a) {
  std::string out = "COMPETING HYPOTHESES (ln LR against somebody unknown; \".\": 0)\n\n";
  for (Level level : {Level::kOperator, Level::kLineage, Level::kSponsor}) AppendTable(a, a.ach[static_cast<std::size_t>(level)], out);
  if (const std::string analyst = OverridesToText(a); !analyst.empty()) out += analyst + "\n";
  return out + "Most diagnostic first; before the caps of groups. Names: explain CASE c-...\n";
}

}  // namespace ascribe
