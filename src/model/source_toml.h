#pragma once

#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "model/diagnostic.h"
#include "model/source.h"

namespace ascribe {

/// The [[source]] tables of a pack's sources.toml or of a case.toml (docs/formats/packs.md), sorted by id. An empty
/// origin stays empty (the source is its own origin). Unknown keys are added to `diagnostics` as warnings that name
/// `file`.
/// Errors: kInvalidInput with the line: wrong type, bad id ([A-Za-z0-9._-]{1,128}), grade or date, an id given twice.
[[nodiscard]] Result<std::vector<Source>> SourcesFromToml(const toml::table& document, std::string_view file,
                                                          std::vector<Diagnostic>& diagnostics);

/// A TOML string or date as text ("2014-12-19" however it was written), or std::nullopt for any other type.
[[nodiscard]] std::optional<std::string> TomlDateText(const toml::node& node);

/// [A-Za-z0-9._-]{1,128}: what identifies a source.
[[nodiscard]] bool IsSourceId(std::string_view text);

}  // namespace ascribe
