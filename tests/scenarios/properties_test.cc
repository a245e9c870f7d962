#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

#include "real_cases.h"
#include "report/assessment_json.h"
#include "report/terminal.h"

// Properties over all examples with the shipped knowledge: what must not matter does not, to the last bit.

namespace ascribe {
namespace {

using Rename = std::function<std::string(const std::string&)>;

const std::vector<Batch>& ShippedBatches() {
  static const std::vector<Batch> kBatches = LoadShipped(std::nullopt).batches;
  return kBatches;
}

Assessment AssessWith(const CaseData& data, std::vector<Batch> batches, const Rename& back = nullptr,
                      bool sensitivity = true) {
  static const KnowledgeBase kShipped = LoadShipped(std::nullopt);
  Knowledge::Options options;
  options.incident = data.info.incident->FirstDay();
  const Knowledge knowledge = Knowledge::Build(std::move(batches), options, kShipped.parameters);
  // The hygiene lists know software by its real name: renamed software is looked up under the name it had.
  const auto hygiene = [&](const Entity& entity) {
    Entity known = entity;
    if (back)
      if (auto was = ParseEntity(back(entity.ToString()))) known = std::move(*was);
    return kShipped.hygiene->IsShared(known) ? kShipped.hygiene->ClassOf(known).value_or(std::string_view{})
                                             : std::string_view{};
  };
  return Assess({data, knowledge, kShipped.parameters, std::nullopt, hygiene, nullptr, 0, sensitivity});
}

bool IsRenamed(EntityType type) {
  return type == EntityType::kActor || type == EntityType::kMalware || type == EntityType::kLineage ||
         type == EntityType::kAttack;
}

// A random bijection over the ids of each renamed type, and over the names given to them.
class Bijection {
 public:
  Bijection(const CaseData& data, const std::vector<Batch>& batches, std::uint64_t seed) : random_(seed) {
    std::map<EntityType, std::set<std::string>> ids;
    std::set<std::string> names;
    const auto collect = [&](const Fact& fact) {
      for (const Entity* e : {&fact.subject, &fact.object})
        if (IsRenamed(e->type)) ids[e->type].insert(e->value);
      if (fact.relation == Relation::kNamed && IsRenamed(fact.subject.type)) names.insert(fact.object.value);
    };
    for (const Fact& fact : data.facts) collect(fact);
    for (const Batch& batch : batches)
      for (const Fact& fact : batch.facts) collect(fact);
    for (const auto& [type, values] : ids) {
      // Half of the ids trade places, half get new ones that sort anywhere: both orders and spellings change.
      std::vector<std::string> old(values.begin(), values.end()), fresh = old;
      for (std::size_t i = 0; i < fresh.size(); i += 2)
        fresh[i] = fmt::format("{}{:x}", static_cast<char>('a' + random_() % 26), random_());
      std::shuffle(fresh.begin(), fresh.end(), random_);
      for (std::size_t i = 0; i < old.size(); ++i) {
        const std::string from = Entity{type, old[i]}.ToString(), to = Entity{type, fresh[i]}.ToString();
        to_[from] = to;
        back_[to] = from;
      }
    }
    for (const std::string& name : names) names_[name] = fmt::format("Name {:x}", random_());
  }
  [[nodiscard]] std::string To(const std::string& text) const { return Map(to_, text); }
  [[nodiscard]] std::string Back(const std::string& text) const { return Map(back_, text); }

  void Apply(Fact& fact) const {
    if (fact.relation == Relation::kNamed && IsRenamed(fact.subject.type))
      fact.object.value = names_.at(fact.object.value);
    for (Entity* e : {&fact.subject, &fact.object})
      if (IsRenamed(e->type)) *e = *ParseEntity(To(e->ToString()));
  }

 private:
  static std::string Map(const std::map<std::string, std::string>& map, const std::string& text) {
    constexpr std::string_view kFlag = "false-flag:";
    if (text.starts_with(kFlag)) return std::string(kFlag) + Map(map, text.substr(kFlag.size()));
    const auto it = map.find(text);
    return it == map.end() ? text : it->second;
  }
  std::mt19937_64 random_;
  std::map<std::string, std::string> to_, back_, names_;
};

// Everything an assessment says, with ids passed through `name`, without the texts: sorted lines of exact numbers.
std::vector<std::string> Substance(const Assessment& a, const Rename& name) {
  std::vector<std::string> lines;
  for (const LevelResult& level : a.levels)
    for (const Hypothesis& h : level.ranked) {
      std::string line = fmt::format("{} {} {} {:a} {:a} {:a} {:a} {:a} {:a} {:a}", LevelName(level.level),
                                     name(h.id), HypothesisKindName(h.kind), h.prior, h.posterior, h.low, h.high,
                                     h.table_low, h.table_high, h.nats);
      for (const auto& [group, nats] : h.groups) line += fmt::format(" {}={:a}", GroupName(group), nats);
      const Claim* best = a.FindClaim(h.best_evidence);
      line += best == nullptr ? " none" : fmt::format(" {:a}", best->NatsFor(level.level, h.id));
      lines.push_back(std::move(line));
    }
  for (const Claim& c : a.claims) {
    std::vector<std::string> parts;
    for (const Contribution& x : c.contributions)
      parts.push_back(
          fmt::format("{} {} {:a} {:a} {:a}", LevelName(x.level), name(x.hypothesis), x.nats, x.low, x.high));
    std::sort(parts.begin(), parts.end());
    lines.push_back(fmt::format("claim {} {} {} {} {} {} {:a} {:a} {} {} {} | {}", c.kind, name(c.thing), c.copyable,
                                c.cancelled_by, c.holders, c.background, c.similarity, c.reliability, c.asserted,
                                c.case_facts.size(), c.knowledge_facts.size(), fmt::join(parts, ";")));
  }
  for (const Contradiction& c : a.contradictions) {
    std::vector<std::string> parts;
    for (const auto& [who, nats] : c.deception) parts.push_back(fmt::format("{} {:a}", name(who), nats));
    std::sort(parts.begin(), parts.end());
    lines.push_back(fmt::format("contradiction {} {} {} {} | {}", c.rule, c.side_a.size(), c.side_b.size(),
                                c.cancelled.size(), fmt::join(parts, ";")));
  }
  const Verdict& v = a.verdict;
  lines.push_back(fmt::format("verdict {} {} {} {} {} {} {:a}", LevelName(v.level), name(v.hypothesis), v.gate,
                              v.likelihood, v.confidence, fmt::join(v.gate_notes, ";"), a.copyable_weight));
  for (const Flip& f : a.flips)
    lines.push_back(
        fmt::format("flip {} {} {} {:a}", LevelName(f.level), f.claims.size(), name(f.leader_then), f.posterior_then));
  for (const SensitivityRun& run : a.sensitivity) {
    std::string line = fmt::format("run {} {} {:a}", run.kind, run.changes_leader, run.effect);
    for (const SensitivityRun::Outcome& o : run.outcomes)
      line += fmt::format(" {} {} {:a} {:a}", LevelName(o.level), name(o.leader), o.leader_posterior, o.posterior);
    lines.push_back(std::move(line));
  }
  lines.push_back(fmt::format("planting {} {} {} {} {} {} {:a}", a.planting.claims.size(), a.planting.claim_groups,
                              fmt::join(a.planting.kinds, ","), a.planting.kind_groups, a.planting.tried,
                              a.planting.gate, a.planting.posterior));
  for (const NextEvidence& n : a.next_evidence) lines.push_back(fmt::format("next {} {:a}", n.kind, n.gain));
  lines.push_back(fmt::format("route {} {}", a.route.hops.size(), a.route.ends.size()));
  lines.push_back(fmt::format("counts {} {} {} {} {} {}", a.attacks_compared, a.actors_compared, a.facts_known,
                              a.facts_used, a.facts_later, a.facts_unverified));
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::string FirstDifference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> only_a, only_b;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_a));
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_b));
  only_a.resize(std::min<std::size_t>(only_a.size(), 4));
  only_b.resize(std::min<std::size_t>(only_b.size(), 4));
  return only_a.empty() && only_b.empty()
             ? ""
             : fmt::format("before:\n  {}\nafter:\n  {}", fmt::join(only_a, "\n  "), fmt::join(only_b, "\n  "));
}

TEST(Properties, RenamingPermutesThePosteriorsAndChangesNothingElse) {
  for (const char* example : kExamples) {
    const CaseData data = LoadExample(example);
    Assessment before = AssessWith(data, ShippedBatches());
    for (std::uint64_t seed : {1u, 2u, 3u}) {
      const Bijection names(data, ShippedBatches(), seed);
      CaseData renamed = data;
      renamed.info.id = fmt::format("case-{}", seed);
      renamed.info.title = "another title";
      for (Fact& fact : renamed.facts) names.Apply(fact);
      std::sort(renamed.facts.begin(), renamed.facts.end(), FactLess);
      std::vector<Batch> batches = ShippedBatches();
      for (Batch& batch : batches)
        for (Fact& fact : batch.facts) names.Apply(fact);
      const Assessment after =
          AssessWith(renamed, std::move(batches), [&](const std::string& id) { return names.Back(id); }, seed == 1);
      if (seed != 1) before.sensitivity.clear();  // hundreds of runs; once is enough
      EXPECT_EQ(FirstDifference(Substance(before, [&](const std::string& id) { return names.To(id); }),
                                Substance(after, [](const std::string& id) { return id; })),
                "")
          << example << " seed " << seed;
    }
  }
}

TEST(Properties, OrderChangesNothing) {
  for (const char* example : kExamples) {
    const CaseData data = LoadExample(example);
    const Assessment before = AssessWith(data, ShippedBatches());
    std::mt19937_64 random(20130320);
    CaseData shuffled = data;
    std::shuffle(shuffled.facts.begin(), shuffled.facts.end(), random);
    std::vector<Batch> batches = ShippedBatches();
    std::shuffle(batches.begin(), batches.end(), random);
    for (Batch& batch : batches) {
      std::shuffle(batch.facts.begin(), batch.facts.end(), random);
      std::shuffle(batch.sources.begin(), batch.sources.end(), random);
    }
    const Assessment after = AssessWith(shuffled, std::move(batches));
    EXPECT_EQ(AssessmentToJson(before), AssessmentToJson(after)) << example;
    EXPECT_EQ(AssessmentToText(before), AssessmentToText(after)) << example;
  }
}

TEST(Properties, SayingItTwiceChangesNothing) {
  for (const char* example : kExamples) {
    const CaseData data = LoadExample(example);
    const Assessment before = AssessWith(data, ShippedBatches());
    CaseData twice = data;
    for (const Fact& fact : data.facts) twice.facts.push_back(fact);
    std::sort(twice.facts.begin(), twice.facts.end(), FactLess);
    std::vector<Batch> batches = ShippedBatches();
    for (Batch& batch : batches) {
      const std::vector<Fact> facts = batch.facts;
      batch.facts.insert(batch.facts.end(), facts.begin(), facts.end());
    }
    Assessment after = AssessWith(twice, std::move(batches));
    // A pack that says everything twice is another pack with another digest; only its listing may differ.
    after.packs = before.packs;
    EXPECT_EQ(AssessmentToJson(before), AssessmentToJson(after)) << example;
  }
}

TEST(Properties, AnUnrelatedAttackChangesOnlyPriorsAndRarity) {
  for (const char* example : kExamples) {
    const CaseData data = LoadExample(example);
    const Assessment before = AssessWith(data, ShippedBatches(), nullptr, false);
    std::vector<Batch> batches = ShippedBatches();
    Batch unrelated;
    unrelated.kind = Batch::Kind::kKnowledge;
    unrelated.key = unrelated.id = "unrelated";
    Source source;
    source.id = "somebody";
    source.grade = {'B', 2};
    source.published = ParseTime("1999-01-01");
    unrelated.sources = {source};
    const auto add = [&](const char* subject, Relation relation, const char* object) {
      Fact fact;
      fact.subject = *ParseEntity(subject);
      fact.relation = relation;
      fact.object = *ParseEntity(object);
      fact.source = source.id;
      fact.valid_from = ParseTime("1998-01-01");
      unrelated.facts.push_back(fact);
    };
    add("attack:unrelated-1998", Relation::kTargets, "sector:unrelated");
    add("attack:unrelated-1998", Relation::kAttributedTo, "actor:unrelated");
    add("attack:unrelated-1998", Relation::kUses, "malware:unrelated");
    batches.push_back(unrelated);
    const Assessment after = AssessWith(data, std::move(batches), nullptr, false);
    EXPECT_EQ(after.attacks_compared, before.attacks_compared + 1) << example;
    for (const Claim& claim : before.claims) {
      if (claim.kind == "absence") continue;  // it now tells against the newcomer too
      const Claim* same = after.FindClaim(claim.id);
      ASSERT_NE(same, nullptr) << example << " " << claim.statement;
      ASSERT_EQ(same->contributions.size(), claim.contributions.size()) << example << " " << claim.statement;
      for (std::size_t i = 0; i < claim.contributions.size(); ++i)
        EXPECT_EQ(same->contributions[i].nats, claim.contributions[i].nats) << example << " " << claim.statement;
    }
    for (Level level : {Level::kLineage, Level::kOperator})
      for (const Hypothesis& h : before.At(level).ranked) {
        if (h.kind == HypothesisKind::kFalseFlag) continue;
        const auto& ranked = after.At(level).ranked;
        const auto same = std::find_if(ranked.begin(), ranked.end(), [&](const Hypothesis& x) { return x.id == h.id; });
        ASSERT_NE(same, ranked.end()) << example << " " << h.id;
        EXPECT_EQ(same->nats, h.nats) << example << " " << h.id;
      }
  }
}

}  // namespace
}  // namespace ascribe
