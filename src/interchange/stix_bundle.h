#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_sink.h"
#include "base/time.h"
#include "model/source.h"

namespace ascribe {

/// Collects STIX objects under deterministic ids and their markings, and writes the bundle: fixed order, no object
/// twice.
class StixBundle {
 public:
  StixBundle();
  ~StixBundle();
  StixBundle(const StixBundle&) = delete;
  StixBundle& operator=(const StixBundle&) = delete;

  /// A domain or relationship object of this type; `key` identifies it among those of its type. `properties` are added
  /// after the common ones, in their order. Added again it stays as it is, but for the marking: the highest wins.
  std::string Add(std::string_view type, std::string_view key, const Time& created, Tlp tlp,
                  nlohmann::ordered_json properties);
  /// A cyber observable that carries its id already. Added again it gains the hashes that were not known.
  std::string AddObservable(nlohmann::ordered_json object, Tlp tlp);
  /// `source` -[type]-> `target`; facts that state it are listed as external references.
  std::string Relate(const std::string& source, std::string_view type, const std::string& target, const Time& created,
                     Tlp tlp, const std::string& fact, nlohmann::ordered_json properties);

  [[nodiscard]] bool Has(const std::string& id) const;
  [[nodiscard]] std::vector<std::string> Ids() const;
  /// Objects of one type, to be completed before the bundle is written. The id must exist.
  [[nodiscard]] nlohmann::ordered_json& At(const std::string& id);
  [[nodiscard]] static std::string IdOf(std::string_view type, std::string_view key);
  /// Id of the identity that stands for this program.
  [[nodiscard]] const std::string& producer() const { return producer_; }

  /// The bundle: ASCII, a line feed at the end. Once: objects are given their markings and let go.
  void Write(const TextSink& sink);

 private:
  struct Item;
  std::map<std::string, Item> items_;
  std::string producer_;
};

}  // namespace ascribe
