#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/entity.h"
#include "respond/step.h"

namespace ascribe {

/// data/response.toml, `ascribe-response/1`. Categories and formula follow CISA's National Cyber Incident Scoring
/// System (https://www.cisa.gov/news-events/news/cisa-national-cyber-incident-scoring-system-nciss); weights, scores
/// and bounds are this project's own, since the published figures were not at hand: the file says so with each of them.
///
/// What is evidence for an option or answered by a step is written as a pattern: "technique:T1003" (sub-techniques
/// too), "tactic:impact" (any technique of it), "capability:ddos" (that entity), "file-md5:*" (any of that type),
/// "actor:state|non-state|insider|other" (who the verdict names, from gate `likely` on).
struct ResponseTable {
  struct Option {
    std::string id, label;
    double low = 0, high = 100;
    std::vector<std::string> evidence;  ///< patterns
  };
  struct Category {
    std::string id, label;
    double weight = 0;
    std::vector<Option> options;  ///< the first with evidence counts
  };
  struct Level {
    std::string id;
    double from = 0;
  };
  struct Step {
    StepKind kind = StepKind::kPreserveEvidence;
    double severity = 0;
    std::string gate;
    std::vector<std::string> answers;  ///< patterns; empty: the incident as a whole
  };
  struct Decay {
    EntityType type = EntityType::kText;
    int half_life_days = 0;
  };
  struct Never {
    Entity thing;  ///< a domain: everything below it too
    std::string reason, source;
  };
  std::string version, sha256;
  std::vector<Category> categories;
  std::vector<Level> levels;  ///< ascending, the first from 0
  std::vector<Step> steps;    ///< in the order of the plan
  std::vector<Decay> decays;
  std::vector<Never> never;      ///< must not be blocked, whatever the case says
  int half_lives = 0;            ///< after so many an indicator expires
  double sponsor_posterior = 0;  ///< from here on the leading sponsor says what kind of actor it is

  [[nodiscard]] std::string_view LevelOf(double severity) const;
  [[nodiscard]] int HalfLife(EntityType type) const;  ///< days; 0: not an indicator
};

/// Position of a gate in none < consistent_with < activity_link < likely < very_likely, or -1.
[[nodiscard]] int GateRank(std::string_view gate);

/// Errors: kUnsupported (another format), kInvalidInput naming the field: a number out of range, an unknown step, gate,
/// type or pattern, no category, levels that do not ascend from 0.
[[nodiscard]] Result<ResponseTable> ParseResponseTable(std::string_view toml);
[[nodiscard]] Result<ResponseTable> LoadResponseTable(const std::filesystem::path& file);

}  // namespace ascribe
