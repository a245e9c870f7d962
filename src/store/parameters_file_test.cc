#include "store/parameters_file.h"

#include <gtest/gtest.h>

#include "base/io.h"

namespace ascribe {
namespace {

std::string Shipped() {
  auto text = ReadTextFile(ASCRIBE_SOURCE_DIR "/data/parameters.toml", 1 << 20);
  EXPECT_TRUE(text.has_value());
  return text.value_or("");
}

std::string Replace(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  if (at != std::string::npos) text.replace(at, what.size(), with);
  return text;
}

TEST(ParametersFile, TheShippedTable) {
  const auto p = ParseParameters(Shipped());
  ASSERT_TRUE(p.has_value()) << p.error().message;
  EXPECT_FALSE(p->version.empty());
  EXPECT_EQ(p->sha256.size(), 64u);
  EXPECT_LT(p->posterior_cap, 0.99);
  ASSERT_NE(p->KindById("technique"), nullptr);
  EXPECT_LE(p->KindById("technique")->nats, 0.7) << "the whole set of techniques at most doubles the odds";
  EXPECT_TRUE(p->KindById("technique")->whole_set);
  EXPECT_LE(p->KindById("malware-family")->Nats(11, true), 1.5) << "a tool that more than ten crews hold";
  for (const LinkKind& kind : p->kinds) {
    EXPECT_FALSE(kind.basis.empty()) << kind.id << " has no source";
    EXPECT_FALSE(kind.levels.empty()) << kind.id;
    EXPECT_TRUE(kind.forge >= 1 && kind.forge <= 5) << kind.id;
    EXPECT_LE(kind.nats_old, kind.nats) << kind.id;
    EXPECT_TRUE(kind.p_same > 0 && kind.p_same < 1) << kind.id;
    for (std::size_t i = 1; i < kind.by_k.size(); ++i)
      EXPECT_LE(kind.by_k[i], kind.by_k[i - 1]) << kind.id << ": rarer must not weigh less";
    EXPECT_TRUE(kind.group != Group::kHuman || kind.nats <= p->human_cap) << kind.id;
  }
  EXPECT_EQ(p->language_offsets.at("fa"), (std::vector<int>{210, 270, 300}));
  for (const auto& [language, offsets] : p->language_offsets) EXPECT_FALSE(offsets.empty()) << language;
  for (const ContradictionRule& rule : p->rules) EXPECT_FALSE(rule.basis.empty()) << rule.id;
}

TEST(ParametersFile, MistakesAreErrorsThatSayWhere) {
  const std::string good = Shipped();
  for (const auto& [what, with] : {std::pair<std::string_view, std::string_view>{"unknown = 0.5", "unknown = \"half\""},
                                   {"group = \"code\"", "group = \"colour\""},
                                   {"levels = [\"lineage\", \"operator\"]", "levels = [\"planet\"]"},
                                   {"types = [\"file-md5\"", "types = [\"file-md4\""},
                                   {"statement = \"official-attribution\"", "statement = \"rumour\""},
                                   {"cancels = [\"build-metadata\"]", "cancels = [\"no-such-kind\"]"},
                                   {"format  = \"ascribe-parameters/1\"", "format = \"ascribe-parameters/2\""},
                                   {"utc = [\"+09:00\"]", "utc = [\"nine\"]"},
                                   {"kappa    = 10.0", ""}}) {
    const auto p = ParseParameters(Replace(good, what, with));
    ASSERT_FALSE(p.has_value()) << what;
    EXPECT_NE(p.error().message.find("parameters"), std::string::npos) << p.error().message;
  }
  EXPECT_FALSE(ParseParameters("not [ toml").has_value());
  EXPECT_FALSE(ParseParameters("").has_value());
  EXPECT_FALSE(LoadParameters("/no/such/file.toml").has_value());
}

}  // namespace
}  // namespace ascribe
