#include "weigh/contradictions.h"

#include <gtest/gtest.h>

#include "code/code_link.h"
#include "infra/infra_link.h"
#include "store/test_world.h"
#include "technique/technique_link.h"
#include "weigh/assess.h"
#include "weigh/context_link.h"

namespace ascribe {
namespace {

struct Rule {
  const char* id;
  std::vector<const char*> knowledge;
  std::vector<const char*> facts;  ///< side A, side B and what they undermine
  std::vector<std::size_t> sides;  ///< taking away any of these ends the contradiction
  const char* cancelled;           ///< kind of the cancelled claim
};

const std::vector<Rule>& Rules() {
  static const std::vector<Rule> kRules = {
      {"build-metadata-against-code",
       {"attack:a contains rich-header:h", "attack:a built-from lineage:l"},
       {"sample:s contains rich-header:h", "rich-header:h contains toolset:msvc-6.0",
        "sample:s contains runtime-reference:msvcr100.dll"},
       {1, 2},
       "build-metadata"},
      {"build-metadata-against-code",
       {"attack:a contains rich-header:h", "attack:a built-from lineage:l"},
       {"sample:s contains rich-header:h", "rich-header:h contains toolset:msvc-6.0",
        "sample:s contains toolset:msvc-2010"},
       {1, 2},
       "build-metadata"},
      {"foreign-header",
       {"attack:a contains rich-header:h", "attack:a built-from lineage:l"},
       {"sample:s contains rich-header:h", "rich-header:h contains text:not of this file: its key does not match"},
       {0, 1},
       "build-metadata"},
      {"stamp-after-first-seen",
       {"attack:a contains rich-header:h", "attack:a built-from lineage:l"},
       {"sample:s contains rich-header:h", "sample:s contains compile-time:2020-07-01T00:00:00Z",
        "sample:s observed file-name:x.exe"},
       {1, 2},
       "build-metadata"},
      {"signed-after-key-was-public",
       {"attack:a contains signing-cert:c"},
       {"sample:s contains signing-cert:c", "signing-cert:c signed-on text:2020-05-20",
        "signing-cert:c public-since text:2020-05-20"},
       {1, 2},
       "signing-cert"},
      {"internal-address",
       {},
       {"incident:self traced-to country:AA", "ipv4:203.0.113.9 located-in country:AA",
        "ipv4:203.0.113.9 used-internally-by text:victim"},
       {1, 2},
       "trace"},
      {"persona-language",
       {"attack:a exhibits language:claims-xx"},
       {"persona:p exhibits language:claims-xx", "persona:p exhibits language:not-native-xx"},
       {0, 1},
       "language"},
      {"demand-without-means",
       {"attack:a exhibits demand:ransom"},
       {"incident:self exhibits demand:ransom", "incident:self exhibits capability:no-working-payment-path"},
       {0, 1},
       "habit"},
      {"public-code-explains-link",
       {},
       {"sample:s shares-code-with attack:a", "sample:s contains tool:t", "tool:t public-since text:2011"},
       {0, 1, 2},
       "reported-code-link"},
      {"language-against-hours",
       {"attack:a contains resource-language:ko"},
       {"sample:s contains resource-language:ko", "incident:self exhibits utc-offset:+02:00"},
       {0, 1},
       "resource-language"},
      {"language-against-hours",
       {"attack:a contains resource-language:ko"},
       {"sample:s contains resource-language:ko", "incident:self exhibits language:ru-keyboard"},
       {0, 1},
       "resource-language"},
      {"claimed-tool-against-code",
       {"attack:a uses malware:m", "attack:b contains code-function:f"},
       {"sample:s observed malware:m", "sample:s contains code-function:f"},
       {0, 1},
       "malware-family"},
      {"claimed-tool-against-code",
       {"attack:b contains data-table:t"},
       {"sample:s shares-code-with attack:a", "sample:s contains data-table:t"},
       {0, 1},
       "reported-code-link"}};
  return kRules;
}

World WorldOf(const Rule& rule, std::size_t without = 100) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Attack("attack:b", "actor:y");
  for (const char* fact : rule.knowledge) world.Know(fact);
  for (std::size_t i = 0; i < rule.facts.size(); ++i) {
    if (i == without) continue;
    Fact& fact = world.See(rule.facts[i]);
    if (fact.object.type == EntityType::kFileName) fact.valid_from = ParseTime("2020-06-01");
  }
  return world;
}

Assessment AssessWorld(World& world) {
  const Seen seen(world);
  return Assess({world.data, seen.knowledge, world.parameters, world.as_of, nullptr});
}

bool Has(const Assessment& a, std::string_view rule) {
  return std::any_of(a.contradictions.begin(), a.contradictions.end(),
                     [&](const Contradiction& c) { return c.rule == rule; });
}

// Every posterior, in order: what a removal must move.
std::vector<double> Posteriors(const Assessment& a) {
  std::vector<double> all;
  for (const LevelResult& level : a.levels)
    for (const Hypothesis& h : level.ranked) all.push_back(h.posterior);
  return all;
}

TEST(FindContradictions, EachRuleNeedsBothSides) {
  for (const Rule& rule : Rules()) {
    World both = WorldOf(rule);
    const Assessment with = AssessWorld(both);
    EXPECT_TRUE(Has(with, rule.id)) << rule.id;
    const Claim* claim = ClaimOfKind(with.claims, rule.cancelled);
    ASSERT_NE(claim, nullptr) << rule.id;
    // A link that weighs nothing anyway (a key public by now) cannot fall any further, but it falls.
    EXPECT_TRUE(claim->cancelled) << rule.id;
    EXPECT_EQ(claim->cancelled_by, rule.id);
    for (const std::size_t side : rule.sides) {
      World one = WorldOf(rule, side);
      const Assessment without = AssessWorld(one);
      EXPECT_FALSE(Has(without, rule.id)) << rule.id << " without " << rule.facts[side];
      const Claim* stands = ClaimOfKind(without.claims, rule.cancelled);
      EXPECT_TRUE(stands == nullptr || !stands->cancelled) << rule.id << " without " << rule.facts[side];
      EXPECT_NE(Posteriors(with), Posteriors(without)) << rule.id << " without " << rule.facts[side];
      // Where the link stands again the verdict speaks of it; where it went with the side, or weighs nothing for
      // another reason, there is nothing more to say than before.
      const auto said = [](const Verdict& v) { return v.gate + v.hypothesis + v.sentence + v.confidence_sentence; };
      if (stands != nullptr && !stands->contributions.empty()) {
        EXPECT_NE(said(with.verdict), said(without.verdict)) << rule.id << " without " << rule.facts[side];
      }
    }
  }
}

TEST(FindContradictions, MetadataOfATheCodeOfBRaisesThatSomebodyPosesAsA) {
  const auto assess = [](bool measured, bool same_file) {
    World world;
    world.Attack("attack:a", "actor:x");
    world.Attack("attack:b", "actor:y");
    world.Know("attack:a contains malware:m");
    world.Know("attack:b contains malware:n");
    Fact& pointer = world.See("compile-time:2015-01-01T00:00:00Z resembles malware:m");
    pointer.evidence = std::string(64, 'a');
    pointer.extractor = measured ? "code-tiers@4" : "csv-facts@1";
    Fact& code = world.See("sample:s same-tool-as malware:n");
    code.evidence = std::string(64, same_file ? 'a' : 'b');
    code.extractor = "code-match@3";
    return AssessWorld(world);
  };
  const Assessment with = assess(true, true);
  const auto found = std::find_if(with.contradictions.begin(), with.contradictions.end(), [](const Contradiction& c) { return c.rule == "metadata-against-code"; });
  ASSERT_NE(found, with.contradictions.end());
  EXPECT_GT(found->deception.at("actor:x"), 0);
  EXPECT_EQ(found->deception.count("actor:y"), 0u);
  // What points at x weighs nothing for x.
  for (const Claim& claim : with.claims)
    for (const Contribution& c : claim.contributions) EXPECT_TRUE(c.hypothesis != "actor:x" || c.nats <= 0) << claim.statement;
  EXPECT_FALSE(Has(assess(false, true), "metadata-against-code")) << "somebody's word is no measurement";
  EXPECT_FALSE(Has(assess(true, false), "metadata-against-code")) << "two files may be of two makers";
}

TEST(FindContradictions, TheBordersOfEachRule) {
  const auto found = [](const char* rule, std::vector<const char*> facts, const char* first_seen = "2020-06-01") {
    World world;
    world.Attack("attack:a", "actor:x");
    for (const char* text : facts) {
      Fact& fact = world.See(text);
      if (fact.object.type == EntityType::kFileName) fact.valid_from = ParseTime(first_seen);
    }
    return Has(AssessWorld(world), rule);
  };
  // A header that names a newer compiler than the library needs is honest; so is one of another sample.
  EXPECT_FALSE(found("build-metadata-against-code",
                     {"sample:s contains rich-header:h", "rich-header:h contains toolset:msvc-2012",
                      "sample:s contains runtime-reference:msvcr100.dll"}));
  EXPECT_FALSE(found("build-metadata-against-code",
                     {"sample:s contains rich-header:h", "rich-header:h contains toolset:msvc-6.0",
                      "sample:other contains runtime-reference:msvcr100.dll"}));
  // One day for time zones.
  EXPECT_FALSE(found("stamp-after-first-seen",
                     {"sample:s contains compile-time:2020-06-02T00:00:00Z", "sample:s observed file-name:x.exe"}));
  EXPECT_TRUE(found("stamp-after-first-seen",
                    {"sample:s contains compile-time:2020-06-03T00:00:00Z", "sample:s observed file-name:x.exe"}));
  EXPECT_FALSE(found("signed-after-key-was-public",
                     {"signing-cert:c signed-on text:2020-05-19", "signing-cert:c public-since text:2020-05-20"}));
  EXPECT_FALSE(found("signed-after-key-was-public",
                     {"signing-cert:c signed-on text:2020-05-21", "signing-cert:d public-since text:2020-05-20"}));
  EXPECT_FALSE(found("persona-language",
                     {"persona:p exhibits language:claims-xx", "persona:p exhibits language:not-native-yy"}));
  EXPECT_FALSE(found("persona-language",
                     {"persona:p exhibits language:claims-xx", "persona:q exhibits language:not-native-xx"}));
  EXPECT_FALSE(found("demand-without-means", {"incident:self exhibits demand:silence",
                                              "incident:self exhibits capability:no-working-payment-path"}));
  // A link that was also found elsewhere stands.
  EXPECT_FALSE(
      found("public-code-explains-link", {"sample:s shares-code-with attack:a", "sample:s contains tool:t",
                                          "tool:t public-since text:2011", "incident:self shares-code-with attack:a"}));
}

TEST(FindContradictions, TheBordersOfLanguageAndHours) {
  const auto found = [](std::vector<const char*> facts) {
    World world;
    world.Attack("attack:a", "actor:x");
    for (const char* text : facts) world.See(text);
    return Has(AssessWorld(world), "language-against-hours");
  };
  EXPECT_TRUE(found({"sample:s contains resource-language:ko", "sample:s exhibits utc-offset:+07:00"}));
  // An hour is allowed, and one zone that fits is enough.
  EXPECT_FALSE(found({"sample:s contains resource-language:ko", "sample:s exhibits utc-offset:+08:00"}));
  EXPECT_FALSE(found({"sample:s contains resource-language:ko", "sample:s exhibits utc-offset:+02:00",
                      "incident:self exhibits utc-offset:+09:00"}));
  // A world language fits anywhere, another sample's hours say nothing, and no number is no hour.
  EXPECT_FALSE(found({"sample:s contains resource-language:en-us", "sample:s exhibits utc-offset:+02:00"}));
  EXPECT_FALSE(found({"sample:s contains resource-language:ko", "sample:t exhibits utc-offset:+02:00"}));
  EXPECT_FALSE(found({"sample:s contains resource-language:ko", "sample:s exhibits utc-offset:night"}));
  EXPECT_FALSE(found({"sample:s contains resource-language:ru", "incident:self exhibits language:ru-keyboard"}));
}

TEST(FindContradictions, TheBordersOfToolAndCode) {
  const auto found = [](std::vector<const char*> facts, bool a_has_it_too = false, bool measured = false) {
    World world;
    world.Attack("attack:a", "actor:x");
    world.Attack("attack:b", "actor:y");
    world.Know("attack:a uses malware:m");
    world.Know("attack:b contains code-function:f");
    if (a_has_it_too) world.Know("attack:a contains code-function:f");
    for (const char* text : facts)
      if (Fact& fact = world.See(text); measured) fact.verification = Verification::kMeasured;
    return Has(AssessWorld(world), "claimed-tool-against-code");
  };
  EXPECT_TRUE(found({"sample:s observed malware:m", "sample:s contains code-function:f"}));
  EXPECT_FALSE(found({"sample:s observed malware:m", "sample:s contains code-function:f"}, true)) << "A holds the code too";
  EXPECT_FALSE(found({"sample:s observed malware:m", "sample:s contains code-function:f"}, false, true))
      << "a family that was measured is no mere name";
  EXPECT_FALSE(found({"sample:s observed malware:m", "sample:t contains code-function:f"})) << "two samples, two tools";
  EXPECT_FALSE(found({"incident:self uses malware:m", "incident:self contains code-function:f"}))
      << "an incident may hold two tools";
  EXPECT_FALSE(found({"sample:s observed malware:m", "incident:self uses malware:m", "sample:s contains code-function:f"}))
      << "named elsewhere too";
}

TEST(FindContradictions, FiveLibrariesAgainstOneHeaderAreOneForgery) {
  World world;
  world.Attack("attack:a", "actor:x");
  world.Know("attack:a contains rich-header:h");
  world.See("sample:s contains rich-header:h");
  world.See("rich-header:h contains toolset:msvc-6.0");
  for (const char* library : {"msvcr80.dll", "msvcr90.dll", "msvcr100.dll", "msvcr110.dll", "msvcr120.dll"})
    world.See(std::string("sample:s contains runtime-reference:") + library);
  const Assessment a = AssessWorld(world);
  ASSERT_EQ(a.contradictions.size(), 1u);
  EXPECT_EQ(a.contradictions[0].side_b.size(), 5u);
  // The header is no claim without a code base, but whose header it was is whom somebody posed as: 2.3 nats, once.
  EXPECT_EQ(a.contradictions[0].deception, (std::map<std::string, double>{{"actor:x", 2.3}}));
}

}  // namespace
}  // namespace ascribe
