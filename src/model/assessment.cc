#include "model/assessment.h"

#include <algorithm>

namespace ascribe {

std::string_view HypothesisKindName(HypothesisKind kind) {
  constexpr std::string_view kNames[] = {"actor", "class", "lineage", "state", "non_state", "unknown", "false_flag"};
  return kNames[static_cast<std::size_t>(kind)];
}

const Claim* Assessment::FindClaim(std::string_view id) const {
  const auto it = std::lower_bound(claims.begin(), claims.end(), id, [](const Claim& c, std::string_view key) { return c.id < key; });
  return it != claims.end() && it->id == id ? &*it : nullptr;
}

std::string_view LikelihoodWord(double p) {
  if (p < 0.05) return "almost no chance";
  if (p < 0.20) return "very unlikely";
  if (p < 0.45) return "unlikely";
  if (p < 0.55) return "roughly even";
  if (p < 0.80) return "likely";
  return "very likely";
}

std::string_view LikelihoodRange(std::string_view word) {
  if (word == "almost no chance") return "1-5 %";
  if (word == "very unlikely") return "5-20 %";
  if (word == "unlikely") return "20-45 %";
  if (word == "roughly even") return "45-55 %";
  if (word == "likely") return "55-80 %";
  return "80-95 %";
}

}  // namespace ascribe
