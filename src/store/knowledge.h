#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "model/fact.h"
#include "model/match_key.h"
#include "model/parameters.h"
#include "model/source.h"
#include "store/batch.h"

namespace ascribe {

/// A fact of the knowledge base with what is needed to weigh and to cite it.
struct KnownFact {
  Fact fact;
  const Source* source = nullptr;                ///< never null
  std::string pack;                              ///< "id@version"
  std::string id;                                ///< Fact::Id()
  std::uint32_t subject_key = 0, thing_key = 0;  ///< rows of the tables of a view, for Knowledge alone
  Date known_by;                                 ///< last day of fact.known_on, for Knowledge alone
};

/// Somebody's judgement with a probability: "attack X was actor Y", "actor Y works for country Z".
struct Judgement {
  std::string to;  ///< entity text
  double p = 0;    ///< confidence times reliability of the best source
  std::vector<std::string> facts;
};

/// A candidate. `name` is the one in use at the as-of date; every name stays listed with its source.
struct KnownActor {
  std::string id;  ///< entity text, "actor:.."
  std::string name;
  std::vector<const KnownFact*> names;
  std::vector<Judgement> sponsors;  ///< by `to`; probabilities sum to at most 1
  std::set<std::string> classes;
  std::size_t attacks = 0;  ///< earlier attacks laid at its door
};

/// An attack that began before the incident.
struct KnownAttack {
  std::string id;
  std::optional<Date> begin;
  std::vector<Judgement> actors;
  std::vector<Judgement> lineages;
};

/// Who holds a shared thing, with what probability, and which facts say so.
struct Holders {
  std::map<std::string, double> actors;  ///< actor id -> P(that holder is this actor)
  std::map<std::string, double> lineages;
  std::set<std::string> attacks;        ///< earlier attacks that hold it
  std::vector<const KnownFact*> facts;  ///< in a fixed order
  std::set<std::string> support;        ///< ids of the facts that lead from the thing to actor, code base and state
  std::size_t background = 0;           ///< earlier attacks that hold it and that nobody has laid at anyone's door
  bool public_before_incident = false;  ///< one of the facts was public before the incident
  bool circular = false;                ///< only found in knowledge that may stem from this very incident
};

/// What was known on a date, as it can be compared with an incident on another date. Immutable after Build; safe to
/// share between threads. Nothing in it depends on the spelling of ids.
///
/// An earlier attack is one that began before the incident. Facts about an actor that belong to no attack count only
/// when they were public before the incident: later ones may have been drawn from the incident itself.
class Knowledge {
 public:
  struct Options {
    std::optional<Date> as_of;     ///< nothing known later is used; empty: everything
    std::optional<Date> incident;  ///< empty: every attack is earlier
    /// Left out: sources by SourceKey (pack and id), and everything of a publisher.
    std::set<std::string> without_sources, without_publishers;
    bool withdrawn = false;         ///< true: what was withdrawn is used as if it stood
    std::set<std::string> restored;  ///< ids of withdrawn facts that are used as if they stood
    bool aliases = true;  ///< false: same-as is ignored, every id is somebody of its own
  };
  static Knowledge Build(std::vector<Batch> batches, const Options& options, const Parameters& parameters);
  /// The same stock of facts seen with other options or parameters. Shares the stock: no fact is copied.
  [[nodiscard]] Knowledge View(const Options& options, const Parameters& parameters) const;
  [[nodiscard]] const Options& options() const { return options_; }
  /// "pack-id/source-id": source ids are unique within a pack only.
  [[nodiscard]] static std::string SourceKey(const KnownFact& known);
  /// Publisher -> keys of the sources that state usable facts.
  [[nodiscard]] std::map<std::string, std::set<std::string>> SourcesByPublisher() const;
  Knowledge(Knowledge&&) noexcept = default;
  Knowledge& operator=(Knowledge&&) noexcept = default;

  [[nodiscard]] const std::vector<KnownActor>& actors() const { return actors_; }
  [[nodiscard]] const KnownActor* FindActor(std::string_view id) const;
  [[nodiscard]] const std::vector<KnownAttack>& attacks() const { return attacks_; }
  /// Code bases, with the name in use.
  [[nodiscard]] const std::map<std::string, std::string>& lineages() const { return lineage_names_; }

  /// Who holds `thing` (by MatchKey), following malware to the attacks that used it. Empty: nobody we know.
  [[nodiscard]] Holders HoldersOf(const Entity& thing) const;
  /// The actors and code bases behind an attack, malware, actor, unit, country or class that somebody points at.
  [[nodiscard]] Holders Behind(const Entity& pointed_at) const;
  /// Things of this type that anybody holds, for near matches: at most 10,000.
  [[nodiscard]] std::vector<const Entity*> ThingsOfType(EntityType type) const;

  /// Since when anybody could have this tool, key or file; empty: not known to be public.
  [[nodiscard]] std::optional<Date> PublicSince(const Entity& thing) const;
  /// Hygiene class given by a pack ("dual-use-tool"), or empty.
  [[nodiscard]] std::string_view ListedAs(const Entity& thing) const;
  /// Technique ids of an actor (its own and those of its earlier attacks), and in how many actors each occurs.
  [[nodiscard]] const std::set<std::string>& TechniquesOf(std::string_view actor) const;
  [[nodiscard]] std::size_t TechniqueActors(std::string_view technique) const;
  /// True when an earlier attack of this actor shows tools or code: only then does sharing none speak against it.
  [[nodiscard]] bool HasTools(std::string_view actor) const { return actors_with_tools_.count(std::string(actor)) > 0; }
  /// Facts with this subject or this object and relation, for the route and for context.
  [[nodiscard]] std::vector<const KnownFact*> Facts(const Entity& subject, Relation relation) const;

  /// All facts of one relation, in a fixed order.
  [[nodiscard]] const std::vector<const KnownFact*>& OfRelation(Relation relation) const;

  [[nodiscard]] const KnownFact* FindFact(std::string_view id) const;
  [[nodiscard]] std::string NameOf(
      std::string_view entity_text) const;  ///< the name in use, or the id without its type
  [[nodiscard]] std::size_t fact_count() const { return facts_.size(); }
  [[nodiscard]] const std::vector<BatchInfo>& packs() const { return packs_; }
  [[nodiscard]] const std::vector<const KnownFact*>& retracted() const { return retracted_; }

 private:
  /// All that can be used on some date, in FactLess order. Views point into it.
  struct Stock {
    std::vector<Source> sources;
    std::vector<std::string> source_keys;  ///< SourceKey of each of `sources`
    std::vector<KnownFact> facts;
    std::unordered_map<std::string, std::uint32_t> keys;  ///< texts that views look up -> place
    std::unordered_map<std::string, const KnownFact*> by_id;
    std::uint32_t KeyOf(std::string text) {
      return keys.emplace(std::move(text), static_cast<std::uint32_t>(keys.size())).first->second;
    }
  };
  [[nodiscard]] static std::string SubjectKey(const Entity& subject, Relation relation);
  /// Facts by key, each row in FactLess order: one array, for a view has tens of thousands of keys and most are empty.
  struct Table {
    std::vector<std::uint32_t> ends;  ///< of the row of each key
    std::vector<const KnownFact*> facts;
  };
  using Entry = std::pair<std::uint32_t, const KnownFact*>;  ///< key, fact
  [[nodiscard]] static Table MakeTable(std::size_t keys, const std::vector<Entry>& entries);
  [[nodiscard]] std::span<const KnownFact* const> At(const Table& table, const std::string& text) const;
  Knowledge() = default;
  void Index(const Parameters& parameters);
  void IndexAttacks(const Parameters& parameters);
  void IndexActors(const Parameters& parameters);
  void IndexTechniquesAndTools(const Parameters& parameters);
  void AddHolder(const KnownFact& fact, Holders& holders) const;
  void AddAttack(const std::string& attack, Holders& holders, double scale) const;
  [[nodiscard]] std::string Resolve(const std::string& actor) const;  ///< follows same-as
  [[nodiscard]] bool BeforeIncident(const KnownFact& fact) const;

  Options options_;
  std::shared_ptr<const Stock> stock_;
  std::vector<const KnownFact*> facts_;  ///< usable ones, in FactLess order
  std::vector<const KnownFact*> retracted_;
  std::vector<BatchInfo> packs_;
  std::vector<KnownActor> actors_;
  std::vector<KnownAttack> attacks_;
  std::map<std::string, std::string> lineage_names_;
  std::map<std::string, std::string> same_as_;
  Table by_thing_;    ///< by MatchKey of the object of observations
  Table by_subject_;  ///< by "subject relation"
  std::map<Relation, std::vector<const KnownFact*>> by_relation_;
  std::unordered_map<std::string, std::vector<std::string>> attacks_using_;  ///< malware -> earlier attacks
  std::unordered_map<std::string, std::set<std::string>> techniques_;        ///< actor -> ids
  std::unordered_map<std::string, std::size_t> technique_actors_;
  std::set<std::string> actors_with_tools_;
  std::set<std::string> all_attacks_;  ///< also those that are not earlier
};

}  // namespace ascribe
