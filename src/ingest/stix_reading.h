#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "ingest/fact_sink.h"
#include "ingest/stix_graph.h"

namespace ascribe {

/// The state of one reading: facts of objects first, then those of relationships, which refer back to them.
/// Internal to the stix reader; lives for one call.
class StixReading {
 public:
  StixReading(const StixGraph& graph, FactSink& sink) : graph_(graph), sink_(sink) {}

  /// Facts of all objects, in the order of the bundle (stix_objects.cc).
  void ReadObjects();
  /// Facts of relationships and sightings (stix_relations.cc).
  void ReadRelations();

 private:
  // stix_objects.cc
  void ReadObject(const StixObject& object);
  void Indicator(const StixObject& object);
  void Observable(const StixObject& object);
  void ObservableValues(std::string_view type, simdjson::dom::element json, const Fact& draft,
                        const std::string& pointer);
  void NetworkPeer(std::string_view key, simdjson::dom::element json, const StixObject& peer, Fact draft,
                   std::string pointer);
  void OldObservedData(const StixObject& object);
  void Software(const StixObject& object);
  void Actor(const StixObject& object);
  void AttackPattern(const StixObject& object);
  void Campaign(const StixObject& object);
  void Infrastructure(const StixObject& object);
  void Names(const Entity& entity, const StixObject& object);
  void Opinion(const StixObject& object);
  void Marking(const StixObject& object);

  // stix_relations.cc
  void Relationship(const StixObject& object);
  void Sighting(const StixObject& object);
  void Indicates(const StixObject& relation, const StixObject& source, const Entity& target);
  void Targets(const Entity& subject, const StixObject& target, const StixObject& relation, std::string_view below);
  void Attribute(const StixObject& relation, const Entity& subject, const Entity& actor, std::string_view below);
  void NotKept(const StixObject& relation, std::string_view type);

  /// A fact about the incident with the dates and withdrawal an object states. `dated`: its `created` is when somebody
  /// reported this about the incident, not when the thing was first described.
  [[nodiscard]] Fact Draft(const StixObject& object, bool dated) const;

  const StixGraph& graph_;
  FactSink& sink_;
  /// Indicator id -> range of its facts in the sink.
  std::unordered_map<std::string_view, std::pair<std::size_t, std::size_t>> indicator_facts_;
  /// "subject object" of statements made already: 10,000 indicators of one actor are one statement.
  std::map<std::string, bool, std::less<>> attributed_;
  std::map<std::string, std::size_t, std::less<>> not_kept_;
};

}  // namespace ascribe
