#include <gtest/gtest.h>

#include <filesystem>

#include "store/knowledge.h"
#include "store/pack.h"
#include "store/test_world.h"

namespace ascribe {
namespace {

// All that can be asked of knowledge, as text.
std::string Told(const std::vector<Judgement>& judgements) {
  std::string out;
  for (const Judgement& j : judgements) {
    out += "  " + j.to + ' ' + std::to_string(j.p);
    for (const std::string& fact : j.facts) out += ' ' + fact;
    out += '\n';
  }
  return out;
}

std::string Told(const Holders& holders) {
  std::string out;
  for (const auto& [who, p] : holders.actors) out += who + ' ' + std::to_string(p) + ' ';
  for (const auto& [who, p] : holders.lineages) out += who + ' ' + std::to_string(p) + ' ';
  for (const std::string& attack : holders.attacks) out += attack + ' ';
  for (const KnownFact* known : holders.facts) out += known->id + ' ';
  for (const std::string& id : holders.support) out += id + ' ';
  return out + std::to_string(holders.background) + (holders.public_before_incident ? " public" : "") + (holders.circular ? " circular\n" : "\n");
}

std::string Told(const Knowledge& knowledge, const std::set<Entity>& things) {
  std::string out = std::to_string(knowledge.fact_count()) + '\n';
  for (const KnownActor& actor : knowledge.actors()) {
    out += actor.id + ' ' + actor.name + ' ' + std::to_string(actor.attacks) + (knowledge.HasTools(actor.id) ? " tools" : "");
    for (const std::string& name : actor.classes) out += ' ' + name;
    for (const KnownFact* name : actor.names) out += ' ' + name->id;
    for (const std::string& id : knowledge.TechniquesOf(actor.id)) out += ' ' + id + '/' + std::to_string(knowledge.TechniqueActors(id));
    out += '\n' + Told(actor.sponsors);
  }
  for (const KnownAttack& attack : knowledge.attacks())
    out += attack.id + ' ' + (attack.begin ? attack.begin->ToString() : "") + '\n' + Told(attack.actors) + Told(attack.lineages);
  for (const auto& [id, name] : knowledge.lineages()) out += id + ' ' + name + '\n';
  for (const auto& [publisher, sources] : knowledge.SourcesByPublisher())
    for (const std::string& source : sources) out += publisher + ' ' + source + '\n';
  for (const Entity& thing : things) {
    out += thing.ToString() + ' ' + std::string(knowledge.ListedAs(thing)) + ' ' + knowledge.NameOf(thing.ToString()) + ' ' + Told(knowledge.HoldersOf(thing));
    out += Told(knowledge.Behind(thing));
  }
  return out;
}

class ShippedKnowledge : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto& entry : std::filesystem::directory_iterator(ASCRIBE_SOURCE_DIR "/data/packs")) {
      if (!entry.is_directory()) continue;
      auto pack = LoadPack(entry.path());
      ASSERT_TRUE(pack) << pack.error().message;
      batches_.push_back(std::move(*pack));
    }
    std::sort(batches_.begin(), batches_.end(), [](const Batch& a, const Batch& b) { return a.id < b.id; });
    for (const Batch& batch : batches_)
      for (const Fact& fact : batch.facts)
        for (const Entity& entity : {fact.subject, fact.object})
          if (entity.type != EntityType::kText && entity.type != EntityType::kTechnique) things_.insert(entity);
    options_.incident = ParseAsOf("2016-06-01");
  }

  // Built anew from what the others say.
  Knowledge Without(const std::set<std::string>& keys) const {
    std::vector<Batch> less = batches_;
    for (Batch& batch : less)
      std::erase_if(batch.facts, [&](const Fact& fact) { return keys.count(batch.id + "/" + fact.source) > 0; });
    return Knowledge::Build(std::move(less), options_, ShippedParameters());
  }

  std::vector<Batch> batches_;
  std::set<Entity> things_;
  Knowledge::Options options_;
};

TEST_F(ShippedKnowledge, AViewWithoutASourceIsKnowledgeBuiltWithoutIt) {
  const Knowledge all = Knowledge::Build(batches_, options_, ShippedParameters());
  const std::string told = Told(all, things_);
  std::size_t tried = 0, changed = 0;
  for (const auto& [publisher, keys] : all.SourcesByPublisher()) {
    if (++tried % 4 != 0) continue;  // every fourth takes as long as a test may
    Knowledge::Options options = options_;
    options.without_publishers = {publisher};
    const std::string view = Told(all.View(options, ShippedParameters()), things_);
    ASSERT_EQ(view, Told(Without(keys), things_)) << publisher;
    options = options_;
    options.without_sources = {*keys.begin()};
    ASSERT_EQ(Told(all.View(options, ShippedParameters()), things_), Told(Without({*keys.begin()}), things_)) << *keys.begin();
    changed += view != told;
  }
  EXPECT_GT(changed, tried / 8) << "the sources that are left out hold something";
}

}  // namespace
}  // namespace ascribe
