#include "interchange/navigator_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "report/assessment_json.h"

namespace ascribe {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxRivals = 3;  // more layers than that nobody compares by eye
constexpr const char* kColour = "#1f6f8b";

double Round(double value) { return std::round(value * 1e6) / 1e6 + 0.0; }

struct Cell {
  double score = 0;
  std::string comment;
};
using Cells = std::map<std::string, Cell>;  // technique -> cell

Json Layer(const ExportView& view, const std::string& name, const std::string& description, const std::string& legend,
           const Cells& cells) {
  Json layer;
  layer["name"] = name;
  layer["versions"] = {{"navigator", "5.2.0"}, {"layer", "4.5"}};
  const std::string& version = view.knowledge.attack_version;
  if (!version.empty()) layer["versions"]["attack"] = version.substr(0, version.find('.'));
  layer["domain"] = "enterprise-attack";
  layer["description"] = description;
  layer["sorting"] = 3;  // by falling score
  layer["techniques"] = Json::array();
  double highest = 0;
  for (const auto& [technique, cell] : cells) {
    highest = std::max(highest, cell.score);
    layer["techniques"].push_back({{"techniqueID", technique},
                                   {"score", Round(cell.score)},
                                   {"comment", cell.comment},
                                   {"enabled", true},
                                   {"showSubtechniques", true}});
  }
  layer["gradient"] = {
      {"colors", Json::array({"#ffffff", kColour})}, {"minValue", 0}, {"maxValue", highest > 0 ? Round(highest) : 1.0}};
  layer["legendItems"] = Json::array({{{"label", legend}, {"color", kColour}}});
  Json metadata = Json::array({{{"name", "engine"}, {"value", std::string("ascribe ") + kEngineVersion}}});
  if (view.case_info) metadata.push_back({{"name", "case"}, {"value", view.data.info.id}});
  metadata.push_back({{"name", "marking"}, {"value", "TLP:" + std::string(TlpName(view.Marking()))}});
  layer["metadata"] = std::move(metadata);
  return layer;
}

// Another ATT&CK matrix: the enterprise release in use does not know it, or it is an ICS technique.
bool IsForeign(const ExportView& view, const std::string& technique) {
  if (technique.starts_with("T0")) return true;
  return !view.knowledge.attack_version.empty() && view.knowledge.technique_names.count(technique) == 0;
}

std::vector<const Hypothesis*> Leading(const Assessment& assessment) {
  std::vector<const Hypothesis*> leading;
  for (const Hypothesis& h : assessment.At(Level::kOperator).ranked)
    if (h.kind == HypothesisKind::kActor && leading.size() < kMaxRivals) leading.push_back(&h);
  return leading;
}

}  // namespace

std::string ExportNavigator(const ExportView& view) {
  Cells observed;
  std::size_t foreign = 0;
  for (const SharedFact& shared : view.facts) {
    const Fact& fact = *shared.fact;
    if (fact.object.type != EntityType::kTechnique || !IsObservation(fact.relation)) continue;
    if (IsForeign(view, fact.object.value)) {
      ++foreign;
      continue;
    }
    Cell& cell = observed[fact.object.value];
    cell.score += 1;
    cell.comment +=
        fmt::format("{}{} {}", cell.comment.empty() ? "" : "; ", shared.id,
                    shared.source == nullptr ? "" : shared.source->grade.ToString() + " " + shared.source->id);
  }
  const std::string title = view.case_info ? view.data.info.id : std::string("case withheld");
  Json layers = Json::array();
  layers.push_back(Layer(
      view, title + ": observed",
      fmt::format("Techniques of the case; score: facts that state it.{}",
                  foreign == 0 ? std::string()
                               : fmt::format(" {} facts name techniques that are not in the enterprise matrix in use.",
                                             foreign)),
      "more facts", observed));
  if (view.verdict) {
    const auto nats = [&](const std::string& technique, const std::string& hypothesis) {
      const auto row = view.knowledge.technique_nats.find(technique);
      if (row == view.knowledge.technique_nats.end()) return 0.0;
      const auto found = row->second.find(hypothesis);
      return found == row->second.end() ? 0.0 : found->second;
    };
    const std::vector<const Hypothesis*> leading = Leading(view.assessment);
    Cells apart;
    for (const Hypothesis* h : leading) {
      Cells cells;
      for (const auto& [technique, seen] : observed)
        if (const double value = nats(technique, h->id); value > 0)
          cells[technique] = {value, fmt::format("{:+.3f} nats for {}", value, h->name)};
      layers.push_back(
          Layer(view, fmt::format("{}: {}", title, h->name),
                fmt::format("{} ({}), posterior {:.4f} from all evidence. Score: nats (ln likelihood ratio against "
                            "somebody unknown) that the technique adds for it, before the cap of its group.",
                            h->name, h->id, h->posterior),
                "more nats", cells));
    }
    for (const auto& [technique, seen] : observed) {
      double least = 0, most = 0;
      std::string comment;
      for (std::size_t i = 0; i < leading.size(); ++i) {
        const double value = nats(technique, leading[i]->id);
        least = i == 0 ? value : std::min(least, value);
        most = i == 0 ? value : std::max(most, value);
        comment += fmt::format("{}{}: {:+.3f}", i == 0 ? "" : "; ", leading[i]->name, value);
      }
      if (Round(most - least) > 0) apart[technique] = {most - least, comment};
    }
    layers.push_back(
        Layer(view, title + ": discriminating",
              "Techniques that do not say the same for all of the leading actors; score: largest minus smallest nats.",
              "tells them apart", apart));
  }
  return layers.dump(1, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace ascribe
