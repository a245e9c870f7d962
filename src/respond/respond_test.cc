#include "respond/respond.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/io.h"
#include "store/test_world.h"

namespace ascribe {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

template <typename T>
const T& Loaded(Result<T>& result) {
  EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
  return *result;
}

const ResponseTable& Table() {
  static Result<ResponseTable> table = LoadResponseTable(ASCRIBE_SOURCE_DIR "/data/response.toml");
  return Loaded(table);
}
const AttackTables& Attack() {
  static Result<AttackTables> tables = AttackTables::Load(ASCRIBE_SOURCE_DIR "/data/tables");
  return Loaded(tables);
}
const Hygiene& Lists() {
  static Result<Hygiene> hygiene = Hygiene::Load(ASCRIBE_SOURCE_DIR "/data/tables");
  return Loaded(hygiene);
}

// A hand-made assessment: who leads at operator and sponsor level, and the gate that was passed.
Assessment Verdicted(std::string gate, std::string hypothesis = {}, HypothesisKind sponsor = HypothesisKind::kUnknown,
                     double p = 0.9) {
  Assessment a;
  a.levels.resize(3);
  for (std::size_t i = 0; i < 3; ++i) a.levels[i].level = static_cast<Level>(i);
  a.verdict.level = Level::kOperator;
  a.verdict.gate = std::move(gate);
  if (!hypothesis.empty()) {
    Hypothesis h;
    h.id = a.verdict.hypothesis = a.verdict.name = hypothesis;
    h.posterior = 0.95;
    a.levels[static_cast<std::size_t>(Level::kOperator)].ranked.push_back(h);
  }
  Hypothesis s;
  s.id = "sponsor";
  s.kind = sponsor;
  s.posterior = p;
  a.levels[static_cast<std::size_t>(Level::kSponsor)].ranked.push_back(s);
  return a;
}

// A link that rests on the first fact of the world.
void Link(Assessment& a, const World& world) {
  Claim claim;
  claim.id = "c-0123456789ab";
  claim.thing = "mutex:global-lock";
  claim.contributions.push_back({Level::kOperator, a.verdict.hypothesis, 2, 1, 3});
  claim.case_facts = {world.data.facts.front().Id()};
  a.claims.push_back(claim);
}

ResponsePlan Plan(World& world, const Assessment& assessment) {
  std::sort(world.data.facts.begin(), world.data.facts.end(), FactLess);
  const Knowledge knowledge = world.BuildKnowledge();
  return PlanResponse({world.data, assessment, world.parameters, knowledge, Attack(), Lists(), Table()});
}

const SeverityCategory& Category(const ResponsePlan& plan, std::string_view id) {
  const auto& all = plan.severity.categories;
  const auto found = std::find_if(all.begin(), all.end(), [&](const SeverityCategory& c) { return c.id == id; });
  EXPECT_NE(found, all.end()) << id;
  return *found;
}

const PlannedStep* Find(const std::vector<PlannedStep>& steps, StepKind kind) {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const PlannedStep& s) { return s.kind == kind; });
  return found == steps.end() ? nullptr : &*found;
}

const BlockEntry* Blocked(const ResponsePlan& plan, std::string_view thing) {
  for (const BlockEntry& e : plan.block)
    if (e.thing.ToString() == thing) return &e;
  return nullptr;
}
std::string WhyNot(const ResponsePlan& plan, std::string_view thing) {
  for (const NotBlocked& e : plan.not_blocked)
    if (e.thing.ToString() == thing) return e.reason;
  return "(not there)";
}

TEST(Severity, NothingKnownIsTheWholeInterval) {
  World world;
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  EXPECT_DOUBLE_EQ(plan.severity.low, 0);
  EXPECT_DOUBLE_EQ(plan.severity.high, 100);
  EXPECT_THAT(plan.severity.categories, SizeIs(8));
  for (const SeverityCategory& c : plan.severity.categories) {
    EXPECT_EQ(c.note, "not known: counted as 0 to 100");
    EXPECT_THAT(c.backing.facts, IsEmpty());
  }
  EXPECT_THAT(plan.steps, IsEmpty()) << "no evidence, no step";
}

TEST(Severity, IsTheWeightedMeanOfItsCategoriesAndNamesTheirFacts) {
  World world;
  const std::string wiper = world.See("incident:self exhibits capability:destructive-wiper").Id();
  const std::string sector = world.See("incident:self targets sector:energy").Id();
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  double weights = 0, low = 0, high = 0;
  for (const SeverityCategory& c : plan.severity.categories) {
    weights += c.weight;
    low += c.weight * c.low;
    high += c.weight * c.high;
    EXPECT_EQ(c.option.empty(), c.backing.facts.empty()) << c.id;
  }
  EXPECT_NEAR(plan.severity.low, low / weights, 1e-9);
  EXPECT_NEAR(plan.severity.high, high / weights, 1e-9);
  EXPECT_THAT(Category(plan, "functional-impact").backing.facts, ElementsAre(wiper));
  EXPECT_EQ(Category(plan, "functional-impact").option, "denial-of-services");
  EXPECT_THAT(Category(plan, "cross-sector-dependency").backing.facts, ElementsAre(sector));
  EXPECT_EQ(Category(plan, "observed-activity").option, "effect");
  EXPECT_EQ(Category(plan, "actor").option, "") << "no name passed a gate";
  EXPECT_GT(plan.severity.low, 30);
}

TEST(Severity, KnowingTheSectorNarrowsTheInterval) {
  World world;
  world.See("incident:self uses technique:T1566.002");
  const ResponsePlan before = Plan(world, Verdicted("none"));
  world.See("incident:self targets sector:sport");
  const ResponsePlan after = Plan(world, Verdicted("none"));
  EXPECT_LT(after.severity.high - after.severity.low, before.severity.high - before.severity.low);
  EXPECT_EQ(Category(before, "observed-activity").option, "engage");
}

TEST(Severity, ReadsTacticsAndParentsOfTechniques) {
  World world;
  world.See("incident:self uses technique:T1561.002");
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  EXPECT_EQ(Category(plan, "functional-impact").option, "denial-of-services") << "T1561.002 is a T1561";
  EXPECT_EQ(Category(plan, "observed-activity").option, "effect") << "T1561.002 is of the tactic impact";
}

TEST(Severity, BoastsAndOtherAttacksAreNoEvidence) {
  World world;
  world.See("incident:self exhibits capability:bulk-data-theft").statement = StatementKind::kClaimOfResponsibility;
  world.See("attack:other-2012 exhibits capability:destructive-wiper");
  world.See("actor:somebody uses technique:T1485");
  world.See("incident:self exhibits capability:ics-disruption").verification = Verification::kUnverified;
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  EXPECT_DOUBLE_EQ(plan.severity.low, 0);
  EXPECT_DOUBLE_EQ(plan.severity.high, 100);
}

TEST(Severity, TheActorCountsFromGateLikelyOnAndNamesItsClaims) {
  World world;
  world.See("incident:self observed mutex:global-lock");
  const auto option = [&](std::string gate, HypothesisKind sponsor, double p) {
    Assessment a = Verdicted(std::move(gate), "actor:x", sponsor, p);
    Link(a, world);
    return Category(Plan(world, a), "actor");
  };
  EXPECT_EQ(option("activity_link", HypothesisKind::kState, 0.95).option, "");
  EXPECT_EQ(option("likely", HypothesisKind::kState, 0.95).option, "state");
  EXPECT_EQ(option("likely", HypothesisKind::kState, 0.6).option, "other");
  EXPECT_EQ(option("likely", HypothesisKind::kNonState, 0.95).option, "non-state");
  EXPECT_THAT(option("likely", HypothesisKind::kState, 0.95).backing.claims, ElementsAre("c-0123456789ab"));
  EXPECT_THAT(option("likely", HypothesisKind::kState, 0.95).backing.facts, SizeIs(1));
}

TEST(Ladder, StrengthFollowsTheVerdict) {
  World world;
  world.See("incident:self observed mutex:global-lock");
  world.See("incident:self exhibits capability:destructive-wiper");
  const auto plan = [&](std::string gate) {
    Assessment a = Verdicted(gate, gate == "none" ? "" : "actor:x");
    if (gate != "none") Link(a, world);
    return Plan(world, a);
  };
  const ResponsePlan none = plan("none"), linked = plan("activity_link"), likely = plan("likely"),
                     very = plan("very_likely");
  for (const ResponsePlan* p : {&none, &linked, &likely, &very}) {
    EXPECT_NE(Find(p->steps, StepKind::kPreserveEvidence), nullptr);
    EXPECT_NE(Find(p->steps, StepKind::kInformCsirt), nullptr) << "needs no name";
  }
  EXPECT_EQ(Find(none.steps, StepKind::kHuntRelatedTools), nullptr);
  ASSERT_NE(Find(none.withheld, StepKind::kHuntRelatedTools), nullptr);
  EXPECT_THAT(Find(none.withheld, StepKind::kHuntRelatedTools)->withheld,
              HasSubstr("gate none where activity_link is needed"));
  EXPECT_NE(Find(linked.steps, StepKind::kHuntRelatedTools), nullptr);
  EXPECT_EQ(Find(linked.steps, StepKind::kShareAssessment), nullptr);
  EXPECT_NE(Find(likely.steps, StepKind::kShareAssessment), nullptr);
  EXPECT_EQ(Find(likely.steps, StepKind::kReferAttribution), nullptr);
  ASSERT_NE(Find(very.steps, StepKind::kReferAttribution), nullptr);
  EXPECT_THAT(Find(very.steps, StepKind::kReferAttribution)->backing.claims, ElementsAre("c-0123456789ab"));
}

TEST(Ladder, WhatInterruptsWorkNeedsTheLowEnd) {
  World world;
  world.See("incident:self communicates-with ipv4:45.33.32.156");
  world.See("incident:self uses technique:T1021.002");
  const ResponsePlan unsure = Plan(world, Verdicted("none"));
  ASSERT_LT(unsure.severity.low, 35);
  ASSERT_NE(Find(unsure.withheld, StepKind::kIsolateHosts), nullptr);
  EXPECT_THAT(Find(unsure.withheld, StepKind::kIsolateHosts)->withheld, HasSubstr("interrupts work"));
  EXPECT_NE(Find(unsure.steps, StepKind::kBlockIndicators), nullptr) << "can be undone: the high end is enough";
  world.See("incident:self exhibits capability:destructive-wiper");
  world.See("incident:self exhibits capability:worm-propagation");
  world.See("incident:self targets sector:energy");
  const ResponsePlan grave = Plan(world, Verdicted("none"));
  ASSERT_GE(grave.severity.low, 45);
  EXPECT_NE(Find(grave.steps, StepKind::kIsolateHosts), nullptr);
  EXPECT_NE(Find(grave.steps, StepKind::kSegmentNetwork), nullptr);
}

TEST(Ladder, MitigationsAreThoseOfTheTechniquesSeen) {
  World world;
  const std::string wipe = world.See("incident:self uses technique:T1485").Id();
  world.See("incident:self uses technique:T1486");
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  const PlannedStep* backup = nullptr;
  for (const PlannedStep& step : plan.steps)
    if (step.mitigation == "M1053") backup = &step;
  ASSERT_NE(backup, nullptr);
  EXPECT_EQ(backup->mitigation_name, "Data Backup");
  EXPECT_THAT(backup->answers, ElementsAre("technique:T1485", "technique:T1486"));
  EXPECT_THAT(backup->backing.facts, AllOf(SizeIs(2), Contains(wipe)));
  for (const PlannedStep& step : plan.steps) {
    EXPECT_EQ(step.kind == StepKind::kApplyMitigation, !step.mitigation.empty());
    EXPECT_NE(step.mitigation, "M1055");
  }
}

TEST(BlockList, ExpiresAfterTheHalfLivesOfItsKind) {
  World world;
  world.See("incident:self communicates-with ipv4:45.33.32.156").valid_to = ParseTime("2020-05-20");
  world.See("sample:a communicates-with ipv4:45.33.32.156").valid_from = ParseTime("2020-05-01");
  world.See("sample:a contains file-md5:9e107d9d372bb6826bd81d3542a419d6");
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  const BlockEntry* address = Blocked(plan, "ipv4:45.33.32.156");
  ASSERT_NE(address, nullptr);
  EXPECT_EQ(address->last_seen.ToString(), "2020-05-20");
  EXPECT_EQ(address->last_seen_basis, "seen");
  EXPECT_EQ(address->expires.days - address->last_seen.days, Table().half_lives * Table().HalfLife(EntityType::kIpv4));
  EXPECT_THAT(address->backing.facts, SizeIs(2));
  const BlockEntry* file = Blocked(plan, "file-md5:9e107d9d372bb6826bd81d3542a419d6");
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->last_seen_basis, "incident");
  EXPECT_EQ(file->last_seen.ToString(), "2020-06-01");
}

TEST(BlockList, WhatExpiredByTheAsOfDateIsSearchedForAndNotBlocked) {
  World world;
  world.See("incident:self communicates-with ipv4:45.33.32.156").valid_to = ParseTime("2020-05-20");
  Assessment a = Verdicted("none");
  a.as_of = ParseAsOf("2021-01-01");
  const ResponsePlan plan = Plan(world, a);
  EXPECT_EQ(Blocked(plan, "ipv4:45.33.32.156"), nullptr);
  EXPECT_THAT(WhyNot(plan, "ipv4:45.33.32.156"), HasSubstr("expired on 2020-07-19"));
  EXPECT_EQ(Find(plan.steps, StepKind::kBlockIndicators), nullptr);
  ASSERT_NE(Find(plan.steps, StepKind::kSearchLogs), nullptr);
  EXPECT_THAT(Find(plan.steps, StepKind::kSearchLogs)->answers, ElementsAre("ipv4:45.33.32.156"));
}

TEST(BlockList, NeverSharedPrivateOrInternal) {
  World world;
  const std::vector<std::pair<std::string, std::string>> never = {
      {"ipv4:10.1.2.3", "private or reserved"},
      {"ipv4:127.0.0.1", "private or reserved"},
      {"ipv4:192.168.0.7", "private or reserved"},
      {"ipv4:224.0.0.1", "private or reserved"},
      {"ipv6:fe80::1", "private or reserved"},
      {"ipv6:fd00::1", "private or reserved"},
      {"ipv4:203.0.113.9", "reserved-range"},
      {"domain:c2.example.com", "reserved-domain"},
      {"url:http://10.0.0.1/a", "private or reserved"},
      {"url:http://0x7f.1/a", "a number that some programs read"},
      {"ipv6:2002:7f00:1::", "6to4"},
      {"domain:dc01.corp.local", "inside one network"},
      {"domain:1.0.0.127.in-addr.arpa", "inside one network"},
      {"domain:co.uk", "a whole country"},
      {"ipv4:8.8.8.8", "public-dns"},
      {"url:http://8.8.8.8/x", "its host is listed as \"public-dns\""},
      {"domain:google.com", "top-domain"},
      {"cidr:45.33.32.0/24", "a whole range"},
      {"file-md5:d41d8cd98f00b204e9800998ecf8427e", "false-positive-hash"},
  };
  for (const auto& [thing, reason] : never) world.See("incident:self observed " + thing);
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  for (const auto& [thing, reason] : never) {
    EXPECT_EQ(Blocked(plan, thing), nullptr) << thing;
    EXPECT_THAT(WhyNot(plan, thing), HasSubstr(reason)) << thing;
  }
  EXPECT_THAT(plan.block, IsEmpty());
}

TEST(BlockList, WhatSourcesListOrWithdrawIsNotBlocked) {
  World world;
  world.See("incident:self communicates-with ipv4:45.33.32.156");
  world.See("ipv4:45.33.32.156 listed-as hygiene:tor");
  world.See("incident:self communicates-with ipv4:45.33.32.157");
  world.Know("ipv4:45.33.32.157 listed-as hygiene:shared-hosting");
  world.See("incident:self observed ipv4:45.33.32.158");
  world.See("ipv4:45.33.32.158 used-internally-by text:proxy");
  world.See("incident:self observed ipv4:45.33.32.159").retracted_on = ParseTime("2020-06-02");
  world.See("incident:self observed ipv4:45.33.32.160").verification = Verification::kUnverified;
  world.See("incident:self traced-to ipv4:45.33.32.161");
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  EXPECT_THAT(WhyNot(plan, "ipv4:45.33.32.156"), HasSubstr("\"tor\""));
  EXPECT_THAT(WhyNot(plan, "ipv4:45.33.32.157"), HasSubstr("\"shared-hosting\""));
  EXPECT_THAT(WhyNot(plan, "ipv4:45.33.32.158"), HasSubstr("own network"));
  EXPECT_THAT(WhyNot(plan, "ipv4:45.33.32.159"), HasSubstr("withdrew"));
  EXPECT_THAT(WhyNot(plan, "ipv4:45.33.32.160"), HasSubstr("unverified"));
  EXPECT_THAT(WhyNot(plan, "ipv4:45.33.32.161"), HasSubstr("trail led"));
  EXPECT_THAT(plan.block, IsEmpty());
}

TEST(BlockList, AKillSwitchIsNeverBlocked) {
  World world;
  world.See("incident:self communicates-with domain:www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com");
  world.See("incident:self communicates-with url:http://iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com/");
  world.See("incident:self communicates-with domain:stops-here.net");
  world.See("domain:stops-here.net listed-as hygiene:kill-switch");
  world.See("sample:a contains domain:only-inside-the-file.net");
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  EXPECT_THAT(WhyNot(plan, "domain:www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com"), HasSubstr("let it spread"));
  EXPECT_THAT(WhyNot(plan, "url:http://iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com/"), HasSubstr("let it spread"));
  EXPECT_THAT(WhyNot(plan, "domain:stops-here.net"), HasSubstr("kill switch"));
  EXPECT_THAT(WhyNot(plan, "domain:only-inside-the-file.net"), HasSubstr("only found inside a file"));
  EXPECT_THAT(plan.block, IsEmpty());
}

TEST(BlockList, WarnsOfThoseItCouldHit) {
  World world;
  world.See("incident:self communicates-with domain:abc.dyndns.org");
  world.See("incident:self communicates-with domain:some-broken-into-site.net");
  world.See("domain:some-broken-into-site.net resolves-to ipv4:45.33.32.156");
  world.See("domain:not-of-this-case.net resolves-to ipv4:45.33.32.157");
  world.See("ipv4:45.33.32.158 connects-to ipv4:45.33.32.159");
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  ASSERT_NE(Blocked(plan, "domain:abc.dyndns.org"), nullptr);
  EXPECT_THAT(Blocked(plan, "domain:abc.dyndns.org")->collateral, HasSubstr("never its parent"));
  ASSERT_NE(Blocked(plan, "domain:some-broken-into-site.net"), nullptr);
  EXPECT_THAT(Blocked(plan, "domain:some-broken-into-site.net")->collateral, HasSubstr("third party"));
  EXPECT_NE(Blocked(plan, "ipv4:45.33.32.156"), nullptr);
  EXPECT_EQ(Blocked(plan, "ipv4:45.33.32.157"), nullptr);
  EXPECT_EQ(WhyNot(plan, "ipv4:45.33.32.157"), "(not there)");
  EXPECT_EQ(WhyNot(plan, "ipv4:45.33.32.158"), "(not there)") << "may be the victim itself";
  EXPECT_NE(Blocked(plan, "ipv4:45.33.32.159"), nullptr);
}

TEST(Steps, TheVocabularyActsOnNobody) {
  std::set<std::string_view> ids;
  for (const StepWords& words : StepVocabulary()) {
    EXPECT_TRUE(ids.insert(words.id).second) << words.id;
    EXPECT_EQ(ParseStepKind(words.id), words.kind);
    const std::string all = std::string(words.id) + " " + std::string(words.label) + " " + std::string(words.text);
    for (const char* word : {"hack",   "retaliat",  "attack back", "counter",   "strike",   "exploit", "flood",
                             "ddos",   "take down", "takedown",    "take over", "sinkhole", "seize",   "wipe",
                             "infect", "implant",   "beacon",      "dox",       "expose",   "punish",  "deface"})
      EXPECT_EQ(all.find(word), std::string::npos) << words.id << " speaks of \"" << word << "\"";
  }
  EXPECT_THAT(ids, SizeIs(kStepKindCount));
  EXPECT_FALSE(ParseStepKind("hack-back"));
}

TEST(ResponseTable, RefusesWhatItDoesNotKnow) {
  const auto text = ReadTextFile(ASCRIBE_SOURCE_DIR "/data/response.toml", 1 << 20);
  ASSERT_TRUE(text.has_value());
  ASSERT_TRUE(ParseResponseTable(*text).has_value());
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = *text;
    const std::size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    const auto parsed = ParseResponseTable(changed.replace(at, from.size(), to));
    return parsed ? std::string("accepted") : parsed.error().message;
  };
  EXPECT_THAT(with("ascribe-response/1", "ascribe-response/2"), HasSubstr("format"));
  EXPECT_THAT(with("id = \"isolate-hosts\"", "id = \"hack-back\""), HasSubstr("vocabulary is closed"));
  EXPECT_THAT(with("gate = \"very_likely\"", "gate = \"none\""), HasSubstr("at least likely"));
  EXPECT_THAT(with("gate = \"very_likely\"", "gate = \"certain\""), HasSubstr("unknown \"certain\""));
  EXPECT_THAT(with("\"capability:ics-disruption\"", "\"ics-disruption\""), HasSubstr("unknown \"ics-disruption\""));
  EXPECT_THAT(with("\"sector:*\"", "\"sectr:*\""), HasSubstr("unknown"));
  EXPECT_THAT(with("low = 80\n", "low = 180\n"), HasSubstr("low"));
  EXPECT_THAT(with("from = 25", "from = 45"), HasSubstr("ascend"));
  EXPECT_THAT(with("type = \"ipv4\"", "type = \"ip\""), HasSubstr("unknown \"ip\""));
  EXPECT_THAT(with("\"domain:iuqerf", "\"iuqerf"), HasSubstr("no entity"));
}

TEST(Plan, DoesNotDependOnTheOrderOfFacts) {
  World world;
  world.See("incident:self communicates-with ipv4:45.33.32.156");
  world.See("incident:self uses technique:T1485");
  world.See("incident:self targets sector:energy");
  const ResponsePlan one = Plan(world, Verdicted("none"));
  std::reverse(world.data.facts.begin(), world.data.facts.end());
  const Knowledge knowledge = world.BuildKnowledge();
  const ResponsePlan two =
      PlanResponse({world.data, Verdicted("none"), world.parameters, knowledge, Attack(), Lists(), Table()});
  ASSERT_EQ(one.steps.size(), two.steps.size());
  for (std::size_t i = 0; i < one.steps.size(); ++i) {
    EXPECT_EQ(one.steps[i].kind, two.steps[i].kind);
    EXPECT_EQ(one.steps[i].mitigation, two.steps[i].mitigation);
    EXPECT_EQ(one.steps[i].backing.facts, two.steps[i].backing.facts);
  }
  EXPECT_EQ(one.severity.low, two.severity.low);
}

TEST(Plan, LongListsOfFactsAreCutAndCounted) {
  World world;
  for (int i = 0; i < 40; ++i) world.See("sample:s" + std::to_string(i) + " communicates-with ipv4:45.33.32.156");
  const ResponsePlan plan = Plan(world, Verdicted("none"));
  ASSERT_THAT(plan.block, SizeIs(1));
  EXPECT_THAT(plan.block.front().backing.facts, SizeIs(kMaxBacking));
  EXPECT_EQ(plan.block.front().backing.facts_total, 40u);
  EXPECT_THAT(plan.block.front().backing.rest, SizeIs(40 - kMaxBacking));
  EXPECT_LT(plan.block.front().backing.facts.back(), plan.block.front().backing.rest.front());
  // What rests on the indicators rests on all of their facts.
  std::vector<PlannedStep> steps = plan.steps;
  steps.insert(steps.end(), plan.withheld.begin(), plan.withheld.end());
  const auto searched = std::find_if(steps.begin(), steps.end(), [](const PlannedStep& s) { return s.kind == StepKind::kSearchLogs; });
  ASSERT_NE(searched, steps.end());
  EXPECT_EQ(searched->backing.facts_total, 40u);
}

}  // namespace
}  // namespace ascribe
