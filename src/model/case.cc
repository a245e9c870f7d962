#include "model/case.h"

#include <algorithm>

namespace ascribe {

const Source* CaseData::FindSource(std::string_view id) const {
  const auto it = std::lower_bound(sources.begin(), sources.end(), id, [](const Source& s, std::string_view i) { return s.id < i; });
  return it != sources.end() && it->id == id ? &*it : nullptr;
}

const Evidence* CaseData::FindEvidence(std::string_view sha256) const {
  const auto it = std::lower_bound(evidence.begin(), evidence.end(), sha256,
                                   [](const Evidence& e, std::string_view s) { return e.sha256 < s; });
  return it != evidence.end() && it->sha256 == sha256 ? &*it : nullptr;
}

}  // namespace ascribe
