#pragma once

#include <map>
#include <string>
#include <vector>

#include "backtest/answer.h"

namespace ascribe::backtest {

/// Actor, as the corpus labels it -> the state that a public list holds responsible (docs/backtest.md says whose judgement).
using States = std::map<std::string, std::string, std::less<>>;

/// Answers about actors, read as answers about states.
struct SponsorAnswers {
  std::vector<Answer> stated;  ///< tests of actors with a stated state
  std::vector<Answer> apart;   ///< of all others: no state would be right
  /// Among `stated`: the actor had no earlier report, but another actor of the same state had.
  std::vector<Answer> new_actor;
};

/// P(state) = sum of P(actor) over the actors of that state; what falls to actors without one is added to UNKNOWN. A state is
/// known when an actor known then has it. The tests of one actor stay together in the bootstrap. Depends on the answers
/// only, which must rank every actor known then.
[[nodiscard]] SponsorAnswers AsSponsors(const std::vector<Answer>& answers, const States& states);

}  // namespace ascribe::backtest
