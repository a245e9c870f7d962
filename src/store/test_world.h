#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/assessment.h"
#include "model/case.h"
#include "store/knowledge.h"
#include "store/link.h"
#include "store/parameters_file.h"
#include "store/visible.h"

namespace ascribe {

inline const Parameters& ShippedParameters() {
  static const Parameters kParameters = [] {
    auto loaded = LoadParameters(ASCRIBE_SOURCE_DIR "/data/parameters.toml");
    EXPECT_TRUE(loaded.has_value());
    return loaded ? *loaded : Parameters{};
  }();
  return kParameters;
}

/// "subject relation object", the object may hold blanks. A mistake in a test is a failed test, not a crash.
inline Fact MakeFact(std::string_view text) {
  const std::size_t a = text.find(' '), b = text.find(' ', a + 1);
  Fact fact;
  if (a == std::string_view::npos || b == std::string_view::npos) {
    ADD_FAILURE() << "no fact: " << text;
    return fact;
  }
  const auto subject = ParseEntity(text.substr(0, a)), object = ParseEntity(text.substr(b + 1));
  const auto relation = ParseRelation(text.substr(a + 1, b - a - 1));
  if (!subject || !object || !relation) {
    ADD_FAILURE() << "no fact: " << text;
    return fact;
  }
  fact.subject = *subject;
  fact.relation = *relation;
  fact.object = *object;
  return fact;
}

/// A small knowledge base and a small case, both written line by line. Sources are born when first named: an id of the
/// form "B2-anything" carries its grade in front. The incident is on 2020-06-01; what the knowledge base holds was
/// public in 2015 and what the case holds on the day of the incident, unless a test says otherwise.
class World {
 public:
  World() {
    knowledge_.kind = Batch::Kind::kKnowledge;
    knowledge_.key = knowledge_.id = "world";
    knowledge_.version = "1";
    data.info.id = "test";
    data.info.incident = data.info.detected = ParseTime("2020-06-01");
  }

  Fact& Know(std::string_view text, std::string_view source = "A1-pack") {
    Fact& fact = knowledge_.facts.emplace_back(MakeFact(text));
    fact.source = source;
    fact.known_on = ParseTime("2015-01-01");
    AddSource(knowledge_.sources, source);
    return fact;
  }
  /// An earlier attack: when it began and who is held responsible, without doubt.
  void Attack(std::string_view attack, std::string_view actor, std::string_view began = "2014-01-01") {
    Know(std::string(attack) + " targets sector:other").valid_from = ParseTime(began);
    if (!actor.empty()) Know(std::string(attack) + " attributed-to " + std::string(actor));
  }
  Fact& See(std::string_view text, std::string_view source = "A1-report") {
    Fact& fact = data.facts.emplace_back(MakeFact(text));
    fact.source = source;
    fact.known_on = data.info.incident;
    AddSource(data.sources, source);
    return fact;
  }
  Source& SourceOf(std::string_view id) {
    AddSource(data.sources, id);
    return *std::find_if(data.sources.begin(), data.sources.end(), [&](const Source& s) { return s.id == id; });
  }

  [[nodiscard]] const Batch& batch() const { return knowledge_; }
  [[nodiscard]] Knowledge BuildKnowledge() const {
    Knowledge::Options options;
    options.as_of = as_of;
    if (data.info.incident) options.incident = data.info.incident->FirstDay();
    return Knowledge::Build({knowledge_}, options, parameters);
  }

  CaseData data;
  std::optional<Date> as_of;
  Parameters parameters = ShippedParameters();

 private:
  static void AddSource(std::vector<Source>& sources, std::string_view id) {
    if (std::any_of(sources.begin(), sources.end(), [&](const Source& s) { return s.id == id; })) return;
    Source source;
    source.id = id;
    source.publisher = id;
    source.grade = ParseGrade(id.substr(0, 2)).value_or(AdmiraltyGrade{});
    sources.push_back(std::move(source));
    std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.id < b.id; });
  }

  Batch knowledge_;
};

/// A world as linkers see it. The world must not change while this lives.
struct Seen {
  explicit Seen(World& world)
      : knowledge(world.BuildKnowledge()),
        visible((std::sort(world.data.facts.begin(), world.data.facts.end(), FactLess),
                 SeeCase(world.data, world.as_of, world.parameters))),
        context{visible, knowledge, world.parameters, [](const Entity&) { return std::string_view{}; }} {}
  Knowledge knowledge;
  VisibleCase visible;
  LinkContext context;
};

inline const Claim* ClaimOfKind(const std::vector<Claim>& claims, std::string_view kind) {
  const auto it = std::find_if(claims.begin(), claims.end(), [&](const Claim& c) { return c.kind == kind; });
  return it == claims.end() ? nullptr : &*it;
}

inline const Hypothesis* FindHypothesis(const LevelResult& level, std::string_view id) {
  const auto it =
      std::find_if(level.ranked.begin(), level.ranked.end(), [&](const Hypothesis& h) { return h.id == id; });
  return it == level.ranked.end() ? nullptr : &*it;
}

}  // namespace ascribe
