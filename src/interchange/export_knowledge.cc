#include "interchange/export_knowledge.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/stable_sum.h"
#include "model/attack_facts.h"

namespace ascribe {
namespace {

// As technique-link measures it: ln((A+1)/k), A actors with techniques, k of them with this one.
double Rarity(const Knowledge& knowledge, const std::string& technique, std::size_t actors) {
  const std::size_t k = std::max<std::size_t>(knowledge.TechniqueActors(technique), 1);
  return std::log(static_cast<double>(actors + 1) / static_cast<double>(k));
}

}  // namespace

ExportKnowledge KnowledgeForExport(const CaseData& data, const Assessment& assessment, const Knowledge& knowledge,
                                   const std::function<std::string_view(const Entity&)>& hygiene) {
  ExportKnowledge out;
  for (const Assessment::Pack& pack : assessment.packs)
    if (pack.id == kAttackKnowledgeId) out.attack_version = pack.version;
  std::unordered_map<std::string, std::string> technique_of;  // fact id -> technique
  for (const Fact& fact : data.facts) {
    if (fact.relation == Relation::kListedAs) out.shared.emplace(fact.subject.ToString(), fact.object.value);
    std::string_view listed = hygiene ? hygiene(fact.object) : std::string_view{};
    if (listed.empty()) listed = knowledge.ListedAs(fact.object);
    if (!listed.empty()) out.shared.emplace(fact.object.ToString(), listed);
    if (fact.object.type != EntityType::kTechnique) continue;
    technique_of.emplace(fact.Id(), fact.object.value);
    const std::string name = knowledge.NameOf(fact.object.ToString());
    if (name != fact.object.value) out.technique_names.emplace(fact.object.value, name);
  }
  std::size_t actors = 0;
  for (const KnownActor& actor : knowledge.actors()) actors += !knowledge.TechniquesOf(actor.id).empty();
  for (const Claim& claim : assessment.claims) {
    std::set<std::string> techniques;
    for (const std::string& id : claim.case_facts)
      if (const auto found = technique_of.find(id); found != technique_of.end()) techniques.insert(found->second);
    for (const Contribution& c : claim.contributions) {
      if (claim.cancelled || c.level != Level::kOperator || techniques.empty()) continue;
      const std::set<std::string>& known = knowledge.TechniquesOf(c.hypothesis);
      std::vector<std::pair<std::string, double>> shared;
      std::vector<double> weights;
      for (const std::string& technique : techniques) {
        if (techniques.size() > 1 && known.count(technique) == 0) continue;
        shared.emplace_back(technique, Rarity(knowledge, technique, actors));
        weights.push_back(shared.back().second);
      }
      const double total = StableSum(weights);
      for (const auto& [technique, rarity] : shared)
        out.technique_nats[technique][c.hypothesis] +=
            total > 0 ? c.nats * rarity / total : c.nats / static_cast<double>(shared.size());
    }
  }
  return out;
}

}  // namespace ascribe
