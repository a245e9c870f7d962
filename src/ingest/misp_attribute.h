#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "model/entity.h"
#include "model/relation.h"

namespace ascribe {

/// What one part of a MISP attribute value is ("filename|md5" has two parts).
struct MispPart {
  EntityType type;
  Relation relation;
  std::string_view text;
};

/// The parts of a value that name entities. Empty: the type names none (text, comment, rules) or is not known.
[[nodiscard]] std::vector<MispPart> MispParts(std::string_view type, std::string_view value);

/// True for types that are rules or free text: kept out with a diagnostic of their own.
[[nodiscard]] bool IsMispRule(std::string_view type);

}  // namespace ascribe
