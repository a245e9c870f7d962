#pragma once

#include <string>
#include <string_view>

namespace ascribe {

/// The id that cases, packs and importers give to software (docs/formats/vocabulary.md): the name in lower case, with
/// one hyphen for blanks, underscores and hyphens. Empty when nothing remains.
[[nodiscard]] std::string SoftwareSlug(std::string_view name);

}  // namespace ascribe
