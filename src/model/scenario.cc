#include "model/scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace ascribe {
namespace {

bool IsId(std::string_view term, std::string_view prefix, std::size_t digits) {
  return term.size() == prefix.size() + digits && term.starts_with(prefix) &&
         term.substr(prefix.size()).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

void Scenario::LeaveOut(std::string_view term) {
  constexpr std::string_view kSource = "source:";
  if (term.starts_with(kSource)) {
    sources.emplace(term.substr(kSource.size()));
    return;
  }
  if (IsId(term, "c-", 12)) {
    claims.emplace(term);
    return;
  }
  if (IsId(term, "f-", 16)) {
    facts.emplace(term);
    return;
  }
  for (Group group : kGroups)
    if (GroupName(group) == term) {
      groups.insert(group);
      return;
    }
  sources.emplace(term);
}

Status Scenario::Trust(std::string_view term) {
  const std::size_t at = term.rfind('=');
  const std::string shown = TerminalSafe(Ellipsize(term, 80));
  if (at == std::string_view::npos || at == 0)
    return Fail(ErrorCode::kInvalidInput, fmt::format("--trust \"{}\": write SOURCE=p with p from 0 to 1", shown));
  const std::string_view number = term.substr(at + 1);
  double q = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), q, std::chars_format::fixed);
  if (error != std::errc() || end != number.data() + number.size() || !(q >= 0 && q <= 1))
    return Fail(ErrorCode::kInvalidInput, fmt::format("--trust \"{}\": p is no number from 0 to 1", shown));
  // Six decimals, as a saved scenario writes them: what is read back is what was weighed.
  q = std::round(q * 1e6) / 1e6 + 0.0;
  if (!trust.emplace(term.substr(0, at), q).second)
    return Fail(ErrorCode::kInvalidInput, fmt::format("--trust \"{}\": this source is given twice", shown));
  return {};
}

std::vector<std::string> Scenario::Differences() const {
  std::vector<std::string> out;
  for (Group group : groups) out.push_back(fmt::format("without all {} evidence", GroupName(group)));
  for (const std::string& source : sources) out.push_back("without source " + source);
  for (const std::string& fact : facts) out.push_back("without fact " + fact);
  for (const std::string& claim : claims) out.push_back("without claim " + claim);
  for (const auto& [source, q] : trust) out.push_back(fmt::format("source {} trusted with {}", source, q));
  if (flat_prior) out.push_back("flat prior");
  return out;
}

bool IsScenarioName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace ascribe
