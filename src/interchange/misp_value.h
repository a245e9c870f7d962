#pragma once

#include <string_view>

#include "model/entity.h"

namespace ascribe {

/// How MISP calls a value.
struct MispValue {
  std::string_view type, category;  ///< empty: MISP has no attribute type that says it
  bool detect = false;              ///< to_ids: precise enough to search for
};

/// `contacted`: the incident talked to it.
[[nodiscard]] MispValue MispValueFor(const Entity& entity, bool contacted);

}  // namespace ascribe
