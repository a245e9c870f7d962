// The file of a fit: what is written is read back, what is wrong is named, and what it says reaches the parameters.

#include "store/fit_file.h"

#include <gtest/gtest.h>

#include "store/parameters_file.h"

namespace ascribe {
namespace {

Fit Sample() {
  Fit fit;
  fit.version = "2020-06-23/abcd";
  fit.corpus_sha256 = std::string(64, 'a');
  fit.first_day = "2013-08-01";
  fit.last_day = "2020-06-23";
  fit.reports = 100;
  fit.tests = 40;
  fit.actors = 7;
  fit.same_pairs = 30;
  fit.other_pairs = 900;
  const auto cell = [&](const char* kind, int rarity, int age, std::size_t same, double low, double nats, double high) {
    fit.cells.push_back({kind, rarity, age, same, 3, nats, low, high});
  };
  cell("family", -1, -1, 20, 2, 2.5, 3);
  cell("family", 0, -1, 9, 4, 4.5, 5);
  cell("family", 0, 0, 6, 3, 5, 7);    // fresher, but so few that its lower bound is lower: it must not count
  cell("family", 0, 1, 6, 3.5, 4, 5);  // older: lower, and that counts
  cell("family", 1, -1, 2, 3.9, 4, 4.1);  // sparse: the kind as a whole stands for it, less ln 2
  fit.weights = {0.9, 1, 0.5};
  fit.activity = 0.6;
  fit.recent = 0.7;
  fit.calibration[1] = {{{0.8, 0.95, 0.9, 0.92, 12}}, 0.05, 40};
  fit.calibration[2] = {{{0.4, 0.6, 0.5, 0.75, 8}, {0.8, 0.95, 0.9, 1, 3}}, 0.2, 11};
  return fit;
}

TEST(FitFile, IsReadBackAsItWasWritten) {
  const std::string text = FitToToml(Sample());
  const auto fit = ParseFit(text);
  ASSERT_TRUE(fit) << fit.error().message;
  EXPECT_EQ(FitToToml(*fit), text);
  EXPECT_EQ(fit->cells.size(), 5u);
  EXPECT_EQ(fit->calibration[0].tests, 0u) << "lineages were not measured";
  EXPECT_EQ(fit->calibration[1].bins.size(), 1u);
  EXPECT_EQ(fit->calibration[2].bins.size(), 2u);
  EXPECT_DOUBLE_EQ(fit->calibration[2].error, 0.2);
  EXPECT_EQ(fit->sha256.size(), 64u);
}

TEST(Calibration, AnswersThatSayNotKnownMeasureNothing) {
  Calibration measured;
  EXPECT_EQ(AnswersThatSay(measured), 0u);
  measured.bins = {{0, 0.2, 0.01, 0.02, 212}, {0.2, 0.4, 0.3, 1, 7}, {0.95, 1, 0.97, 1, 5}};
  EXPECT_EQ(AnswersThatSay(measured), 12u);
}

TEST(FitFile, OfTheFirstFormatMeasuredOperatorsOnly) {
  Fit old = Sample();
  old.calibration[2] = {};
  std::string text = FitToToml(old);
  const auto replace = [&](const std::string& from, const std::string& to) { text.replace(text.find(from), from.size(), to); };
  replace("ascribe-fit/2", "ascribe-fit/1");
  replace("[calibration.operator]", "[calibration]");
  replace("[[calibration.operator.bin]]", "[[calibration.bin]]");
  const auto fit = ParseFit(text);
  ASSERT_TRUE(fit) << fit.error().message;
  EXPECT_EQ(FitToToml(*fit), FitToToml(old));
}

TEST(FitFile, NamesWhatIsWrong) {
  const std::string good = FitToToml(Sample());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    const auto fit = ParseFit(text);
    return fit ? std::string("accepted") : fit.error().message;
  };
  EXPECT_NE(with("ascribe-fit/2", "ascribe-fit/9").find("format"), std::string::npos);
  EXPECT_NE(with("code           = 0.9000", "code           = -1.0").find("weights.code"), std::string::npos);
  EXPECT_NE(with("holders = \"1\"", "holders = \"4\"").find("holders"), std::string::npos);
  EXPECT_NE(with("low = 2.0000", "low = 2.9000").find("cell[0].low"), std::string::npos) << "an interval holds its value";
  EXPECT_NE(with("nats = 2.5000", "nats = inf").find("cell[0].nats"), std::string::npos);
  EXPECT_NE(with("same_pairs  = 30", "same_pairs  = \"many\"").find("same_pairs"), std::string::npos);
}

TEST(FitFile, MeasuredValuesReplaceThoseByHand) {
  auto parameters = LoadParameters(ASCRIBE_SOURCE_DIR "/data/parameters.toml");
  ASSERT_TRUE(parameters);
  const double host_by_hand = parameters->KindById("host")->Nats(1, true);
  ApplyFit(Sample(), *parameters);
  const LinkKind& family = *parameters->KindById("malware-family");
  EXPECT_DOUBLE_EQ(family.Nats(1, true), 4) << "a sparser cell does not lower what fresh things weigh";
  EXPECT_DOUBLE_EQ(family.Nats(1, false), 3.5);
  EXPECT_NEAR(family.Nats(2, true), 2 - 0.693147, 1e-6);
  EXPECT_DOUBLE_EQ(family.NatsHigh(1), 5);
  EXPECT_NEAR(family.p_same, 20.0 / 30, 1e-12);
  EXPECT_DOUBLE_EQ(parameters->KindById("host")->Nats(1, true), host_by_hand) << "what was never met stays by hand";
  EXPECT_DOUBLE_EQ(parameters->WeightOf(Group::kCode), 0.9);
  EXPECT_DOUBLE_EQ(parameters->WeightOf(Group::kHuman), 1);
  for (std::size_t k = 2; k < 20; ++k) EXPECT_LE(family.Nats(k, true), family.Nats(k - 1, true));
}

TEST(FitFile, TheShippedOneIsWhole) {
  const auto fit = LoadFit(ASCRIBE_SOURCE_DIR "/data/fit.toml");
  ASSERT_TRUE(fit) << fit.error().message;
  const auto parameters = LoadFittedParameters(ASCRIBE_SOURCE_DIR "/data", {});
  ASSERT_TRUE(parameters);
  EXPECT_EQ(parameters->fit_sha256, fit->sha256);
  for (const LinkKind& kind : parameters->kinds) {
    if (kind.measured.empty()) continue;
    EXPECT_NE(fit->Find(kind.measured, -1, -1), nullptr) << kind.id;
    EXPECT_GE(kind.NatsHigh(1), kind.Nats(1, true)) << kind.id;
    EXPECT_GE(kind.Nats(1, true), kind.Nats(1, false)) << kind.id;
  }
  for (const double weight : {fit->weights.code, fit->weights.infrastructure, fit->weights.behaviour}) {
    EXPECT_GT(weight, 0);
    EXPECT_LE(weight, 1) << "a weight never raises a lower bound";
  }
}

}  // namespace
}  // namespace ascribe
