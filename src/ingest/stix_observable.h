#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/entity.h"
#include "model/relation.h"

namespace ascribe {

/// A value that an observable names, and how an incident relates to it.
struct StixObservable {
  Entity entity;
  Relation relation = Relation::kObserved;
};

/// The entity behind a property of a STIX observable, written as in a pattern: ("file", "hashes.MD5", "…").
/// std::nullopt: the property says nothing that attribution uses (sizes, ports, protocols). Errors: the value is no
/// such thing (MakeEntity).
[[nodiscard]] std::optional<Result<StixObservable>> ObservableOf(std::string_view object_type, std::string_view path,
                                                                 std::string_view value);

/// A text property of an observable object with its path and the JSON pointer below the object.
struct StixProperty {
  std::string path;
  std::string pointer;
  std::string_view value;
};
/// All text properties of an observable, at most 6 levels deep and kMaxObservableProperties of them; references to
/// other objects come as they are. Numbers are left out (the caller asks for those it needs).
[[nodiscard]] std::vector<StixProperty> PropertiesOf(simdjson::dom::element object);
/// A file with every extension of the standard has below 200 text properties.
inline constexpr std::size_t kMaxObservableProperties = 4096;

/// True for the object types of STIX cyber observables, the common custom ones (hostname, user-agent…) included.
[[nodiscard]] bool IsObservableType(std::string_view type);

}  // namespace ascribe
