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

// A number of low..high, to the six decimals that a saved scenario writes: what is read back is what was weighed.
std::optional<double> NumberWithin(std::string_view text, double low, double high) {
  double value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high)) return std::nullopt;
  return std::round(value * 1e6) / 1e6 + 0.0;
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
  const std::optional<double> q = NumberWithin(number, 0, 1);
  if (!q) return Fail(ErrorCode::kInvalidInput, fmt::format("--trust \"{}\": p is no number from 0 to 1", shown));
  std::map<std::string, double>& into = IsId(term.substr(0, at), "c-", 12) ? claim_trust : trust;
  if (!into.emplace(term.substr(0, at), *q).second)
    return Fail(ErrorCode::kInvalidInput, fmt::format("--trust \"{}\": this is given twice", shown));
  return {};
}

Status Scenario::UnknownPrior(std::string_view term) {
  unknown_prior = NumberWithin(term, 0.01, 0.99);
  if (!unknown_prior)
    return Fail(ErrorCode::kInvalidInput, fmt::format("--unknown-prior \"{}\": write a number from 0.01 to 0.99", TerminalSafe(Ellipsize(term, 80))));
  return {};
}

std::vector<std::string> Scenario::Differences() const {
  std::vector<std::string> out;
  for (Group group : groups) out.push_back(fmt::format("without all {} evidence", GroupName(group)));
  for (const std::string& source : sources) out.push_back("without source " + source);
  for (const std::string& fact : facts) out.push_back("without fact " + fact);
  for (const std::string& claim : claims) out.push_back("without claim " + claim);
  for (const auto& [source, q] : trust) out.push_back(fmt::format("source {} trusted with {}", source, q));
  for (const auto& [claim, q] : claim_trust) out.push_back(fmt::format("claim {} trusted with {}", claim, q));
  if (flat_prior) out.push_back("flat prior");
  if (unknown_prior) out.push_back(fmt::format("prior of somebody unknown {}", *unknown_prior));
  return out;
}

bool IsScenarioName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace ascribe
