#include "app/case_as_knowledge.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"

namespace ascribe {
namespace {

// A text read out of a program here says nothing of how common it is, and most are those of libraries. What samples share
// is measured against the code base, which knows.
bool IsPlainText(const Fact& fact) {
  const bool text = fact.object.type == EntityType::kString || fact.object.type == EntityType::kRegistryKey || fact.object.type == EntityType::kText;
  return text && (fact.extractor.starts_with("pe@") || fact.extractor.starts_with("executable@") || fact.extractor.starts_with("code-literals@"));
}

}  // namespace

Result<Batch> CaseAsKnowledge(const CaseData& data, const std::string& actor, const std::string& by, double confidence) {
  Batch batch;
  batch.kind = Batch::Kind::kKnowledge;
  batch.id = "case." + data.info.id;
  std::replace(batch.id.begin(), batch.id.end(), '_', '-');
  std::transform(batch.id.begin(), batch.id.end(), batch.id.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  batch.version = "1";
  batch.title = data.info.title;
  batch.sources = data.sources;
  batch.evidence = data.evidence;
  const Entity attack{EntityType::kAttack, data.info.id};
  for (const Fact& fact : data.facts) {
    const bool ours = fact.subject.type == EntityType::kIncident || fact.subject.type == EntityType::kSample;
    if (!ours || IsPlainText(fact) || (!IsObservation(fact.relation) && fact.relation != Relation::kTargets && fact.relation != Relation::kClaimedBy)) continue;
    Fact copy = fact;
    copy.subject = attack;
    batch.facts.push_back(std::move(copy));
  }
  if (!actor.empty()) {
    TRY_ASSIGN(const Entity who, ParseEntity(actor));
    if (who.type != EntityType::kActor) return Fail(ErrorCode::kInvalidInput, actor + " is no actor: write actor:<id>");
    Source source;
    source.id = "analyst";
    source.title = "Judgement entered with kb add";
    source.publisher = by;
    source.grade = AdmiraltyGrade{'A', 2};
    // Nobody can have judged before the last thing the judgement rests on was known; an earlier date would leak into replays.
    std::optional<Time> judged = data.info.incident;
    for (const Fact& fact : data.facts)
      if (fact.known_on && (!judged || fact.known_on->LastDay() > judged->LastDay())) judged = fact.known_on;
    source.published = judged;
    batch.sources.push_back(source);
    Fact judgement;
    judgement.subject = attack;
    judgement.relation = Relation::kAttributedTo;
    judgement.object = who;
    judgement.known_on = judged;
    judgement.source = source.id;
    judgement.confidence = confidence;
    judgement.extractor = "kb-add@1";
    batch.facts.push_back(std::move(judgement));
  }
  std::sort(batch.sources.begin(), batch.sources.end(), [](const Source& a, const Source& b) { return a.id < b.id; });
  std::sort(batch.facts.begin(), batch.facts.end(), FactLess);
  std::string content;
  for (const Fact& fact : batch.facts) content += fact.Id() + "\n";
  batch.key = Sha256Hex(content);
  return batch;
}

}  // namespace ascribe
