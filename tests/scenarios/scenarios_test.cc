#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/io.h"
#include "scenario.h"
#include "store/parameters_file.h"

// Every *.scenario below tests/scenarios is run with the shipped parameters; each line of its [expect] section must
// hold.

namespace ascribe {
namespace {

namespace fs = std::filesystem;

Parameters Shipped() {
  auto loaded = LoadParameters(ASCRIBE_SOURCE_DIR "/data/parameters.toml");
  EXPECT_TRUE(loaded.has_value());
  return loaded ? *loaded : Parameters{};
}

TEST(Scenarios, EveryExpectationHolds) {
  const Parameters parameters = Shipped();
  const auto files = ListFiles(fs::path(ASCRIBE_SOURCE_DIR) / "tests/scenarios", 10'000);
  ASSERT_TRUE(files.has_value());
  std::size_t scenarios = 0;
  for (const FileEntry& file : files->files) {
    if (file.path.extension() != ".scenario") continue;
    ++scenarios;
    const auto text = ReadTextFile(file.path, 1 << 20);
    ASSERT_TRUE(text.has_value()) << file.relative;
    const auto scenario = ParseScenario(*text);
    if (!scenario) {
      ADD_FAILURE() << file.relative << ": " << scenario.error().message;
      continue;
    }
    const Assessment assessment = RunScenario(*scenario, parameters);
    for (const Expectation& expectation : scenario->expectations) {
      const std::string wrong = Check(*scenario, parameters, assessment, expectation);
      EXPECT_TRUE(wrong.empty()) << file.relative << ":" << expectation.line << ": " << expectation.text << "\n  "
                                 << wrong;
    }
    // What holds in every scenario, expected or not.
    ASSERT_EQ(assessment.levels.size(), kLevels.size());
    for (const LevelResult& level : assessment.levels) {
      double sum = 0;
      bool unknown = false;
      for (const Hypothesis& h : level.ranked) {
        sum += h.posterior;
        unknown = unknown || h.kind == HypothesisKind::kUnknown;
        EXPECT_LT(h.posterior, 0.99) << file.relative << " " << h.id;
        EXPECT_LE(h.low, h.posterior) << file.relative << " " << h.id;
        EXPECT_GE(h.high, h.posterior) << file.relative << " " << h.id;
      }
      EXPECT_TRUE(unknown) << file.relative << " " << LevelName(level.level);
      EXPECT_LE(sum, 1 + 1e-9) << file.relative << " " << LevelName(level.level);
    }
  }
  EXPECT_GE(scenarios, 20u);
}

TEST(Scenarios, MistakesInAScenarioAreNotSilent) {
  const Parameters parameters = Shipped();
  for (const char* bad :
       {"title = x\n[expect]\nverdict.gate = none\n", "incident = 2020-01-01\n", "incident = 2020-01-01\n[nonsense]\n",
        "incident = 2020-01-01\n[case]\n{\"object\":\"mutx:a\"}\n[expect]\nverdict.gate = none\n",
        "incident = 2020-01-01\n[case]\n{\"object\":\"mutex:a\",\"colour\":\"red\"}\n[expect]\nverdict.gate = none\n"})
    EXPECT_FALSE(ParseScenario(bad).has_value()) << bad;
  const auto scenario =
      ParseScenario("incident = 2020-01-01\n[case]\n{\"object\":\"mutex:a\"}\n[expect]\nverdict.gate = none\n");
  ASSERT_TRUE(scenario.has_value());
  const Assessment assessment = RunScenario(*scenario, parameters);
  for (const char* wrong : {"verdict.gate = likely", "verdict.colour = red", "claim kind=ip nats = 0",
                            "claims kind=ip = 1", "contradiction internal-address", "operator.top = actor:x",
                            "verdict differs-without case 1", "verdict differs-without case 7", "gibberish"})
    EXPECT_NE(Check(*scenario, parameters, assessment, {0, wrong}), "") << wrong;
}

}  // namespace
}  // namespace ascribe
