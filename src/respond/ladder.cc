#include "respond/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "respond/severity.h"

namespace ascribe {
namespace {

// "Do Not Mitigate": ATT&CK's way to say that there is no step.
constexpr std::string_view kNoMitigation = "M1055";

class Ladder {
 public:
  explicit Ladder(const LadderInput& input) : in_(input), claims_(ClaimsForVerdict(input.assessment)) {}

  std::vector<PlannedStep> Make() {
    for (const ResponseTable::Step& rule : in_.table.steps) {
      switch (rule.kind) {
        case StepKind::kApplyMitigation:
          AddMitigations(rule);
          break;
        case StepKind::kBlockIndicators:
        case StepKind::kShareIndicators:
          AddIndicators(rule, false);
          break;
        case StepKind::kSearchLogs:
          AddIndicators(rule, true);
          break;
        case StepKind::kDetectTechniques:
          AddTechniques(rule);
          break;
        case StepKind::kHuntRelatedTools:
        case StepKind::kShareAssessment:
        case StepKind::kReferAttribution:
          AddFromClaims(rule);
          break;
        default:
          AddFromEvidence(rule);
      }
    }
    return std::move(steps_);
  }

 private:
  // Why the case does not justify the step now; empty: it does.
  std::string Withheld(const ResponseTable::Step& rule) const {
    std::string why;
    const auto add = [&](std::string text) { why += (why.empty() ? "" : "; ") + text; };
    const Severity& severity = in_.severity;
    if (WordsOf(rule.kind).disruptive && severity.low < rule.severity)
      add(fmt::format("it interrupts work, and the severity may be as low as {:.0f} where {:.0f} is needed",
                      severity.low, rule.severity));
    else if (severity.high < rule.severity)
      add(fmt::format("the severity is at most {:.0f} where {:.0f} is needed", severity.high, rule.severity));
    if (GateRank(in_.assessment.verdict.gate) < GateRank(rule.gate))
      add(fmt::format("the verdict passes the gate {} where {} is needed", in_.assessment.verdict.gate, rule.gate));
    return why;
  }

  PlannedStep& Add(const ResponseTable::Step& rule, std::vector<std::string> answers, Backing backing) {
    PlannedStep& step = steps_.emplace_back();
    step.kind = rule.kind;
    step.answers = std::move(answers);
    step.severity = rule.severity;
    step.gate = rule.gate;
    step.withheld = Withheld(rule);
    step.backing = std::move(backing);
    return step;
  }

  void AddFromEvidence(const ResponseTable::Step& rule) {
    CaseEvidence::Match match;
    if (rule.answers.empty())
      match.facts = in_.evidence.incident_facts();
    else
      match = in_.evidence.Find(rule.answers);
    if (match.facts.empty()) return;
    if (match.things.size() > kMaxBacking) match.things.resize(kMaxBacking);
    Add(rule, std::move(match.things), MakeBacking(std::move(match.facts)));
  }

  void AddIndicators(const ResponseTable::Step& rule, bool expired_too) {
    std::vector<std::string> answers, facts;
    const auto take = [&](const Entity& thing, const Backing& backing) {
      if (answers.size() < kMaxBacking) answers.push_back(thing.ToString());
      facts.insert(facts.end(), backing.facts.begin(), backing.facts.end());
      facts.insert(facts.end(), backing.rest.begin(), backing.rest.end());
    };
    for (const BlockEntry& entry : in_.list.block) take(entry.thing, entry.backing);
    if (expired_too)
      for (const NotBlocked& entry : in_.list.not_blocked)
        if (entry.reason.starts_with("expired on ")) take(entry.thing, entry.backing);
    if (facts.empty()) return;
    Add(rule, std::move(answers), MakeBacking(std::move(facts)));
  }

  void AddTechniques(const ResponseTable::Step& rule) {
    std::vector<std::string> answers, facts;
    for (const auto& [technique, ids] : in_.evidence.techniques()) {
      answers.push_back("technique:" + technique);
      facts.insert(facts.end(), ids.begin(), ids.end());
    }
    if (facts.empty()) return;
    Add(rule, std::move(answers), MakeBacking(std::move(facts)));
  }

  void AddMitigations(const ResponseTable::Step& rule) {
    struct Answered {
      const AttackObject* object = nullptr;
      std::vector<std::string> techniques, facts;
    };
    std::map<std::string_view, Answered> mitigations;
    for (const auto& [technique, ids] : in_.evidence.techniques())
      for (const AttackObject* object : in_.attack.MitigationsOf(technique)) {
        if (object->id == kNoMitigation) continue;
        Answered& answered = mitigations[object->id];
        answered.object = object;
        answered.techniques.push_back("technique:" + technique);
        answered.facts.insert(answered.facts.end(), ids.begin(), ids.end());
      }
    std::vector<Answered> order;
    for (auto& [id, answered] : mitigations) order.push_back(std::move(answered));
    std::stable_sort(order.begin(), order.end(),
                     [](const Answered& a, const Answered& b) { return a.techniques.size() > b.techniques.size(); });
    for (Answered& answered : order) {
      PlannedStep& step = Add(rule, std::move(answered.techniques), MakeBacking(std::move(answered.facts)));
      step.mitigation = answered.object->id;
      step.mitigation_name = answered.object->name;
    }
  }

  // Steps that rest on the links, and so on nothing when no name passes.
  void AddFromClaims(const ResponseTable::Step& rule) {
    std::vector<std::string> answers, facts, claims;
    for (const Claim* claim : claims_) {
      claims.push_back(claim->id);
      answers.push_back(claim->thing);
      facts.insert(facts.end(), claim->case_facts.begin(), claim->case_facts.end());
    }
    std::sort(answers.begin(), answers.end());
    answers.erase(std::unique(answers.begin(), answers.end()), answers.end());
    if (facts.empty()) {
      // Nothing to rest on, and said so: a reader looks for these steps.
      facts = in_.evidence.incident_facts();
      if (facts.empty()) return;
      PlannedStep& step = Add(rule, {}, MakeBacking(std::move(facts)));
      if (step.withheld.empty()) step.withheld = "no link of the case speaks for the name in the verdict";
      return;
    }
    if (rule.kind != StepKind::kHuntRelatedTools) answers.clear();  // telling somebody answers nothing in the network
    Add(rule, std::move(answers), MakeBacking(std::move(facts), std::move(claims)));
  }

  const LadderInput& in_;
  std::vector<const Claim*> claims_;
  std::vector<PlannedStep> steps_;
};

}  // namespace

std::vector<PlannedStep> MakeLadder(const LadderInput& input) { return Ladder(input).Make(); }

}  // namespace ascribe
