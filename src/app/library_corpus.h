#pragma once

#include <string>
#include <vector>

#include "backtest/corpus.h"
#include "store/ledger.h"

namespace ascribe {

/// The earlier attacks of a knowledge base as a corpus for the backtest: shipped packs, packs and closed cases that were
/// added. An attack gives one report a day on which facts about it became known: the first is a test, later ones repeat it
/// (`rereport_of`). Its actor is the one held responsible with the highest confidence (ties: the first in the order of ids),
/// under the name that the knowledge base treats as the same; none: background. Items are those the formats document lists.
/// Facts without a day, withdrawn ones and attacks without items are left out. The order of batches does not matter.
[[nodiscard]] backtest::Corpus CorpusFromKnowledge(const std::vector<Batch>& batches);

/// A corpus as JSON Lines (docs/formats/backtest.md), in order of day and id.
[[nodiscard]] std::string CorpusToJsonl(const backtest::Corpus& corpus);

}  // namespace ascribe
