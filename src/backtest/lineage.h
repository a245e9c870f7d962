#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "backtest/answer.h"
#include "backtest/case_engine.h"
#include "backtest/likelihood.h"
#include "backtest/replay.h"

namespace ascribe::backtest {

/// What may tell one family from another once all family names of a report are hidden.
enum class LineageEvidence : std::uint8_t {
  kAsTheEngine,  ///< the measured kinds that speak for lineages in a case: hashes
  kEverything,   ///< hosts, addresses, paths and techniques too, by the same table
  kNothing,      ///< the control: families by the number of their earlier reports
};

/// The lineage level of `ascribe investigate`, replayed on reports whose family names are hidden: which of the families of
/// earlier reports is it? Same table, grouping, caps and prior as in a case; nothing is fitted but the table of the year.
/// A test is a report that names a family which is no public tool and holds something else to go by. Of several families
/// that it names the likeliest counts; the others are neither right nor wrong. Known: one of them was named before.
[[nodiscard]] std::vector<Answer> AnswerLineages(const Stage& stage, const std::map<int, CaseEngine>& engines, LineageEvidence evidence,
                                                 const TestFilter& counts);

}  // namespace ascribe::backtest
