#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ascribe::cli {

/// Checks a document against a JSON Schema of draft 2020-12, as far as docs/formats uses it: type, const, enum,
/// pattern, minimum, maximum, exclusiveMaximum, properties, required, additionalProperties, items, contains, minItems,
/// oneOf, $ref within the document. An unknown keyword is a finding too, so that nothing is silently not checked.
[[nodiscard]] std::vector<std::string> SchemaFindings(const nlohmann::json& schema, const nlohmann::json& document);

}  // namespace ascribe::cli
