#include "weigh/ach.h"

#include <algorithm>
#include <cmath>

#include "weigh/gates.h"

namespace ascribe {
namespace {

constexpr double kSame = 0.005;  // half of the last digit that is printed

using Cells = std::map<std::string, double>;  // claim id -> nats

Cells CellsOf(const WeighInput& input, Level level, const std::string& hypothesis) {
  Cells cells;
  for (const Share& share : SharesOf(input, level, hypothesis)) cells[share.claim->id] += share.nats;
  return cells;
}

// As ComputeLevels sees an imitation: only what speaks for the imitated and could be copied; and what was planted, which
// is cancelled for the imitated.
Cells ImitationCells(const WeighInput& input, Level level, const std::string& imitated) {
  Cells cells;
  for (const Share& share : SharesOf(input, level, imitated))
    if (share.claim->copyable && share.nats > 0) cells[share.claim->id] += share.nats;
  for (const Claim& claim : input.claims)
    if (const double nats = claim.NatsFor(level, imitated); claim.cancelled && nats > 0) cells[claim.id] = nats;
  return cells;
}

AchTable OneLevel(const WeighInput& input, const std::vector<LevelResult>& levels, const LevelResult& level) {
  AchTable table;
  table.level = level.level;
  std::vector<Cells> cells;
  const auto add = [&](const Hypothesis& h, Cells row) {
    table.rows.push_back({h.id, h.name, h.kind, h.posterior});
    cells.push_back(std::move(row));
  };
  std::vector<const Hypothesis*> named;
  for (const Hypothesis& h : level.ranked)
    if (IsNameable(h) && named.size() < 2) named.push_back(&h);
  for (const Hypothesis* h : named) add(*h, CellsOf(input, level.level, h->id));
  if (!named.empty()) {
    // Leaders with equal scores share one imitation.
    const Hypothesis* imitation = nullptr;
    for (const Hypothesis& h : level.ranked)
      if (h.id == "false-flag:" + named.front()->id || (imitation == nullptr && h.id == "false-flag:several")) imitation = &h;
    if (imitation != nullptr) add(*imitation, ImitationCells(input, level.level, named.front()->id));
  }
  for (const Hypothesis& h : level.ranked)
    if (h.kind == HypothesisKind::kUnknown) add(h, {});
  if (level.level == Level::kOperator) {
    const LevelResult& lineage = levels[static_cast<std::size_t>(Level::kLineage)];
    if (const Hypothesis& base = lineage.ranked.front(); IsNameable(base) && base.posterior >= input.parameters.gate_likely) {
      Hypothesis supplied = base;
      supplied.name = "who shares " + base.name;
      add(supplied, CellsOf(input, Level::kLineage, base.id));
    }
  }
  for (const Claim& claim : input.claims) {
    AchColumn column;
    column.claim = claim.id;
    column.cancelled = claim.cancelled;
    const bool speaks = std::any_of(claim.contributions.begin(), claim.contributions.end(), [&](const Contribution& c) { return c.level == level.level; });
    for (const Cells& row : cells) {
      const auto cell = row.find(claim.id);
      column.cells.push_back(cell == row.end() ? 0 : cell->second);
    }
    const auto [least, most] = std::minmax_element(column.cells.begin(), column.cells.end());
    if (!column.cells.empty()) column.diagnosticity = *most - *least;
    column.diagnostic = column.diagnosticity >= kSame;
    if (speaks || column.diagnostic) table.columns.push_back(std::move(column));
  }
  std::sort(table.columns.begin(), table.columns.end(), [](const AchColumn& a, const AchColumn& b) {
    if (a.diagnosticity != b.diagnosticity) return a.diagnosticity > b.diagnosticity;
    return a.claim < b.claim;
  });
  return table;
}

}  // namespace

std::vector<AchTable> BuildAch(const WeighInput& input, const std::vector<LevelResult>& levels) {
  std::vector<AchTable> tables;
  for (const LevelResult& level : levels) tables.push_back(OneLevel(input, levels, level));
  return tables;
}

}  // namespace ascribe
