#pragma once

#include <string>

#include "model/reading.h"

namespace ascribe {

/// One fact as one line of JSON without line break: subject, relation, object, then what is set of valid_from,
/// valid_to, known_on, retracted_on, source, origin, verified, statement, inspectable (only false), confidence, note,
/// evidence, then locator and extractor. Keys are always in this order. Pure ASCII: whatever evidence holds, a terminal
/// shows it harmlessly.
[[nodiscard]] std::string FactToJson(const Fact& fact);
/// {"diagnostic":code,"severity":"info|warning|error","evidence":…,"locator":…,"text":…}, on one line.
[[nodiscard]] std::string DiagnosticToJson(const Diagnostic& diagnostic);

/// All facts, then all diagnostics, in the order of the reading, each on a line that ends with a line feed.
[[nodiscard]] std::string ReadingToNdjson(const Reading& reading);

}  // namespace ascribe
