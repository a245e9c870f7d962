#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "interchange/export_view.h"
#include "interchange/stix_bundle.h"

namespace ascribe {

/// Puts the facts of a case into a bundle: observables and when they were seen, tools, techniques, victims, what people
/// say, the sources with their grades.
class StixFacts {
 public:
  /// `incident`: id of the object that stands for the case; empty: the case itself stands above the marking.
  StixFacts(const ExportView& view, StixBundle& bundle, std::string incident);
  ~StixFacts();
  StixFacts(const StixFacts&) = delete;
  StixFacts& operator=(const StixFacts&) = delete;

  void AddAll();
  /// Fact id -> the object that carries it.
  [[nodiscard]] const std::map<std::string, std::string>& carriers() const { return carriers_; }
  /// "relation object-type" -> how many facts STIX has no place for.
  [[nodiscard]] const std::map<std::string, std::size_t>& not_represented() const { return not_represented_; }
  [[nodiscard]] std::size_t over_limit() const { return over_limit_; }

 private:
  struct Observation;
  [[nodiscard]] std::optional<std::string> Place(const SharedFact& fact);
  [[nodiscard]] std::optional<std::string> Seen(const SharedFact& fact);
  [[nodiscard]] std::optional<std::string> Targeted(const SharedFact& fact);
  [[nodiscard]] std::optional<std::string> Known(const SharedFact& fact);
  [[nodiscard]] std::optional<std::string> Said(const SharedFact& fact);
  [[nodiscard]] std::optional<std::string> ObjectFor(const SharedFact& fact);
  [[nodiscard]] std::string Software(const Entity& entity, Tlp tlp);
  [[nodiscard]] std::string Technique(const std::string& id, Tlp tlp);
  [[nodiscard]] std::optional<std::string> Subject(const Entity& entity, Tlp tlp);
  [[nodiscard]] nlohmann::ordered_json SampleFile(const std::string& sample) const;
  [[nodiscard]] std::string Observe(const SharedFact& fact, const std::string& object);
  [[nodiscard]] std::string Link(const std::string& from, std::string_view type, const std::string& to,
                                 const SharedFact& fact);
  [[nodiscard]] Time When(const Fact& fact) const;
  void AddSources();
  void CollectSamplesAndNames();

  const ExportView& view_;
  StixBundle& bundle_;
  const std::string incident_;
  std::map<std::string, std::map<EntityType, std::set<std::string>>> samples_;  ///< label -> hashes and names
  std::map<std::string, std::set<std::string>> names_;                          ///< entity text -> names
  std::map<std::string, Observation> observations_;                             ///< id -> what it holds
  std::map<std::string, std::set<std::string>> by_source_;                      ///< source id -> objects
  std::map<std::string, Tlp> source_tlp_;
  std::map<std::string, std::string> carriers_;
  std::map<std::string, std::size_t> not_represented_;
  std::size_t over_limit_ = 0;
};

/// A link to a source for external_references: publisher, title, address when it is one.
[[nodiscard]] nlohmann::ordered_json SourceReference(const Source& source);

}  // namespace ascribe
