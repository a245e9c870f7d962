#include "model/similarity.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"

namespace ascribe {
namespace {

std::size_t MatchingCharacters(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return 0;
  std::size_t best = 0, best_a = 0, best_b = 0;
  std::vector<std::size_t> previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      current[j] = a[i - 1] == b[j - 1] ? previous[j - 1] + 1 : 0;
      if (current[j] > best) best = current[j], best_a = i - best, best_b = j - best;
    }
    std::swap(previous, current);
  }
  if (best == 0) return 0;
  return best + MatchingCharacters(a.substr(0, best_a), b.substr(0, best_b)) +
         MatchingCharacters(a.substr(best_a + best), b.substr(best_b + best));
}

std::set<std::string> RareParts(std::string_view path) {
  static constexpr std::array<std::string_view, 16> kCommon = {
      "release", "debug", "win32", "source", "src",  "users",   "documents", "desktop",
      "projects", "project", "visual studio", "obj", "bin", "output", "objfre", "backup"};
  std::set<std::string> parts;
  std::string lowered = AsciiLower(path);
  std::replace(lowered.begin(), lowered.end(), '/', '\\');
  for (std::string_view part : Split(lowered, '\\')) {
    if (part.size() < 4 || std::find(kCommon.begin(), kCommon.end(), part) != kCommon.end()) continue;
    parts.emplace(part);
  }
  return parts;
}

}  // namespace

double RatcliffObershelp(std::string_view a, std::string_view b) {
  if (a == b) return 1;
  constexpr std::size_t kMaxCompared = 512;
  if (a.empty() || b.empty() || a.size() > kMaxCompared || b.size() > kMaxCompared) return 0;
  // The longest common block is not unique; comparing in a fixed order keeps the measure symmetric.
  if (b < a) std::swap(a, b);
  return 2.0 * static_cast<double>(MatchingCharacters(a, b)) / static_cast<double>(a.size() + b.size());
}

double PathPartSimilarity(std::string_view a, std::string_view b) {
  const std::set<std::string> parts_a = RareParts(a), parts_b = RareParts(b);
  std::size_t shared = 0;
  for (const std::string& part : parts_a) shared += parts_b.count(part);
  if (shared < 2) return 0;
  return static_cast<double>(shared) / static_cast<double>(std::min(parts_a.size(), parts_b.size()));
}

}  // namespace ascribe
