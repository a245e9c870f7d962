#pragma once

#include <simdjson.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "model/entity.h"

namespace ascribe {

/// One object of a bundle and where it stands. Views into the parsed document.
struct StixObject {
  simdjson::dom::element json;
  std::string_view id, type;
  std::size_t index = 0;
};

/// First and last time something was seen, as an observed-data or a sighting says.
struct StixSpan {
  std::optional<Time> from, to;
};

/// The objects of a bundle and what they say of each other before any fact is made: who the incident is, since when an
/// object is published, when an observable was seen. Valid as long as the parsed document lives.
class StixGraph {
 public:
  /// `objects` is the bundle's list; `pointer` leads to it ("/objects", or "" for a bare list).
  StixGraph(simdjson::dom::array objects, std::string pointer);

  [[nodiscard]] const std::vector<StixObject>& objects() const { return objects_; }
  /// The object with this id; of several versions the last one listed. nullptr: not in the bundle.
  [[nodiscard]] const StixObject* Find(std::string_view id) const;
  /// "/objects/12" + `below`.
  [[nodiscard]] std::string Pointer(const StixObject& object, std::string_view below = "") const;

  /// The entity an object stands for: incident, attack, actor, malware, tool, technique, and observables with one
  /// value. std::nullopt: none (identities, reports, indicators…).
  [[nodiscard]] std::optional<Entity> EntityOf(const StixObject& object) const;
  /// Publication of the earliest report that refers to the object.
  [[nodiscard]] std::optional<Time> PublishedOf(std::string_view id) const;
  /// When observed-data objects saw this observable.
  [[nodiscard]] StixSpan SpanOf(std::string_view id) const;
  /// Name of the identity in created_by_ref, or "".
  [[nodiscard]] std::string_view CreatorOf(const StixObject& object) const;
  /// True for an ATT&CK release or a collection of one: knowledge, no evidence.
  [[nodiscard]] bool is_knowledge() const { return knowledge_; }

 private:
  void FindIncident();
  void FindSpans();

  std::string pointer_;
  std::vector<StixObject> objects_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
  std::unordered_map<std::string_view, Time> published_;
  std::unordered_map<std::string_view, StixSpan> spans_;
  std::string_view incident_;
  bool has_incident_ = false;
  bool knowledge_ = false;
};

/// Member `key` as a time, or std::nullopt when it is absent or no time.
[[nodiscard]] std::optional<Time> StixTime(simdjson::dom::element object, std::string_view key);
/// The external id of the reference whose source_name is one of ATT&CK's ("mitre-attack", "mitre-mobile-attack"…), or
/// "".
[[nodiscard]] std::string_view AttackId(simdjson::dom::element object);
/// Calls fn(text, index) for each string of the list in member `key`.
template <typename Fn>
void ForEachText(simdjson::dom::element object, std::string_view key, Fn fn) {
  simdjson::dom::array list;
  if (object[key].get(list) != simdjson::SUCCESS) return;
  std::size_t index = 0;
  for (simdjson::dom::element item : list) {
    std::string_view text;
    if (item.get(text) == simdjson::SUCCESS) fn(text, index);
    ++index;
  }
}

}  // namespace ascribe
