#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "model/assessment.h"
#include "model/case.h"
#include "store/knowledge.h"

namespace ascribe {

/// What an export says beyond case and assessment: names of techniques, and what each technique alone says.
struct ExportKnowledge {
  std::string attack_version;                          ///< "18.1"; empty: no ATT&CK release in use
  std::map<std::string, std::string> technique_names;  ///< "T1059" -> name in use
  /// Technique -> hypothesis -> nats at operator level. The weight of a set of techniques is spread over those that the
  /// actor shares, in proportion to their rarity, so that the parts sum to the claim.
  std::map<std::string, std::map<std::string, double>> technique_nats;
  /// Things of the case that many unrelated people share, "type:value" -> the list that says so: no ground to join
  /// events.
  std::map<std::string, std::string> shared;
};

/// `hygiene`: class of a thing by the hygiene lists, or empty; may be null.
[[nodiscard]] ExportKnowledge KnowledgeForExport(const CaseData& data, const Assessment& assessment,
                                                 const Knowledge& knowledge,
                                                 const std::function<std::string_view(const Entity&)>& hygiene);

}  // namespace ascribe
