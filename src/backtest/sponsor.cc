#include "backtest/sponsor.h"

#include <algorithm>

#include "base/stable_sum.h"

namespace ascribe::backtest {
namespace {

std::string StateOf(const States& states, const std::string& actor) {
  const auto at = states.find(actor);
  return at == states.end() ? std::string() : at->second;
}

}  // namespace

SponsorAnswers AsSponsors(const std::vector<Answer>& answers, const States& states) {
  SponsorAnswers out;
  for (const Answer& answer : answers) {
    std::map<std::string, std::vector<double>> mass;
    std::vector<double> unknown = {answer.p_unknown};
    for (const RankedActor& ranked : answer.ranked) {
      const std::string state = StateOf(states, ranked.actor);
      (state.empty() ? unknown : mass[state]).push_back(ranked.p);
    }
    Answer of_state;
    of_state.id = answer.id;
    of_state.day = answer.day;
    of_state.truth = StateOf(states, answer.truth);
    of_state.drawn_with = answer.truth;
    of_state.known = mass.count(of_state.truth) > 0;
    of_state.actors = mass.size();
    of_state.p_unknown = StableSum(std::move(unknown));
    for (auto& [state, parts] : mass) of_state.ranked.push_back({state, StableSum(std::move(parts))});
    // By name where probabilities are equal: the map is sorted.
    std::stable_sort(of_state.ranked.begin(), of_state.ranked.end(), [](const RankedActor& a, const RankedActor& b) { return a.p > b.p; });
    if (of_state.truth.empty()) {
      out.apart.push_back(std::move(of_state));
      continue;
    }
    if (of_state.known && !answer.known) out.new_actor.push_back(of_state);
    out.stated.push_back(std::move(of_state));
  }
  return out;
}

}  // namespace ascribe::backtest
