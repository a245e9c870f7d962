#pragma once

#include <string>

#include "backtest/backtest.h"

namespace ascribe::backtest {

/// All tables as plain text, at most 120 columns.
[[nodiscard]] std::string BacktestText(const Backtest& run);

/// The same with a reliability diagram and a precision-coverage plot as one HTML file: no script, nothing loaded.
[[nodiscard]] std::string BacktestPage(const Backtest& run);

}  // namespace ascribe::backtest
