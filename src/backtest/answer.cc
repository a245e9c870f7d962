#include "backtest/answer.h"

#include <nlohmann/json.hpp>

namespace ascribe::backtest {

std::string PredictionsJsonl(const std::vector<Answer>& answers) {
  std::string out;
  for (const Answer& answer : answers) {
    nlohmann::ordered_json line;
    line["id"] = answer.id;
    auto& ranked = line["ranked"] = nlohmann::ordered_json::array();
    for (const RankedActor& actor : answer.ranked) ranked.push_back({{"actor", actor.actor}, {"p", actor.p}});
    line["p_unknown"] = answer.p_unknown;
    out += line.dump() + "\n";
  }
  return out;
}

}  // namespace ascribe::backtest
